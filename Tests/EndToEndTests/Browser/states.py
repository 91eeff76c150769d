"""All screens while the server answers with errors, does not answer, and is away: each says so, and comes back."""
import contextlib, re
from playwright.sync_api import Error as PlaywrightError
from faces import arguments, browser, call, expect, page_of, server, shot, sign_in

screens = arguments[0].split(",")
# What the next requests meet: passed on, "broken", "silent" or "away".
mode = None
held = []
# The sign-in and the live stream are what the frame around the screens needs.
touched = re.compile(r"/v1/(?!signin|events)")


def meet(route):
    if mode == "broken":
        route.fulfill(status=500, content_type="application/problem+json", body='{"title":"Internal","status":500,"code":"internal","detail":"Something broke.","hint":"Try it once more."}')
    elif mode == "silent":
        held.append(route)
    elif mode == "away":
        route.abort("connectionrefused")
    else:
        route.continue_()


def become(next):
    global mode
    mode = next
    while held:
        route = held.pop()
        route.abort("connectionrefused") if next == "away" else route.continue_()


def go(page, path):
    page.evaluate("path => { location.hash = `#/${path}`; }", path)


with browser() as context:
    # Beside what is provoked: routes that are not there without commands, or without accounts of people.
    context.complaints.quiet += ["500", "net::ERR_CONNECTION_REFUSED", "/v1/ai/"]
    if "tickets" in screens:
        call("POST", "/v1/sessions/web-1/tickets", {"command": "echo hello", "wait": 20})
    call("POST", "/v1/chats", {})
    page = page_of(context)
    page.goto(server + "/app")
    sign_in(page)
    main = page.locator("main")
    expect(main.locator("h1").first).to_be_visible()
    context.route(touched, meet)
    trouble, reading = main.get_by_role("alert"), main.locator("[role=status] .spinner, .spinner[role=status]")
    for path in screens:
        # Elsewhere, so that the screen is a fresh one; that needs nothing of the server.
        go(page, "nowhere")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        become("broken")
        go(page, path)
        expect(trouble.first, path).to_contain_text("Something broke. Try it once more.")
        expect(main.locator("h1").first, path).to_be_visible()
        shot(page, "broken-" + path.replace("/", "-"))
        become(None)
        # What is read every few seconds may be back by itself.
        while count := trouble.count():
            with contextlib.suppress(PlaywrightError):
                trouble.first.get_by_role("button", name="Try again").click(timeout=3_000)
            expect(trouble.nth(count - 1), path).to_have_count(0)
        expect(trouble, path).to_have_count(0)
        go(page, "nowhere")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        become("silent")
        go(page, path)
        expect(reading.first, path).to_be_visible()
        shot(page, "silent-" + path.replace("/", "-"))
        become("away")
        expect(trouble.first, path).to_contain_text("The server cannot be reached.")
        become(None)
        # Nobody has to do anything.
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(trouble, path).to_have_count(0)
        expect(reading, path).to_have_count(0)
    page.close()
    # What lives from the stream, from its start: it says that the server is away, claims nothing, and comes back by itself.
    context.route(re.compile("/v1/events"), meet)
    for path, shown in (("chats", "What shall we look at?"), ("approvals", "Nothing waits for you"), ("tickets/web-1/1", "hello")):
        if path.split("/")[0] not in screens + ["chats", "approvals"]:
            continue
        become("away")
        page = page_of(context)
        page.goto(f"{server}/app#/{path}")
        main = page.locator("main")
        expect(main.locator("[role=alert], .bar, .connection").first, path).to_be_visible()
        expect(main.get_by_text(shown), path).to_have_count(1 if path == "chats" else 0)
        shot(page, "away-" + path.replace("/", "-"))
        become(None)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(main.get_by_text(shown).first, path).to_be_visible()
        expect(main.locator("[role=alert], .bar"), path).to_have_count(0)
        page.close()
    # All of the program from its start: the frame says what is wrong, and begins once the server is back.
    fresh = page_of(context)
    mode = "away"
    context.route(re.compile("/v1/signin"), meet)
    fresh.goto(server + "/app")
    expect(fresh.get_by_role("heading", name="The server cannot be reached")).to_be_visible()
    shot(fresh, "away")
    become(None)
    fresh.get_by_role("button", name="Try again").click()
    expect(fresh.locator("main h1").first).to_be_visible()
    fresh.close()
print("all of it holds")
