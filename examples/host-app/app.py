#!/usr/bin/env python3
"""A small business application that embeds Deckhand: workshops of two clients, their jobs and quotes.

It needs nothing but Python 3.11. Environment: HOST_APP_PORT (0 picks one, which is printed), HOST_APP_DATABASE,
HOST_APP_KEY (signs its tokens, HS256), HOST_APP_CALL_KEY (the callKey of Deckhand's section hosts), DECKHAND_URL.
GET / is a page with its own sign-in that embeds the assistant.
"""
import base64
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ISSUER = "https://workshop.example"
SCHEMA = """
create table if not exists users (name text primary key, client text not null, brands text not null, role text not null);
create table if not exists jobs (id integer primary key, client text not null, brand text not null,
    customer text not null, work text not null, day text not null);
create table if not exists quotes (id integer primary key, client text not null, job integer not null, amount integer not null);
create table if not exists seen (nonce text primary key, time integer not null);
create table if not exists visits (cookie text primary key, name text not null);
create table if not exists calls (key text primary key, digest text not null, status integer not null, answer text not null);
"""
USERS = [
    ("ann", "acme", '["north"]', "brand_admin"),
    ("bob", "zeta", '["south"]', "brand_admin"),
    ("cleo", "acme", '["north"]', "workshop"),
]
JOBS = [
    (1, "acme", "north", "Jones", "brakes", "2026-03-02"),
    (2, "zeta", "south", "Miller", "tyres", "2026-03-03"),
]
MAX_BODY = 1 << 20
# How far the clock of a call may be off, and how long its nonce is remembered.
PATIENCE = 300


class Refusal(Exception):
    def __init__(self, status, error):
        super().__init__(error)
        self.status, self.error = status, error


def connect():
    db = sqlite3.connect(os.environ["HOST_APP_DATABASE"], timeout=30, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def prepare():
    db = connect()
    db.executescript("pragma journal_mode = wal;" + SCHEMA)
    db.executemany("insert or ignore into users values (?, ?, ?, ?)", USERS)
    db.executemany("insert or ignore into jobs values (?, ?, ?, ?, ?, ?)", JOBS)
    db.close()


# Tokens -------------------------------------------------------------------------------------------------------------


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims):
    """Signs a token that is valid for a minute and is used once (RFC 7519, HS256)."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "deckhand", "iat": now, "exp": now + 60, "jti": secrets.token_hex(16), **claims}
    text = b64(b'{"alg":"HS256","kid":"1","typ":"JWT"}') + "." + b64(json.dumps(claims).encode())
    code = hmac.new(os.environ["HOST_APP_KEY"].encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + b64(code)


def deckhand(method, path, body=None, bearer=None):
    request = urllib.request.Request(os.environ["DECKHAND_URL"] + path, method=method)
    request.add_header("Content-Type", "application/json")
    if bearer:
        request.add_header("Authorization", "Bearer " + bearer)
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


def known_user(name):
    db = connect()
    user = db.execute("select * from users where name = ?", (name,)).fetchone()
    db.close()
    if user is None:
        raise Refusal(404, "there is no such user")
    return user


def backend():
    """A token for one call of the application itself."""
    return token({"sub": "backend", "use": "service"})


def user_token(name):
    """What Deckhand exchanges for a session of this user."""
    user = known_user(name)
    deckhand("PUT", "/v1/ai/clients/" + user["client"], {"ai": True}, backend())
    return token({"sub": name, "client": user["client"], "brands": json.loads(user["brands"]), "role": user["role"]})


def sign_in(name):
    """A session of Deckhand for one of the users, for programs."""
    return deckhand("POST", "/v1/ai/session", {"token": user_token(name)})


# The page -----------------------------------------------------------------------------------------------------------


def page():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html"), encoding="utf-8") as file:
        return file.read().replace("{DECKHAND}", os.environ["DECKHAND_URL"]).encode()


def digest(cookie):
    return hashlib.sha256(cookie.encode()).hexdigest()


def enter(name):
    """Signs a user in to the application itself; the cookie says so from now on."""
    known_user(name)
    cookie = secrets.token_urlsafe(32)
    db = connect()
    db.execute("insert into visits values (?, ?)", (digest(cookie), name))
    db.close()
    return cookie


def visitor(cookie):
    """Who the cookie belongs to; None for nobody."""
    db = connect()
    row = db.execute("select name from visits where cookie = ?", (digest(cookie),)).fetchone()
    db.close()
    return row and row["name"]


def leave(cookie):
    """Signs out here, and ends all sessions at Deckhand, with their streams."""
    name = visitor(cookie)
    db = connect()
    db.execute("delete from visits where cookie = ?", (digest(cookie),))
    db.close()
    if name is not None:
        try:
            deckhand("DELETE", f"/v1/ai/users/{name}/sessions", bearer=backend())
        except urllib.error.HTTPError as error:
            # Whoever never opened the assistant is not known there.
            if error.code != 404:
                raise
    return {"left": name}


def me(name):
    if name is None:
        return {"name": None}
    user = known_user(name)
    brands = json.loads(user["brands"])
    db = connect()
    marks = ",".join("?" * len(brands))
    rows = db.execute(f"select * from jobs where client = ? and brand in ({marks}) order by day", (user["client"], *brands)).fetchall()
    db.close()
    return {"name": name, "client": user["client"], "jobs": [dict(row) for row in rows]}


def buy(name):
    """Stands for a payment: ten units for the user's client."""
    user = known_user(name)
    wallet = deckhand("POST", "/v1/ai/wallet/topups", {"client": user["client"], "amount": 1000, "key": secrets.token_hex(8)}, backend())
    return {"balance": wallet["balance"]}


