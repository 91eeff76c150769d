"""First steps, rules, operators, tokens, settings, overview: what an administrator does, and what others see of it."""
import os
from faces import browser, call, expect, name, page_of, passphrase, server, shot, sign_in

# What the model wants to make, and a person allows.
note = "/var/log/deckhand-console-note"


def go(page, path):
    page.goto(f"{server}/app#/{path}")


def fill_rule(page, program, example):
    page.get_by_role("radio", name="Deny").check()
    page.get_by_label("Programs, without directories").fill(program)
    page.get_by_label("Why: one sentence").fill("Not by day.")
    page.get_by_label("Commands that it must fit").fill(example)


def steps(context):
    """A new server leads to a passphrase of one's own and the first answer."""
    # A wrong passphrase and a wrong example are tried.
    page = page_of(context, ["/v1/signin/passphrase", "/v1/admin/policy/replay"])
    page.goto(server + "/app")
    sign_in(page)
    guide = page.get_by_role("region", name="First steps")
    expect(guide.get_by_role("heading", name="A passphrase of your own")).to_be_visible()
    shot(page, "first-run")
    guide.get_by_label("Present passphrase").fill("something else")
    guide.get_by_label("New passphrase").fill("four new quiet words")
    guide.get_by_role("button", name="Set it").click()
    expect(guide.get_by_role("alert")).to_contain_text("another one")
    guide.get_by_label("Present passphrase").fill(passphrase)
    guide.get_by_role("button", name="Set it").click()
    # The step is done, and the person is still signed in.
    expect(guide.get_by_label("Your question")).to_be_visible()
    shot(page, "first-question")
    guide.get_by_label("Your question").fill("How is it?")
    guide.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("I shall note it.")).to_be_visible()
    # An approval with "always" leaves a proposal, which decides nothing before it is accepted.
    page.get_by_role("button", name="Approve, and propose always").click()
    expect(page.get_by_text("It is noted.")).to_be_visible()
    go(page, "")
    expect(page.get_by_role("heading", name="Latest commands")).to_be_visible()
    expect(guide).to_have_count(0)
    expect(page.locator(".meters")).to_contain_text("Disk")
    shot(page, "overview-admin")
    return page


def rules(page, token):
    page.get_by_role("link", name="Rules", exact=True).click()
    listed = page.get_by_role("region", name="rules")
    expect(listed.locator(".virtual-row").first).to_be_visible()
    page.get_by_role("button", name="deny").click()
    shot(page, "rules")
    # By keyboard from row to row.
    listed.locator(".virtual-row a").first.focus()
    page.keyboard.press("ArrowDown")
    expect(listed.locator("[data-index='1'] a")).to_be_focused()
    page.keyboard.press("End")
    expect(listed.locator(".virtual-row a").last).to_be_focused()
    page.get_by_placeholder("Find a rule").fill("nothing like this")
    expect(page.get_by_text("No rule has this.")).to_be_visible()

    page.get_by_role("link", name="Try a command").click()
    page.get_by_label("Command to try").fill("zap all")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".verdict")).to_contain_text("A person is asked first.")
    shot(page, "rules-try")

    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name: small letters").fill("no-zap")
    fill_rule(page, "zap", "zip all")
    page.get_by_role("button", name="Compare with what was run").click()
    expect(page.get_by_role("alert")).to_contain_text("zip all")
    page.get_by_label("Commands that it must fit").fill("zap all")
    page.get_by_role("button", name="Compare with what was run").click()
    expect(page.get_by_role("region", name="Comparison")).to_contain_text("recorded")
    page.get_by_label("Command to try").fill("zap all")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".verdict")).to_contain_text("It is refused.")
    shot(page, "rule-new")
    page.get_by_role("button", name="Save and put into force").click()
    expect(page.get_by_role("heading", name="no-zap")).to_be_visible()
    ticket = call("POST", "/v1/sessions/rules/tickets", {"command": "zap all", "wait": 20}, token)
    assert ticket["state"] == "denied", ticket
    # Changed in its place, after a comparison that shows what that does.
    page.get_by_label("Programs, without directories").fill("zoop")
    page.get_by_label("Commands that it must fit").fill("zoop all")
    page.get_by_role("button", name="Compare with what was run").click()
    comparison = page.get_by_role("region", name="Comparison")
    expect(comparison).to_contain_text("would be decided otherwise")
    expect(comparison).to_contain_text("zap all")
    shot(page, "rule-compared")
    page.get_by_role("button", name="Save and put into force").click()
    # The saved rule is drawn anew, without the comparison.
    expect(comparison).to_have_count(0)
    expect(page.get_by_label("Programs, without directories")).to_have_value("zoop")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("group", name="Remove this rule?").get_by_role("button", name="Remove").click()
    expect(page.get_by_placeholder("Find a rule")).to_be_visible()
    page.get_by_role("button", name="Own rules").click()
    expect(page.get_by_text("There are no rules of your own yet.")).to_be_visible()
    page.get_by_role("button", name="Read the file again").click()
    expect(page.get_by_text("The file was read again")).to_be_visible()

    page.get_by_role("link", name="Proposals").click()
    expect(page.locator(".card pre").first).to_have_text(f"touch {note}")
    shot(page, "proposals")
    page.get_by_role("button", name="Put into force").click()
    expect(page.get_by_role("heading", name="approved-")).to_be_visible()
    expect(page.get_by_label("Arguments, one to a line")).to_have_value(note)


