"""Users of the sample application with the assistant in its page: sign-in, an empty wallet, chat, actions, receipts, files, log-out."""
import json, sqlite3, urllib.request
from app_access import accessible, focus_order
from faces import arguments, ask, browser, expect, page_of, server, shot

host, database = arguments[:2]


def rows(statement):
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True).execute(statement).fetchall()


def enter(page, name):
    page.goto(host + "/")
    page.get_by_role("button", name=f"{name} of").click()
    expect(page.get_by_role("cell", name="Jones" if name != "bob" else "Miller")).to_be_visible()


def open_assistant(page):
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()


with browser() as context:
    context.complaints.home = host
    # The browser notes the one message that nobody paid for; nothing else.
    refused = "402 (Payment Required)"
    page = page_of(context, allow=(refused,))
    refusals = []
    page.on("console", lambda message: refusals.append(message.text) if refused in message.text else None)
    requests, streams, ended = [], [], []
    page.on("request", lambda request: requests.append(request) if request.url.startswith(server) else None)
    page.on("request", lambda request: streams.append(request) if "/v1/events" in request.url else None)
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda request: ended.append(request) if "/v1/events" in request.url else None)
    page.goto(host + "/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # Nobody is signed in: there is no assistant.
    assert page.locator("deckhand-assistant").count() == 0
    enter(page, "ann")
    open_assistant(page)
    panel = page.locator("deckhand-assistant")
    expect(page.get_by_text("does nothing in your name before you say yes")).to_be_visible()
    shot(page, "app-empty")
    accessible(page, "empty")
    focus_order(page)

    # Nobody paid: it is said at once, with what to do, and what was written stays.
    ask(page, "Book Smith, and send Jones a quote.")
    alert = panel.get_by_role("alert").first
    expect(alert).to_contain_text("credits")
    expect(page.get_by_label("Message to the assistant")).to_have_value("Book Smith, and send Jones a quote.")
    shot(page, "app-no-credits")
    accessible(page, "no credits")
    assert len(refusals) == 1, refusals
    with page.expect_response(lambda answer: answer.url.endswith("/buy")) as bought:
        page.get_by_role("button", name="Buy credits").click()
    assert bought.value.status == 200
    page.get_by_label("Message to the assistant").press("Enter")
    card = page.get_by_role("article", name="Action: Create a service job")
    expect(card.get_by_text("Waits for your yes")).to_be_visible()
    expect(panel.get_by_role("button", name="Account, 10.00 EUR left").or_(panel.get_by_role("button", name="Account, 9"))).to_be_visible()
    # The exact input is there, and nothing happened.
    for text in ("customer", "Smith", "work", "oil", "day", "2026-04-01"):
        expect(card.get_by_text(text, exact=True)).to_be_visible()
    assert rows("select count(*) from jobs") == [(2,)]
    shot(page, "app-action")
    # A reload is no answer.
    page.reload()
    expect(card.get_by_text("Waits for your yes")).to_be_visible()
    card.get_by_role("button", name="Confirm").press("Enter")
    expect(card.get_by_text("Done", exact=True)).to_be_visible()
    expect(card.get_by_role("link", name="Open in the application")).to_have_attribute("href", "https://workshop.example/jobs/3")
    assert rows("select client, brand, customer from jobs where id = 3") == [("acme", "north", "Smith")]
    quote = page.get_by_role("article", name="Action: send quote")
    # What the application says that it would do, before it does it.
    expect(quote.get_by_text("send Jones a quote of 4900 cents")).to_be_visible()
    shot(page, "app-preview")
    # While it waits, nothing is asked for: the stream says what changes.
    before = len(requests)
    accessible(page, "preview")
    assert not [request.url for request in requests[before:]], [request.url for request in requests[before:]]
    quote.get_by_role("button", name="Confirm").press("Space")
    expect(page.get_by_text("All done.")).to_be_visible()
    assert rows("select client, job, amount from quotes") == [("acme", 1, 4900)]

    # The file that came with it.
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Quote 1").click()
    with open(download.value.path()) as file:
        assert "brakes: 49.00" in file.read()
    shot(page, "app-done")
    accessible(page, "done")

    # What the model saw: acme's facts with the rule that admitted them, nothing of the other client.
    page.get_by_role("button", name="What did the AI see?").press("Enter")
    seen = page.get_by_role("dialog", name="What did the AI see?")
    expect(seen.get_by_text("Job 1: brakes for Jones")).to_be_visible()
    expect(seen.get_by_text("Allowed by:").first).to_be_visible()
    assert "Miller" not in seen.inner_text()
    shot(page, "app-seen")
    accessible(page, "seen")
    page.keyboard.press("Escape")
    expect(seen).to_be_hidden()
    expect(page.get_by_role("button", name="What did the AI see?")).to_be_focused()

    # The balance fell by what four calls cost.
    page.get_by_role("button", name="Account, 9.20 EUR left").press("Enter")
    expect(page.get_by_text("9.20 EUR").last).to_be_visible()
    shot(page, "app-account")
    accessible(page, "account")
    page.get_by_role("button", name="Back to the chat").click()

    # Saved chats: found by what was said, renamed.
    page.get_by_role("button", name="Chats", exact=True).click()
    page.get_by_role("searchbox").fill("Smith")
    entry = page.locator(".history-entry").first
    entry.hover()
    entry.get_by_role("button", name="Rename").click()
    page.get_by_label("New title").fill("Oil for Smith")
    page.get_by_role("button", name="Save the title").click()
    expect(page.get_by_role("button", name="Oil for Smith").first).to_be_visible()
    shot(page, "app-history")
    accessible(page, "history")
    page.get_by_role("searchbox").fill("no such words")
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Back to the chat").click()

    # Declined is declined.
    page.get_by_role("button", name="New chat").click()
    ask(page, "Book Smith again.")
    card.get_by_role("button", name="Decline").press("Enter")
    expect(card.get_by_text("Declined", exact=True)).to_be_visible()
    expect(quote.get_by_text("Waits for your yes")).to_be_visible()
    assert rows("select count(*) from jobs") == [(3,)]

    # A chat in which it works is not deleted; asked by keyboard, and Escape leaves things as they are.
    page.get_by_role("button", name="Chats", exact=True).press("Enter")
    entries = page.locator(".history-entry")
    expect(entries).to_have_count(2)
    entries.first.get_by_role("button", name="Delete").press("Enter")
    question = page.get_by_role("group", name="Delete Book Smith again.?")
    expect(question.get_by_role("button", name="Keep")).to_be_focused()
    shot(page, "app-delete")
    accessible(page, "delete")
    page.keyboard.press("Escape")
    expect(entries.first.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    context.complaints.quiet.append("409 (Conflict)")
    question.get_by_role("button", name="Delete").press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("still works in this chat")
    expect(entries).to_have_count(2)
    context.complaints.quiet.remove("409 (Conflict)")
    shot(page, "app-delete-refused")
    entries.nth(1).get_by_role("button", name="Delete").press("Enter")
    page.get_by_role("group", name="Delete Oil for Smith?").get_by_role("button", name="Delete").press("Enter")
    expect(entries).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(panel.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Back to the chat").click()
    expect(quote.get_by_text("Waits for your yes")).to_be_visible()

    # Nothing of a shell: neither in what is shown nor in what is asked for.
    words = panel.evaluate("element => element.shadowRoot.innerHTML")
    for word in ("shell", "ticket", "Command", "console", "passphrase", "Passphrase"):
        assert word not in words, word
    for request in requests:
        path = request.url[len(server):].split("?")[0]
        assert path.startswith(("/v1/ai/", "/widget.js", "/assets/panel-")) or path == "/v1/events", request.url
        assert "tickets=" not in request.url and "approvals=" not in request.url, request.url
        # The session is proved by a header alone.
        assert "dhs_" not in request.url
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "dhs_" not in kept and "Smith" not in kept, kept

    # Another user of the same browser begins with nothing of hers.
    other = page_of(context)
    mine = json.loads(other.request.post(f"{host}/sign-in/bob").body())["token"]
    for path in ("/v1/ai/actions/1", "/v1/ai/turns/1/context", "/v1/ai/chats/1", "/v1/ai/artifacts/1"):
        answer = other.request.get(server + path, headers={"Authorization": f"Bearer {mine}"})
        assert answer.status == 404, (path, answer.status)
    other.close()

    # Her sessions are ended from elsewhere: this page still says who she is, and she goes on where she was.
    def at_host(path, cookie=""):
        headers = {"Origin": host, "Cookie": cookie}
        with urllib.request.urlopen(urllib.request.Request(host + path, method="POST", data=b"", headers=headers), timeout=30) as answer:
            return (answer.headers["Set-Cookie"] or "").split(";")[0]

    # The browser notes that the stream is cut, and that the session is over.
    context.complaints.quiet += ["401 (Unauthorized)", "ERR_INCOMPLETE_CHUNKED_ENCODING"]
    with page.expect_response(lambda answer: answer.url == server + "/v1/ai/session" and answer.status == 201):
        at_host("/leave", at_host("/enter/ann"))
    # What was going on ended with them, and what waited for her waits no longer.
    expect(page.get_by_text("You stopped it.")).to_be_visible()
    expect(quote.get_by_role("button", name="Confirm")).to_have_count(0)
    context.complaints.quiet.clear()
    assert rows("select count(*) from quotes") == [(1,)]
    page.get_by_role("button", name="New chat").click()
    ask(page, "Book Smith once more.")
    expect(card.get_by_text("Waits for your yes")).to_be_visible()

    # Logging out ends the stream, and takes away what was shown.
    open_now = [stream for stream in streams if stream not in ended]
    assert len(open_now) == 1, [stream.url for stream in open_now]
    header = open_now[0].headers["authorization"]
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.locator("deckhand-assistant").count() == 0
    expect(page.locator("body")).not_to_contain_text("Jones")
    page.wait_for_function("true")
    assert page.request.get(server + "/v1/ai/session", headers={"Authorization": header}).status == 401

    page.get_by_role("button", name="bob of").click()
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_text("does nothing in your name before you say yes")).to_be_visible()
    page.get_by_role("button", name="Chats", exact=True).click()
    expect(page.get_by_text("No chats yet")).to_be_visible()
    assert "Smith" not in panel.evaluate("element => element.shadowRoot.textContent")
    page.get_by_role("button", name="Back to the chat").click()
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_text("Nobody has added credits for zeta yet.")).to_be_visible()
    # There is a provider of accounts, but none at which one logs in.
    expect(page.get_by_text("Your own account")).to_have_count(0)
    # An action was listed once for each chat that was opened, and each one read when it changed: nothing is asked for by the clock.
    lists = [request for request in requests if request.url.startswith(server + "/v1/ai/actions?")]
    assert len(lists) <= 9, len(lists)

# A phone, in the dark, without motion: nothing stands out, and a finger hits every control.
with browser(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark", reduced_motion="reduce") as context:
    context.complaints.home = host
    page = page_of(context)
    enter(page, "ann")
    open_assistant(page)
    page.get_by_role("button", name="New chat").tap()
    ask(page, "Book Smith.")
    card = page.get_by_role("article", name="Action: Create a service job")
    expect(card.get_by_role("button", name="Confirm")).to_be_visible()
    shot(page, "app-phone")
    frame = page.locator("deckhand-assistant .frame")
    assert frame.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
    small = frame.evaluate("""frame => [...frame.querySelectorAll('button, select')].filter(element => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.height < 44 || box.width < 40);
    }).map(element => element.outerHTML.slice(0, 120))""")
    assert not small, small
    page.get_by_role("button", name="Account").tap()
    expect(page.get_by_text("Balance of acme")).to_be_visible()
    shot(page, "app-phone-account")
    page.get_by_role("button", name="Back to the chat").tap()
    card.get_by_role("button", name="Decline").tap()
    quote = page.get_by_role("article", name="Action: send quote")
    quote.get_by_role("button", name="Decline").tap()
    expect(page.get_by_text("All done.")).to_be_visible()
    page.get_by_role("button", name="What did the AI see?").tap()
    expect(page.get_by_text("Job 1: brakes for Jones")).to_be_visible()
    shot(page, "app-phone-seen")
    page.get_by_role("button", name="Close", exact=True).tap()
    page.get_by_role("button", name="Chats", exact=True).tap()
    expect(page.locator(".history-entry").first).to_be_visible()
    shot(page, "app-phone-history")
print("all of it holds")
