"""A whole task by keyboard alone: open, sign in, ask by a prompt of the configuration, approve, copy, share, close; and what is said aloud."""
import sys
from faces import browser, expect, foreign_page, name, page_of, passphrase, shot

home = foreign_page(sys.argv[4])


def focused(page):
    """Name and kind of what the keyboard is at."""
    return page.evaluate("""() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at ? (at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent || '').trim() : '';
    }""")


def tab_to(page, label, key="Tab"):
    """Goes on until the keyboard is at something of this name."""
    for _ in range(60):
        if focused(page).startswith(label):
            return
        page.keyboard.press(key)
    raise AssertionError((label, focused(page)))


with browser() as context:
    context.complaints.home = home
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=home)
    page = page_of(context)
    page.goto(home)
    expect(page.get_by_role("button", name="Open the assistant")).to_be_visible()
    tab_to(page, "Open the assistant")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(passphrase)
    page.keyboard.press("Enter")
    box = page.get_by_label("Message to the assistant")
    expect(box).to_be_focused()
    # The configuration's question in the place of the usual ones.
    expect(page.get_by_role("button", name="The disks")).to_be_visible()
    expect(page.get_by_role("button", name="Disk usage")).to_have_count(0)
    tab_to(page, "The disks", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(box).to_have_value("How full are they?")
    tab_to(page, "Message to the assistant")
    page.keyboard.press("Enter")

    # What waits is said aloud, and the keyboard stays where it is until one goes there.
    decision = page.get_by_label("Your decision is needed")
    expect(decision).to_be_visible()
    expect(page.locator("deckhand-assistant [aria-live=assertive]")).to_contain_text("Your decision is needed: sh -c")
    expect(box).to_be_focused()
    tab_to(page, "Deny", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What the assistant should know")).to_be_focused()
    # Escape takes back the word that was not said, and closes nothing.
    page.keyboard.press("Escape")
    expect(decision.get_by_role("button", name="Deny")).to_be_focused()
    shot(page, "keyboard-decision")
    tab_to(page, "Approve", "Shift+Tab")
    assert focused(page) == "Approve"
    page.keyboard.press("Enter")
    expect(decision).to_have_count(0)
    expect(box).to_be_focused()
    expect(page.locator("deckhand-assistant [aria-live=assertive]")).to_have_text("")
    expect(page.get_by_text("Anything else?")).to_be_visible()
    expect(page.get_by_role("status").get_by_text("The assistant is done.")).to_be_attached()

    # The output unfolds, the answer is copied.
    tab_to(page, "Show all 31 lines", "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("line 29")).to_be_visible()
    tab_to(page, "Copy the answer")
    page.keyboard.press("Enter")
    assert "Anything else?" in page.evaluate("navigator.clipboard.readText()")

    # Decided by somebody else while the keyboard is in the question: it goes on where one writes.
    tab_to(page, "Message to the assistant")
    page.keyboard.type("And now?")
    page.keyboard.press("Enter")
    expect(decision).to_be_visible()
    tab_to(page, "Approve", "Shift+Tab")
    with page.expect_popup() as opened:
        page.evaluate("void window.open(location.href)")
    other = opened.value
    context.complaints.watch(other)
    other.get_by_label("Your decision is needed").get_by_role("button", name="Approve", exact=True).click()
    expect(decision).to_have_count(0)
    expect(box).to_be_focused()
    other.close()

    # A link is made and taken back; the dialog keeps the keyboard, and gives it back.
    expect(page.get_by_text("Anything else?")).to_have_count(2)
    tab_to(page, "Share this chat", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Share this chat")).to_be_visible()
    tab_to(page, "Make a link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    tab_to(page, "Take back")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Share this chat")).to_have_count(0)
    assert focused(page) == "Share this chat", focused(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the assistant")).to_be_focused()
print("all of it holds")
