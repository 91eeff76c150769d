"""The pages without a script: a shared chat, the jump host's pages, a decision, errors. By keyboard, on a phone, on paper."""
import time, urllib.parse
from access import accessible
from faces import arguments, browser, call, expect, name, page_of, passphrase, server, shot

(code,) = arguments
token = call("POST", "/v1/signin", {"username": name, "passphrase": passphrase, "kind": "client"}, "")["token"]


def until(what, holds):
    """Waits for a condition of the server, with a deadline."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(.05)


def views(page, title):
    """Pictures for a person: as it is, in the dark, and on a phone."""
    shot(page, title)
    page.emulate_media(color_scheme="dark")
    shot(page, f"{title}-dark")
    page.set_viewport_size({"width": 320, "height": 640})
    shot(page, f"{title}-phone")
    page.set_viewport_size({"width": 1280, "height": 820})
    page.emulate_media(color_scheme="light")


def look(page, path, title, heading):
    page.goto(server + path)
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    assert "<script" not in page.content() and "style=" not in page.content()
    accessible(page, title)
    views(page, title)


with browser() as context:
    # Errors are looked at, too.
    page = page_of(context, allow=("404 (Not Found)", "401 (Unauthorized)"))
    hash = urllib.parse.quote(code)
    look(page, "/", "page-start", "Deckhand")
    page.get_by_role("link", name="API", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Deckhand API")).to_be_visible()
    page.get_by_role("link", name="Error codes").click()
    expect(page.get_by_role("heading", name="Error codes")).to_be_in_viewport()
    look(page, "/docs", "page-docs", "Deckhand API")
    look(page, f"/context?hash={hash}", "page-context", "How to use this server")
    look(page, "/context", "page-no-hash", "hash")
    look(page, "/nothing/like/this", "page-error", "There is nothing at this path.")
    page.get_by_role("link", name="To the start").click()
    expect(page.get_by_role("heading", level=1, name="Deckhand")).to_be_visible()

    # The decision, where the link of a waiting command leads.
    chat = call("POST", "/v1/chats", {"title": "How full are the disks?"}, token)["id"]
    call("POST", f"/v1/chats/{chat}/turns", {"message": "How full are the disks?\nAnd which is the fullest?"}, token)
    until("something waits", lambda: call("GET", "/v1/approvals", None, token)["approvals"])
    board = page_of(context)
    board.goto(server + "/approve/1")
    expect(board.get_by_role("heading", name="Sign in to decide")).to_be_visible()
    accessible(board, "sign in to decide")
    views(board, "page-decide-signin")
    board.get_by_label("Name").fill(name)
    board.get_by_label("Passphrase").fill(passphrase)
    board.keyboard.press("Enter")
    expect(board.get_by_role("heading", name="May this command run?")).to_be_visible()
    accessible(board, "decision")
    views(board, "page-decide")
    board.get_by_label("Note (optional)").fill("Go on.")
    board.get_by_role("button", name="Approve", exact=True).click()
    expect(board.get_by_text("Decided by you")).to_be_visible()
    accessible(board, "decided")
    views(board, "page-decided")
    board.close()

    # The chat as whoever has the link sees it.
    turn = call("GET", f"/v1/chats/{chat}/turns", None, token)["turns"][-1]["id"]
    until("the turn is over", lambda: call("GET", f"/v1/turns/{turn}", None, token)["state"] != "working")
    link = call("POST", "/v1/shares", {"chat": chat, "includes_output": True}, token)["url"]
    assert link.startswith(server + "/s/"), link
    reader = page_of(context, allow=("404 (Not Found)",))
    reader.goto(link)
    expect(reader.get_by_text("And which is the fullest?")).to_be_visible()
    expect(reader.get_by_text("exit code 3")).to_be_visible()
    assert reader.locator(".fg-1").first.inner_text() == "red"
    assert reader.locator("code.language-bash .hljs-comment").inner_text() == "# what I ran"
    # By keyboard to what is folded away, and back.
    last = reader.locator("details pre").last
    expect(last).to_be_hidden()
    reader.locator("summary").last.focus()
    reader.keyboard.press("Enter")
    expect(last).to_be_visible()
    expect(last).to_contain_text("line 30")
    accessible(reader, "shared, unfolded")
    shot(reader, "page-shared-unfolded")
    reader.locator("summary").last.press("Enter")
    expect(last).to_be_hidden()
    reader.evaluate("scrollTo(0, 0)")
    accessible(reader, "shared")
    views(reader, "page-shared")
    # On paper all of it is there, and nothing to press.
    reader.emulate_media(media="print")
    assert last.evaluate("one => one.checkVisibility() && one.getBoundingClientRect().height") > 200
    shot(reader, "page-shared-print")
    reader.emulate_media(media="screen")
    reader.goto(link.replace("/s/", "/share/"))
    expect(reader.get_by_text("exit code 3")).to_be_visible()
    reader.goto(server + "/s/0123456789abcdef0123456789abcdef")
    expect(reader.get_by_role("heading", level=1)).to_contain_text("link")
    accessible(reader, "no share")
    views(reader, "page-no-share")
    reader.close()

    # A session as a terminal would have shown it.
    for command in ("printf 'one\\rtwo\\n\\033[32mgreen\\033[0m\\n'", "seq 1 40", "echo wrong >&2; exit 2", "true"):
        call("POST", "/v1/sessions/look/tickets", {"command": command, "wait": 20}, token)
    page.goto(f"{server}/terminal?session=look&hash={hash}")
    expect(page.locator(".card").first).to_contain_text("two")
    expect(page.locator(".card").first.locator(".fg-2")).to_have_text("green")
    expect(page.get_by_text("30 more lines")).to_be_visible()
    accessible(page, "terminal")
    views(page, "page-terminal")
print("all of it holds")
