"""From exec to ready, with a million finished tickets."""
from .bench import median
from .filler import fill
from .server import Server


def many_tickets(bench, report):
    count, sessions, times = bench.choose((1_000_000, 100, 5), (100_000, 10, 3))
    server = Server(bench, "start")
    server.start()
    server.shell("true", "old", wait=30)
    server.stop()
    empty = _starts(server, times)
    fill(server, "old", count, sessions)
    full = _starts(server, times)
    size = sum(file.stat().st_size for file in server.data.rglob("*") if file.is_file())
    report.add(
        f"exec to `/readyz` 200 with {count:,} finished tickets", "≤ 300 ms", f"{median(full) * 1e3:.0f} ms",
        median(full) <= 0.3, f"{median(empty) * 1e3:.0f} ms with one ticket")
    report.note(
        f"Start: {times} starts each, medians; {sessions} sessions, {size / 1e6:,.0f} MB of store, in the page cache.")


def _starts(server, times):
    seconds = []
    for _ in range(times):
        seconds.append(server.start())
        server.stop()
    return seconds
