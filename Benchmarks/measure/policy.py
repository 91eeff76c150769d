"""What rules for commands cost: a replay of a hundred thousand stored commands, and a verdict on the hot path."""
import hashlib
import re
import sqlite3
import subprocess
import time

from .bench import ROOT, Broken, median
from .filler import fill
from .server import Server

CATALOGUE = ROOT / "Tests" / "Fixtures" / "policy" / "allowed.txt"
# Of the same length in every variation, so that a tree differs from its original by these bytes only.
PLACE = "v0000000"
# Denies what some of the commands begin with, so that there is something to find.
OTHER_RULES = """{ policy: { rules: [
    { id: "no-df", decision: "deny", program: "df", reason: "For the benchmark.", matches: ["df -h"] },
] } }
"""


def replay(bench, report):
    count = bench.choose(100_000, 20_000)
    server = Server(bench, "policy")
    server.start()
    server.shell("true", "old", wait=30)
    server.stop()
    originals = [f"{line}; echo {PLACE}" for line in _catalogue()]
    rules = server.folder / "other.json5"
    rules.write_text(OTHER_RULES)
    fill(server, "old", len(originals))
    _write(server, originals)
    parsing = _replay(server, rules, len(originals) + 1)
    known = _replay(server, rules, len(originals) + 1)
    copies = -(-count // len(originals))
    variations = [
        original.replace(PLACE, f"v{number + 1:07d}") for number in range(copies) for original in originals][:count]
    fill(server, "old", len(variations))
    _write(server, originals + variations, _trees(server, originals, variations))
    times = [_replay(server, rules, len(originals) + len(variations) + 1) for _ in range(bench.choose(3, 2))]
    took = median(times)
    each = (took - known) / (2 * len(variations))
    report.add(
        f"replay of {len(variations):,} distinct stored commands under other rules", "seconds", f"{took:.1f} s",
        took < 10, f"{each * 1e6:.0f} µs for each verdict with its tree")
    report.add(
        f"the same of {len(originals)} commands that shfmt has to parse", "", f"{parsing:.1f} s",
        ratio=f"{known:.2f} s once they are stored")
    report.note(
        f"Replay: `deckhand policy replay` from exec to its end, beside no server; medians of {len(times)}. The trees are those that "
        f"the real shfmt made of {len(originals)} lines of Tests/Fixtures/policy/allowed.txt, each followed by an echo; the "
        "others differ from them by the digits in that echo, in the command and in its stored tree alike. All are of the assistant, "
        "in a session with a directory and a variable.")


def verdicts(bench, report):
    """The same allowed command where deny rules apply and where all do, in alternating rounds."""
    found = {"trusted": [], "ask": []}
    servers = {}
    for name in found:
        servers[name] = Server(bench, f"verdict-{name}", GET_POLICY=name, DECKHAND_READ_ONLY="off")
        servers[name].start()
    seconds, rounds = bench.choose((5, 5), (2, 2))
    command = "df -h / && uptime | head -1"
    for _ in range(rounds):
        for name, server in servers.items():
            path = server.path("/shell", session="s{c}", cmd=command, key="{k}")
            found[name].append(
                bench.load(server, path, '"type":"submission"', seconds=seconds, pause=20).result())
    for server in servers.values():
        server.stop()
    apart = {name: median([one["p50"] for one in results]) for name, results in found.items()}
    cost = apart["ask"] - apart["trusted"]
    report.add(
        "submission of a known command judged by all rules rather than by deny rules, p50", "", f"{cost * 1e3:+.0f} µs",
        ratio=f"{apart['ask']:.2f} ms and {apart['trusted']:.2f} ms")
    report.note(
        f"Verdicts: `{command}` at `GET /shell` every 20 ms on one connection, GET_POLICY=trusted and ask in turn, {rounds} rounds of "
        f"{seconds} s each, medians of the p50; DECKHAND_READ_ONLY=off.")


def _catalogue():
    """Lines without escapes, which the reader of the tests would have to undo."""
    lines = [line for line in CATALOGUE.read_text().splitlines() if line and not line.startswith("#")]
    plain = [line for line in lines if "\\" not in line and not line.endswith("&")]
    if len(plain) < 100:
        raise Broken(f"{CATALOGUE} has only {len(plain)} lines that can be used.")
    return plain


def _store(server):
    return sqlite3.connect(server.data / "deckhand.sqlite", isolation_level=None)


def _write(server, commands, trees=()):
    """Gives the filled tickets these commands, and the store these trees."""
    store = _store(server)
    try:
        store.execute("pragma synchronous = off")
        store.execute("begin immediate")
        ids = [row[0] for row in store.execute("select id from tickets where number > 1 order by id")]
        if len(ids) != len(commands):
            raise Broken(f"There are {len(ids)} tickets for {len(commands)} commands.")
        store.execute("update sessions set directory = '/var/log', environment = '{\"LANG\":\"C\"}' where name = 'old'")
        store.executemany(
            "update tickets set command = ?, origin = 'assistant' where id = ?", zip(commands, ids))
        store.executemany("insert into shell_trees (digest, parse) values (?, ?)", trees)
        store.execute("commit")
        store.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        raise Broken(f"The store could not be filled; has its schema changed? {error}")
    finally:
        store.close()


def _trees(server, originals, variations):
    """Digests and trees of the variations, from those that the program stored of the originals."""
    store = _store(server)
    stored = dict(store.execute("select digest, parse from shell_trees"))
    store.close()
    line = subprocess.run(["shfmt", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    for walk in range(1, 100):
        version = f"shfmt {line} walk {walk}"
        if _digest(version, originals[0]) in stored:
            break
    else:
        raise Broken("No tree of the first command is stored under any version of the parser.")
    trees = {original: stored.get(_digest(version, original)) for original in originals}
    if None in trees.values():
        raise Broken("The tree of a command is not stored.")
    for variation in variations:
        digits = re.search(r"v\d{7}$", variation).group()
        tree = trees[variation[:-len(digits)] + PLACE]
        yield _digest(version, variation), tree.replace(PLACE.encode(), digits.encode())


def _digest(version, command):
    return hashlib.sha256(version.encode() + b"\0" + command.encode()).digest()


def _replay(server, rules, commands):
    """Seconds from exec to the end; the program must have judged so many commands and found changes."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "DECKHAND_DATA": str(server.data), "HASH": server.hash}
    began = time.monotonic()
    done = subprocess.run(
        [server.bench.server_program, "policy", "replay", "--rules", rules], env=environment, capture_output=True, text=True)
    took = time.monotonic() - began
    said = re.search(r"(\d+) of (\d+) distinct commands", done.stderr + done.stdout)
    if done.returncode != 0 or said is None:
        raise Broken(f"deckhand policy replay failed: {done.stderr[-500:]}")
    if int(said.group(2)) != commands or int(said.group(1)) == 0:
        raise Broken(f"deckhand policy replay says: {said.group()}; {commands} were recorded.")
    return took
