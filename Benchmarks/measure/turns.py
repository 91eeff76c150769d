"""Turns of the assistant: what the server adds to each token, how many it carries, and what they cost."""
import time

from . import processes
from .assistant import Assistant, Vendor
from .bench import Broken, median

STREAMS = 200


def _follow(bench, port, requests, tokens, token="none"):
    """What `programs/follow.c` says of these requests, all asked at once."""
    text = "".join(f"{request}\n" for request in requests)
    program = bench.start("follow", port, tokens, token, text=text)
    return program.result() | {"why": program.errors.strip()}


def _through_relay(bench, relay, vendor, count):
    return _whole(_follow(bench, relay, ['POST /v1/chat/completions {"stream":true}'] * count, vendor.tokens))


def _through_server(bench, server, count):
    requests = [
        f'POST /v1/chats/{chat}/turns {{"message":"What is the load of this machine?","stream":true}}'
        for chat in server.chats(count)]
    return _follow(bench, server.port, requests, server.vendor.tokens, server.token)


def _whole(found):
    if found["failed"]:
        raise Broken(f"{found['failed']} of {found['failed'] + found['completed']} streams did not complete; {found['why']}")
    return found


def _measure(bench, name, streams, tokens, rate, rounds):
    """Rounds through the relay and through the server in turn, each with fresh chats; and what was stored."""
    vendor = Vendor(bench, streams, tokens, rate)
    relay = bench.start("relay", vendor.port)
    port = int(relay.line())
    server = Assistant(bench, name, vendor)
    server.start()
    through = {"relay": [], "server": []}
    used = 0
    for _ in range(rounds):
        through["relay"].append(_through_relay(bench, port, vendor, streams))
        before = processes.used(server.process.pid)
        through["server"].append(_whole(_through_server(bench, server, streams)))
        used += processes.used(server.process.pid) - before
    server.stop()
    relay.terminate()
    vendor.stop()
    stored, events = server.stored_tokens()
    sent = rounds * streams * tokens
    if stored != sent:
        raise Broken(f"{sent:,} tokens were sent, and {stored:,} are among the stored events.")
    return through, sent / events, used / sent


