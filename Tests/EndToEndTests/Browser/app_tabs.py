"""Many tabs of a user of the sample application: one stream for all, also in browsers without locks; few where tabs cannot talk to each other."""
from faces import arguments, ask, browser, expect, page_of, streams_of_server

host = arguments[0]
NO_LOCKS = "delete Navigator.prototype.locks;"
NO_CHANNEL = "delete window.BroadcastChannel;"


def tabs_of(context, count):
    """Tabs of ann, each with the assistant open; and the streams that they have."""
    context.complaints.home = host
    streams = set()
    context.on("request", lambda request: streams.add(request) if "/v1/events" in request.url else None)
    for event in ("requestfinished", "requestfailed"):
        context.on(event, lambda request: streams.discard(request))
    first = page_of(context)
    first.goto(host + "/")
    first.get_by_role("button", name="ann of").click()
    first.get_by_role("button", name="Open the assistant").click()
    expect(first.get_by_label("Message to the assistant")).to_be_visible()
    ask(first, "Book Smith.")
    expect(first.get_by_text("Waits for your yes")).to_be_visible()
    tabs = [first]
    for _ in range(count - 1):
        # A window that a page opens begins with its session storage: the assistant is open there, too.
        with first.expect_popup() as opened:
            first.evaluate("void window.open(location.href)")
        context.complaints.watch(opened.value)
        tabs.append(opened.value)
    for tab in tabs:
        expect(tab.get_by_text("Waits for your yes")).to_be_visible()
    return tabs, streams


# Ten tabs, one stream, in the browser and at the server; decided in one, seen in all.
with browser() as context:
    tabs, streams = tabs_of(context, 10)
    assert len(streams) == 1 == streams_of_server(1), [stream.url for stream in streams]
    tabs[6].get_by_role("button", name="Confirm").click()
    for tab in tabs:
        expect(tab.get_by_text("Done", exact=True)).to_be_visible()
        expect(tab.get_by_text("Booked.")).to_have_count(1)
    assert len(streams) == 1 == streams_of_server(1), [stream.url for stream in streams]

# The same where pages are no secure context, which have no locks.
with browser() as context:
    context.add_init_script(NO_LOCKS)
    tabs, streams = tabs_of(context, 8)
    assert tabs[0].evaluate("'locks' in navigator") is False
    assert streams_of_server(1) == 1
    tabs[4].get_by_role("button", name="Decline").click()
    for tab in tabs:
        expect(tab.get_by_text("Declined", exact=True)).to_be_visible()
    assert len(streams) == 1, [stream.url for stream in streams]
    # The tab that reads for all is closed: another one goes on.
    tabs.pop(0).close()
    ask(tabs[2], "Book Smith again.")
    for tab in tabs:
        expect(tab.get_by_text("Waits for your yes")).to_be_visible()
    assert streams_of_server(1) == 1

# Tabs that cannot talk to each other: few of them have a stream, so that requests get through, and the one that is used has one.
with browser() as context:
    context.add_init_script(NO_LOCKS + NO_CHANNEL)
    tabs, streams = tabs_of(context, 8)
    assert tabs[0].evaluate("typeof BroadcastChannel") == "undefined"
    assert 1 <= streams_of_server(3) <= 3
    for tab in (tabs[7], tabs[0]):
        tab.get_by_role("button", name="New chat").click()
        ask(tab, "Book Smith once more.")
        expect(tab.get_by_text("Waits for your yes")).to_be_visible()
        tab.get_by_role("button", name="Decline").click()
        expect(tab.get_by_text("Booked.")).to_be_visible()
    assert 1 <= streams_of_server(3) <= 3
print("all of it holds")
