"""Event streams: how soon a viewer sees output, and what thousands of idle ones cost."""
import http.client
import json
import selectors
import socket
import time

from .bench import Broken, percentile
from .server import Server, link_path

STREAMS = 5_000
PER_ADDRESS = 500

def first_byte(bench, report):
    lines, pause = bench.choose((2_000, 5), (200, 5))
    server = Server(bench, "first-byte")
    server.start()
    ticket = server.shell(f"{bench.folder}/bin/ticker {lines} {pause}", "viewer")
    delays = _follow(server, link_path(ticket["stream"]), lines)
    server.stop()
    report.add(
        "output at an SSE viewer after the command wrote it, p99", "≤ 20 ms",
        f"{percentile(delays, 0.99):.2f} ms (p50 {percentile(delays, 0.5):.2f} ms)", percentile(delays, 0.99) <= 20)
    report.note(
        f"First byte: a command writes the time and pauses {pause} ms, {lines:,} times; the viewer compares with the "
        "same clock when it has read the event.")


def _follow(server, path, lines):
    """Seconds from write to sight of each line, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise Broken(f"/stream answered {answer.status}: {answer.read()[:500]!r}")
    delays, text, output = [], b"", ""
    while len(delays) < lines:
        piece = answer.read1(1 << 16)
        seen = time.clock_gettime_ns(time.CLOCK_REALTIME)
        if not piece:
            raise Broken(f"the stream ended after {len(delays)} of {lines} lines.")
        text += piece
        *events, text = text.split(b"\n\n")
        for event in events:
            for line in event.split(b"\n"):
                if line.startswith(b'data: {"offset"'):
                    output += json.loads(line[6:])["text"]
        *whole, output = output.split("\n")
        delays += [(seen - int(stamp)) / 1e6 for stamp in whole]
    connection.close()
    return delays


def idle(bench, report):
    count = STREAMS
    if bench.open_files < count + 200:
        raise Broken(f"{count:,} streams need more than {bench.open_files:,} open files (ulimit -n).")
    server = Server(bench, "idle-streams", DECKHAND_MAX_CONNECTIONS=str(count + 200))
    server.start()
    before = server.resident()
    ticket = server.shell("sleep 250", "idle")
    sockets = _open(server, link_path(ticket["stream"]), count)
    # Long enough that every stream has had a heartbeat.
    time.sleep(bench.choose(20, 2))
    after = server.resident()
    server.cancel("idle", ticket["ticket"])
    _await_end(sockets)
    server.stop()
    report.add(
        f"server with {count:,} idle event streams", "≤ 150 MB", f"{after / 1e6:.1f} MB",
        after <= 150e6, f"{before / 1e6:.1f} MB without, {(after - before) / count / 1e3:.1f} kB each")
    report.note(
        f"Idle streams: {count:,} connections follow one running ticket; resident memory of the server after heartbeats; "
        "then the ticket is cancelled and every stream must see the end. "
        f"Settings beside the defaults: DECKHAND_CGROUP=off, DECKHAND_MAX_CONNECTIONS={count + 200}.")


def _open(server, path, count):
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    sockets = []
    while len(sockets) < count:
        batch = []
        for _ in range(min(100, count - len(sockets))):
            # As from several machines: the server bounds the connections of one address.
            source = f"127.0.1.{1 + (len(sockets) + len(batch)) // PER_ADDRESS}"
            connection = socket.create_connection(
                ("127.0.0.1", server.port), timeout=30, source_address=(source, 0))
            connection.sendall(request)
            batch.append(connection)
        for connection in batch:
            head = b""
            while b"event: state" not in head:
                piece = connection.recv(8192)
                if not piece:
                    raise Broken(f"stream {len(sockets)} was closed: {head[:500]!r}")
                head += piece
            connection.setblocking(False)
        sockets += batch
    return sockets


def _await_end(sockets):
    """Reads every stream to its terminal state, and closes it."""
    selector = selectors.DefaultSelector()
    tails = {}
    for connection in sockets:
        selector.register(connection, selectors.EVENT_READ)
        tails[connection] = b""
    deadline = time.monotonic() + 30
    while tails:
        if time.monotonic() > deadline:
            raise Broken(f"{len(tails):,} streams did not see the end of their ticket within 30 s.")
        for key, _ in selector.select(timeout=1):
            connection = key.fileobj
            try:
                piece = connection.recv(1 << 16)
            except BlockingIOError:
                continue
            tails[connection] = (tails[connection] + piece)[-8192:]
            if b'"cancelled"' in tails[connection]:
                selector.unregister(connection)
                connection.close()
                del tails[connection]
            elif not piece:
                raise Broken("a stream was closed before the end of its ticket.")


def drain(server, link):
    """Reads a stream to its end and keeps nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", link_path(link))
    answer = connection.getresponse()
    while answer.read1(1 << 20):
        pass
    connection.close()