# Calls of Deckhand --------------------------------------------------------------------------------------------------


def verified(headers, body):
    """The call, once signature, time, nonce and key are right."""
    parts = dict(part.split("=", 1) for part in headers.get("Deckhand-Signature", "").split(",") if "=" in part)
    stamp, nonce, code = parts.get("t", ""), parts.get("n", ""), parts.get("v2", "")
    signed = f"{stamp}.{nonce}.".encode() + body
    wanted = hmac.new(os.environ["HOST_APP_CALL_KEY"].encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), code.encode()):
        raise Refusal(401, "the signature is wrong")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > PATIENCE:
        raise Refusal(401, "the call is too old")
    if not unseen(nonce):
        raise Refusal(401, "the call was made before")
    call = json.loads(body)
    if call["key"] != headers.get("Idempotency-Key"):
        raise Refusal(400, "the key in the head is not the one in the body")
    return call


def unseen(nonce):
    """Remembers a nonce for as long as its call is young enough to be made again; false when it is known."""
    db = connect()
    try:
        db.execute("begin immediate")
        now = int(time.time())
        db.execute("delete from seen where time < ?", (now - 2 * PATIENCE,))
        added = db.execute("insert or ignore into seen values (?, ?)", (nonce, now)).rowcount
        db.execute("commit")
        return added == 1
    finally:
        db.close()


def own_user(db, call):
    """The application checks again: what Deckhand says of a user must hold here."""
    user = db.execute("select * from users where name = ?", (call["user"],)).fetchone()
    if user is None or user["client"] != call["client"] or not set(call["brands"]) <= set(json.loads(user["brands"])):
        raise Refusal(403, "this user does not belong there")
    return user


def own_job(db, call, number):
    marks = ",".join("?" * len(call["brands"]))
    query = f"select * from jobs where id = ? and client = ? and brand in ({marks})"
    job = db.execute(query, (number, call["client"], *call["brands"])).fetchone()
    if job is None:
        raise Refusal(404, "there is no such job")
    return job


def create_job(db, call, given):
    if call["dry_run"]:
        return {"would": f"create a job for {given['customer']} on {given['day']}"}
    row = db.execute(
        "insert into jobs (client, brand, customer, work, day) values (?, ?, ?, ?, ?) returning id",
        (call["client"], call["brands"][0], given["customer"], given["work"], given["day"]),
    ).fetchone()
    return {"job": row["id"], "link": f"https://workshop.example/jobs/{row['id']}"}


def reschedule_job(db, call, given):
    job = own_job(db, call, given["job"])
    if call["dry_run"]:
        return {"would": f"move job {job['id']} from {job['day']} to {given['day']}"}
    db.execute("update jobs set day = ? where id = ?", (given["day"], job["id"]))
    return {"job": job["id"], "day": given["day"], "link": f"https://workshop.example/jobs/{job['id']}"}


def send_quote(db, call, given):
    job = own_job(db, call, given["job"])
    if call["dry_run"]:
        return {"would": f"send {job['customer']} a quote of {given['amount']} cents"}
    row = db.execute(
        "insert into quotes (client, job, amount) values (?, ?, ?) returning id",
        (call["client"], job["id"], given["amount"]),
    ).fetchone()
    text = f"Quote {row['id']} for {job['customer']}\n{job['work']}: {given['amount'] / 100:.2f}\n"
    return {
        "quote": row["id"],
        "link": f"https://workshop.example/quotes/{row['id']}",
        "files": [
            {"title": f"Quote {row['id']}", "media_type": "text/plain", "data": base64.b64encode(text.encode()).decode()}
        ],
    }


