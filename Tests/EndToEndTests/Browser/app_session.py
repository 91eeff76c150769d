"""The session of a user of the sample application: the attribute token-provider, renewal in time without a gap, and nobody at the page."""
import json
from faces import arguments, ask, browser, expect, page_of, server, shot

host = arguments[0]
TEXT = " ".join(str(number) for number in range(1, 41)) + " done."
# In the place of the sample's own element, one that names a function of the page, as docs/web.md shows it; `said` is what it says next.
EMBEDDED = """
window.asked = 0;
window.said = 'token';
window.assistantToken = async () => {
    asked += 1;
    if (said === 'nobody') return null;
    if (said === 'trouble') throw new Error('The page is out of order.');
    return (await (await fetch('/assistant-token', { method: 'POST' })).json()).token;
};
addEventListener('DOMContentLoaded', () => {
    document.body.insertAdjacentHTML('beforeend', '<deckhand-assistant mode="app" token-provider="assistantToken"></deckhand-assistant>');
});"""
# Whatever else the widget said meanwhile, for however short a time.
WATCH = """() => {
    window.bars = [];
    const root = document.querySelector('deckhand-assistant').shadowRoot;
    new MutationObserver(() => { const bar = root.querySelector('.bar'); if (bar) window.bars.push(bar.textContent); }).observe(root, { childList: true, subtree: true });
}"""

with browser() as context:
    context.complaints.home = host
    page = page_of(context)
    page.add_init_script(EMBEDDED)
    page.route(host + "/me", lambda route: route.fulfill(body='{"name": null}', content_type="application/json"))
    lives = [3600, 2, 2]

    # Sessions that end soon, as far as the widget is told.
    def shorten(route):
        if route.request.method != "POST":
            return route.continue_()
        answer = route.fetch()
        given = answer.json()
        assert 0 < given["expires_in"] <= 12 * 3600
        route.fulfill(response=answer, body=json.dumps({**given, "expires_in": lives.pop() if lives else 3600}))

    page.route(server + "/v1/ai/session", shorten)
    streams, ended, sessions = [], [], []
    page.on("request", lambda request: streams.append(request) if "/v1/events" in request.url else None)
    page.on("request", lambda request: sessions.append(request) if request.url == server + "/v1/ai/session" and request.method == "POST" else None)
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: ended.append(request) if "/v1/events" in request.url else None)
    assert context.request.post(host + "/enter/ann", headers={"Origin": host}).ok
    page.goto(host + "/")
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    assert page.evaluate("asked") == 1

    # It is renewed in the middle of an answer, twice: each word comes once, and nothing says that there was a gap.
    page.evaluate(WATCH)
    with page.expect_response(lambda answer: answer.url == server + "/v1/ai/session" and len(sessions) >= 3):
        ask(page, "Count.")
    expect(page.locator(".answer .prose")).to_have_text(TEXT)
    assert page.evaluate("asked") == 3, page.evaluate("asked")
    assert page.evaluate("bars") == []
    tokens = [stream.headers["authorization"] for stream in streams]
    assert len(set(tokens)) >= 2, len(streams)
    page.wait_for_function("true")
    assert len([stream for stream in streams if stream not in ended]) == 1, [stream.url for stream in streams]
    # The stream of the session before is there until the next one has taken its place.
    followed = [stream for stream in streams if stream.failure is None or "ABORTED" in stream.failure]
    assert followed == streams, [stream.failure for stream in streams]
    assert page.request.get(server + "/v1/ai/session", headers={"Authorization": tokens[-1]}).status == 200

    # The page is out of order for once: what is there goes on, and it is asked again.
    lives.append(2)
    page.evaluate("said = 'token'")
    page.reload()
    expect(page.locator(".answer .prose")).to_have_text(TEXT)
    page.evaluate("said = 'trouble'")
    page.wait_for_function("asked >= 2")
    page.evaluate("said = 'token'")
    with page.expect_response(lambda answer: answer.url == server + "/v1/ai/session" and answer.status == 201):
        pass
    expect(page.locator(".answer .prose")).to_have_text(TEXT)
    expect(page.get_by_label("Message to the assistant")).to_be_visible()

    # Nobody is there any more when it is to be renewed: the session ends, and what was shown is gone.
    lives.append(1)
    page.reload()
    expect(page.locator(".answer .prose")).to_have_text(TEXT)
    with page.expect_response(lambda answer: answer.url == server + "/v1/ai/session" and answer.request.method == "DELETE") as gone:
        page.evaluate("said = 'nobody'")
    assert gone.value.status == 204
    expect(page.get_by_text("Nobody is signed in")).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    assert page.request.get(server + "/v1/ai/session", headers={"Authorization": gone.value.request.headers["authorization"]}).status == 401
    shot(page, "app-nobody")
    page.evaluate("said = 'token'")
    page.get_by_role("button", name="I am signed in").press("Enter")
    expect(page.locator(".answer .prose")).to_have_text(TEXT)

    # A page that names no function says so.
    page.evaluate("""() => {
        document.querySelector('deckhand-assistant').remove();
        document.body.insertAdjacentHTML('beforeend', '<deckhand-assistant mode="app" token-provider="noSuchFunction"></deckhand-assistant>');
    }""")
    expect(page.get_by_text("This page does not say who you are")).to_be_visible()
    shot(page, "app-no-provider")
    # The same element, given one by a script.
    page.evaluate("document.querySelector('deckhand-assistant').tokenProvider = assistantToken")
    expect(page.locator(".answer .prose")).to_have_text(TEXT)
print("all of it holds")
