"""A panel's page says who looks at it: who comes after somebody else in the same tab gets nothing of theirs."""
import http.client, json, socket, sys, urllib.error, urllib.request
from faces import arguments, ask, browser, call, expect, foreign_page, page_of, server, shot, sign_in

port, door = arguments
who = "root"


class Door(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(door)


def word(origin):
    """What the panel's page answers: the server's word for whoever looks at it, or that nobody does."""
    if who is None:
        return 403, {"detail": "Nobody is signed in to the panel."}
    connection = Door("localhost")
    connection.request("POST", "/v1/panel/assertion", json.dumps({"audience": origin, "user": who}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def is_over(token):
    try:
        call("GET", "/v1/signin", None, token)
        return False
    except urllib.error.HTTPError as error:
        return error.code == 401


origin = f"http://127.0.0.1:{port}"
home = foreign_page(port, more='assertion="/word"', answer=lambda: word(origin))

for isOwn in (False, True):
    who = "root"
    with browser() as context:
        context.complaints.home = home
        # The page itself says once that nobody is there.
        page = page_of(context, allow=("403 (Forbidden)", "/v1/signin"))
        address = home
        if isOwn:
            # Below the server's own origin, where the sign-in is a cookie.
            address = server + "/panel/"
            context.route(address, lambda route: route.fulfill(content_type="text/html", body=f'<!doctype html><link rel=icon href="data:,"><h1>A panel</h1><script src="{server}/widget.js" async></script><deckhand-assistant assertion="/panel/word"></deckhand-assistant>'))
            def say(route):
                status, body = word(server)
                route.fulfill(status=status, content_type="application/json", body=json.dumps(body))
            context.route(server + "/panel/word", say)
        words, headers = [], []
        page.on("request", lambda request: words.append(request.url) if request.url.endswith("word") else None)
        page.on("request", lambda request: headers.append(request.headers.get("authorization")) if "/v1/chats" in request.url else None)
        page.goto(address)
        page.get_by_role("button", name="Open the assistant").click()
        box = page.get_by_label("Message to the assistant")
        expect(box).to_be_visible()
        ask(page, "What only root says")
        expect(page.get_by_text("That was all.")).to_be_visible()
        if not isOwn:
            first = headers[-1].split()[1]
            assert not is_over(first)

        # Loaded again: the page is asked again, and the same person goes on with the same sign-in.
        words.clear()
        page.reload()
        expect(page.locator(".said > span")).to_have_text(["What only root says"])
        assert len(words) == 1, words
        assert isOwn or headers[-1].split()[1] == first

        # Somebody else signed in to the panel in this tab.
        who = "daemon"
        page.reload()
        expect(page.get_by_role("heading", name="What shall we look at?")).to_be_visible()
        page.get_by_role("button", name="Chats", exact=True).click()
        expect(page.get_by_text("No chats yet.")).to_be_visible()
        expect(page.get_by_role("heading", name="panel-daemon-1")).to_be_visible()
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert "What only root says" not in kept and ".chat" not in kept, kept
        if not isOwn:
            assert first not in kept and is_over(first)
            second = headers[-1].split()[1]
        shot(page, f"panel-another-{'own' if isOwn else 'foreign'}")

        # Nobody is there any more: the customer's sign-in ends, and nothing goes on by itself.
        who = None
        page.reload()
        expect(page.get_by_label("Passphrase")).to_be_visible()
        expect(page.get_by_text("Nobody is signed in to the panel.")).to_be_visible()
        if isOwn:
            assert page.evaluate("fetch('/v1/signin/state').then((answer) => answer.json())") == {"signed_in": None}
        else:
            assert is_over(second)
        # Who has a name and a passphrase stays, while the page says nobody's.
        sign_in(page)
        expect(page.get_by_label("Message to the assistant")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Message to the assistant")).to_be_visible()
        who = "daemon"
        page.reload()
        expect(page.get_by_label("Message to the assistant")).to_be_visible()
        page.get_by_role("button", name="Chats", exact=True).click()
        expect(page.get_by_role("heading", name="panel-daemon-1")).to_be_visible()
print("all of it holds")
