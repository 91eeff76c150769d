"""A user of the sample application connects an account of the real Codex CLI, chooses its model, switches and disconnects."""
import pathlib
from faces import arguments, browser, expect, page_of, shot

host, signal = arguments

with browser() as context:
    context.complaints.home = host
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host)
    # Nobody pays for her client: that there is no wallet is what she is told.
    page = page_of(context, allow=("/v1/ai/wallet",))
    page.goto(host + "/")
    page.get_by_role("button", name="ann of").click()
    page.get_by_role("button", name="Open the assistant").click()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    page.get_by_role("button", name="Account").click()
    codex = page.get_by_role("group", name="Codex")
    expect(codex.get_by_text("Not connected")).to_be_visible()
    shot(page, "app-account-none")

    codex.get_by_role("button", name="Connect Codex").click()
    login = page.get_by_role("region", name="Connect Codex")
    expect(login.get_by_text("CODE-1", exact=True)).to_be_visible()
    expect(login.get_by_role("timer")).to_contain_text("Waiting for you")
    login.get_by_role("button", name="Copy the code").click()
    expect(login.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "CODE-1"
    shot(page, "app-account-login")
    # The code is shown once: whoever leaves can give the login up only.
    page.reload()
    page.get_by_role("button", name="Account").click()
    expect(login.get_by_text("shown where it was begun")).to_be_visible()
    expect(page.get_by_text("CODE-1")).to_have_count(0)
    login.get_by_role("button", name="Give it up").click()
    expect(login).to_have_attribute("data-state", "cancelled")
    login.get_by_role("button", name="Back").click()

    codex.get_by_role("button", name="Connect Codex").click()
    expect(login.get_by_text("CODE-2", exact=True)).to_be_visible()
    # Somebody enters the code there.
    pathlib.Path(signal).touch()
    expect(login).to_have_attribute("data-state", "connected")
    shot(page, "app-account-connected")
    login.get_by_role("button", name="Go on").click()
    expect(codex.get_by_text("Connected", exact=True)).to_be_visible()
    codex.get_by_label("Usual model").select_option("gpt-5.5")
    shot(page, "app-account-model")

    # It answers through this account.
    page.get_by_role("button", name="Back to the chat").click()
    box = page.get_by_label("Message to the assistant")
    box.fill('call action_create_job {"customer":"Smith","work":"oil","day":"2026-04-01"}')
    box.press("Enter")
    card = page.get_by_role("article", name="Action: Create a service job")
    card.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Seen: It was done.")).to_be_visible()
    expect(card.get_by_text("Done", exact=True)).to_be_visible()
    shot(page, "app-codex-action")

    page.get_by_role("button", name="Account").click()
    codex.get_by_role("button", name="Switch to another").click()
    expect(login).to_have_attribute("data-state", "connected")
    login.get_by_role("button", name="Go on").click()
    codex.get_by_role("button", name="Disconnect").click()
    expect(codex.get_by_text("Not connected")).to_be_visible()
print("all of it holds")
