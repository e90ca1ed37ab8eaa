"""1.6 and 1.7: what an event does to its session."""

import time

from client import event, post, session, sessions, store_one, stored
from suite import check, equal, true


@check("1.7", "any event makes a session active, an end ends it, a later event wakes it")
def ends():
    name = session()
    post("/api/events", event(session_id=name))
    equal(sessions(name)["status"], "active", "first")
    post("/api/events", event(session_id=name, event_type="session_end"))
    row = sessions(name)
    equal(row["status"], "ended", "ended")
    true(row["ended_at"] is not None, "ended_at")
    post("/api/events", event(session_id=name))
    row = sessions(name)
    equal((row["status"], row["ended_at"]), ("active", None), "awake")


@check("1.7", "the end of a session of claude_code makes it idle")
def idle():
    name = session()
    post("/api/events", event(session_id=name, agent_type="claude_code", event_type="session_end"))
    row = sessions(name)
    equal((row["status"], row["ended_at"]), ("idle", None), "status")


@check("1.7", "imports of the past end their session, recent ones leave it active")
def imports():
    old, recent, bare = session(), session(), session()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    post("/api/events", event(session_id=old, source="import", client_timestamp="2020-01-01T00:00:00Z"))
    post("/api/events", event(session_id=bare, source="import"))
    post("/api/events", event(session_id=recent, source="import", client_timestamp=now, event_type="session_end"))
    equal([sessions(name)["status"] for name in (old, bare, recent)], ["ended", "ended", "active"], "statuses")


@check("1.6", "project and branch of a session fill in what an event leaves out")
def filled():
    name = session()
    post("/api/events", event(session_id=name, project="none-such", branch="b1"))
    post("/api/events", event(session_id=name))
    row = stored(name)[-1]
    equal((row["project"], row["branch"]), ("none-such", "b1"), "back-fill")
    equal(sessions(name)["branch"], "b1", "session")


@check("1.5", "times are UTC, in the two forms of the contract")
def times():
    row = store_one(client_timestamp="2026-01-01T00:00:00Z")
    time.strptime(row["created_at"], "%Y-%m-%d %H:%M:%S")
    equal(row["client_timestamp"], "2026-01-01T00:00:00.000Z", "client_timestamp")
