"""Sign-in, streaming, approval, reload in the middle, two tabs, share, rename, delete, all screens."""
from faces import ask, browser, expect, page_of, server, shot, sign_in

with browser() as context:
    # A wrong passphrase is tried first.
    page = page_of(context, ["/v1/signin"])
    page.goto(server + "/app")
    shot(page, "signin")
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Passphrase").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    shot(page, "overview-empty")
    # Without a business application nothing of one is in the menu.
    expect(page.get_by_role("link", name="Tickets")).to_be_visible()
    expect(page.get_by_role("link", name="Clients")).to_have_count(0)

    page.get_by_role("link", name="Chats", exact=True).click()
    expect(page.get_by_role("heading", name="What shall we look at?")).to_be_visible()
    shot(page, "chat-empty")
    page.get_by_role("button", name="Disk usage").click()
    ask(page, "How full are the disks?")
    # While it streams: a reload loses and repeats nothing.
    expect(page.get_by_text("Let me look at the disks.")).to_be_visible()
    page.reload()
    question = page.get_by_label("Your decision is needed")
    expect(question).to_be_visible()
    expect(page.get_by_text("Let me look at the disks.")).to_have_count(1)
    expect(page.get_by_label("Output").first).to_contain_text("Filesystem")
    shot(page, "approval")

    # A second tab shows the same, and what is decided there is seen here.
    second = page_of(context)
    second.goto(page.url)
    other = second.get_by_label("Your decision is needed")
    expect(other).to_be_visible()
    other.get_by_role("button", name="Approve", exact=True).click()
    for tab in (page, second):
        expect(tab.get_by_text("Anything else?")).to_be_visible()
        expect(tab.get_by_label("Your decision is needed")).to_have_count(0)
        tab.get_by_role("button", name="Show all 31 lines").click()
        expect(tab.get_by_text("line 30")).to_be_visible()
    shot(page, "answer")
    assert page.locator(".prose pre code .hljs-comment").count() == 1

    # A chat on one tab is the same chat on the other, live.
    ask(second, "And now?")
    expect(page.get_by_text("And now?")).to_be_visible()
    # Stopping it there is seen here.
    expect(page.get_by_label("Your decision is needed")).to_be_visible()
    second.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.get_by_label("Your decision is needed")).to_have_count(0)
    second.close()

    # Links are read page by page, here of one each: none is left out.
    page.route("**/v1/shares?*", lambda route: route.continue_(url=route.request.url.replace("limit=1000", "limit=1")))
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Take back")).to_have_count(1)
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Take back")).to_have_count(2)
    link = page.locator(".link-made .mono").inner_text()
    shot(page, "share")
    page.keyboard.press("Escape")
    reader = page_of(context)
    reader.goto(link)
    expect(reader.get_by_text("How full are the disks?").first).to_be_visible()
    shot(reader, "shared")
    reader.close()

    entry = page.locator(".history-entry").first
    entry.hover()
    entry.get_by_role("button", name="Rename").click()
    page.get_by_label("New title").fill("The disks")
    page.keyboard.press("Enter")
    expect(page.locator(".history-title").first).to_have_text("The disks")
    page.get_by_role("searchbox").fill("nothing like this")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()
    page.get_by_role("searchbox").fill("")

    page.get_by_role("link", name="Tickets").click()
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
    page.get_by_label("Command").fill("printf 'one\\rtwo\\n\\033[31mred\\033[0m\\n'")
    page.get_by_role("button", name="Run").click()
    output = page.get_by_role("log", name="Output")
    expect(output).to_contain_text("two")
    expect(output).not_to_contain_text("one")
    assert output.locator(".fg-1").inner_text() == "red"
    shot(page, "ticket")
    page.get_by_role("link", name="console-admin").click()
    expect(page.locator(".virtual-row code").first).to_contain_text("printf")
    shot(page, "tickets")
    page.get_by_role("link", name="Approvals").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    shot(page, "approvals")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 23, 28)"
    shot(page, "settings-dark")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".rows code").first).to_be_visible()
    shot(page, "overview-dark")

    page.get_by_role("link", name="Chats", exact=True).click()
    entry = page.locator(".history-entry").first
    entry.hover()
    entry.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No chats yet.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
print("all of it holds")
