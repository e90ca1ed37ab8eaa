"""1.9: the live stream."""

import re
import time

from client import Stream, event, get, post, session, stored
from suite import Skipped, check, equal, true


@check("1.9", "headers, and the first frame")
def first():
    with Stream() as stream:
        equal(stream.status, 200, "status")
        equal((stream.headers["content-type"], stream.headers["cache-control"], stream.headers["x-accel-buffering"]),
              ("text/event-stream", "no-cache", "no"), "headers")
        lines = stream.block()
        equal(len(lines), 1, "one line")
        true(re.fullmatch(r'data: \{"type":"connected","timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"\}', lines[0]),
             lines[0])


@check("1.9", "an event's frame is its row, without a name of an event")
def frames():
    with Stream() as stream:
        stream.frame()
        name = session()
        post("/api/events", event(session_id=name, metadata={"a": [1]}, tool_name="é"))
        while True:
            lines = stream.block()
            if any(name in line for line in lines):
                break
        equal([line.split(":")[0] for line in lines if not line.startswith("id:")], ["data"], "lines")
        true(lines[-1].startswith('data: {"type":"event","payload":{"id":'), lines[-1][:60])
        import json
        row = json.loads(lines[-1][6:])["payload"]
        equal(row, stored(name)[0], "row")
        equal((row["metadata"], row["payload_truncated"]), ('{"a":[1]}', 0), "forms")


@check("1.9", "events of a batch come singly, in order; duplicates and refused ones do not")
def batch():
    with Stream() as stream:
        stream.frame()
        name, key = session(), session()
        events = [event(session_id=name, tool_name=str(n)) for n in range(200)]
        events[50]["event_id"] = events[51]["event_id"] = key
        events[60]["tokens_in"] = -1
        ids = post("/api/events/batch", {"events": events}).json["ids"]
        equal([stream.event(name)[1]["id"] for _ in ids], ids, "ids")


@check("1.9", "filters are exact and both must hold; filtered clients hear of events alone")
def filters():
    agent = session()
    with Stream(f"?agent_type={agent}&event_type=error") as stream:
        equal(stream.frame()[1]["type"], "connected", "first")
        events = [event(), event(agent_type=agent), event(event_type="error"), event(agent_type=agent, event_type="error")]
        ids = post("/api/events/batch", {"events": events}).json["ids"]
        _, frame = stream.frame()
        equal((frame["type"], frame["payload"]["id"]), ("event", ids[3]), "the one")


@check("1.9", "statistics come by themselves, in the form of GET /api/stats")
def stats():
    with Stream() as stream:
        frame = stream.until("stats")
        equal(sorted(frame["payload"]), sorted(get("/api/stats").json), "fields")


def listeners():
    """How many listen, when those who have just left are counted no more."""
    count, same = -1, 0
    while same < 5:
        now = get("/api/health").json["sse_clients"]
        count, same = now, same + 1 if now == count else 0
        time.sleep(0.02)
    return count


@check("1.9", "a client's place is free when it leaves")
def places():
    before = listeners()
    with Stream() as stream:
        stream.frame()
        equal(get("/api/health").json["sse_clients"], before + 1, "counted")
    for _ in range(100):
        if get("/api/health").json["sse_clients"] == before:
            return
        time.sleep(0.05)
    true(False, "the place is still taken")


@check("1.9", "when all places are taken the answer is 503, with their number")
def full():
    taken = listeners()
    streams = []
    try:
        for _ in range(200):
            stream = Stream()
            streams.append(stream)
            if stream.status == 503:
                import json
                body = json.loads(stream.response.read())
                equal(body["error"], "SSE client limit reached", "error")
                equal(body["max_clients"], taken + len(streams) - 1, "number")
                return
        raise Skipped("there are more than 200 places")
    finally:
        for stream in streams:
            stream.close()
        while listeners() > taken:
            time.sleep(0.05)


@check("1.9", "event frames carry their id", own=True)
def ids():
    with Stream() as stream:
        stream.frame()
        name = session()
        post("/api/events", event(session_id=name))
        number, row = stream.event(name)
        equal(number, row["id"], "id")


@check("1.9", "a client that comes back gets what it missed, by header or query", own=True)
def resume():
    name = session()
    ids = post("/api/events/batch", {"events": [event(session_id=name) for _ in range(600)]}).json["ids"]
    for query, headers in [("", {"Last-Event-ID": str(ids[99])}), (f"?last_event_id={ids[99]}", {}),
                           (f"?last_event_id={ids[0]}", {"Last-Event-ID": str(ids[99])})]:
        with Stream(query, headers) as stream:
            equal([stream.event(name)[1]["id"] for _ in ids[100:]], ids[100:], "missed")
            more = post("/api/events", event(session_id=name)).json["ids"][0]
            equal(stream.event(name)[0], more, "and then what is new")
            ids.append(more)


@check("1.9", "a client that saw nothing can resume as well, and is told when to come back", own=True)
def hint():
    with Stream() as stream:
        stream.block()
        lines = stream.block()
        true(any(line.startswith("retry: ") for line in lines), str(lines))
        number = next(int(line[4:]) for line in lines if line.startswith("id: "))
    name = session()
    post("/api/events", event(session_id=name))
    with Stream(f"?last_event_id={number}") as stream:
        true(stream.event(name)[0] > number, "resumed")


@check("1.9", "an id that does not exist is answered with a reset, and only to who asked", own=True)
def reset():
    with Stream("?last_event_id=900000000000") as stream:
        stream.frame()
        equal(stream.frame()[1]["type"], "reset", "frame")
    for odd in ["abc", "-5", ""]:
        with Stream(f"?last_event_id={odd}") as stream:
            equal(stream.frame()[1]["type"], "connected", odd)
