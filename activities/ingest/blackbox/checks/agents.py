"""Decision 2: sessions that shippers send, kept whole by their receiver and shown among the events."""

import gzip
import json
import threading
import uuid
from datetime import datetime, timedelta, timezone

from client import Stream, get, post, request, sessions, stored
from suite import check, equal, true

PATH = "/api/agents/ingest"


def moment(minutes_ago=0):
    return (datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)).isoformat()


def event(offset, role="user", **fields):
    return {"role": role, "timestamp": moment(), "source_path": "/home/dev/.claude/projects/a/s.jsonl",
            "source_offset": offset, "item_index": 0, **fields}


def body(events, **fields):
    return {"id": str(uuid.uuid4()), "provider": "claude", "project": "orchard", "device_id": "shipper-a",
            "git_branch": "main", "started_at": moment(60), "events": events, "of_tomorrow": [1], **fields}


@check("2", "a shipped session is stored whole and shown as events", own=True)
def shown():
    sent = body([event(0, content_text="list the files"),
                 event(90, "assistant", tool_name="Bash", tool_input_json={"command": "ls"}, tool_call_id="t1"),
                 event(180, "tool", tool_output_text="a b", tool_call_id="t1"),
                 event(240, "assistant", content_text="There are two.")])
    answer = post(PATH, sent)
    equal(answer.status, 200, "status")
    equal(answer.json, {"session_id": sent["id"], "events_inserted": 4, "events_skipped": 0, "session_created": True}, "answer")
    rows = stored(sent["id"])
    equal([row["event_type"] for row in rows], ["user_prompt", "tool_use", "response", "llm_response"], "types")
    equal({(row["agent_type"], row["source"], row["project"], row["branch"]) for row in rows},
          {("claude_code", "shipper", "orchard", "main")}, "who and where")
    equal([row["tool_name"] for row in rows], [None, "Bash", None, None], "tools")
    metadata = [json.loads(row["metadata"]) for row in rows]
    equal((metadata[0]["message"], metadata[1]["command"], metadata[2]["tool_use_id"]), ("list the files", "ls", "t1"), "metadata")
    session = sessions(sent["id"])
    equal((session["event_count"], session["status"], session["agent_type"]), (4, "active", "claude_code"), "session")
    whole = get(f"/api/agents/sessions/{sent['id']}/events").json["events"]
    equal([row["role"] for row in whole], ["user", "assistant", "tool", "assistant"], "kept whole")


@check("2", "a body that comes again is a duplicate, at once or later", own=True)
def again():
    sent = body([event(n * 10, content_text=f"text {n}") for n in range(40)])
    answers = []
    posts = [threading.Thread(target=lambda: answers.append(post(PATH, sent))) for _ in range(6)]
    for thread in posts:
        thread.start()
    for thread in posts:
        thread.join()
    equal({answer.status for answer in answers}, {200}, "statuses")
    equal(sum(answer.json["events_inserted"] for answer in answers), 40, "inserted")
    equal(post(PATH, sent).json["events_skipped"], 40, "skipped")
    rows = stored(sent["id"])
    equal((len(rows), len({row["event_id"] for row in rows})), (40, 40), "rows")


@check("2", "what is old does not make a session active, and what is new does", own=True)
def past():
    sent = body([event(0, content_text="long ago", timestamp=moment(24 * 60))])
    equal(post(PATH, sent).status, 200, "status")
    equal(sessions(sent["id"])["status"], "ended", "old")
    equal(post(PATH, {**sent, "events": [event(50, content_text="now")]}).status, 200, "status")
    equal(sessions(sent["id"])["status"], "active", "new")


@check("2", "shipped events are streamed as all others", own=True)
def streamed():
    with Stream("?agent_type=claude_code") as stream:
        sent = body([event(0, content_text="hello")])
        post(PATH, sent)
        number, row = stream.event(sent["id"])
        equal((number, row["event_type"]), (row["id"], "user_prompt"), "frame")


@check("2", "compressed bodies, larger ones than events may be", own=True)
def compressed():
    sent = body([event(0, content_text="x" * 3_000_000)])
    packed = gzip.compress(json.dumps(sent).encode())
    answer = post(PATH, packed, Content_Encoding="gzip")
    equal((answer.status, answer.json["events_inserted"]), (200, 1), "gzip")
    true("zstd" in answer.headers["accept-encoding"], "says what it takes")
    true("zstd" in get("/api/health").headers["accept-encoding"], "health says it too")
    row = stored(sent["id"])[0]
    true(len(row["metadata"]) < 4096 and row["payload_truncated"] == 0, "short metadata")
    equal(post(PATH, packed[:-20], Content_Encoding="gzip").status, 400, "cut")
    equal(post(PATH, packed, Content_Encoding="br").status, 415, "unknown encoding")


@check("2", "a shipped body is taken as a whole or not at all, and its failures are listed", own=True)
def refused():
    sent = body([event(0, content_text="good"), event(-1, "nobody")])
    answer = post(PATH, sent)
    equal((answer.status, answer.json["error"], answer.json["failure_count"]), (422, "schema", 2), "schema")
    true(all(failure["at"].startswith("events[1].") for failure in answer.json["failures"]), str(answer.json))
    equal(stored(sent["id"]), [], "nothing is stored")
    equal(post(PATH, "{").status, 400, "no JSON")
    equal(post(PATH, {**body([]), "id": "7"}).status, 422, "no UUID")
    equal(request("GET", PATH).status, 405, "another method")
    equal(post(PATH, sent, Origin="https://evil.example").status, 403, "another site")


@check("2", "a shipped session can be removed from where it is kept whole", own=True)
def removed():
    sent = body([event(0, content_text="a")])
    post(PATH, sent)
    answer = request("DELETE", f"/api/agents/sessions/{sent['id']}")
    equal((answer.status, answer.json), (200, {"events": 1}), "removed")
    equal(get(f"/api/agents/sessions/{sent['id']}/events").status, 404, "gone")
    equal(request("DELETE", f"/api/agents/sessions/{sent['id']}").status, 404, "once")
