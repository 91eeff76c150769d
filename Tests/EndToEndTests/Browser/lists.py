"""A hundred thousand tickets: few of them in the page, and each place of the list there soon."""
import sqlite3, sys, time
from faces import browser, call, expect, page_of, server, shot, sign_in

COUNT = 100_000
call("POST", "/v1/sessions/many/tickets", {"command": "echo row", "wait": 20})
database = sqlite3.connect(sys.argv[4], timeout=30)
with database:
    columns = [row[1] for row in database.execute("pragma table_info(tickets)")]
    session = database.execute("select id from sessions where name = 'many'").fetchone()[0]
    taken = {"id": "session_id * 4294967296 + n", "number": "n", "key": "null", "command": "'echo row ' || n"}
    database.execute(f"""with recursive more(n) as (select 2 union all select n + 1 from more where n < {COUNT})
        insert into tickets ({', '.join(columns)}) select {', '.join(taken.get(name, name) for name in columns)}
        from tickets, more where session_id = {session} and number = 1""")
    database.execute("update sessions set last_number = ? where id = ?", (COUNT, session))
database.close()

with browser() as context:
    page = page_of(context)
    page.goto(server + "/app#/tickets/many")
    sign_in(page)
    listed = page.get_by_role("region", name="100,000 tickets")
    expect(listed.get_by_text("echo row 100000", exact=True)).to_be_visible()
    shot(page, "tickets-many")
    most, slowest = 0, 0.0
    for number in (99_000, 50_000, 12_345, 77_777, 2, 31_000, 100_000):
        started = time.monotonic()
        listed.evaluate("(element, row) => { element.scrollTop = row * 60; }", COUNT - number)
        expect(listed.get_by_text(f"echo row {number}", exact=True)).to_be_visible()
        slowest = max(slowest, time.monotonic() - started)
        most = max(most, page.locator(".virtual-row").count())
    assert most <= 60, most
    # Pictures while it is scrolled through all of it: the main thread is never held for long.
    pause = listed.evaluate("""async element => {
        let last = performance.now(), longest = 0;
        for (let step = 0; step <= 120; step++) {
            element.scrollTop = element.scrollHeight * step / 120;
            await new Promise(requestAnimationFrame);
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
        }
        return longest;
    }""")
    nodes = page.evaluate("document.querySelectorAll('*').length")
    assert nodes < 2_000, nodes
    # On a loaded machine a picture may be late; a page that draws all rows would need seconds.
    assert pause < 2_000, pause
    # The server looks for words, over all of them, however far away.
    search = page.get_by_placeholder("Find a command")
    found = page.get_by_role("region", name="Found tickets")
    for words, shown in (("ROW 2", "echo row 29999"), ("row 77777", "echo row 77777"), ("echo row", "echo row 99990")):
        started = time.monotonic()
        search.fill(words)
        expect(found.get_by_text(shown, exact=True)).to_be_visible()
        slowest = max(slowest, time.monotonic() - started)
        assert page.locator(".virtual-row").count() <= 60
    first = call("GET", "/v1/sessions/many/tickets?q=row&limit=3")
    assert [ticket["ticket"] for ticket in first["tickets"]] == [1, 2, 3] and first["next"] == 3, first
    after, requests, numbers = None, 0, []
    while True:
        answer = call("GET", "/v1/sessions/many/tickets?order=newest&q=row%2012345" + (f"&after={after}" if after else ""))
        numbers += [ticket["ticket"] for ticket in answer["tickets"]]
        after, requests = answer["next"], requests + 1
        if after is None:
            break
    assert numbers == [12345] and requests == 10, (numbers, requests)
    search.fill("nobody typed this")
    expect(page.get_by_text("No command of this session has this in it.")).to_be_visible()
    shot(page, "tickets-search")
    print(f"rows in the page: {most}; slowest jump: {slowest * 1000:.0f} ms; longest pause: {pause:.0f} ms; nodes: {nodes}", file=sys.stderr)
print("all of it holds")
