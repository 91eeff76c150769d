"""The load of one round: several clients at a time, until the power is cut."""
import http.client
import random
import threading
import time

from client import Client
from ledger import Ticket

PARALLEL = ("p0", "p1", "p2")
MODES = {"p0": "parallel", "p1": "parallel", "p2": "parallel", "long": "parallel", "line": "sequential", "steps": "stateful"}
KINDS = ("quick", "large", "silent", "both", "quick")


class Load:
    def __init__(self, round_number, port, hash, ledger, seed):
        self.round = round_number
        self.port = port
        self.hash = hash
        self.ledger = ledger
        self.seed = seed
        self.is_cut = threading.Event()
        self.problems = []
        self.threads = []

    def begin(self):
        """What runs and what waits at the cut, then clients that submit one after the other."""
        client = Client(self.port, self.hash)
        for number in range(3):
            self.submit(client, Ticket("long", f"long-{self.round}-{number}", "long", number))
        for number in range(5):
            kind = "long" if number == 0 else "quick"
            self.submit(client, Ticket("line", f"line-{self.round}-{number}", kind, number))
        for name, work in [(f"w{n}", self.work) for n in range(5)] + [("steps", self.step)]:
            thread = threading.Thread(target=self.guard, args=(work, name), daemon=True)
            self.threads.append(thread)
            thread.start()

    def end(self):
        """No answer counts any more; call it before the cut is over."""
        self.is_cut.set()

    def join(self):
        for thread in self.threads:
            thread.join(120)

    def guard(self, work, name):
        try:
            work(name, Client(self.port, self.hash), random.Random(f"{self.seed}-{self.round}-{name}"))
        except (OSError, http.client.HTTPException) as error:
            # Without power nobody answers.
            if not self.is_cut.is_set():
                self.problems.append(f"{name}: {error!r} before the power was cut")
        except Exception as error:
            self.problems.append(f"{name}: {error!r}")

    def submit(self, client, ticket, wait=0):
        self.ledger.add(ticket)
        answer = client.json("POST", f"/v1/sessions/{ticket.session}/tickets", {**ticket.body, "wait": wait})
        self.hear(ticket, answer)

    def hear(self, ticket, answer):
        if self.is_cut.is_set():
            return
        problem = ticket.hear(answer)
        if problem:
            self.problems.append(problem)

    def work(self, name, client, luck):
        open_ones = []
        number = 0
        while not self.is_cut.is_set():
            kind = KINDS[number % len(KINDS)]
            ticket = Ticket(luck.choice(PARALLEL), f"{name}-{self.round}-{number}", kind, number)
            self.submit(client, ticket, luck.choice((0, 0, 30)))
            number += 1
            if not ticket.was_over:
                open_ones.append(ticket)
            if len(open_ones) > 3:
                asked = open_ones.pop(luck.randrange(len(open_ones)))
                self.hear(asked, client.json("GET", asked.path + "?wait=30"))

    def step(self, name, client, luck):
        number = 0
        while not self.is_cut.is_set():
            ticket = Ticket("steps", f"{name}-{self.round}-{number}", "step", number)
            self.submit(client, ticket, 50)
            number += 1
            if ticket.was_over:
                printed = client.output("steps", ticket.number)
                if not self.is_cut.is_set():
                    ticket.stdout = printed


def make_sessions(client):
    for name, mode in MODES.items():
        client.json("POST", "/v1/sessions", {"name": name, "mode": mode})


def run(load, luck):
    """Until some tickets were acknowledged, and a little longer."""
    before = load.ledger.acknowledged
    load.begin()
    wanted = before + luck.randrange(40, 160)
    end = time.monotonic() + 180
    while load.ledger.acknowledged < wanted and time.monotonic() < end and not load.problems:
        time.sleep(0.02)
    time.sleep(luck.uniform(0, 0.5))
