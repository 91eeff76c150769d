"""Clients, users, wallets, actions, receipts and the audit log in the console, beside the sample application."""
import sqlite3, time, urllib.request, json
from faces import arguments, browser, call, expect, fits, labelled, page_of, server, shot, sign_in

host, data = arguments


def user(name):
    """A user of the sample who signed in there: calls in their name."""
    with urllib.request.urlopen(urllib.request.Request(f"{host}/sign-in/{name}", method="POST", data=b""), timeout=30) as answer:
        token = json.loads(answer.read())["token"]
    return lambda method, path, body=None: call(method, path, body, token)


def until(what, ask):
    """Waits for a condition, with a deadline."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(.1)
    raise AssertionError(f"never: {what}")


def waiting(person):
    actions = person("GET", "/v1/ai/actions")["actions"]
    return actions and actions[0]["state"] == "awaiting_confirmation" and actions[0]["id"]


ann, bob, cleo = user("ann"), user("bob"), user("cleo")
asked = {}
for name, person in (("ann", ann), ("bob", bob)):
    chat = person("POST", "/v1/ai/chats", {})["id"]
    asked[name] = person("POST", f"/v1/ai/chats/{chat}/turns", {"message": "Book Smith."})["id"]
action = until("ann is asked", lambda: waiting(ann))
until("bob is asked", lambda: waiting(bob))
ann("POST", f"/v1/ai/actions/{action}/confirm")
until("it is done", lambda: ann("GET", f"/v1/ai/actions/{action}")["state"] == "succeeded")

with browser() as context:
    page = page_of(context, allow=("ERR_FAILED", "ERR_INTERNET_DISCONNECTED", "401", "429", "404 (Not Found)"))
    page.goto(server + "/app")
    sign_in(page)
    menu = page.get_by_role("navigation", name="Screens")

    def go(name):
        menu.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    def dialog(button):
        page.get_by_role("dialog").get_by_role("button", name=button).click()

    # Wallets and actions before anything is there say what to do.
    go("Wallets")
    expect(page.get_by_text("No wallet yet")).to_be_visible()
    shot(page, "wallets-empty")

    go("Clients")
    expect(page.get_by_role("link", name="acme")).to_be_visible()
    expect(page.get_by_role("link", name="zeta")).to_be_visible()
    shot(page, "clients")
    page.get_by_role("link", name="acme").click()
    page.get_by_label("Name", exact=True).fill("Acme Workshops")
    page.get_by_label("Plan").fill("pro")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Acme Workshops")).to_be_visible()
    page.get_by_role("button", name="Switch AI off").click()
    # The keyboard stays in the question, and gives up with Escape.
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Switch AI off").click()
    dialog("Switch it off")
    expect(page.get_by_role("button", name="Switch AI on")).to_be_visible()
    shot(page, "client-off")
    try:
        ann("POST", "/v1/ai/chats", {})
        raise AssertionError("AI is off and still answers")
    except urllib.error.HTTPError as refusal:
        assert refusal.code == 403, refusal.code
    page.get_by_role("button", name="Switch AI on").click()
    expect(page.get_by_role("button", name="Switch AI off")).to_be_visible()
    page.get_by_role("button", name="Suspend").first.click()
    dialog("Suspend")
    expect(page.get_by_text("suspended", exact=True)).to_be_visible()
    page.get_by_role("button", name="End the suspension").click()
    expect(page.get_by_text("suspended", exact=True)).to_have_count(0)
    page.get_by_label("AI of north").select_option("off")
    expect(page.locator(".rows").get_by_text("AI off", exact=True).first).to_be_visible()
    page.get_by_label("AI of north").select_option("inherit")
    expect(page.get_by_text("AI on, as the client")).to_be_visible()
    shot(page, "client")

    go("Users")
    page.get_by_label("Find by id or name").fill("AN")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".virtual-row")).to_have_count(1)
    shot(page, "users")
    page.get_by_role("link", name="ann").click()
    expect(page.get_by_text("brand_admin")).to_be_visible()
    page.get_by_label("ai.wallet").check()
    page.get_by_label("Permissions of the application").fill("jobs.pay, jobs.see")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved; it holds")).to_be_visible()
    until("the grants hold", lambda: set(ann("GET", "/v1/ai/session")["user"]["grants"]) >= {"jobs.pay", "jobs.see"})
    shot(page, "user")
    page.get_by_role("button", name="End all sessions").click()
    dialog("End them")
    expect(page.get_by_text("1 session ended")).to_be_visible()
    try:
        ann("GET", "/v1/ai/session")
        raise AssertionError("the session goes on")
    except urllib.error.HTTPError as refusal:
        assert refusal.code == 401, refusal.code
    go("Users")
    page.get_by_role("link", name="Roles").click()
    expect(page.get_by_role("rowheader", name="workshop")).to_be_visible()
    shot(page, "roles")

    go("Wallets")
    page.get_by_text("Open a wallet").click()
    page.get_by_label("Client's id").fill("acme")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="acme")).to_be_visible()
    money = page.get_by_role("form", name="Add money")
    money.get_by_label("Amount").fill("twenty")
    expect(page.get_by_text("Write a number such as")).to_be_visible()
    expect(money.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    money.get_by_label("Amount").fill("25,50")
    money.get_by_label("Note").fill("Invoice 17")
    # The answer to the first attempt is lost: the same key is sent again, and counts once.
    keys = []

    def lose(route):
        keys.append(route.request.post_data_json["key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/topups", lose)
    for attempt in range(2):
        money.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("dialog")).to_contain_text("25.50")
        dialog("Add it")
        if attempt == 0:
            expect(page.get_by_text("Sending it again is safe")).to_be_visible()
    expect(page.get_by_text("25.50 credits added.")).to_be_visible()
    assert len(keys) == 2 and keys[0] == keys[1], keys
    page.unroute("**/topups")
    expect(page.locator(".tile").first).to_contain_text("25.50")
    expect(page.get_by_label("Ledger").get_by_text("Top-up")).to_have_count(1)
    for number, (item, name, cost) in enumerate([("document", "ann", 12_000), ("message", "ann", 3_000), ("message", "cleo", 900)]):
        call("POST", "/v1/ai/usage", {"key": f"u-{number}", "item": item, "client": "acme", "user": name, "cost": cost})
    page.reload()
    chart = page.get_by_role("img", name="Cost by day")
    expect(chart).to_be_visible()
    chart.focus()
    page.keyboard.press("End")
    expect(page.locator(".chart-read").last).to_contain_text("1.59 credits")
    # What was charged is off the balance; the days before the wallet was opened had none.
    balance = page.get_by_role("img", name="Balance at the end of each day, now 23.91 credits")
    expect(balance).to_be_visible()
    balance.focus()
    page.keyboard.press("Home")
    expect(page.locator(".chart-read").first).to_contain_text("0.00 credits")
    page.keyboard.press("End")
    expect(page.locator(".chart-read").first).to_contain_text("23.91 credits")
    expect(page.get_by_role("row", name="ann")).to_contain_text("1.50")
    expect(page.get_by_role("row", name="document")).to_contain_text("1.20")
    page.get_by_role("button", name="Calls").click()
    # Beside those three: ann's turn asked the model three times, and did one action.
    expect(page.get_by_role("img", name="Calls by day: 7 in all")).to_be_visible()
    page.get_by_text("Calls by day as a table").click()
    expect(page.get_by_role("table").first.get_by_role("cell", name="7")).to_be_visible()
    page.get_by_role("button", name="Cost").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Single calls as CSV").click()
    text = open(download.value.path(), newline="").read()
    assert text.count("\r\n") == 8 and "document" in text, text
    page.get_by_label("At most, in credits").fill("5")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("Each user: 5.00 credits a month")).to_be_visible()
    for of, identifier in (("user", "cleo"), ("brand", "north")):
        page.get_by_role("combobox", name="Of", exact=True).select_option(of)
        page.get_by_label(f"{of.capitalize()}'s id", exact=True).fill(identifier)
        page.get_by_label("At most, in credits").fill("2,5")
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.get_by_text(f"{of.capitalize()} {identifier}: 2.50 credits a month")).to_be_visible()
    shot(page, "wallet")
    shot(page, "wallet-whole", whole=True)

    go("Actions")
    expect(page.locator(".virtual-row")).to_have_count(2)
    shot(page, "actions")
    page.get_by_label("State").select_option("awaiting_confirmation")
    expect(page.locator(".virtual-row")).to_have_count(1)
    page.get_by_label("State").select_option("succeeded")
    page.locator(".virtual-row a").first.click()
    expect(page.get_by_role("region", name="Input")).to_contain_text("Smith")
    expect(page.get_by_role("link", name="Open the result")).to_have_attribute("href", __import__("re").compile("/jobs/3$"))
    shot(page, "action")
    page.get_by_role("link", name="What the assistant saw").click()
    expect(page.get_by_role("heading", name=f"Turn {asked['ann']}")).to_be_visible()
    expect(page.get_by_text("Jones").first).to_be_visible()
    expect(page.get_by_text("Miller")).to_have_count(0)
    shot(page, "receipt")
    go("What the AI saw")
    expect(page.locator(".virtual-row")).to_have_count(2)
    shot(page, "receipts")

    go("Accounts")
    expect(page.get_by_text("No provider takes accounts of people")).to_be_visible()
    expect(page.get_by_text("Nobody connected an account yet")).to_be_visible()
    shot(page, "accounts-empty")

    go("Audit log")
    page.get_by_role("combobox", name="What", exact=True).select_option("context.")
    expect(page.locator(".virtual-row")).to_have_count(1)
    expect(page.get_by_text("context.view")).to_be_visible()
    expect(page.get_by_text(f"turn/{asked['ann']}", exact=True)).to_be_visible()
    page.get_by_label("Who").fill("nobody at all")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Show everything").click()
    expect(page.get_by_text("wallet.topup").first).to_be_visible()
    page.get_by_role("button", name="Verify the log now").click()
    expect(page.get_by_text("are as they were written")).to_be_visible()
    shot(page, "audit")
    with page.expect_download() as download:
        page.get_by_role("link", name="Public key").click()
    assert "PUBLIC KEY" in open(download.value.path()).read()
    page.get_by_role("link", name="wallet.topup").first.click()
    expect(page.get_by_role("region", name="Details")).to_be_visible()
    shot(page, "audit-entry")
    # What somebody changes past the server is found.
    with sqlite3.connect(f"{data}/deckhand.sqlite", timeout=30) as database:
        database.execute("drop trigger audit_stays")
        database.execute("update audit set subject = 'another' where id = 3")
    go("Audit log")
    page.get_by_role("button", name="Verify the log now").click()
    expect(page.get_by_text("The log is not as it was written. Row 3")).to_be_visible()
    shot(page, "audit-broken")

    # Without a network each screen says so, and goes on once it is back.
    context.set_offline(True)
    go("Clients")
    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    shot(page, "offline")
    context.set_offline(False)
    # By itself; whoever does not want to wait reads it again.
    expect(page.get_by_role("link", name="zeta")).to_be_visible()

    # Every screen on a phone, in the dark, with names for all that can be pressed.
    paths = ["clients", "clients/https%3A%2F%2Fworkshop.example/acme", "users", "users/roles", "users/https%3A%2F%2Fworkshop.example/ann", "wallets", "wallets/1", "actions",
             f"actions/{action}", "context", f"context/{asked['ann']}", "accounts", "audit", "audit/1"]
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 320, "height": 640})
    for path in paths:
        page.goto(f"{server}/app#/{path}")
        expect(page.get_by_role("heading", level=1).last).to_be_visible()
        expect(page.locator(".spinner")).to_have_count(0)
        fits(page)
        labelled(page)
        shot(page, f"phone-{path.split('/')[0]}{'-one' if '/' in path else ''}")
print("all of it holds")
