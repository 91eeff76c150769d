"""The widget in a page of another origin whose styles are hostile: sign-in, streaming, reload, keyboard only, a small phone."""
import sys
from faces import ask, browser, expect, fingers, foreign_page, page_of, server, shot, sign_in

# What a page can say of the element loses; what it says of the element's parents, or lays over it, no element can help.
HOSTILE = """* { color: red !important; font-family: cursive !important; direction: rtl !important; text-transform: uppercase !important }
html { font-size: 5px } button, textarea { display: none !important }
deckhand-assistant { all: unset !important; display: none !important; visibility: hidden !important; opacity: 0 !important; position: static !important;
direction: rtl !important; font-size: 3px !important; pointer-events: none !important; transform: scale(0) !important; filter: blur(9px) !important; width: 0 !important;
z-index: -1 !important; clip-path: inset(50%) !important; animation: none !important; --paper: red !important; --ink: red !important; --target: 1px !important }"""
home = foreign_page(sys.argv[4], HOSTILE)

with browser() as context:
    context.complaints.home = home
    requests = []
    page = page_of(context)
    page.on("request", lambda request: requests.append(request.url))
    page.goto(home)
    button = page.get_by_role("button", name="Open the assistant")
    expect(button).to_be_visible()
    # Before it is opened nothing but the launcher is loaded.
    assert [url for url in requests if url != home] == [server + "/widget.js"], requests
    assert page.get_by_role("heading", name="A panel").evaluate("element => getComputedStyle(element).color") == "rgb(255, 0, 0)"
    # By keyboard alone.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    shot(page, "widget-signin")
    sign_in(page)
    box = page.get_by_label("Message to the assistant")
    expect(box).to_be_visible()
    look = box.evaluate("element => { const { color, direction, fontSize, textTransform } = getComputedStyle(element); return [color, direction, fontSize, textTransform]; }")
    assert look == ["rgb(26, 38, 48)", "ltr", "16px", "none"], look
    host = page.locator("deckhand-assistant").evaluate("element => { const style = getComputedStyle(element); return [style.position, style.opacity, style.visibility, style.pointerEvents, style.transform, style.filter, style.zIndex, style.clipPath]; }")
    assert host == ["fixed", "1", "visible", "auto", "none", "none", "2147483000", "none"], host
    assert page.locator("deckhand-assistant .frame").evaluate("element => getComputedStyle(element).backgroundColor") == "rgb(251, 250, 247)"
    frame = page.locator("deckhand-assistant .frame").bounding_box()
    assert frame["width"] == 440 and frame["x"] + frame["width"] == 1260, frame
    shot(page, "widget-empty")
    page.get_by_role("button", name="Chats", exact=True).click()
    expect(page.get_by_role("button", name="Notify me when a command waits")).to_be_visible()
    shot(page, "widget-history")
    # Colours by choice, which the page's storage keeps.
    page.get_by_label("Colours").select_option("Dark")
    dark = "document.querySelector('deckhand-assistant').dataset.theme"
    assert page.evaluate(dark) == "dark"
    shot(page, "widget-dark")
    page.reload()
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    assert page.evaluate(dark) == "dark"
    page.get_by_role("button", name="Chats", exact=True).click()
    page.get_by_label("Colours").select_option("As the system")
    assert page.evaluate(dark) is None
    page.get_by_role("button", name="Back to the chat").click()
    # Moved in the page, it has one drawing still.
    page.evaluate("document.body.prepend(document.querySelector('deckhand-assistant'))")
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    expect(page.locator("deckhand-assistant .launch svg")).to_have_count(1)
    # Escape that ends the choice of a word closes nothing.
    page.get_by_label("Message to the assistant").evaluate("element => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true, composed: true }))")
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    ask(page, "How full are the disks?")
    expect(page.get_by_label("Your decision is needed")).to_be_visible()
    shot(page, "widget-approval")
    page.reload()
    deny = page.get_by_label("Your decision is needed").get_by_role("button", name="Deny")
    expect(deny).to_be_visible()
    deny.click()
    page.get_by_label("What the assistant should know").fill("not today")
    page.get_by_label("Your decision is needed").get_by_role("button", name="Deny").click()
    expect(page.get_by_text("Anything else?")).to_be_visible()
    expect(page.get_by_text("Denied")).to_be_visible()
    shot(page, "widget-denied")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the assistant")).to_be_focused()

with browser(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark") as context:
    context.complaints.home = home
    page = page_of(context)
    page.goto(home)
    page.get_by_role("button", name="Open the assistant").tap()
    sign_in(page)
    expect(page.get_by_label("Message to the assistant")).to_be_visible()
    shot(page, "widget-phone")
    # Nothing stands out to the side, and a finger hits every control.
    frame = page.locator("deckhand-assistant .frame")
    assert frame.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
    fingers(page)
    ask(page, "How full are the disks?")
    decision = page.get_by_label("Your decision is needed")
    expect(decision).to_be_visible()
    fingers(page)
    decision.get_by_role("button", name="Deny").tap()
    fingers(page)
    decision.get_by_role("button", name="Deny").tap()
    expect(page.get_by_text("Anything else?")).to_be_visible()
    fingers(page)
    page.get_by_role("button", name="Share this chat").tap()
    page.get_by_role("button", name="Make a link").tap()
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    fingers(page)
    shot(page, "widget-phone-share")
    page.get_by_role("button", name="Close", exact=True).tap()
    page.get_by_role("button", name="Chats", exact=True).tap()
    expect(page.get_by_role("searchbox")).to_be_visible()
    fingers(page)
    shot(page, "widget-phone-history")
print("all of it holds")
