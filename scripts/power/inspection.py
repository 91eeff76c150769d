"""What must hold after the machine was booted again."""
import collections

from client import Client
from ledger import Ticket
from load import MODES


class Inspection:
    def __init__(self, port, hash, ledger, witness, round_number):
        self.client = Client(port, hash)
        self.ledger = ledger
        self.witness = witness
        self.round = round_number
        self.problems = []
        self.states = collections.Counter()

    def run(self):
        self.retry_unanswered()
        for ticket in self.ledger.tickets:
            self.look(ticket)
        self.check_steps()
        self.check_numbers()
        self.repeat()
        self.try_new()
        for key, count in self.witness.counts().items():
            if count > 1:
                self.problems.append(f"{key} was run {count} times")

    def retry_unanswered(self):
        """What a client does that got no answer: the same again, with the same key."""
        for ticket in self.ledger.tickets:
            if ticket.number is None:
                self.states["unanswered"] += 1
                self.submit(ticket)

    def submit(self, ticket, expected=(200, 201)):
        answer = self.client.json("POST", f"/v1/sessions/{ticket.session}/tickets", ticket.body, expected)
        self.note(ticket.hear(answer))

    def note(self, problem):
        if problem:
            self.problems.append(problem)

    def look(self, ticket):
        before = ticket.said
        wait = "" if ticket.kind == "long" else "?wait=60"
        self.note(ticket.hear(self.client.json("GET", ticket.path + wait)))
        if ticket.kind == "long" and not ticket.was_over:
            self.end_long(ticket, before)
        state, code = ticket.said
        begun = self.witness.count(ticket.key)
        name = f"{ticket.session} {ticket.number} ({ticket.kind}, {ticket.key})"
        if state == "exited":
            if begun != 1:
                self.problems.append(f"{name}: exited, but was begun {begun} times")
            if code != ticket.code:
                self.problems.append(f"{name}: its code is {code}, not {ticket.code}")
            self.check_output(ticket, name)
        elif state == "lost":
            # It had not been said to be over: hear() would have told.
            if begun > 1:
                self.problems.append(f"{name}: lost, but was begun {begun} times")
        elif not (state == "cancelled" and ticket.kind == "long"):
            self.problems.append(f"{name}: its state is {state}")
        if before != ticket.said:
            self.states[f"{before[0] if before else 'unanswered'} → {state}"] += 1

    def end_long(self, ticket, before):
        """It may run only if it had not been started before the cut."""
        if before and before[0] in ("starting", "running"):
            self.problems.append(f"{ticket.session} {ticket.number}: it was {before[0]}, and is {ticket.said[0]} now")
        self.client.json("POST", ticket.path + "/cancel?wait=55", expected=(200, 202))
        self.note(ticket.hear(self.client.json("GET", ticket.path)))

    def check_output(self, ticket, name):
        for stream, expected in (("stdout", ticket.stdout), ("stderr", ticket.stderr)):
            if expected is None:
                continue
            printed = self.client.output(ticket.session, ticket.number, stream)
            if printed != expected:
                self.problems.append(f"{name}: {stream} is {printed[:80]!r}… ({len(printed)} characters), "
                                     f"not {expected[:80]!r}… ({len(expected)})")

    def check_steps(self):
        """Each step adds one to what the step before left; what was lost may have done so or not."""
        least = most = 0
        for ticket in sorted((t for t in self.ledger.tickets if t.session == "steps"), key=lambda t: t.number):
            if ticket.said[0] != "exited":
                most += 1
                continue
            step = int(self.client.output("steps", ticket.number))
            if not least + 1 <= step <= most + 1:
                self.problems.append(f"step {ticket.number} printed {step}, not {least + 1} to {most + 1}")
            least = most = step

    def check_numbers(self):
        """Numbers are 1 to n in each session, and each of our tickets has the one that was acknowledged."""
        for session in MODES:
            ours = {t.number: t.key for t in self.ledger.tickets if t.session == session}
            found, after = {}, 0
            while after is not None:
                page = self.client.json("GET", f"/v1/sessions/{session}/tickets?limit=1000&after={after}")
                found.update({row["ticket"]: row.get("key") for row in page["tickets"]})
                after = page.get("next")
            if list(found) != list(range(1, len(found) + 1)):
                self.problems.append(f"the numbers of {session} have gaps or another order: {list(found)}")
            if found != ours:
                odd = sorted(set(found.items()) ^ set(ours.items()))
                self.problems.append(f"{session} holds other tickets than were submitted: {odd[:6]}")

    def repeat(self):
        """A key gives the ticket that it gave before; nothing more is run, which the witness tells."""
        before = self.witness.counts()
        for ticket in self.ledger.tickets:
            self.submit(ticket, expected=(200,))
        if self.witness.counts() != before:
            self.problems.append("a repeated key ran something")

    def try_new(self):
        for session in MODES:
            kind = "step" if session == "steps" else "quick"
            ticket = self.ledger.add(Ticket(session, f"after-{self.round}-{session}", kind, 1))
            self.submit(ticket)
            self.look(ticket)
            if ticket.said[0] != "exited":
                self.problems.append(f"a new ticket of {session} is {ticket.said}")
