"""Paths, methods and answers of every route."""

from client import event, get, post, request
from suite import check, equal, true


@check("1.1b", "paths in any case and with a slash at the end")
def spelling():
    equal(post("/API/Events/", event()).status, 201, "post")
    equal(post("/api/EVENTS/Batch", {"events": []}).status, 201, "batch")
    for path in ["/Api/Health/", "/api/stats/", "/API/SESSIONS"]:
        equal(get(path).status, 200, path)


@check("1.1", "an unknown path or method is 404")
def unknown():
    for method, path in [("GET", "/"), ("GET", "/api/nothing"), ("GET", "/api/events/batch"), ("DELETE", "/api/events"),
                         ("PUT", "/api/stats"), ("POST", "/api/health"), ("HEAD", "/api/events/batch"),
                         ("GET", "/../../etc/passwd"), ("GET", "/api/events//"), ("OPTIONS", "/api/nothing")]:
        equal(request(method, path).status, 404, f"{method} {path}")


@check("1.1", "an answer that is an error is JSON, never a page, never a path", own=True)
def errors():
    answers = [get("/api/nothing"), request("PATCH", "/api/events"), post("/api/events", "x" * 2_000_000),
               post("/api/events/batch", "{"), post("/api/events", "{}", "text/plain; charset=none"),
               get("/api/sessions/none"), post("/api/otel/v1/logs", "x")]
    for answer in answers:
        true(400 <= answer.status < 500, str(answer.status))
        true(answer.headers["content-type"].startswith("application/json"), str(answer.headers))
        true(isinstance(answer.json["error"], str), "error")
        true(b"<" not in answer.body and b"/src" not in answer.body and b".db" not in answer.body, str(answer.body))


@check("1.1", "OPTIONS answers 200 with the methods")
def options():
    answer = request("OPTIONS", "/api/events")
    equal(answer.status, 200, "status")
    true({"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(",")), answer.headers["allow"])


@check("1.1", "HEAD answers as GET, without a body")
def head():
    for path in ["/api/health", "/api/stats", "/api/events"]:
        answer = request("HEAD", path)
        equal((answer.status, answer.body), (200, b""), path)


@check("1.10", "live, ready, metrics and the description of the interface", own=True)
def operations():
    equal(get("/live").json, {"live": True}, "live")
    equal(get("/ready").json, {"ready": True, "reasons": []}, "ready")
    post("/api/events", event())
    text = get("/metrics").body.decode()
    for name in ["events_accepted_total", "events_duplicate_total", "rejected_total", "queue_events", "stream_clients",
                 "store_commits_total", "database_bytes", "wal_bytes", "stream_closed_slow_total"]:
        true(f"\ngantry_ingest_{name}" in text, name)
    document = get("/openapi.json").json
    true(document["openapi"].startswith("3.1"), "version")
    for path in ["/api/events", "/api/events/batch", "/api/stream", "/api/stats", "/api/otel/v1/logs"]:
        true(path in document["paths"], path)


@check("1.1", "what was refused can be looked at", own=True)
def rejects():
    marker = event(tokens_in=-7)
    post("/api/events", marker)
    for _ in range(50):
        found = [row for row in get("/api/rejects?limit=50").json["rejects"] if marker["session_id"] in row["sample"]]
        if found:
            break
    true(bool(found), "the refused event is listed")
    true("tokens_in" in found[0]["errors"][0], str(found[0]))
