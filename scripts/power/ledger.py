"""What is known outside of the machine: what was submitted, what was acknowledged, and what was said of it."""
import threading


class Ticket:
    """A submission with a key of its own."""

    def __init__(self, session, key, kind, number):
        self.session = session
        self.key = key
        self.kind = kind
        self.command, self.code, self.stdout, self.stderr = commands(kind, key, number)
        # Of the acknowledgement.
        self.number = None
        # The last thing that was said: (state, exit code).
        self.said = None
        # Of the round in which it was submitted.
        self.was_over = False

    @property
    def body(self):
        return {"command": self.command, "key": self.key, "timeout": 7200}

    @property
    def path(self):
        return f"/v1/sessions/{self.session}/tickets/{self.number}"

    def hear(self, answer):
        """Takes what the server says; a problem as text, or None."""
        if self.number is None:
            self.number = answer["ticket"]
        now = (answer["state"], answer.get("exit_code"))
        for name, expected in (("ticket", self.number), ("command", self.command), ("key", self.key)):
            if answer[name] != expected:
                return f"{self.session} {self.number}: {name} is {answer[name]!r}, not {expected!r}"
        if self.was_over and now != self.said:
            return f"{self.session} {self.number} ({self.kind}): it was {self.said}, now it is {now}"
        self.said = now
        self.was_over = now[0] not in ("queued", "starting", "running")
        return None


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.tickets = []

    def add(self, ticket):
        with self.lock:
            self.tickets.append(ticket)
        return ticket

    @property
    def acknowledged(self):
        with self.lock:
            return sum(ticket.number is not None for ticket in self.tickets)


def commands(kind, key, number):
    """Command, exit code, standard output and standard error; None for what cannot be known."""
    begin = f"/trial/effect {key} || exit 99; "
    if kind == "quick":
        return begin + f"echo 'out {key}'; exit {number % 7}", number % 7, f"out {key}\n", ""
    if kind == "silent":
        return begin + "exit 3", 3, "", ""
    if kind == "both":
        out, err = (f"{name} {key} %s\n" for name in ("out", "err"))
        command = begin + f"for n in 1 2 3 4 5; do echo 'out {key}' $n; echo 'err {key}' $n >&2; done"
        return command, 0, "".join(out % n for n in range(1, 6)), "".join(err % n for n in range(1, 6))
    if kind == "large":
        return begin + f"seq -f '{key} %g' 1 5000", 0, "".join(f"{key} {n}\n" for n in range(1, 5001)), ""
    if kind == "long":
        return begin + "echo begun; sleep 3600", None, "begun\n", ""
    if kind == "step":
        return begin + "export STEP=$((STEP+1)); echo $STEP", 0, None, ""
    raise ValueError(kind)
