"""1.13: OTLP."""

import gzip
import json
import struct

from client import post, session, stored
from suite import check, equal, true


def attributes(**pairs):
    def value(found):
        if isinstance(found, bool):
            return {"boolValue": found}
        if isinstance(found, int):
            return {"intValue": str(found)}
        return {"doubleValue": found} if isinstance(found, float) else {"stringValue": found}

    return [{"key": key.replace("__", "."), "value": value(found)} for key, found in pairs.items()]


def logs(service, *records):
    resource = {"attributes": attributes(service__name=service)}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": list(records)}]}]}


def record(name, session_id, body=None, **pairs):
    found = {"timeUnixNano": "1771927200123456789",
             "attributes": attributes(event__name=name, conversation__id=session_id, **pairs)}
    if body is not None:
        found["body"] = {"stringValue": body}
    return found


def send(path, payload, **headers):
    answer = post(f"/api/otel/v1/{path}", payload, **headers)
    equal((answer.status, answer.json), (200, {}), path)


@check("1.13", "log records of Codex become events")
def codex():
    name = session()
    send("logs", logs("codex_cli_rs", record("codex.conversation_starts", name, model="gpt-5"),
                      record("codex.tool_result", name, tool_name="shell", success=False, duration_ms=12),
                      record("codex.user_prompt", name, prompt="hello"),
                      record("codex.sse_event", name, event__kind="response.completed", input_token_count=100,
                             cached_token_count=40, output_token_count=7)))
    rows = stored(name)
    equal([row["event_type"] for row in rows], ["session_start", "tool_use", "user_prompt", "llm_response"], "types")
    equal({(row["agent_type"], row["source"]) for row in rows}, {("codex", "otel")}, "source")
    equal((rows[1]["tool_name"], rows[1]["status"], rows[1]["duration_ms"]), ("shell", "error", 12), "tool")
    equal(json.loads(rows[2]["metadata"])["message"], "hello", "prompt")
    equal((rows[3]["tokens_in"], rows[3]["cache_read_tokens"], rows[3]["tokens_out"]), (60, 40, 7), "tokens")
    equal(rows[0]["client_timestamp"], "2026-02-24T10:00:00.123Z", "time")


@check("1.13", "records that are noise, unknown or of no session are skipped")
def noise():
    name = session()
    other = record("codex.user_prompt", "")
    send("logs", logs("codex", record("codex.sse_event", name, event__kind="response.output_text.delta"),
                      record("codex.websocket_event", name), record("codex.unheard_of", name), other))
    equal(stored(name), [], "rows")


@check("1.13", "log records of Claude Code become events")
def claude():
    name = session()
    send("logs", logs("claude-code", record("claude_code.api_request", name, **{"gen_ai__usage__input_tokens": 10}),
                      record("claude_code.response", name), record("claude_code.tool_result", name, "plain text")))
    rows = stored(name)
    equal([(row["agent_type"], row["event_type"]) for row in rows],
          [("claude_code", "llm_request"), ("claude_code", "tool_use")], "types")
    equal(rows[0]["tokens_in"], 10, "tokens are not reduced")
    equal(json.loads(rows[1]["metadata"])["message"], "plain text", "body")


def metrics(name, value, session_id, temporality=2, kind="input", start="1771927200000000000", metric_kind="asInt"):
    point = {metric_kind: str(value) if metric_kind == "asInt" else value, "startTimeUnixNano": start,
             "attributes": attributes(type=kind, model="m")}
    metric = {"name": name, "sum": {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": [point]}}
    resource = {"attributes": attributes(service__name="claude-code", session__id=session_id)}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": [metric]}]}]}


@check("1.13", "metrics that count up become what was added, delta ones are taken as they are")
def cumulative():
    name = session()
    for value in [100, 150, 150, 175]:
        send("metrics", metrics("claude_code.token.usage", value, name))
    equal([row["tokens_in"] for row in stored(name)], [100, 50, 25], "added")
    for value in [5, 5]:
        send("metrics", metrics("claude_code.token.usage", value, name, temporality=1, kind="output"))
    equal([row["tokens_out"] for row in stored(name)][3:], [5, 5], "delta")
    send("metrics", metrics("claude_code.cost.usage", 0.25, name, metric_kind="asDouble"))
    row = stored(name)[-1]
    equal((row["cost_usd"], row["event_type"], row["source"], row["model"]), (0.25, "llm_response", "otel", "m"), "cost")
    send("metrics", metrics("claude_code.lines_of_code.count", 5, name))
    equal(len(stored(name)), 6, "others are skipped")


@check("1.13", "a counter that starts anew counts from nothing", own=True)
def anew():
    name = session()
    send("metrics", metrics("claude_code.token.usage", 100, name))
    send("metrics", metrics("claude_code.token.usage", 30, name, start="1771930000000000000"))
    send("metrics", metrics("claude_code.token.usage", 45, name, start="1771930000000000000"))
    equal([row["tokens_in"] for row in stored(name)], [100, 30, 15], "added")


@check("1.13", "traces are acknowledged")
def traces():
    send("traces", {"resourceSpans": []})


@check("1.13", "what is no JSON is 400 with one text")
def errors():
    for path in ["logs", "metrics", "traces"]:
        for body in ["", "{", "5", "null", '"x"']:
            answer = post(f"/api/otel/v1/{path}", body)
            equal((answer.status, answer.json), (400, {"error": "Invalid OTEL JSON payload"}), f"{path} {body!r}")
        for body in ["{}", "[]", '{"resourceLogs":5}', '{"resourceLogs":[null,{"scopeLogs":{}}]}']:
            equal(post(f"/api/otel/v1/{path}", body).status, 200, f"{path} {body}")


@check("1.13", "the limit is 5 MiB")
def limit():
    equal(post("/api/otel/v1/logs", json.dumps({"x": "y" * 2_000_000})).status, 200, "2 MB")
    answer = post("/api/otel/v1/logs", json.dumps({"x": "y" * 5 * 1024 * 1024}))
    equal(answer.status, 413, "5 MiB and more")


def field(number, payload):
    size, length = len(payload), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + payload


def text_attribute(key, value):
    return field(1, key.encode()) + field(2, field(1, value.encode()))


@check("1.13", "protocol buffers are read, plain and gzip", own=True)
def protobuf():
    name = session()
    entry = (bytes([1 << 3 | 1]) + struct.pack("<Q", 1771927200123456789)
             + field(6, text_attribute("event.name", "codex.user_prompt")) + field(6, text_attribute("session.id", name)))
    resource = field(1, text_attribute("service.name", "codex"))
    payload = field(1, field(1, resource) + field(2, field(2, entry)))
    for body, encoding in [(payload, "identity"), (gzip.compress(payload), "gzip")]:
        answer = post("/api/otel/v1/logs", body, "application/x-protobuf", Content_Encoding=encoding)
        equal((answer.status, answer.body, answer.headers["content-type"]), (200, b"", "application/x-protobuf"), encoding)
    equal([row["event_type"] for row in stored(name)], ["user_prompt"] * 2, "rows")
    answer = post("/api/otel/v1/logs", b"\xff\xff\xff", "application/x-protobuf")
    equal(answer.status, 400, "damaged")
    true("error" in answer.json, "JSON")
