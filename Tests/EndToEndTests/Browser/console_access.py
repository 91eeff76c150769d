"""Every screen of the console, as its menu lists them, and those behind their links: names, contrast, targets, focus, width."""
import json, re, time, urllib.request
from access import accessible
from faces import arguments, browser, call, expect, name, page_of, passphrase, server, shot, sign_in

(host,) = arguments
# So many of one kind are enough.
ALIKE, DEEPEST = 2, 3

token = call("POST", "/v1/signin", {"username": name, "passphrase": passphrase, "kind": "client"}, "")["token"]
with urllib.request.urlopen(urllib.request.Request(f"{host}/sign-in/ann", method="POST", data=b""), timeout=30) as answer:
    user = json.loads(answer.read())["token"]
chat = call("POST", "/v1/ai/chats", {}, user)["id"]
call("POST", f"/v1/ai/chats/{chat}/turns", {"message": "Book Smith."}, user)
for command in ("seq 1 20", "false", "printf '\\033[31mred\\033[0m\\n'"):
    call("POST", "/v1/sessions/walk/tickets", {"command": command, "wait": 20}, token)
own = call("POST", "/v1/chats", {"title": "A chat"}, token)["id"]
call("POST", f"/v1/chats/{own}/turns", {"message": "Hello"}, token)
end = time.monotonic() + 60
while not call("GET", "/v1/ai/actions", None, user)["actions"]:
    assert time.monotonic() < end, "nothing was proposed"
    time.sleep(.05)


def ready(page):
    expect(page.get_by_role("heading", level=1).last).to_be_visible()
    expect(page.locator("main .empty .spinner")).to_have_count(0)
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


with browser() as context:
    # There is no provider that takes accounts.
    page = page_of(context, allow=("404 (Not Found)",))
    page.goto(server + "/app")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    accessible(page, "sign-in")
    sign_in(page)
    expect(page.get_by_role("navigation", name="Screens")).to_be_visible()
    screens = page.evaluate("[...document.querySelectorAll('nav[aria-label=Screens] a')].map((one) => one.hash)")
    assert len(screens) > 10, screens
    found, kinds = list(screens), {}
    for path in found:
        page.goto(f"{server}/app{path}")
        ready(page)
        accessible(page, path)
        shot(page, "walk-" + (re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "overview")[:60])
        for link in page.evaluate("[...document.querySelectorAll('main a')].filter((one) => one.origin === location.origin && one.hash.startsWith('#/')).map((one) => one.hash)"):
            parts = link[2:].split("/")
            kind = (parts[0], len(parts))
            if link in found or len(parts) > DEEPEST or kinds.get(kind, 0) >= ALIKE:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            found.append(link)
    assert len(found) > len(screens) + 5, found

    page.goto(f"{server}/app#/chats/{own}")
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator(".link-made")).to_be_visible()
    accessible(page, "share")
print("all of it holds")
