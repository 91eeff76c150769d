"""The session of a user of the sample application: the attribute token-provider, renewal in time without a gap, and nobody at the page."""
import json
from faces import arguments, ask, browser, expect, page_of, server, shot

host = arguments[0]
TEXT = " ".join(str(number) for number in range(1, 41)) + " done."
# In the place of the sample's own element, one that names a function of the page, as docs/web.md shows it. `plan` is what it says, one after the other.
EMBEDDED = """
window.asked = 0;
window.assistantToken = async () => {
    asked += 1;
    const [now, ...rest] = (sessionStorage.getItem('plan') || 'token').split(' ');
    sessionStorage.setItem('plan', rest.join(' '));
    if (now === 'nobody') return null;
    if (now === 'trouble') throw new Error('The page is out of order.');
    if (now === 'later') await new Promise((go) => { window.go = go; });
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

def wait_until(holds):
    """Waits for what requests of the page tell."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError([(stream.url, stream in ended) for stream in streams])


with browser() as context:
    context.complaints.home = host
    page = page_of(context)
    page.add_init_script(EMBEDDED)
    page.route(host + "/me", lambda route: route.fulfill(body='{"name": null}', content_type="application/json"))
    lives, sessions = [3600, 2, 2], []

    # Sessions that end soon, as far as the widget is told.
    def shorten(route):
        if route.request.method != "POST":
            return route.continue_()
        answer = route.fetch()
        given = answer.json()
        assert 0 < given["expires_in"] <= 12 * 3600
        route.fulfill(response=answer, body=json.dumps({**given, "expires_in": lives.pop() if lives else 3600}))
        sessions.append(given)

    page.route(server + "/v1/ai/session", shorten)
    streams, ended = [], []
    page.on("request", lambda request: streams.append(request) if "/v1/events" in request.url else None)
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: ended.append(request) if "/v1/events" in request.url else None)
    assert context.request.post(host + "/enter/ann", headers={"Origin": host}).ok
    page.goto(host + "/")
    page.evaluate("sessionStorage.setItem('plan', 'token later token')")
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()

    # It is renewed in the middle of an answer, twice: each word comes once, and nothing says that there was a gap.
    page.evaluate(WATCH)
    ask(page, "Count.")
    answer = page.locator(".answer .prose")
    expect(answer).to_contain_text("1 2 3")
    page.wait_for_function("typeof window.go === 'function'")
    page.evaluate("go()")
    expect(answer).to_have_text(TEXT)
    page.wait_for_function("asked >= 3")
    expect(answer).to_have_text(TEXT)
    assert page.evaluate("bars") == []
    # The stream of the session before is there until the next one has taken its place.
    wait_until(lambda: len({stream.headers["authorization"] for stream in streams}) == 3 and len(set(streams) - set(ended)) == 1)
    assert all(stream.failure is None or "ABORTED" in stream.failure for stream in streams), [stream.failure for stream in streams]
    assert page.evaluate("asked") == 3 and page.evaluate("bars") == []

    # The page is out of order for once: what is there goes on, and it is asked again.
    wait_until(lambda: len(sessions) == 3)
    lives.append(2)
    page.evaluate("sessionStorage.setItem('plan', 'token trouble token')")
    sessions.clear()
    page.reload()
    expect(answer).to_have_text(TEXT)
    page.wait_for_function("asked >= 3")
    wait_until(lambda: len(sessions) == 2)
    expect(answer).to_have_text(TEXT)
    expect(page.get_by_label("Message to the assistant")).to_be_visible()

    # Nobody is there any more when it is to be renewed: the session ends, and what was shown is gone.
    lives.append(2)
    page.evaluate("sessionStorage.setItem('plan', 'token nobody')")
    with page.expect_response(lambda answer: answer.url == server + "/v1/ai/session" and answer.request.method == "DELETE") as gone:
        page.reload()
    assert gone.value.status == 204
    expect(page.get_by_text("Nobody is signed in")).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    assert page.request.get(server + "/v1/ai/session", headers={"Authorization": gone.value.request.headers["authorization"]}).status == 401
    shot(page, "app-nobody")
    page.get_by_role("button", name="I am signed in").press("Enter")
    expect(answer).to_have_text(TEXT)

    # Somebody else logged in to the application meanwhile, and the page said nothing: opened again, it is theirs.
    page.get_by_label("Message to the assistant").press("Escape")
    assert context.request.post(host + "/enter/bob", headers={"Origin": host}).ok
    with page.expect_response(lambda answer: answer.url == server + "/v1/ai/session" and answer.request.method == "DELETE") as gone:
        page.get_by_role("button", name="Open the assistant").click()
    assert gone.value.status == 204
    expect(page.get_by_text("does nothing in your name before you say yes")).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    page.get_by_role("button", name="Chats", exact=True).click()
    expect(page.get_by_text("No chats yet")).to_be_visible()
    page.get_by_role("button", name="Back to the chat").click()
    page.get_by_label("Message to the assistant").press("Escape")
    assert context.request.post(host + "/enter/ann", headers={"Origin": host}).ok
    page.get_by_role("button", name="Open the assistant").click()
    expect(answer).to_have_text(TEXT)

    # A page that names no function says so.
    page.evaluate("""() => {
        document.querySelector('deckhand-assistant').remove();
        document.body.insertAdjacentHTML('beforeend', '<deckhand-assistant mode="app" token-provider="noSuchFunction"></deckhand-assistant>');
    }""")
    expect(page.get_by_text("This page does not say who you are")).to_be_visible()
    shot(page, "app-no-provider")
    # The same element, given one by a script.
    page.evaluate("document.querySelector('deckhand-assistant').tokenProvider = assistantToken")
    expect(answer).to_have_text(TEXT)
print("all of it holds")
