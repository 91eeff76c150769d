"""What the browser tests share: Debian's Chromium, a person who signs in, and the rule that no page may complain."""
import contextlib, http.server, json, os, re, sys, threading, time, urllib.request
from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=90_000)
server, name, passphrase, *arguments = sys.argv[1:]
# Where a person can look at the pages; no part of the tests.
shots = os.environ.get("DECKHAND_SCREENSHOTS")


class Complaints(list):
    """Errors of pages, but for those that a test provokes and names in `quiet`."""

    def watch(self, page, allow=()):

        def hear(message):
            words = f"{message.text} {message.location['url']}"
            if message.type in ("error", "warning") and not any(text in words for text in (*allow, *self.quiet)):
                self.append(words)

        page.on("console", hear)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("dialog", lambda dialog: (self.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.append(f"left the origin: {request.url}")
                if not request.url.startswith((server, "blob:", "data:", self.home)) else None)

    home = server


@contextlib.contextmanager
def browser(**options):
    """A browser with one context; at its end no page may have complained."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 820}, **options})
        context.set_default_timeout(90_000)
        complaints = Complaints()
        complaints.quiet = []
        context.complaints = complaints
        yield context
        chromium.close()
        assert not complaints, complaints


def page_of(context, allow=()):
    page = context.new_page()
    context.complaints.watch(page, allow)
    return page


def foreign_page(port, style="", more="", answer=None):
    """Serves a page of another origin with the widget; `answer` says what it answers to what is posted there. Gives its address."""
    text = f"""<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><link rel=icon href="data:,"><title>A panel</title>
<style>{style}</style><h1>A panel</h1><script src="{server}/widget.js" async></script><deckhand-assistant {more}></deckhand-assistant>"""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply(200, "text/html", text)

        def do_POST(self):
            status, body = answer()
            self.reply(status, "application/json", json.dumps(body))

        def reply(self, status, kind, body):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Page)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{port}/"


def fingers(page):
    """A finger hits every control of the widget that is to be seen: 44 pixels (CSS) high, and no narrower than 40."""
    small = page.locator("deckhand-assistant .frame").evaluate("""frame => [...frame.querySelectorAll('button, select, a.button, a.badge, summary, input:not([type=file])')].filter((one) => {
        const box = one.getBoundingClientRect();
        // A box to tick is as large as the words beside it.
        const whole = one.type === 'checkbox' ? one.closest('label').getBoundingClientRect() : box;
        return box.width > 0 && one.checkVisibility({ visibilityProperty: true }) && (whole.height < 44 || whole.width < 40);
    }).map((one) => one.outerHTML.slice(0, 120))""")
    assert not small, small[:6]


def sign_in(page):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Passphrase").fill(passphrase)
    page.get_by_role("button", name="Sign in").click()


def ask(page, text):
    box = page.get_by_label("Message to the assistant")
    box.fill(text)
    box.press("Enter")


def shot(page, title, whole=False):
    if shots:
        os.makedirs(shots, exist_ok=True)
        if whole:
            # The console scrolls inside its frame.
            page.set_viewport_size({"width": 1280, "height": page.evaluate("document.querySelector('main').scrollHeight")})
        page.screenshot(path=os.path.join(shots, f"{title}.png"))
        if whole:
            page.set_viewport_size({"width": 1280, "height": 820})


def fits(page):
    """Nothing is wider than the window."""
    wide = page.evaluate("""() => [...document.querySelectorAll('main, main *')].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && box.right > innerWidth + 1 && !one.closest('.table-frame, pre, .hidden, svg');
    }).map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`)""")
    assert not wide, (page.url, wide[:5])


def labelled(page):
    """All that can be pressed or filled in has a name, and room for a finger."""
    faults = page.evaluate("""() => [...document.querySelectorAll('main button, main input, main select, main a[href]')].filter((one) => one.offsetParent).map((one) => {
        const name = one.getAttribute('aria-label') || one.textContent.trim() || [...(one.labels || [])].map((label) => label.textContent.trim()).join('');
        const box = one.getBoundingClientRect();
        // Links in a sentence have the height of its lines (WCAG 2.2, 2.5.8).
        const isLow = box.height < 24 && !(one.tagName === 'A' && getComputedStyle(one).display === 'inline') && !(one.type === 'checkbox');
        return name === '' ? `no name: ${one.outerHTML.slice(0, 90)}` : isLow ? `low: ${one.outerHTML.slice(0, 90)}` : null;
    }).filter(Boolean)""")
    assert not faults, (page.url, faults[:5])


def call(method, path, body=None, token=None):
    """A request of a program, with the token of a sign-in of its own."""
    if token is None:
        token = call("POST", "/v1/signin", {"username": name, "passphrase": passphrase, "kind": "client"}, "")["token"]
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(server + path, method=method, headers=headers, data=json.dumps(body).encode() if body is not None else None)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def streams_of_server(most):
    """How many streams the server has, once it has noticed which readers left: `most` at last."""
    end = time.monotonic() + 60
    while True:
        with urllib.request.urlopen(server + "/metrics", timeout=30) as answer:
            count = int(re.search(r"^deckhand_http_streams (\d+)$", answer.read().decode(), re.MULTILINE)[1])
        if count <= most or time.monotonic() > end:
            return count
        time.sleep(0.05)
