"""The snippet for any page: a page whose origin is not allowed gets nothing but a clear word, one that is allowed signs people in."""
import sys
from faces import browser, expect, page_of, server, shot, sign_in

part, home = sys.argv[4:6]

with browser(ignore_https_errors=True) as context:
    context.complaints.home = home
    if part == "closed":
        # What the browser itself says of requests that it does not let through.
        context.complaints.quiet += ["blocked by CORS policy", "net::ERR_FAILED"]
    page = page_of(context)
    page.goto(home)
    page.get_by_role("button", name="Open the assistant").click()
    sign_in(page)
    if part == "closed":
        expect(page.get_by_text("DECKHAND_CORS_ORIGINS").first).to_be_visible()
        shot(page, "widget-origin-closed")
        assert page.get_by_label("Message to the assistant").count() == 0
    else:
        expect(page.get_by_label("Message to the assistant")).to_be_visible()
print("all of it holds")
