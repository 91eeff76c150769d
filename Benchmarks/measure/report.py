"""What was measured, as a table on the terminal and in Benchmarks/results/."""
import datetime
import os
import pathlib
import platform
import subprocess
import sys

from .bench import ROOT


class Report:
    def __init__(self):
        self.rows = []
        self.notes = []
        self.facts = []

    def add(self, what, target, measured, isMet=None, ratio=""):
        """A row; `isMet` is None for figures that stand beside a target, such as limits."""
        word = "" if isMet is None else "yes" if isMet else "no"
        self.rows.append((what, target, measured, ratio, word))
        print(f"  {what}: {measured}" + (f" ({ratio})" if ratio else "")
              + (f"; target {target}: {'met' if isMet else 'not met'}" if target else ""), file=sys.stderr, flush=True)

    def note(self, sentence):
        self.notes.append(sentence)

    def describe(self, bench):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        sync = bench.run("sync", bench.folder / "sync", bench.choose(3, 1))["rate"]
        (bench.folder / "sync").unlink()
        self.facts = [
            ("date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
            ("kernel", f"{platform.system()} {platform.release()} {platform.machine()}"),
            ("processors", f"{os.cpu_count()} × {_processor()}"),
            ("memory", f"{memory / 1e9:.1f} GB"),
            ("file system", f"{_file_system(bench.folder)}, append 4 KiB + fdatasync {sync:,.0f}/s"),
            ("load before", f"{os.getloadavg()[0]:.1f} processes that want to run"),
            ("open files", f"{bench.open_files:,}"),
            ("commit", _commit()),
            ("mode", "quick" if bench.quick else "full"),
        ]

    def finish(self, write, part=""):
        text = self._text()
        print(text)
        unmet = sum(row[4] == "no" for row in self.rows)
        print(f"{unmet} of {sum(row[4] != '' for row in self.rows)} targets not met", file=sys.stderr)
        if not write:
            return
        folder = ROOT / "Benchmarks" / "results"
        folder.mkdir(exist_ok=True)
        file = folder / f"{datetime.date.today().isoformat()}{part}.md"
        file.write_text(text)
        print(f"written: {file.relative_to(ROOT)}", file=sys.stderr)

    def _text(self):
        lines = [f"# Measured {self.facts[0][1][:10]}" if self.facts else "# Measured", ""]
        lines += [f"- {name}: {value}" for name, value in self.facts]
        settings = [f"{name}={os.environ[name]}" for name in ("BENCH_QUICK", "BENCH_OUTPUT_GB") if name in os.environ]
        lines += [f"- command: `{' '.join(settings + ['Benchmarks/run', *sys.argv[1:]])}`", ""]
        lines += ["| What | Target | Measured | Ratio to the limit | Met |", "|---|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        if self.notes:
            lines += ["", "How each was measured:", ""] + [f"- {note}" for note in self.notes]
        return "\n".join(lines) + "\n"


def _processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def _file_system(folder):
    found = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def _commit():
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    changed = subprocess.run(
        ["git", "status", "--porcelain", "Sources", "Package.swift"], cwd=ROOT, capture_output=True, text=True)
    return (commit or "unknown") + (", with changes that are not committed" if changed.stdout.strip() else "")
