"""A server whose only provider is `programs/vendor.c`, and its first operator signed in."""
import http.client
import json
import os
import re
import sqlite3
import time

from .bench import Broken
from .server import Server


class Vendor:
    """Streams of tokens: `rate` a second each, or 0 for as fast as they are taken; see programs/vendor.c."""

    def __init__(self, bench, streams, tokens, rate):
        self.tokens = tokens
        self.program = bench.start("vendor", streams, tokens, rate)
        self.port = int(self.program.line())

    def stop(self):
        self.program.terminate()
        self.program.result(timeout=10)


class Assistant(Server):
    def __init__(self, bench, name, vendor, **settings):
        super().__init__(bench, name, **settings)
        self.settings["DECKHAND_CONFIG"] = str(self.folder / "deckhand.json5")
        self.vendor = vendor
        self.connection = None

    def start(self, wait=True):
        provider = {"kind": "openai-chat", "baseURL": f"http://127.0.0.1:{self.vendor.port}/v1", "defaultModel": "bench"}
        with open(os.open(self.settings["DECKHAND_CONFIG"], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            # A title is a call of its own, whose tokens nobody is to count.
            json.dump({"providers": {"bench": provider}, "assistant": {"titles": "first-line"}}, file)
        seconds = super().start(wait)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        self.token = None
        self.token = self.ask("POST", "/v1/signin", {
            "username": "admin", "passphrase": self._passphrase(), "kind": "client"})["token"]
        return seconds

    def ask(self, method, path, body=None):
        """The parsed answer of the JSON face."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if not 200 <= answer.status < 300:
            raise Broken(f"{method} {path} answered {answer.status}: {text[:500].decode(errors='replace')}")
        return json.loads(text)

    def chats(self, count):
        """Numbers of new chats."""
        # A connection that was idle for long is closed by the server.
        self.connection.close()
        return [self.ask("POST", "/v1/chats", {})["id"] for _ in range(count)]

    def turn(self, chat):
        """Seconds from a message to the end of its streamed answer."""
        body = json.dumps({"message": "What is the load of this machine?", "stream": True})
        began = time.monotonic()
        self.connection.request("POST", f"/v1/chats/{chat}/turns", body, {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.token}"})
        text = self.connection.getresponse().read()
        seconds = time.monotonic() - began
        end = text.rpartition(b"event: turn.finished")[2]
        # A summary of older turns may come before the answer.
        answer = text.rpartition(b"event: model.started")[2].partition(b"event: model.finished")[0]
        if b'"completed"' not in end or answer.count(b"@") != self.vendor.tokens:
            raise Broken(f"a turn ended with {text[-500:].decode(errors='replace')}")
        return seconds

    def stored_tokens(self):
        """Tokens among the stored events of a stopped server, and the number of these events."""
        with sqlite3.connect(f"file:{self.data}/deltas.sqlite?mode=ro", uri=True) as store:
            text = "cast(json as text)"
            found = store.execute(
                f"select sum(length({text}) - length(replace({text}, '@', ''))), count(*) from deltas").fetchone()
        return found[0] or 0, found[1]

    def _passphrase(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = re.search(r"^\s*passphrase:\s*(\S.*?)\s*$", (self.folder / "log").read_text(), re.MULTILINE)
            if found:
                return found[1]
            time.sleep(0.01)
        raise Broken(f"the first start showed no passphrase: {self.log_end()}")
