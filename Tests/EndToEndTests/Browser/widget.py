"""The widget in a page of another origin whose styles are hostile: sign-in, streaming, reload, keyboard only, a small phone."""
import functools, http.server, threading
import sys
from faces import ask, browser, expect, page_of, server, shot, sign_in

port = int(sys.argv[4])
page_text = f"""<!doctype html><meta charset=utf-8><meta name=viewport content="width=device-width"><link rel=icon href="data:,"><title>A panel</title>
<style>* {{ color: red !important; font-family: cursive !important }} button, textarea {{ display: none !important }}</style>
<h1>A panel</h1><script src="{server}/widget.js" async></script><deckhand-assistant></deckhand-assistant>""".encode()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page_text)

    def log_message(self, *_):
        pass


site = http.server.ThreadingHTTPServer(("127.0.0.1", port), Page)
threading.Thread(target=site.serve_forever, daemon=True).start()
home = f"http://127.0.0.1:{port}/"

with browser() as context:
    context.complaints.home = home
    requests = []
    page = page_of(context)
    page.on("request", lambda request: requests.append(request.url))
    page.goto(home)
    button = page.get_by_role("button", name="Open the assistant")
    expect(button).to_be_visible()
    # Before it is opened nothing but the launcher is loaded.
    assert [url for url in requests if url != home] == [server + "/widget.js"], requests
    assert page.get_by_role("heading", name="A panel").evaluate("element => getComputedStyle(element).color") == "rgb(255, 0, 0)"
    # By keyboard alone.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    shot(page, "widget-signin")
    sign_in(page)
    box = page.get_by_label("Message to the assistant")
    expect(box).to_be_visible()
    assert box.evaluate("element => getComputedStyle(element).color") != "rgb(255, 0, 0)"
    shot(page, "widget-empty")
    page.get_by_role("button", name="Chats", exact=True).click()
    expect(page.get_by_role("button", name="Notify me when a command waits")).to_be_visible()
    shot(page, "widget-history")
    page.get_by_role("button", name="Back to the chat").click()
    ask(page, "How full are the disks?")
    expect(page.get_by_label("Your decision is needed")).to_be_visible()
    shot(page, "widget-approval")
    page.reload()
    deny = page.get_by_label("Your decision is needed").get_by_role("button", name="Deny")
    expect(deny).to_be_visible()
    deny.click()
    page.get_by_label("What the assistant should know").fill("not today")
    page.get_by_label("Your decision is needed").get_by_role("button", name="Deny").click()
    expect(page.get_by_text("Anything else?")).to_be_visible()
    expect(page.get_by_text("Denied")).to_be_visible()
    shot(page, "widget-denied")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the assistant")).to_be_focused()

with browser(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark") as context:
    context.complaints.home = home
    page = page_of(context)
    page.goto(home)
    page.get_by_role("button", name="Open the assistant").tap()
    sign_in(page)
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    shot(page, "widget-phone")
    # Nothing stands out to the side, and a finger hits every control.
    frame = page.locator("deckhand-assistant .frame")
    assert frame.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
    small = frame.evaluate("""frame => [...frame.querySelectorAll('button, select')].filter(element => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.height < 44 || box.width < 40);
    }).map(element => element.outerHTML.slice(0, 120))""")
    assert not small, small
print("all of it holds")
