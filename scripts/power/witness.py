"""Counts, outside of the machine, which commands have begun: what is noted here no power cut undoes."""
import collections
import socketserver
import threading


class Witness:
    """Commands connect, say their key, and go on when they are answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.begun = collections.Counter()
        witness = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 60

            def handle(self):
                key = self.rfile.readline(200).strip().decode()
                if key:
                    with witness.lock:
                        witness.begun[key] += 1
                    self.wfile.write(b"noted\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def count(self, key):
        with self.lock:
            return self.begun[key]

    def counts(self):
        with self.lock:
            return dict(self.begun)
