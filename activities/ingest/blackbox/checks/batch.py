"""1.2: many events."""

import json

from client import event, post, session, stored
from suite import check, equal, true

EXPECTED = {"error": "Expected { events: [...] }"}


@check("1.2", "what is no batch is 400 with one text")
def no_batch():
    for body in ["", "{", "[]", "null", "5", '"x"', "{}", '{"events":{}}', '{"events":null}']:
        answer = post("/api/events/batch", body)
        equal((answer.status, answer.json), (400, EXPECTED), body)


@check("1.2", "an empty batch, and one whose events are all refused, answer 201")
def nothing():
    answer = post("/api/events/batch", {"events": []})
    equal((answer.status, answer.json), (201, {"received": 0, "ids": [], "duplicates": 0, "rejected": []}), "empty")
    answer = post("/api/events/batch", {"events": [1, {}, None]})
    equal((answer.status, answer.json["received"]), (201, 0), "refused")
    equal([item["index"] for item in answer.json["rejected"]], [0, 1, 2], "indexes")
    equal(answer.json["rejected"][0]["errors"], ["body: must be a JSON object"], "errors")


@check("1.2", "events are stored in order, the wrong ones told by their place")
def mixed():
    name, key = session(), session()
    events = [event(session_id=name, tool_name="a"), event(tokens_in=-1), event(session_id=name, tool_name="b", event_id=key),
              event(session_id=name, event_id=key), event(session_id=name, tool_name="c")]
    answer = post("/api/events/batch", {"events": events})
    body = answer.json
    equal((answer.status, body["received"], body["duplicates"]), (201, 3, 1), "counts")
    equal(body["rejected"], [{"index": 1, "errors": ["tokens_in: must be a non-negative integer when provided"]}], "wrong")
    rows = stored(name)
    equal([row["tool_name"] for row in rows], ["a", "b", "c"], "rows")
    equal([row["id"] for row in rows], body["ids"], "ids")
    equal(sorted(body["ids"]), body["ids"], "ascending")


@check("1.2", "there is no limit on the number, only on the bytes")
def many():
    name = session()
    events = [{"session_id": name, "agent_type": "a", "event_type": "error"} for _ in range(5_000)]
    answer = post("/api/events/batch", {"events": events})
    equal((answer.status, answer.json["received"]), (201, 5_000), "many")
    answer = post("/api/events/batch", json.dumps({"events": []}) + " " * (1024 * 1024))
    equal(answer.status, 413, "too large")


@check("1.2", "verbose=1 tells what became of each", own=True)
def verbose():
    key = session()
    events = [event(event_id=key), event(event_id=key), 5]
    answer = post("/api/events/batch?verbose=1", {"events": events})
    equal([item["status"] for item in answer.json["items"]], ["stored", "duplicate", "rejected"], "items")
    equal(answer.json["items"][0]["id"], answer.json["ids"][0], "id")
    true("items" not in post("/api/events/batch", {"events": []}).json, "only when asked for")


@check("1.2", "an Idempotency-Key makes a batch safe to send again", own=True)
def idempotency():
    name = session()
    body = {"events": [event(session_id=name), event(session_id=name, event_id=session())]}
    equal(post("/api/events/batch", body, Idempotency_Key=name).json["received"], 2, "first")
    again = post("/api/events/batch", body, Idempotency_Key=name).json
    equal((again["received"], again["duplicates"]), (0, 2), "again")
    equal(len(stored(name)), 2, "rows")


@check("1.2", "lines of NDJSON are stored, and the wrong ones told", own=True)
def ndjson():
    name = session()
    lines = [json.dumps(event(session_id=name)) for _ in range(1_200)]
    lines[7:7] = ["", "not json", "{}"]
    answer = post("/api/events/ndjson", "\n".join(lines), "application/x-ndjson")
    body = answer.json
    equal((answer.status, body["lines"], body["received"], body["rejected"]), (201, 1_203, 1_200, 2), "counts")
    equal([reject["line"] for reject in body["rejects"]], [9, 10], "lines")
    equal(post("/api/events/ndjson", "", "application/x-ndjson").json["received"], 0, "empty")


@check("1.2", "NDJSON has no limit of size, a line has", own=True)
def long_lines():
    name = session()
    line = json.dumps(event(session_id=name, metadata={"x": "y" * 3_000}))
    text = "\n".join([line] * 700 + ["z" * (1024 * 1024 + 1), line])
    body = post("/api/events/ndjson", text, "application/x-ndjson").json
    equal((body["received"], body["rejected"]), (701, 1), "counts")
    true("1048576" in body["rejects"][0]["errors"][0], "the limit is named")