ACTIONS = {"create_job": create_job, "reschedule_job": reschedule_job, "send_quote": send_quote}


def jobs(db, call):
    marks = ",".join("?" * len(call["brands"]))
    rows = db.execute(
        f"select * from jobs where client = ? and brand in ({marks}) order by day limit 100", (call["client"], *call["brands"])
    )
    return [
        {
            "id": f"job-{row['id']}",
            "text": f"Job {row['id']}: {row['work']} for {row['customer']} on {row['day']}",
            "link": f"https://workshop.example/jobs/{row['id']}",
            "brand": row["brand"],
        }
        for row in rows
    ]


def company(db, call):
    return [{"id": "company", "text": f"The company is {call['client']}; it is open from nine to five."}]


SOURCES = {"jobs": jobs, "company": company}


def act(call, body):
    """Carries out a call once: its effect and its answer are stored together, under its key."""
    db = connect()
    try:
        db.execute("begin immediate")
        digest = hashlib.sha256(json.dumps([call["name"], call["user"], call["arguments"]]).encode()).hexdigest()
        known = db.execute("select * from calls where key = ?", (call["key"],)).fetchone()
        if known is not None:
            if known["digest"] != digest:
                raise Refusal(409, "the key was used for something else")
            db.execute("rollback")
            return json.loads(known["answer"])
        own_user(db, call)
        answer = ACTIONS[call["name"]](db, call, call["arguments"])
        if not call["dry_run"]:
            db.execute("insert into calls values (?, ?, 200, ?)", (call["key"], digest, json.dumps(answer)))
        db.execute("commit")
        return answer
    finally:
        db.close()


def tell(call):
    db = connect()
    try:
        own_user(db, call)
        return {"facts": SOURCES[call["name"]](db, call)}
    finally:
        db.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def cookie(self):
        found = SimpleCookie(self.headers.get("Cookie", "")).get("workshop")
        return found.value if found else ""

    def do_GET(self):
        if self.path == "/":
            self.send(200, "text/html; charset=utf-8", page())
        elif self.path == "/me":
            self.answer(200, me(visitor(self.cookie())))
        else:
            self.answer(404, {"error": "there is nothing here"})

    def for_people(self):
        """What the page asks for; false for anything else."""
        known = self.path.startswith("/enter/") or self.path in ("/leave", "/assistant-token", "/buy")
        if not known:
            return False
        # Another site's page is not to act in a visitor's name: browsers say where a request comes from.
        if self.headers.get("Origin", "") != "http://" + self.headers.get("Host", ""):
            raise Refusal(403, "this came from another page")
        if self.path.startswith("/enter/"):
            cookie = enter(self.path.removeprefix("/enter/"))
            self.answer(200, {}, {"Set-Cookie": f"workshop={cookie}; HttpOnly; SameSite=Strict; Path=/"})
            return True
        name = visitor(self.cookie())
        if self.path == "/leave":
            self.answer(200, leave(self.cookie()), {"Set-Cookie": "workshop=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"})
        elif self.path == "/assistant-token":
            self.answer(200, {"token": None if name is None else user_token(name)})
        elif name is None:
            raise Refusal(401, "nobody is signed in")
        else:
            self.answer(200, buy(name))
        return True

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", "0"))
            if not 0 <= length <= MAX_BODY:
                raise Refusal(413, "the body is too large")
            body = self.rfile.read(length)
            if self.for_people():
                return
            if self.path.startswith("/sign-in/"):
                self.answer(200, sign_in(self.path.removeprefix("/sign-in/")))
                return
            call = verified(self.headers, body)
            if self.path == "/ai/actions/" + call["name"] and call["kind"] == "action" and call["name"] in ACTIONS:
                self.answer(200, act(call, body))
            elif self.path == "/ai/context/" + call["name"] and call["kind"] == "context" and call["name"] in SOURCES:
                self.answer(200, tell(call))
            else:
                raise Refusal(404, "there is nothing here")
        except Refusal as refusal:
            self.answer(refusal.status, {"error": refusal.error})
        except (KeyError, ValueError) as error:
            self.answer(400, {"error": f"the call is not understood: {error}"})

    def answer(self, status, value, headers={}):
        self.send(status, "application/json", json.dumps(value).encode(), headers)

    def send(self, status, media_type, data, headers={}):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


def main():
    prepare()
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("HOST_APP_PORT", "8090"))), Handler)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
