"""Tickets completed per second, the latency of submissions, and what a hundred thousand earlier ones change."""
from .bench import median
from .filler import fill
from .server import Server

# Room for the load and for what the ninth connection leaves running meanwhile.
SETTINGS = {"DECKHAND_MAX_RUNNING_PER_SESSION": "32"}
RESULT = ('"type":"result"', '"exit_code":0')
EARLIER = 100_000


def throughput(bench, report):
    seconds, rounds = bench.choose((10, 3), (3, 2))
    server = Server(bench, "tickets", **SETTINGS)
    server.start()
    server.shell("true", "full", wait=30)
    server.stop()
    fill(server, "full", EARLIER)
    server.start()

    def rate(session):
        path = server.path("/shell", session=session, cmd="true", key="{k}", wait=30)
        return bench.load(server, path, *RESULT, connections=8, seconds=seconds).result()["rate"]

    rate("b{c}")  # Warm: pages of the programs, the statement cache.
    spawned, apart, together, full = [], [], [], []
    for _ in range(rounds):
        spawned.append(bench.spawn_rate(seconds / 2))
        apart.append(rate("b{c}"))
        together.append(rate("empty"))
        full.append(rate("full"))
    spawned.append(bench.spawn_rate(seconds / 2))
    limit = median(spawned)
    report.add("limit: `posix_spawn` + `waitpid` of `/bin/bash -c true` on all cores", "", f"{limit:,.0f}/s")
    for what, rates in (("a session each", apart), ("all in one session", together)):
        ratio = median(rates) / limit
        report.add(
            f"`true` tickets completed, durable, 8 connections, {what}", "≥ 0.6 × the limit",
            f"{median(rates):,.0f}/s", ratio >= 0.6, f"{ratio:.2f}")
    change = median(full) / median(together)
    report.add(
        f"the same, {EARLIER:,} tickets already in the session", "≥ 0.9 × an empty session", f"{median(full):,.0f}/s",
        change >= 0.9, f"{change:.2f} of the empty session")
    report.note(
        f"Tickets: rounds of spawn limit, sessions apart, one session, full session; {rounds} rounds of {seconds} s each, "
        f"medians. Spawn limits: {_listed(spawned)}; apart: {_listed(apart)}; one session: {_listed(together)}; "
        f"full session: {_listed(full)}. The request: `GET /shell?hash=…&session=…&cmd=true&key=<unique>&wait=30`, "
        "counted when the answer is a result with exit code 0. Settings beside the defaults: "
        f"DECKHAND_CGROUP=off, {_settings(SETTINGS)}.")
    _submissions(bench, report, server, seconds)
    server.stop()


def _submissions(bench, report, server, seconds):
    """A ninth connection that submits every 10 ms and does not wait, while eight complete tickets."""
    path = server.path("/shell", session="b{c}", cmd="true", key="{k}", wait=30)
    others = bench.load(server, path, *RESULT, connections=8, seconds=seconds + 1)
    path = server.path("/shell", session="ninth", cmd="true", key="{k}")
    ninth = bench.load(server, path, '"type":"submission"', seconds=seconds, pause=10).result()
    others.result()
    report.add(
        "submission answered under that load, p50", "≤ 3 ms", f"{ninth['p50']:.2f} ms", ninth["p50"] <= 3)
    report.add(
        "submission answered under that load, p99", "≤ 15 ms", f"{ninth['p99']:.2f} ms", ninth["p99"] <= 15)
    report.note(
        f"Submissions under load: one more connection submits `true` every 10 ms without wait; {ninth['ok']:,} samples, "
        "measured from the time at which it was to ask.")


def latency(bench, report):
    """From submission to the result of `true`, one connection, nothing else at work."""
    server = Server(bench, "latency")
    server.start()
    path = server.path("/shell", session="one", cmd="true", key="{k}", wait=30)
    bench.load(server, path, *RESULT, count=50).result()
    found = bench.load(server, path, *RESULT, seconds=bench.choose(10, 3)).result()
    server.stop()
    alone = bench.run("spawn", 1, bench.choose(5, 2))["rate"]
    report.add("limit: `posix_spawn` + `waitpid` of `/bin/bash -c true`, one after the other", "", f"{1e3 / alone:.2f} ms")
    for name, seed in (("p50", 2.3), ("p99", 3.5)):
        ratio = found[name] * alone / 1e3
        report.add(
            f"submission to result of `true`, one connection, {name}", "", f"{found[name]:.2f} ms",
            ratio=f"{ratio:.1f} × the limit; the seed on its machine: {seed} ms")
    report.note(f"Latency: {found['ok']:,} tickets one after the other on one connection.")


def _listed(rates):
    return ", ".join(f"{rate:,.0f}" for rate in rates)


def _settings(settings):
    return ", ".join(f"{name}={value}" for name, value in settings.items())
