"""The place of one run: its folder, the compiled programs, and the end of everything that was started."""
import json
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile

from . import processes

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "Benchmarks" / "programs"


class Broken(Exception):
    """Something could not be measured; the text says what and, where known, what to do."""


class Bench:
    def __init__(self):
        self.quick = os.environ.get("BENCH_QUICK", "") not in ("", "0")
        self.output_bytes = self._output_bytes()
        self.server_program = ROOT / ".build/release/deckhand"
        self.runner_program = ROOT / ".build/release/deckhand-runner"
        self.started = []

    def __enter__(self):
        for program in (self.server_program, self.runner_program):
            if not program.exists():
                raise Broken(f"{program} is missing: run make build first.")
        if not shutil.which("wrk"):
            raise Broken("wrk is missing: install the package wrk, or run make bench, which does.")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.open_files = most
        # On the disk that the checkout is on: what is durable there is what the numbers are about.
        (ROOT / ".build").mkdir(exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".build"))
        signal.signal(signal.SIGTERM, self._interrupted)
        processes.adopt_orphans()
        try:
            self._compile()
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, kind, error, trace):
        for started in reversed(self.started):
            started.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def choose(self, full, quick):
        """One of two sizes: of the full run, or of the quick one that only finds regressions."""
        return quick if self.quick else full

    def start(self, program, *words, text=None):
        """Runs a compiled program beside what follows, with a text to read; its `result()` is the JSON that it prints."""
        return Program(self, [str(self.folder / "bin" / program), *map(str, words)], text)

    def run(self, program, *words):
        return self.start(program, *words).result()

    def spawn_rate(self, seconds):
        return self.run("spawn", os.cpu_count(), seconds)["rate"]

    def load(self, server, path, *texts, connections=1, seconds=3600, count=0, pause=0):
        return self.start("load", server.port, connections, seconds, count, pause, path, *texts)

    def _compile(self):
        compiler = shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise Broken("There is no C compiler: install gcc, or put the toolchain's clang on PATH.")
        (self.folder / "bin").mkdir()
        for source in sorted(PROGRAMS.glob("*.c")):
            made = subprocess.run(
                [compiler, "-std=gnu11", "-O2", "-pthread", "-o", self.folder / "bin" / source.stem, source],
                capture_output=True, text=True)
            if made.returncode != 0:
                raise Broken(f"{source.name} does not compile: {made.stderr.strip()}")

    @staticmethod
    def _interrupted(number, frame):
        raise KeyboardInterrupt

    @staticmethod
    def _output_bytes():
        text = os.environ.get("BENCH_OUTPUT_GB")
        try:
            return int(float(text or 10) * 1e9)
        except ValueError:
            raise SystemExit(f"BENCH_OUTPUT_GB is “{text}”, which is not a number of gigabytes.")


class Program:
    def __init__(self, bench, words, text=None):
        self.words = words
        self.text = text
        self.errors = ""
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL if text is None else subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        bench.started.append(self)

    def line(self):
        """The first line that it prints, of those that say where they are found."""
        line = self.process.stdout.readline()
        if not line:
            raise Broken(f"{os.path.basename(self.words[0])} did not start: {self.process.stderr.read().strip()}")
        return line.strip()

    def terminate(self):
        self.process.terminate()

    def result(self, timeout=600):
        try:
            out, self.errors = self.process.communicate(self.text, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Broken(f"{os.path.basename(self.words[0])} did not end within {timeout} s.")
        if self.process.returncode != 0:
            name = os.path.basename(self.words[0])
            raise Broken(f"{name} failed: {self.errors.strip() or out.strip() or self.process.returncode}")
        return json.loads(out.strip().splitlines()[-1])

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def median(values):
    return statistics.median(values)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[round((len(ordered) - 1) * share)]
