"""Finished tickets read by GET, uniformly random, with the access log on."""
import json
import re
import subprocess

from .bench import ROOT, Broken, median
from .server import Server, link_path

TARGET = 25_000


def finished(bench, report):
    count = bench.choose(10_000, 2_000)
    seconds, rounds = bench.choose((8, 3), (3, 1))
    server = Server(bench, "reads", DECKHAND_LOG_LEVEL="info", DECKHAND_MAX_RUNNING_PER_SESSION="32")
    server.start()
    path = server.path("/shell", session="read", cmd="echo ticket {n}", key="{k}", wait=30)
    bench.load(server, path, '"type":"result"', '"output":"ticket ', connections=8, count=count).result()
    by_hash = [server.path("/callback", session="read", ticket=number) for number in range(1, count + 1)]
    # Each result carries the link to itself, so one pass collects them all.
    by_link = [link_path(_answer(server, path)["callback"]) for path in by_hash]
    lines = _log_lines(server)
    measured = {"link": [], "hash": [], "limit": []}
    for _ in range(rounds):
        for name, paths in (("limit", ["/healthz"]), ("link", by_link), ("hash", by_hash)):
            measured[name].append(_wrk(bench, server, paths, seconds))
    asked = sum(found["ok"] for all in measured.values() for found in all)
    logged = _log_lines(server) - lines
    server.stop()
    if logged < asked * 0.99:
        raise Broken(f"{asked} requests left only {logged} lines in the log; is the access log on?")
    limit = median([found["rate"] for found in measured["limit"]])
    report.add("limit: the same load on the constant `/healthz`", "", f"{limit:,.0f}/s")
    for name, words in (("link", "by the link of its answer"), ("hash", "by the hash")):
        rate = median([found["rate"] for found in measured[name]])
        p99 = median([found["p99"] for found in measured[name]])
        report.add(
            f"finished tickets read, uniformly random over {count:,}, access log on, 64 connections, {words}",
            f"≥ {TARGET:,}/s", f"{rate:,.0f}/s, p99 {p99:.1f} ms", rate >= TARGET, f"{rate / limit:.2f} of `/healthz`")
    report.note(
        f"Reads: `wrk -t1 -c64 -d{seconds}` with programs/random.lua, {rounds} rounds, medians; the log goes to a file "
        "and had a line for every request.")


def _answer(server, path):
    status, body = server.get(path)
    answer = json.loads(body)
    if status != 200 or answer.get("type") != "result" or answer.get("exit_code") != 0:
        raise Broken(f"{path.partition('?')[0]} answered {status}: {body[:500].decode(errors='replace')}")
    return answer


def _log_lines(server):
    lines = 0
    with open(server.folder / "log", "rb") as log:
        while block := log.read(1 << 20):
            lines += block.count(b"\n")
    return lines


def _wrk(bench, server, paths, seconds):
    file = bench.folder / "paths"
    file.write_text("\n".join(paths) + "\n")
    words = ["wrk", "-t1", "-c64", f"-d{seconds}", "-s", ROOT / "Benchmarks/programs/random.lua",
             f"http://127.0.0.1:{server.port}/", "--", file]
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60)
    found = re.search(r"^\{.*\}$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not found:
        raise Broken(f"wrk failed: {(done.stderr or done.stdout).strip()}")
    result = json.loads(found[0])
    if result["bad"]:
        raise Broken(f"wrk saw {result['bad']} wrong answers: {done.stdout.strip()}")
    return result
