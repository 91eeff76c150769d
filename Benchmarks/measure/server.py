"""One server in a folder of its own: started, asked, stopped."""
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.parse

from . import processes
from .bench import Broken


class Server:
    """Every setting that is not the default is in `settings`, and in the results file."""

    def __init__(self, bench, name, **settings):
        self.bench = bench
        self.folder = bench.folder / name
        self.data = self.folder / "data"
        self.hash = secrets.token_hex(16)
        self.settings = {"DECKHAND_CGROUP": "off"} | settings
        self.process = None
        self.folder.mkdir(exist_ok=True)
        bench.started.append(self)

    def start(self, wait=True):
        """Starts it, and returns the seconds from exec to the first 200 of /readyz."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HASH": self.hash,
            "PORT": str(self.port), "DECKHAND_DATA": str(self.data), "DECKHAND_RUNNER": str(self.bench.runner_program),
        } | self.settings
        with open(self.folder / "log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                [self.bench.server_program, "serve"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        while wait:
            if self.process.poll() is not None:
                raise Broken(f"The server ended with {self.process.returncode} instead of starting: {self.log_end()}")
            if time.monotonic() - began > 60:
                raise Broken(f"The server was not ready within a minute: {self.log_end()}")
            try:
                if self.get("/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.001)
        return time.monotonic() - began

    def stop(self):
        """Ends the server, and with it the runners, which would go on without it."""
        if self.process is None:
            return
        below = processes.descendants(self.process.pid)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + 8
            for process in below:
                if processes.is_alive(process):
                    os.kill(process[0], number)
            while any(map(processes.is_alive, below)) and time.monotonic() < deadline:
                time.sleep(0.02)
        for pid, _ in below:
            processes.reap(pid)

    def log_end(self):
        try:
            return (self.folder / "log").read_text(errors="replace")[-1500:].strip()
        except OSError:
            return "it wrote nothing"

    # Asking

    def get(self, path):
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def path(self, route, **parameters):
        """A path with the hash; {c}, {n} and {k} are left for the load generator."""
        query = urllib.parse.urlencode({"hash": self.hash} | parameters, safe="{}")
        return f"{route}?{query}"

    def shell(self, command, session, **parameters):
        """Submits a command; returns the parsed answer."""
        path = self.path("/shell", session=session, cmd=command, key=secrets.token_hex(8), **parameters)
        status, body = self.get(path)
        if status != 200:
            raise Broken(f"/shell answered {status}: {body[:500].decode(errors='replace')}")
        return json.loads(body)

    def result(self, session, ticket, wait):
        """The answer of /callback once the ticket is over."""
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            status, body = self.get(self.path("/callback", session=session, ticket=ticket, wait=30))
            answer = json.loads(body)
            if status != 200:
                raise Broken(f"/callback answered {status}: {body[:500].decode(errors='replace')}")
            if answer.get("type") == "result":
                return answer
        raise Broken(f"ticket {session}/{ticket} was not over after {wait} s.")

    def ticket(self, session, number):
        """The ticket as the JSON face tells it."""
        return self._native("GET", f"/v1/sessions/{session}/tickets/{number}")

    def cancel(self, session, number):
        self._native("POST", f"/v1/sessions/{session}/tickets/{number}/cancel")

    def _native(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers={"Authorization": f"Bearer {self.hash}"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status not in (200, 202):
                raise Broken(f"{method} {path} answered {answer.status}: {body[:500].decode(errors='replace')}")
            return json.loads(body)
        finally:
            connection.close()

    # Memory

    def resident(self):
        return processes.resident(self.process.pid)


def link_path(link):
    """Path and query of a link of an answer."""
    parts = urllib.parse.urlsplit(link)
    return f"{parts.path}?{parts.query}"
