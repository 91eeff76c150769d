"""Programs that draw on the whole screen, and the size of their terminal."""
import re
from faces import browser, call, expect, page_of, server, shot, sign_in


def run(command, session, columns=80, rows=24):
    return call("POST", f"/v1/sessions/{session}/tickets", {"command": command, "input": {"open": True}, "terminal": {"columns": columns, "rows": rows}, "env": {"LESSHISTFILE": "-"}})


def row(text):
    """A whole row of the screen."""
    return re.compile(rf"(^|\n){text}\s*(\n|$)")


with browser() as context:
    page = page_of(context)
    page.goto(server + "/app#/settings")
    sign_in(page)
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    output = page.get_by_role("log", name="Output")

    # The view gives the command its size, when it opens and when it changes.
    run("echo ready; while ! read -t 0.2 line; do now=$(stty size); [ \"$now\" = \"$last\" ] || echo size $now $(tput cols)x$(tput lines); last=$now; done; echo over", "size")
    page.goto(server + "/app#/tickets/size/1")
    expect(output).to_contain_text("ready")
    first = re.compile(r"size (\d+) (\d+) \2x\1")
    # Its own first, then that of the view.
    expect(output).to_contain_text(re.compile(r"size (?!24 80 )\d+ \d+ "))
    rows, columns = map(int, first.findall(output.inner_text())[-1])
    assert columns > 80 and rows > 10, (columns, rows)
    known = call("GET", "/v1/sessions/size/tickets/1")
    assert (known["columns"], known["rows"]) == (columns, rows), known
    page.set_viewport_size({"width": 900, "height": 700})
    expect(output).to_contain_text(re.compile(rf"size {rows} {columns} \S+\s+size \d+ \d+ "))
    small = first.findall(output.inner_text())[-1]
    assert int(small[1]) < columns, (small, columns)
    # Who looks on without a right to type, or later, draws for that size.
    second = page_of(context)
    second.set_viewport_size({"width": 900, "height": 700})
    second.goto(server + "/app#/tickets/size/1")
    expect(second.get_by_role("log", name="Output")).to_contain_text(f"size {small[0]} {small[1]}")
    second.close()
    page.set_viewport_size({"width": 1280, "height": 820})
    expect(output).to_contain_text(re.compile(rf"size {rows} {columns} [\s\S]*size {rows} {columns} "))
    page.get_by_label("Input for the command").fill("x")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(output).to_contain_text("over")

    # less: keys go to it, and its screen is given back at its end.
    run("seq -f 'line %g' 1 500 | less; echo left", "less")
    page.goto(server + "/app#/tickets/less/1")
    expect(output).to_contain_text(row("line 1"))
    output.click()
    expect(output.get_by_label("Keys for the command")).to_be_focused()
    # less forgets a key that comes together with a new size.
    for _ in range(10):
        page.keyboard.press("Space")
        try:
            expect(output).not_to_contain_text(row("line 1"), timeout=5_000)
            break
        except AssertionError:
            pass
    expect(output).not_to_contain_text(row("line 1"))
    page.keyboard.type("/line 300")
    page.keyboard.press("Enter")
    expect(output).to_contain_text(row("line 300"))
    shot(page, "terminal-less")
    page.keyboard.press("q")
    expect(output).to_contain_text("left")
    expect(output).not_to_contain_text("line 300")

    # vim: a text is written, with the cursor where it belongs; a reload draws the same once more.
    run("vim -u NONE -N", "vim")
    page.goto(server + "/app#/tickets/vim/1")
    expect(output).to_contain_text("~\n~\n~")
    output.click()
    # What no key of this keyboard makes comes as input of its field.
    page.keyboard.type("ihello w\u00f6rld")
    page.keyboard.press("Escape")
    page.keyboard.type("yy3pG")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("Iup ")
    page.keyboard.press("Escape")
    wanted = re.compile("^{0}\\s*\n+{0}\\s*\n+up {0}\\s*\n+{0}\\s*\n+~".format("hello w\u00f6rld"))
    expect(output).to_contain_text(wanted)
    shot(page, "terminal-vim")
    page.reload()
    expect(output).to_contain_text(wanted)
    # Pasted in one piece, as the program asked for.
    output.click()
    page.keyboard.type("Go")
    page.evaluate("""() => { const data = new DataTransfer(); data.setData('text/plain', '  one\\n  zw\u00f6lf \u6f22');
        document.querySelector('.terminal').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }""")
    expect(output).to_contain_text(row("  zw\u00f6lf \u6f22"))
    page.keyboard.press("Escape")
    page.keyboard.type(":q!")
    page.keyboard.press("Enter")
    expect(page.locator(".card-state .badge")).to_have_text("done")

    # top, in colours of its own, over and over.
    run("top -d 0.5", "top")
    page.goto(server + "/app#/tickets/top/1")
    expect(output).to_contain_text(re.compile(r"PID\s+USER"))
    expect(output).to_contain_text("load average")
    assert output.inner_text().count("PID USER") <= 1
    shot(page, "terminal-top")
    output.click()
    page.keyboard.press("q")
    expect(page.locator(".card-state .badge")).to_have_text("done")

    # Shift Tab leaves the terminal, for whoever has no mouse.
    run("cat", "cat")
    page.goto(server + "/app#/tickets/cat/1")
    page.get_by_role("button", name="Send each key at once").click()
    expect(output.get_by_label("Keys for the command")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Send each key at once")).to_have_attribute("aria-pressed", "false")
    # What a program asks of the terminal is not answered: no byte is typed but by a person.
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/input") else None)
    call("POST", "/v1/sessions/ask/tickets", {"command": "printf '\\033[6n\\033[c\\033[>c\\033]52;c;?\\007\\033[5n\\033[21t\\033[?1049hasked'; cat", "input": {"open": True}, "terminal": {}})
    page.goto(server + "/app#/tickets/ask/1")
    expect(output).to_contain_text("asked")
    page.get_by_label("Input for the command").fill("typed")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(output).to_contain_text(row("(asked)?typed"))
    assert len(sent) == 1, sent
    page.get_by_role("button", name="End it").click()
    expect(page.locator(".card-state .badge")).to_have_text(re.compile("cancelled"))
print("all of it holds")
