"""One's own accounts at providers: login with a code, another account, model, a key, disconnect; and everybody's states."""
import pathlib
from access import accessible
from faces import arguments, browser, expect, fits, labelled, page_of, server, shot, sign_in

(signal,) = arguments

with browser() as context:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    # A text that is no key is refused.
    page = page_of(context, allow=("422",))
    page.goto(server + "/app")
    sign_in(page)
    page.get_by_role("link", name="Accounts", exact=True).click()
    codex = page.get_by_role("region", name="codex")
    expect(codex.get_by_text("not connected")).to_be_visible()
    shot(page, "accounts")

    # The code is shown once: after a reload the open login can be given up only.
    codex.get_by_role("button", name="Connect").click()
    login = page.get_by_role("region", name="Login")
    expect(login.get_by_text("CODE-1", exact=True)).to_be_visible()
    expect(login.get_by_role("timer")).to_contain_text("left")
    login.get_by_role("button", name="Copy the code").click()
    expect(login.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "CODE-1"
    accessible(page, "login")
    shot(page, "accounts-login")
    page.reload()
    expect(login.get_by_text("shown where it was begun")).to_be_visible()
    expect(page.get_by_text("CODE-1")).to_have_count(0)
    expect(codex.get_by_role("button", name="Connect")).to_be_disabled()
    login.get_by_role("button", name="Give it up").click()
    expect(login.get_by_text("The login was given up.")).to_be_visible()
    login.get_by_role("button", name="Go on").click()

    codex.get_by_role("button", name="Connect").click()
    expect(login.get_by_text("CODE-2", exact=True)).to_be_visible()
    # Somebody enters the code there.
    pathlib.Path(signal).touch()
    expect(login.get_by_text("The account is connected.")).to_be_visible()
    login.get_by_role("button", name="Go on").click()
    expect(codex.get_by_text("connected", exact=True)).to_be_visible()
    expect(codex.get_by_text("answers you")).to_be_visible()
    codex.get_by_label("Model").select_option("gpt-5.5")
    expect(page.get_by_text("gpt-5.5 answers you")).to_be_visible()
    codex.get_by_role("button", name="Use another account").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect and go on").click()
    expect(login.get_by_text("The account is connected.")).to_be_visible()
    login.get_by_role("button", name="Go on").click()

    # A key is taken in one direction only.
    own = page.get_by_role("region", name="own")
    own.get_by_label("A key of your own").fill("x")
    own.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not a key.")
    own.get_by_label("A key of your own").fill("sk-0123456789abcdef")
    own.get_by_role("button", name="Keep it").click()
    expect(own.get_by_text("connected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Read again").click()
    everybody = page.get_by_role("region", name="Everybody's accounts")
    expect(everybody.get_by_text("own key")).to_be_visible()
    expect(everybody.get_by_role("listitem")).to_have_count(2)
    assert "sk-0123" not in page.content()
    shot(page, "accounts-connected")
    codex.get_by_role("button", name="Disconnect", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(codex.get_by_text("not connected")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 320, "height": 640})
    expect(codex.get_by_text("not connected")).to_be_visible()
    fits(page)
    labelled(page)
    shot(page, "phone-accounts-one")
print("all of it holds")
