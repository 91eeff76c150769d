"""A user of the sample application with an account of the real Codex CLI: each end of a login, models, switching, disconnecting."""
import json, pathlib, re, time
from app_access import accessible
from faces import arguments, browser, expect, page_of, server, shot

host, signal = arguments


def service(state):
    """What the provider's stand-in does about logins from now on."""
    pathlib.Path(signal).write_text(state)
    end = time.monotonic() + 60
    while not pathlib.Path(f"{signal}.{state}").exists():
        assert time.monotonic() < end, state
        time.sleep(0.02)
    pathlib.Path(f"{signal}.{state}").unlink()


with browser() as context:
    context.complaints.home = host
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host)
    page = page_of(context)
    asked = []
    page.on("request", lambda request: asked.append(request.url[len(server):].split("?")[0]) if request.url.startswith(server) else None)
    page.goto(host + "/")
    page.get_by_role("button", name="ann of").click()
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    # Nobody paid, and nothing is connected: what is not there is not asked for.
    assert "/v1/ai/wallet" not in asked and "/v1/ai/models" not in asked, asked
    expect(page.get_by_role("combobox", name="Model")).to_have_count(0)
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_text("Nobody has added credits for acme yet.")).to_be_visible()
    codex = page.get_by_role("group", name="Codex", exact=True)
    expect(codex.get_by_text("Not connected")).to_be_visible()
    shot(page, "app-account-none")

    # By keyboard: the code, with how long it holds, and the focus where one goes on.
    expect(codex.get_by_role("button", name="Connect Codex")).to_be_enabled()
    codex.get_by_role("button", name="Connect Codex").press("Enter")
    login = page.get_by_role("region", name="Connect Codex")
    expect(login.get_by_text("CODE-1", exact=True)).to_be_visible()
    expect(login.get_by_role("link")).to_be_focused()
    timer = login.get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"^Waiting for you: 14:\d\d left$"))
    earlier = timer.inner_text()
    expect(timer).not_to_have_text(earlier)
    login.get_by_role("button", name="Copy the code").press("Enter")
    expect(login.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "CODE-1"
    shot(page, "app-account-login")
    accessible(page, "login")
    # The code is shown once: whoever comes back gets a new one.
    page.reload()
    page.get_by_role("button", name="Account").click()
    expect(login.get_by_text("shown where it was begun")).to_be_visible()
    expect(page.get_by_text("CODE-1")).to_have_count(0)
    login.get_by_role("button", name="Get a new code").click()
    expect(login.get_by_text("CODE-2", exact=True)).to_be_visible()

    # Given up: what that means, and the way to begin again.
    login.get_by_role("button", name="Give it up").press("Enter")
    expect(login).to_have_attribute("data-state", "cancelled")
    expect(login.get_by_text("You gave it up. No account is connected.").last).to_be_visible()
    expect(login.get_by_role("button", name="Begin again")).to_be_focused()
    shot(page, "app-account-cancelled")
    accessible(page, "cancelled")
    page.keyboard.press("Enter")
    expect(login.get_by_text("CODE-3", exact=True)).to_be_visible()
    # Refused there.
    service("denied")
    expect(login).to_have_attribute("data-state", "failed")
    expect(login.get_by_text("say yes on the provider").last).to_be_visible()
    shot(page, "app-account-failed")
    accessible(page, "failed")
    service("waiting")
    login.get_by_role("button", name="Try again").press("Enter")
    expect(login.get_by_text("CODE-4", exact=True)).to_be_visible()

    # Nobody used the code in time, which would take a quarter of an hour.
    def expire(route):
        given = {**route.fetch(method="DELETE").json(), "state": "expired"}
        route.fulfill(body=json.dumps(given), content_type="application/json", headers={"Access-Control-Allow-Origin": host})

    page.route(server + "/v1/ai/account/login/*", expire, times=1)
    expect(login).to_have_attribute("data-state", "expired")
    shot(page, "app-account-expired")
    accessible(page, "expired")
    login.get_by_role("button", name="Not now").click()
    expect(codex.get_by_text("Not connected")).to_be_visible()
    codex.get_by_role("button", name="Connect Codex").click()
    expect(login.get_by_text("CODE-5", exact=True)).to_be_visible()
    # Somebody enters the code there.
    service("confirmed")
    expect(login).to_have_attribute("data-state", "connected")
    expect(codex.get_by_text("Connected", exact=True)).to_be_visible()
    shot(page, "app-account-connected")
    login.get_by_role("button", name="Go on").click()
    codex.get_by_label("Usual model").select_option("gpt-5.5")
    shot(page, "app-account-model")
    accessible(page, "model")

    # It answers through this account, with the usual model.
    page.get_by_role("button", name="Back to the chat").click()
    picker = page.get_by_role("combobox", name="Model")
    expect(picker.locator("option").first).to_have_text(re.compile(r"^gpt-5\.5 \(usual\)$", re.IGNORECASE))
    box = page.get_by_label("Message to the assistant")
    box.fill('call action_create_job {"customer":"Smith","work":"oil","day":"2026-04-01"}')
    box.press("Enter")
    card = page.get_by_role("article", name="Action: Create a service job")
    card.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("Seen: It was done.")).to_be_visible()
    expect(card.get_by_text("Done", exact=True)).to_be_visible()
    expect(page.get_by_title("by codex/gpt-5.5")).to_have_count(1)
    shot(page, "app-codex-action")
    # Another one for this chat, which stays with it: in a new chat it is the usual one again.
    other = picker.locator("option").evaluate_all("(all) => all.map((one) => one.value).find((id) => id !== '' && id !== 'codex/gpt-5.5')")
    assert other.startswith("codex/"), other
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as changed:
        picker.select_option(other)
    assert changed.value.json()["model"] == other
    box.fill("And now?")
    box.press("Enter")
    expect(page.get_by_text("You said: And now?")).to_be_visible()
    expect(page.get_by_title(f"by {other}")).to_have_count(1)
    page.get_by_role("button", name="New chat").click()
    expect(picker).to_have_value("")
    page.get_by_role("button", name="Chats", exact=True).click()
    page.locator(".history-open").first.click()
    expect(picker).to_have_value(other)
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as changed:
        picker.select_option("")
    assert changed.value.json()["model"] is None

    # Another account: what that does is said first, and Escape leaves things as they are.
    page.get_by_role("button", name="Account").click()
    expect(codex.get_by_role("button", name="Use another account")).to_be_enabled()
    codex.get_by_role("button", name="Use another account").press("Enter")
    question = codex.get_by_role("group", name="Use another account at Codex?")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    shot(page, "app-account-switch")
    accessible(page, "switch")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(codex.get_by_role("button", name="Use another account")).to_be_focused()
    service("waiting")
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Use another account").click()
    expect(login.get_by_text(re.compile("^CODE-6$"))).to_be_visible()
    # The one before is not connected any more, and its models are not offered.
    expect(codex.get_by_text("Being connected")).to_be_visible()
    service("confirmed")
    expect(login).to_have_attribute("data-state", "connected")
    login.get_by_role("button", name="Go on").click()
    codex.get_by_role("button", name="Disconnect").click()
    codex.get_by_role("button", name="Keep it").click()
    expect(codex.get_by_text("Connected", exact=True)).to_be_visible()
    codex.get_by_role("button", name="Disconnect").click()
    codex.get_by_role("group", name="Disconnect Codex?").get_by_role("button", name="Disconnect").click()
    expect(codex.get_by_text("Not connected")).to_be_visible()
    page.get_by_role("button", name="Back to the chat").click()
    expect(picker).to_have_count(0)

# A phone, in the dark.
with browser(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark", reduced_motion="reduce") as context:
    context.complaints.home = host
    page = page_of(context)
    service("waiting")
    page.goto(host + "/")
    page.get_by_role("button", name="ann of").click()
    page.get_by_role("button", name="Open the assistant").tap()
    page.get_by_role("button", name="Account").tap()
    page.get_by_role("button", name="Connect Codex").tap()
    expect(page.get_by_text(re.compile("^CODE-7$"))).to_be_visible()
    shot(page, "app-phone-login")
    accessible(page, "login on a phone")
    page.get_by_role("button", name="Give it up").tap()
    # The answer to a login that is not allowed is a refusal, which the browser notes.
    context.complaints.quiet.append("/v1/ai/account/login")
    service("disabled")
    page.get_by_role("button", name="Begin again").tap()
    expect(page.get_by_role("alert").get_by_text("does not allow logins by code")).to_be_visible()
    shot(page, "app-phone-login-disabled")
print("all of it holds")
