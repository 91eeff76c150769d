"""The widget in pages of a hosting panel over HTTPS, with the server on another port or below the panel's own site."""
import os, sys
from faces import ask, browser, expect, page_of, server, shot

kind, part, origin = sys.argv[2:5]
home = origin + "/"
# WHM puts a word of the sign-in before its paths.
address = home + {"cwp": "index.php", "cpanel": "deckhand/index.live.php", "whm": "cpsess0123456789/cgi/deckhand/index.php"}[kind]
# How long a call is silent.
silence = int(os.environ.get("DECKHAND_SILENCE", "8"))


def open_assistant(page):
    page.get_by_role("button", name="Open the assistant").click()
    # Nobody is asked for a passphrase.
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    assert page.get_by_label("Passphrase").count() == 0


with browser(ignore_https_errors=True) as context:
    context.complaints.home = home
    if kind == "cwp":
        # Who did not sign in to the panel gets its login, without us, and nobody's word.
        page = page_of(context)
        page.goto(address)
        expect(page.get_by_role("heading", name="Login")).to_be_visible()
        assert page.locator("deckhand-assistant").count() == 0
        assert context.request.post(origin + "/loader_ajax.php?ajax=deckhand").status == 403
        context.add_cookies([{"name": "cwp", "value": "in", "url": origin}])
        # The panel's own answers that are no pages stay as they are.
        assert context.request.get(origin + "/index.php?download=1").text() == "a,</body>\n"
        # Another site's page causes nothing.
        foreign = context.request.post(origin + "/loader_ajax.php?ajax=deckhand", headers={"Origin": "https://evil.example"})
        assert foreign.status == 403, foreign.text()
        assert context.request.get(origin + "/loader_ajax.php?ajax=deckhand").status == 405
        page.close()
    if kind == "whm":
        # A reseller's page runs as root, too: it gets nothing.
        reseller = sys.argv[5]
        for answer in [context.request.get(f"{reseller}/cgi/deckhand/index.php"), context.request.post(f"{reseller}/cgi/deckhand/assertion.php")]:
            assert answer.status == 403 and "assertion\"" not in answer.text(), answer.text()
        word = address.replace("index.php", "assertion.php")
        assert context.request.get(word).status == 405
        assert context.request.post(word, headers={"Origin": "https://evil.example"}).status == 403
    page = page_of(context)
    # A stream that the widget ends itself, because it follows something else from now on, is aborted.
    cut = []
    page.on("requestfailed", lambda request: cut.append(request.failure) if "/v1/events" in request.url and "ABORTED" not in request.failure else None)
    page.goto(address)
    expect(page.get_by_role("heading", name={"cwp": "Control panel", "cpanel": "cPanel", "whm": "Assistant"}[kind], exact=True)).to_be_visible()
    open_assistant(page)
    shot(page, f"panel-{kind}-{part}")
    ask(page, "Who am I here?")
    if part == "silent":
        decision = page.get_by_label("Your decision is needed")
        expect(decision).to_be_visible()
        decision.get_by_role("button", name="Approve", exact=True).click()
        expect(page.get_by_text("Running", exact=True).first).to_be_visible()
        # Longer without a word than the proxy waits, and still the same stream.
        expect(page.get_by_text("Done after a long silence.")).to_be_visible(timeout=30_000 + silence * 1_000)
        assert not cut, cut
    else:
        expect(page.get_by_text("That was all.")).to_be_visible()
        if part == "root":
            expect(page.get_by_text("root", exact=True).first).to_be_visible()
        elif part == "shell":
            expect(page.get_by_text("daemon", exact=True).first).to_be_visible()
        else:
            assert page.get_by_text("daemon", exact=True).count() == 0
    # The word was used up; loaded again, the page is asked again, since somebody else may look at it.
    words = []
    page.on("request", lambda request: words.append(request.url) if "ajax=deckhand" in request.url or "assertion" in request.url else None)
    page.reload()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    assert len(words) == 2 and words[1].endswith("/v1/signin/assertion"), words
    # Signing out is not undone by itself, but by a click.
    page.get_by_role("button", name="Chats").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Passphrase")).to_be_visible()
    page.get_by_role("button", name="Continue as in this panel").click()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    shot(page, f"panel-{kind}-{part}-again")
print("all of it holds")
