"""Speaks to the service: requests, raw sockets, the stream."""

import http.client
import itertools
import json
import os
import socket
import urllib.parse
import uuid

BASE = urllib.parse.urlsplit(os.environ.get("GANTRY_INGEST_BASE_URL", "http://127.0.0.1:3142"))
TOKEN = os.environ.get("GANTRY_INGEST_BLACKBOX_TOKEN", "")
NUMBERS = itertools.count(1)
RUN = uuid.uuid4().hex[:8]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def connection(timeout=20):
    return http.client.HTTPConnection(BASE.hostname, BASE.port, timeout=timeout)


def request(method, path, body=None, headers=None):
    headers = dict(headers or {})
    if TOKEN:
        headers.setdefault("Authorization", f"Bearer {TOKEN}")
    link = connection()
    try:
        link.request(method, path, body=body, headers=headers)
        response = link.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        link.close()


def get(path, **headers):
    return request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def post(path, body, kind="application/json", **headers):
    """Posts bytes or text as they are, anything else as JSON."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    sent = {k.replace("_", "-"): v for k, v in headers.items()}
    if kind is not None:
        sent["Content-Type"] = kind
    return request("POST", path, body, sent)


def session():
    """A session that no other check has."""
    return f"bb-{RUN}-{next(NUMBERS)}"


def event(**fields):
    return {"session_id": session(), "agent_type": "blackbox", "event_type": "tool_use", **fields}


def stored(row_or_session):
    """The rows of a session, oldest first."""
    asked = urllib.parse.quote(row_or_session, safe="")
    rows = get(f"/api/events?session_id={asked}&limit=1000").json["events"]
    return sorted(rows, key=lambda row: row["id"])


def store_one(**fields):
    """Posts an event and gives its row."""
    sent = event(**fields)
    answer = post("/api/events", sent)
    assert answer.status == 201, (answer.status, answer.body)
    number = answer.json["ids"][0]
    return next(row for row in stored(sent["session_id"].strip()) if row["id"] == number)


def sessions(number):
    rows = get("/api/sessions?limit=0").json["sessions"]
    return next((row for row in rows if row["id"] == number), None)


def raw(payload, timeout=20, half_close=False):
    """Sends bytes over a socket, and reads until the other side closes."""
    with socket.create_connection((BASE.hostname, BASE.port), timeout=timeout) as link:
        try:
            link.sendall(payload)
            if half_close:
                link.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the answer may have come before all was sent
        received = b""
        try:
            while piece := link.recv(65536):
                received += piece
        except OSError:
            pass
        return received


class Stream:
    """A client of the stream."""

    def __init__(self, query="", headers=None):
        headers = dict(headers or {})
        if TOKEN:
            headers["Authorization"] = f"Bearer {TOKEN}"
        self.link = connection()
        self.link.request("GET", f"/api/stream{query}", headers=headers)
        self.response = self.link.getresponse()
        self.status = self.response.status
        self.headers = {k.lower(): v for k, v in self.response.getheaders()}

    def block(self):
        """The lines of the next block."""
        lines = []
        while True:
            line = self.response.readline()
            if not line:
                raise EOFError("the stream ended")
            line = line.decode().rstrip("\n")
            if not line:
                return lines
            lines.append(line)

    def frame(self):
        """The next block with data: its id, if it has one, and its JSON."""
        while True:
            lines = self.block()
            data = [line[6:] for line in lines if line.startswith("data: ")]
            number = next((int(line[4:]) for line in lines if line.startswith("id: ")), None)
            if data:
                return number, json.loads(data[0])

    def event(self, session_id):
        """The next event of a session: the frame's id and the row."""
        while True:
            number, frame = self.frame()
            if frame["type"] == "event" and frame["payload"]["session_id"] == session_id:
                return number, frame["payload"]

    def until(self, kind):
        while True:
            _, frame = self.frame()
            if frame["type"] == kind:
                return frame

    def close(self):
        # Closing the connection alone would keep the socket, which the response still reads.
        self.response.close()
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
