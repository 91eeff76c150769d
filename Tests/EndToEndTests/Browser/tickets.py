"""Typing into commands, searching outputs, and notifications of what waits for a decision."""
import re
from faces import browser, call, expect, page_of, server, shot, sign_in

# In place of the browser's own, which shows nothing in a test.
stand_in = """() => {
    window.shown = [];
    window.Notification = class { constructor(title, options) { window.shown.push({ title, ...options }); window.latest = this; } close() {}
        static permission = 'default'; static async requestPermission() { return this.permission = 'granted'; } };
    Document.prototype.hasFocus = () => !window.away;
}"""

with browser() as context:
    context.add_init_script(f"({stand_in})()")
    page = page_of(context)
    page.goto(server + "/app#/tickets")
    sign_in(page)

    # Line by line.
    page.get_by_label("Command", exact=True).fill("read -p 'name? ' name; echo hello $name")
    page.get_by_label("In a terminal").check()
    page.get_by_role("button", name="Run").click()
    output = page.get_by_role("log", name="Output")
    expect(output).to_contain_text("name?")
    page.get_by_label("Input for the command").fill("bob")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(output).to_contain_text("hello bob")
    expect(page.get_by_label("Input for the command")).to_have_count(0)
    # Each key at once.
    page.goto(server + "/app#/tickets")
    page.get_by_label("Command", exact=True).fill("cat")
    page.get_by_label("In a terminal").check()
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Send each key at once").click()
    expect(output.get_by_label("Keys for the command")).to_be_focused()
    page.keyboard.type("keys")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    # The terminal's own echo, and what the command says.
    expect(output).to_contain_text("key\nkey")
    shot(page, "terminal-input")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Send each key at once")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Ctrl C").click()
    # Ended by the signal, or with the exit code that tells of it.
    expect(page.locator(".card-state .badge")).to_have_text(re.compile("killed|exit 130"))
    # Without a terminal: the end of the input is the end of the command.
    call("POST", "/v1/sessions/input/tickets", {"command": "wc -l", "input": {"open": True}})
    page.goto(server + "/app#/tickets/input/1")
    page.get_by_label("Input for the command").fill("one")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="End of input").click()
    expect(output).to_contain_text("1")

    # What is found is marked and counted; of a long output the server looks through all of it.
    call("POST", "/v1/sessions/long/tickets", {"command": "seq 1 7000; echo needle", "wait": 20})
    page.goto(server + "/app#/tickets/long/1")
    expect(output).to_contain_text("needle")
    page.get_by_placeholder("Find in the output").fill("NEEDLE")
    expect(page.get_by_text("1 time in 1 line")).to_be_visible()
    expect(output.locator("mark")).to_have_text("needle")
    page.get_by_label("Only these lines").check()
    expect(output.locator("pre")).to_have_text("needle\n")
    page.get_by_placeholder("Find in the output").fill("1234")
    expect(page.get_by_text("not found")).to_be_visible()
    page.get_by_role("button", name="Search all of it").click()
    expect(page.get_by_role("region", name="In the whole output")).to_contain_text("1234:1234")
    shot(page, "output-search")
    with page.expect_download() as download:
        page.get_by_role("link", name="Output").click()
    assert open(download.value.path()).read().endswith("7000\nneedle\n")

    # A notification of what waits, while one looks at something else; the title counts.
    page.goto(server + "/app#/settings")
    page.get_by_role("button", name="Notify me in this browser").click()
    expect(page.get_by_role("button", name="Notifications are on")).to_be_visible()
    shot(page, "settings")
    page.evaluate("window.away = true")
    chat = call("POST", "/v1/chats", {})["id"]
    call("POST", f"/v1/chats/{chat}/turns", {"message": "Note it"})
    expect(page).to_have_title("(1) Settings \u00b7 Deckhand")
    shown = page.evaluate("window.shown")
    assert len(shown) == 1 and shown[0]["body"] == "touch /var/log/deckhand-console-note", shown
    page.evaluate("window.latest.onclick()")
    expect(page.get_by_role("heading", name="Approvals", exact=True)).to_be_visible()
    # Once told is told: not again after the page is loaded anew.
    page.reload()
    page.evaluate("window.away = true")
    page.get_by_role("button", name="Deny").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert page.evaluate("window.shown") == []
    expect(page).to_have_title("Approvals \u00b7 Deckhand")
print("all of it holds")
