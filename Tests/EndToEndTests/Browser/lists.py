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
    print(f"rows in the page: {most}; slowest jump: {slowest * 1000:.0f} ms; longest pause: {pause:.0f} ms; nodes: {nodes}", file=sys.stderr)
print("all of it holds")