def delay(bench, report):
    rate, (tokens, rounds) = 50, bench.choose((400, 3), (150, 1))
    for streams, targets in ((STREAMS, (0.5, 3)), (STREAMS // 10, (None, None))):
        through, per_event, used = _measure(bench, f"turn-delay-{streams}", streams, tokens, rate, rounds)
        for share, most in zip(("p50", "p99"), targets):
            at = {name: median([found[share] for found in all]) for name, all in through.items()}
            added = at["server"] - at["relay"]
            report.add(
                f"added to a token by the server over a bare relay, {streams} streams × {rate}/s, stored first, {share}",
                f"≤ {most} ms" if most else "", f"{added:.2f} ms", added <= most if most else None,
                f"server {at['server']:.2f} ms, relay {at['relay']:.2f} ms")
        texts = {
            name: ", ".join(f"{found['p50']:.2f} and {found['p99']:.2f}" for found in all)
            for name, all in through.items()}
        report.note(
            f"Delay in {streams} streams: {rounds} rounds, p50 and p99 in ms: relay {texts['relay']}; server "
            f"{texts['server']}. Afterwards every token was among the stored events, {per_event:.2f} in each. The server "
            f"used {used * 1e6:.0f} µs of processor time for a token.")
    report.note(
        "Delay of tokens: `vendor.c` speaks Chat Completions and writes into each token the time at which it sends it; "
        "`follow.c` compares with the same clock when it has read it from `POST /v1/chats/{id}/turns`, or through "
        f"`relay.c`, in turn; {tokens} tokens in each stream, new chats in each round; medians of p50 and of p99 over "
        "the rounds, which are subtracted.")


def rate(bench, report):
    tokens, rounds = bench.choose((2_000, 3), (500, 1))
    through, per_event, used = _measure(bench, "turn-rate", STREAMS, tokens, 0, rounds)
    limit = median([found["rate"] for found in through["relay"]])
    carried = median([found["rate"] for found in through["server"]])
    report.add(f"limit: the same tokens through a bare relay, unpaced, {STREAMS} streams", "", f"{limit:,.0f}/s")
    report.add(
        f"tokens relayed and stored, unpaced, {STREAMS} streams", "≥ 200,000/s", f"{carried:,.0f}/s", carried >= 200_000,
        f"{carried / limit:.2f} of the relay, {used * 1e6:.1f} µs of processor time each")
    report.note(
        f"Unpaced tokens: rounds as above, {rounds} of them, {tokens:,} short tokens in each of {STREAMS} streams, as fast as they "
        f"are taken; from the first token to the last, medians. Rounds of the server: "
        f"{', '.join(format(found['rate'], ',.0f') for found in through['server'])}/s. Afterwards every token was among "
        f"the stored events, {per_event:.1f} in each.")


def memory(bench, report):
    tokens, rate = bench.choose((60, 2), (20, 2))
    for turns, viewers in ((STREAMS, 1), (STREAMS, 10), (2_000, 1)):
        vendor = Vendor(bench, turns, tokens, rate)
        server = Assistant(bench, f"turn-memory-{turns}-{viewers}", vendor)
        server.start()
        time.sleep(1)
        before = server.resident()
        processes.forget_highest(server.process.pid)
        found = _through_server(bench, server, turns) if viewers == 1 else _viewed(bench, server, turns, viewers)
        highest = processes.highest_resident(server.process.pid)
        server.stop()
        bare = _relay_memory(bench, vendor, turns) if viewers == 1 else None
        vendor.stop()
        streams = turns * viewers
        if found["failed"]:
            report.note(f"Of {streams:,} streams at a time {found['failed']:,} failed. {found['why'][:400]}")
        refused = f"{found['failed']:,} of them failed; " if found["failed"] else ""
        report.add(
            f"server with {streams:,} streams at a time, which follow {turns:,} turns", "all complete",
            f"{highest / 1e6:.1f} MB", not found["failed"],
            f"{refused}{before / 1e6:.1f} MB without, {(highest - before) / streams / 1e3:.1f} kB each")
        if bare is not None:
            report.add(
                f"bare relay with the same {streams:,} streams at a time", "", f"{bare / 1e6:.1f} MB", None,
                f"the server takes {highest / bare:.1f} times as much")
    report.note(
        "Turns, all of them: `assistant.titles` is `first-line`, so that no other calls are made. A stream that is told 503 asks again a second later, as the answer says.")
    report.note(
        f"Memory of turns: a new server each; {tokens} tokens in each turn, {rate} a second once all are there; the "
        "highest resident memory from before the first turn to after the last.")


def _relay_memory(bench, vendor, turns):
    """The highest resident memory of the relay while it carries as many streams, in bytes."""
    relay = bench.start("relay", vendor.port)
    port = int(relay.line())
    _through_relay(bench, port, vendor, turns)
    highest = processes.highest_resident(relay.process.pid)
    relay.terminate()
    return highest


def _viewed(bench, server, turns, viewers):
    """Several streams for each turn, which come while it works and are told all of it."""
    chats = server.chats(turns)
    text = "".join(f"GET /v1/chats/{chat}/events \n" for chat in chats * viewers)
    program = bench.start("follow", server.port, server.vendor.tokens, server.token, text=text)
    for chat in chats:
        server.ask("POST", f"/v1/chats/{chat}/turns", {"message": "What is the load of this machine?"})
    return program.result() | {"why": program.errors.strip()}


def history(bench, report):
    lengths, samples = bench.choose(((100, 600), 30), ((20, 100), 10))
    vendor = Vendor(bench, 1, 20, 0)
    server = Assistant(bench, "turn-history", vendor)
    server.start()
    chat, done = server.chats(1)[0], 0
    short, rows = [], []
    for length in lengths:
        while done < length - samples // 2:
            server.turn(chat)
            done += 1
        long = []
        for new in server.chats(samples):
            server.turn(new)
            short.append(server.turn(new))
            long.append(server.turn(chat))
            done += 1
        rows.append((length, median(long) * 1e3))
    server.stop()
    vendor.stop()
    first = median(short) * 1e3
    report.add("a turn of 20 tokens in a chat with one turn, p50", "", f"{first:.2f} ms")
    for length, each in rows:
        report.add(
            f"the same in a chat with {length} turns, p50", "≤ 1.25 × with one turn", f"{each:.2f} ms",
            each <= 1.25 * first, f"{each / first:.2f} × with one turn")
    report.note(
        f"Length of history: one after the other on one connection, from the request to the end of the stream; {samples} "
        "turns in the long chat around each length, each beside the second turn of a new chat. The whole history goes to "
        "the vendor each time.")
