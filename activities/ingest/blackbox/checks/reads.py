"""1.8, 1.10 and the reading routes that the dashboard starts with."""

from client import event, get, post, session, stored
from suite import check, equal, true

FIELDS = ["total_events", "total_tokens_in", "total_tokens_out", "total_cost_usd", "tool_breakdown", "agent_breakdown",
          "model_breakdown", "active_sessions", "live_sessions", "total_sessions", "active_agents", "branches",
          "quota_monitor", "usage_monitor"]


@check("1.8", "statistics have every field")
def fields():
    body = get("/api/stats").json
    equal(sorted(set(FIELDS) - set(body)), [], "missing")
    equal([quota["provider"] for quota in body["quota_monitor"]], ["claude", "codex"], "providers")
    equal(body["usage_monitor"], body["quota_monitor"], "alias")
    quota = body["quota_monitor"][0]
    for name in ["provider", "agent_type", "status", "source", "updated_at", "account_label", "plan_type", "limit_id",
                 "limit_name", "error_message", "primary", "secondary", "credits"]:
        true(name in quota, name)
    true(quota["status"] in ("available", "unavailable", "error"), "status")


@check("1.8", "statistics of one type of agent")
def filtered():
    agent = session()
    events = [event(agent_type=agent, tool_name="x", tokens_in=5, model="m1", cost_usd=0.5),
              event(agent_type=agent, tool_name="y", tokens_out=7), event(agent_type=agent, tool_name="y"),
              event(agent_type=agent)]
    post("/api/events/batch", {"events": events})
    body = get(f"/api/stats?agent_type={agent}").json
    equal((body["total_events"], body["total_tokens_in"], body["total_tokens_out"], body["total_cost_usd"]), (4, 5, 7, 0.5),
          "sums")
    equal(list(body["tool_breakdown"].items()), [("y", 2), ("x", 1)], "tools, most used first")
    equal((body["agent_breakdown"], body["model_breakdown"]), ({agent: 4}, {"m1": 1}), "agents and models")


@check("1.8", "since: any text; what is no time matches nothing; empty counts as absent")
def since():
    post("/api/events", event())
    everything = get("/api/stats").json["total_events"]
    equal(get("/api/stats?since=&agent_type=").json["total_events"], everything, "empty")
    equal(get("/api/stats?since=2020-01-01T00:00:00%2B02:00").json["total_events"], everything, "long ago")
    equal(get("/api/stats?since=2999-01-01").json["total_events"], 0, "to come")
    answer = get("/api/stats?since=never")
    equal((answer.status, answer.json["total_events"], answer.json["total_cost_usd"]), (200, 0, 0), "no time")


@check("1.8", "repeated keys of a query are no error", own=True)
def repeated():
    for path in ["/api/stats?since=2020-01-01&since=2021-01-01", "/api/events?limit=1&limit=2", "/api/stats?a[]=1&a[]=2"]:
        equal(get(path).status, 200, path)


@check("1.8", "codex: what was both streamed and imported is counted once")
def reconciled():
    name = session()
    agent = {"session_id": name, "agent_type": "codex", "event_type": "llm_response", "tokens_in": 10}
    before = get("/api/stats?agent_type=codex").json
    post("/api/events", {**agent, "source": "otel"})
    post("/api/events", {**agent, "source": "import", "client_timestamp": "2999-01-01T00:00:00Z"})
    after = get("/api/stats?agent_type=codex").json
    equal(after["total_tokens_in"] - before["total_tokens_in"], 10, "tokens")
    equal(after["total_events"] - before["total_events"], 2, "events")


@check("1.10", "health")
def health():
    answer = get("/api/health")
    body = answer.json
    equal((answer.status, body["status"]), (200, "ok"), "status")
    true(body["uptime"] >= 0 and body["db_size_bytes"] > 0 and body["sse_clients"] >= 0, str(body))


@check("1.13", "events are listed newest first, filtered and in pages")
def listed():
    name = session()
    post("/api/events/batch", {"events": [event(session_id=name, tool_name=f"t{n}") for n in range(5)]})
    body = get(f"/api/events?session_id={name}&limit=2&offset=1").json
    equal(([row["tool_name"] for row in body["events"]], body["total"]), (["t3", "t2"], 5), "page")
    equal(get(f"/api/events?session_id={name}&tool_name=t4").json["total"], 1, "filter")
    true(isinstance(stored(name)[0]["metadata"], str), "metadata is a text")


@check("1.13", "sessions are listed with what their events add up to")
def session_list():
    name = session()
    post("/api/events/batch", {"events": [event(session_id=name, tokens_in=3), event(session_id=name, tokens_out=4)]})
    body = get("/api/sessions?status=active&limit=0").json
    equal(body["total"], len(body["sessions"]), "total")
    row = next(row for row in body["sessions"] if row["id"] == name)
    equal((row["event_count"], row["tokens_in"], row["tokens_out"]), (2, 3, 4), "sums")
    true(name not in [row["id"] for row in get("/api/sessions?exclude_status=active&limit=0").json["sessions"]], "excluded")


@check("1.13", "one session with its events")
def one_session():
    name = session() + "-Aé"
    post("/api/events", event(session_id=name))
    import urllib.parse
    answer = get(f"/api/sessions/{urllib.parse.quote(name)}")
    equal((answer.status, answer.json["session"]["id"], len(answer.json["events"])), (200, name, 1), "found")
    equal(get("/api/sessions/none").status, 404, "missing")
