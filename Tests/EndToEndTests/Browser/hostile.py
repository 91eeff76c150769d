"""A hundred hostile texts of a model and hostile outputs of commands: no script runs, nothing leaves the origin."""
import json, pathlib
from faces import arguments, ask, browser, call, expect, foreign_page, page_of, server, shot, sign_in

attempts = json.loads((pathlib.Path(__file__).parent / "hostile.json").read_text())
assert len(attempts) == 100
outputs = [
    r"printf '\033]0;title\007seen-1\n'", r"printf '\033]8;;javascript:window.pwned=1\033\\seen-2\033]8;;\033\\\n'",
    r"printf '\033[2J\033[1;1Hseen-3\n'", r"printf '<script>window.pwned=1</script>seen-4\n'",
    r"printf '<img src=x onerror=window.pwned=1>seen-5\n'", r"printf '\033[9999999999mseen-6\n'",
    r"printf '\033Pq#0;2;0;0;0#0~~\033\\seen-7\n'", r"printf '\033[6n\033[c\033]52;c;cm0gLXJm\007seen-8\n'",
    r"printf '\342\200\256seen-9\n'", r"printf '\033[38;2;1;2;3m\033[48;5;250mseen-10\033[0m\n'",
]
WALK = """() => [...(document.querySelector('deckhand-assistant')?.shadowRoot ?? document).querySelectorAll('.prose *')].filter(element =>
        /^(script|style|iframe|object|embed|form|img|svg|math|base|meta|link|video|audio|template|button|select|textarea|picture|source)$/i.test(element.tagName)
        || (element.tagName === 'INPUT' && element.type !== 'checkbox')
        || [...element.attributes].some(({name, value}) => /^on|^style$|^id$|^srcset$|^ping$|^background$/i.test(name)
            || (name === 'class' && !/^(hljs-[a-z_-]+ ?)+$/.test(value))
            || (name === 'href' && !/^(https?:|mailto:)/i.test(value)))
        || (element.tagName === 'A' && element.target !== '_blank')).map(element => element.outerHTML.slice(0, 200))"""

with browser() as context:
    page = page_of(context)
    page.goto(server + "/app#/chats")
    sign_in(page)
    ask(page, "Say what you like")
    expect(page.get_by_text("the end of it")).to_be_visible()
    # While it is written and after it is complete.
    expect(page.get_by_role("button", name="Copy the answer")).to_be_visible()
    shot(page, "hostile")
    found = page.evaluate(WALK)
    assert not found, found
    for link in page.locator(".prose a").all():
        link.hover(timeout=5000)

    for number, command in enumerate(outputs, 1):
        ticket = call("POST", "/v1/sessions/hostile/tickets", {"command": command, "wait": 20})
        page.goto(f"{server}/app#/tickets/hostile/{ticket['ticket']}")
        output = page.get_by_role("log", name="Output")
        expect(output).to_contain_text(f"seen-{number}")
        assert output.locator("script, img, a").count() == 0
        assert "\x1b" not in output.inner_text() and "\u202e" not in output.inner_text()
    assert page.evaluate("window.pwned") is None

# The widget in a page that has no policy at all: what the sanitizer lets through is all that there is.
home = foreign_page(arguments[0])
with browser() as context:
    context.complaints.home = home
    page = page_of(context)
    assert page.goto(home).headers.get("content-security-policy") is None
    page.get_by_role("button", name="Open the assistant").click()
    sign_in(page)
    page.get_by_role("button", name="New chat").click()
    ask(page, "Say what you like")
    expect(page.get_by_text("the end of it")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the answer")).to_be_visible()
    shot(page, "hostile-widget")
    found = page.evaluate(WALK)
    assert not found, found
    for link in page.locator("deckhand-assistant .prose a").all():
        link.hover(timeout=5000)
    assert page.evaluate("window.pwned") is None
    # A link by reference leads where the text says, wherever that stands; elsewhere it leads nowhere.
    linked = page.get_by_role("link", name="by reference", exact=True)
    expect(linked).to_have_attribute("href", "https://example.com/there")
print("all of it holds")