def operators(page, context):
    page.get_by_role("link", name="Operators").click()
    expect(page.get_by_text(f"{name} (you)")).to_be_visible()
    page.get_by_role("link", name="New operator").click()
    page.get_by_label("Name").fill("ben")
    page.get_by_role("button", name="Talk and look").click()
    shot(page, "operator-new")
    page.get_by_role("button", name="Make the operator").click()
    made = page.get_by_role("region", name="ben can sign in")
    text = made.locator("code").inner_text()
    shot(page, "operator-made")
    made.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("heading", name="ben", exact=True)).to_be_visible()

    # Ben sees what he may, and no more.
    theirs = context.browser.new_context()
    theirs.set_default_timeout(30_000)
    ben = page_of_other(context, theirs)
    ben.goto(server + "/app")
    ben.get_by_label("Name").fill("ben")
    ben.get_by_label("Passphrase").fill(text)
    ben.get_by_role("button", name="Sign in").click()
    expect(ben.get_by_role("link", name="Tickets")).to_be_visible()
    for hidden in ("Rules", "Operators", "Approvals"):
        expect(ben.get_by_role("link", name=hidden, exact=True)).to_have_count(0)
    ben.goto(server + "/app#/operators")
    expect(ben.get_by_role("heading", name="There is nothing here")).to_be_visible()
    ben.goto(server + "/app#/tokens")
    expect(ben.get_by_text("A browser (this one)")).to_be_visible()

    page.reload()
    expect(page.get_by_text("A browser", exact=True)).to_be_visible()
    page.get_by_label("decide what commands wait for").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. It holds from the next request on.")).to_be_visible()
    shot(page, "operator")
    page.get_by_role("button", name="Shut out").click()
    page.get_by_role("group", name="Shut ben out at once?").get_by_role("button", name="Shut out").click()
    expect(page.get_by_role("button", name="Let in again")).to_be_visible()
    # What he does next, and what he follows, is over.
    ben.goto(server + "/app#/settings")
    ben.goto(server + "/app#/tokens")
    expect(ben.get_by_role("heading", name="Sign in")).to_be_visible()
    theirs.close()


def page_of_other(context, other):
    page = other.new_page()
    # Being shut out is what is tried.
    context.complaints.watch(page, ("401 (Unauthorized)",))
    return page


def tokens(page):
    page.get_by_role("link", name="Access").click()
    expect(page.get_by_text("No token was made yet")).to_be_visible()
    shot(page, "tokens-empty")
    page.get_by_role("link", name="New token").first.click()
    page.get_by_label("Name of the program").fill("deploy")
    page.get_by_role("button", name="Make the token").click()
    made = page.get_by_role("region", name="The token deploy")
    token = made.locator("code").first.inner_text()
    shot(page, "token-made")
    assert call("GET", "/v1/tickets", token=token)["open_count"] == 0
    made.get_by_role("button", name="I have it").click()
    row = page.locator(".virtual-row").first
    expect(row).to_contain_text("deploy")
    assert token not in page.content()
    row.get_by_role("button", name="Revoke").click()
    row.get_by_role("group", name="Revoke deploy?").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked")
    shot(page, "tokens")


def settings(page, context):
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("link", name="The server's").click()
    expect(page.get_by_text("DECKHAND_MAX_RUNNING", exact=True)).to_be_visible()
    page.get_by_label("Only what is not the default").check()
    expect(page.get_by_text("DECKHAND_MAX_RUNNING", exact=True)).to_have_count(0)
    expect(page.get_by_text("PORT", exact=True)).to_be_visible()
    shot(page, "settings-server")
    page.get_by_label("Only what is not the default").uncheck()
    page.get_by_placeholder("Find an option").fill("no such option")
    expect(page.get_by_text("No option has this.")).to_be_visible()
    # Without a connection it says so, and goes on by itself.
    context.set_offline(True)
    page.get_by_role("link", name="Operators").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    shot(page, "offline")
    context.set_offline(False)
    expect(page.get_by_text(f"{name} (you)")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def phone(context):
    """320 pixels, dark: nothing stands out to the side, and a finger hits every control."""
    page = page_of(context)
    page.goto(server + "/app")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Passphrase").fill("four new quiet words")
    page.get_by_role("button", name="Sign in").click()
    for path, heading in (
        ("", "Overview"), ("policy", "Rules for commands"), ("policy/new", "New rule"), ("policy/try", "Rules for commands"),
        ("operators", "Operators"), ("operators/new", "New operator"), (f"operators/one/{name}", name), ("tokens", "Tokens and sign-ins"),
        ("tokens/new", "Tokens and sign-ins"), ("settings", "Settings"), ("settings/server", "Settings"), ("tickets", "Tickets"), ("approvals", "Approvals"),
    ):
        go(page, path)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page.locator("main .empty .spinner")).to_have_count(0)
        shot(page, f"phone-{path.replace('/', '-') or 'overview'}")
        found = page.evaluate("""() => {
            const main = document.getElementById('main');
            const small = [...document.querySelectorAll('button, select, input:not([type=checkbox]):not([type=radio]):not(.hidden), a.button')].filter(element => {
                const box = element.getBoundingClientRect();
                return box.width > 0 && (box.height < 44 || box.width < 40);
            }).map(element => element.outerHTML.slice(0, 120));
            return { over: main.scrollWidth - main.clientWidth, small };
        }""")
        assert found["over"] <= 1 and not found["small"], (path, found)


with browser() as context:
    page = steps(context)
    token = call("POST", "/v1/signin", {"username": name, "passphrase": "four new quiet words", "kind": "client"}, "")["token"]
    rules(page, token)
    operators(page, context)
    tokens(page)
    context.complaints.quiet.append("ERR_INTERNET_DISCONNECTED")
    settings(page, context)
with browser(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark") as context:
    phone(context)
os.remove(note)
print("all of it holds")
