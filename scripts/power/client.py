"""A client of the JSON face."""
import http.client
import json

HOST = "deckhand.test"


class Client:
    """One connection, made again when it is lost; for one thread."""

    def __init__(self, port, hash):
        self.port = port
        self.headers = {"Host": HOST, "Authorization": f"Bearer {hash}"}
        self.connection = None

    def ask(self, method, path, body=None, timeout=90):
        """Status and bytes of an answer that came whole; OSError or HTTPException otherwise."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = dict(self.headers)
            if body is not None:
                headers["Content-Type"] = "application/json"
            self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = self.connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def json(self, method, path, body=None, expected=(200, 201)):
        status, answer = self.ask(method, path, body)
        if status not in expected:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300].decode(errors='replace')}")
        return json.loads(answer)

    def output(self, session, number, stream="combined"):
        path = f"/v1/sessions/{session}/tickets/{number}/output?stream={stream}"
        status, answer = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {answer[:300].decode(errors='replace')}")
        return answer.decode(errors="replace")
