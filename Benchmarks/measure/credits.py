"""Holds and settlements on one wallet, without a server around the ledger."""
import json
import subprocess

from .bench import ROOT, Broken, median


def pairs(bench, report):
    package = ROOT / "Benchmarks" / "credits"
    scratch = ROOT / ".build" / "credits-benchmark"
    built = subprocess.run(
        ["swift", "build", "-c", "release", "--package-path", package, "--scratch-path", scratch],
        capture_output=True, text=True)
    if built.returncode:
        raise Broken("the benchmark of credits cannot be built:\n" + built.stdout[-2000:] + built.stderr[-2000:])
    seconds, rounds = bench.choose((8, 3), (2, 1))
    found = []
    for number in range(rounds):
        run = subprocess.run(
            [scratch / "release" / "CreditsBenchmark", bench.folder / f"credits-{number}.db", str(seconds), "64"],
            capture_output=True, text=True)
        if run.returncode:
            raise Broken("the benchmark of credits ended early: " + run.stderr[-500:])
        found.append(json.loads(run.stdout))
        if found[-1]["mistakes"]:
            raise Broken("the wallet does not add up after the load")
    rate = median([each["pairs"] for each in found])
    report.add("hold + settle pairs per second on one wallet, synced", "≥ 3,000/s", f"{rate:,.0f}/s", rate >= 3_000)
    report.add(
        "metered calls per second on one wallet, with their usage rows and sums", "",
        f"{median([each['calls'] for each in found]):,.0f}/s")
    shared = median([each["writes_per_commit"] for each in found])
    report.note(
        f"Credits: 64 tasks in one process, {rounds} times {seconds} s each, medians; {shared:.0f} writes shared a commit. "
        "A settled hold keeps a usage row.")
