"""Memory: of an idle server, of a running ticket, and while a command writes more than any memory holds."""
import threading
import time

from . import processes
from .bench import Broken
from .server import Server
from .streams import drain

RUNNING = 100


def idle_and_running(bench, report):
    server = Server(
        bench, "memory", DECKHAND_MAX_RUNNING=str(RUNNING), DECKHAND_MAX_RUNNING_PER_SESSION=str(RUNNING),
        DECKHAND_MAX_RUNNING_PER_PRINCIPAL=str(RUNNING))
    server.start()
    time.sleep(1)
    idle = server.resident()
    others = _beside(server)
    report.add("memory of an idle server", "≤ 40 MB", f"{idle / 1e6:.1f} MB", idle <= 40e6)
    for _ in range(RUNNING):
        server.shell("sleep 200", "memory")
    deadline = time.monotonic() + 30
    while len(_runners(server)) < RUNNING + others[0]:
        if time.monotonic() > deadline:
            raise Broken(f"only {len(_runners(server))} runners were at work after 30 s.")
        time.sleep(0.05)
    time.sleep(1)
    runners = _runners(server)
    shares = sum(map(processes.proportional, runners)) - others[1]
    resident = max(map(processes.resident, runners))
    grown = server.resident() - idle
    server.stop()
    each = (shares + grown) / RUNNING
    report.add(
        "one running ticket beyond its command", "≤ 1.5 MB", f"{each / 1e6:.2f} MB", each <= 1.5e6,
        f"runner {shares / RUNNING / 1e6:.2f} MB proportional, {resident / 1e6:.2f} MB resident at most; "
        f"server {grown / RUNNING / 1e6:.2f} MB")
    report.note(
        f"Running tickets: {RUNNING} × `sleep` at a time; proportional memory of all deckhand-runner processes and the "
        "growth of the server's resident memory, divided by their number.")


def _runners(server):
    return [
        pid for pid, _ in processes.descendants(server.process.pid) if processes.program(pid) == "deckhand-runner"]


def _beside(server):
    """Number and memory of the runner processes that are there without a ticket."""
    runners = _runners(server)
    return len(runners), sum(map(processes.proportional, runners))


def long_output(bench, report):
    size = bench.output_bytes if not bench.quick else min(bench.output_bytes, 1_000_000_000)
    server = Server(bench, "long-output", DECKHAND_TIME_LIMIT="1h")
    server.start()
    # Reached once, so that what every server grows by at first is not counted as the output's.
    server.shell("head -c 1000000 /dev/zero", "warm", wait=30)
    _write_long(bench, report, server, f"head -c {size} /dev/zero", size, isFollowed=False)
    blocks = size // 1_000_000
    _write_long(
        bench, report, server, f"dd if=/dev/zero bs=1000000 count={blocks} status=none", blocks * 1_000_000, isFollowed=True)
    server.stop()


def _write_long(bench, report, server, command, size, isFollowed):
    time.sleep(1)
    processes.forget_highest(server.process.pid)
    before = server.resident()
    probe = bench.load(server, "/healthz", '"ok"', pause=10)
    began = time.monotonic()
    ticket = server.shell(command, "long")
    follower = threading.Thread(target=drain, args=(server, ticket["stream"]))
    if isFollowed:
        follower.start()
    result = server.result("long", ticket["ticket"], wait=3_600)
    seconds = time.monotonic() - began
    probe.terminate()
    health = probe.result()
    grown = processes.highest_resident(server.process.pid) - before
    if isFollowed:
        follower.join()
    written = server.ticket("long", ticket["ticket"])["output_bytes"]
    if result["exit_code"] != 0 or written != size:
        raise Broken(f"`{command}` ended with {result['exit_code']} and {written} bytes.")
    what = f"`{command}`" + (", one viewer" if isFollowed else "")
    report.add(
        f"growth of the server during {what}", "≤ 16 MB", f"{grown / 1e6:.1f} MB", grown <= 16e6,
        f"{size / seconds / 1e6:,.0f} MB/s")
    report.add("`/healthz` during it, p99", "≤ 50 ms", f"{health['p99']:.2f} ms", health["p99"] <= 50)
