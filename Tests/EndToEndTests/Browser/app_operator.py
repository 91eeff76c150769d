"""The operator's widget: files by button, paste and drop, stop, ask again, edit, accessibility, and ten tabs on one stream."""
import base64, sys
from app_access import accessible, focus_order
from faces import ask, browser, expect, foreign_page, page_of, server, shot, sign_in, streams_of_server

home = foreign_page(sys.argv[4])
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
GIVE = """(area, [kind, name, type, base64]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name, { type }));
    const options = { bubbles: true, cancelable: true, composed: true };
    const event = kind === 'paste' ? new ClipboardEvent('paste', { ...options, clipboardData: data }) : new DragEvent('drop', { ...options, dataTransfer: data });
    area.dispatchEvent(event);
}"""


def deny(page):
    page.get_by_label("Your decision is needed").get_by_role("button", name="Deny").click()
    page.get_by_label("What the assistant should know").fill("not today")
    page.get_by_label("Your decision is needed").get_by_role("button", name="Deny").click()
    expect(page.get_by_label("Your decision is needed")).to_have_count(0)


with browser() as context:
    context.complaints.home = home
    page = page_of(context)
    page.goto(home)
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_label("Name")).to_be_visible()
    accessible(page, "sign-in")
    sign_in(page)
    box = page.get_by_label("Message to the assistant")
    expect(box).to_be_visible()
    accessible(page, "empty")
    focus_order(page)

    # By button, by paste and by drop; one is taken away again.
    page.locator("deckhand-assistant input[type=file]").set_input_files({"name": "disk.png", "mimeType": "image/png", "buffer": PICTURE})
    box.evaluate(GIVE, ["paste", "pasted.png", "image/png", base64.b64encode(PICTURE).decode()])
    box.evaluate(GIVE, ["drop", "notes.txt", "text/plain", base64.b64encode(b"the disk is 91% full\n").decode()])
    files = page.get_by_role("list", name="Attachments")
    expect(files.get_by_role("listitem")).to_have_count(3)
    accessible(page, "attachments")
    shot(page, "operator-attachments")
    files.get_by_role("button", name="Remove pasted.png").click()
    box.evaluate(GIVE, ["drop", "program.bin", "application/octet-stream", base64.b64encode(b"\xff\xfe\x00\x01").decode()])
    expect(page.get_by_role("alert")).to_contain_text("program.bin is neither a picture")
    ask(page, "What do you see?")
    expect(page.get_by_text("PNG picture")).to_have_count(1)
    expect(page.get_by_text("the disk is 91% full")).to_be_visible()
    expect(files).to_have_count(0)

    # It waits for a decision, and is stopped; what it wrote is kept.
    expect(page.get_by_label("Your decision is needed")).to_be_visible()
    accessible(page, "decision")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("You stopped it.")).to_be_visible()
    expect(page.get_by_text("I shall note it.")).to_be_visible()
    accessible(page, "stopped")
    shot(page, "operator-stopped")
    # Edited: the message takes the place of the first.
    page.get_by_role("button", name="Edit your message").click()
    expect(page.get_by_text("Your message and everything after it is replaced.")).to_be_visible()
    ask(page, "Note it.")
    deny(page)
    expect(page.get_by_text("Very well.")).to_have_count(1)
    expect(page.locator(".said").get_by_text("What do you see?")).to_have_count(0)
    page.get_by_role("button", name="Ask again").click()
    deny(page)
    expect(page.get_by_text("Very well.")).to_have_count(1)
    # With a picture, which is there still when it is asked again.
    page.get_by_role("button", name="New chat").click()
    page.locator("deckhand-assistant input[type=file]").set_input_files({"name": "disk.png", "mimeType": "image/png", "buffer": PICTURE})
    ask(page, "And this?")
    deny(page)
    expect(page.get_by_text("Very well.")).to_have_count(1)
    with page.expect_response(lambda answer: answer.url.endswith("/turns") and answer.request.method == "POST") as begun:
        page.get_by_role("button", name="Ask again").click()
    assert begun.value.status == 201, begun.value.text()
    deny(page)
    expect(page.get_by_text("Very well.")).to_have_count(1)
    expect(page.get_by_text("PNG picture")).to_have_count(1)
    page.get_by_role("button", name="Chats", exact=True).click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    accessible(page, "history")
    page.get_by_role("button", name="Back to the chat").click()

    # Ten tabs: a window that a page opens begins with its sign-in.
    streams = set()
    context.on("request", lambda request: streams.add(request) if "/v1/events" in request.url else None)
    for event in ("requestfinished", "requestfailed"):
        context.on(event, lambda request: streams.discard(request))
    page.reload()
    expect(page.get_by_text("Very well.")).to_be_visible()
    tabs = [page]
    for _ in range(9):
        with page.expect_popup() as opened:
            page.evaluate("void window.open(location.href)")
        tab = opened.value
        context.complaints.watch(tab)
        tabs.append(tab)
    for tab in tabs:
        expect(tab.get_by_text("Very well.")).to_have_count(1)
    ask(tabs[9], "And to all?")
    for tab in tabs:
        expect(tab.get_by_label("Your decision is needed")).to_be_visible()
    assert len(streams) == 1, [stream.url for stream in streams]
    assert streams_of_server(1) == 1
    # Decided in one, seen in all, each word once.
    deny(tabs[4])
    for tab in tabs:
        expect(tab.get_by_text("Very well.")).to_have_count(2)
        expect(tab.get_by_text("I shall note it.")).to_have_count(2)
    # The tab that reads for all is closed: another one goes on.
    # Of what a tab had open when it is closed, nothing is told.
    streams.clear()
    tabs.pop(0).close()
    ask(tabs[0], "And now?")
    for tab in tabs:
        expect(tab.get_by_label("Your decision is needed")).to_be_visible()
    assert len(streams) == 1, [stream.url for stream in streams]
print("all of it holds")
