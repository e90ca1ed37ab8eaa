"""1.1 and 1.3: one event."""

from concurrent.futures import ThreadPoolExecutor

from client import event, post, session, sessions, store_one, stored
from suite import check, equal, true

TYPES = ["tool_use", "session_start", "session_end", "error", "llm_request", "llm_response", "response", "file_change",
         "git_commit", "plan_step", "user_prompt", "instruction_load"]


def refused(body, **options):
    answer = post("/api/events", body, **options)
    equal(answer.status, 400, "status")
    equal(answer.json["error"], "Invalid event payload", "error")
    return [(detail["field"], detail["message"]) for detail in answer.json["details"]]


@check("1.1", "a stored event answers 201 with its id")
def stored_event():
    answer = post("/api/events", event())
    equal(answer.status, 201, "status")
    body = answer.json
    equal((body["received"], body["duplicates"], len(body["ids"])), (1, 0, 1), "body")
    true(isinstance(body["ids"][0], int), "the id is a number")
    true(answer.headers["content-type"].startswith("application/json"), "JSON")


@check("1.1", "every type is taken, and nothing else")
def types():
    for kind in TYPES:
        equal(post("/api/events", event(event_type=f" {kind} ")).status, 201, kind)
    for wrong in ["TOOL_USE", "other"]:
        fields = refused(event(event_type=wrong))
        equal(fields, [("event_type", "must be one of: " + ", ".join(TYPES))], wrong)


@check("1.1", "required fields are required, trimmed and never blank")
def required():
    lists = "must be one of: " + ", ".join(TYPES)
    for missing, message in [(None, "must be a string"), (" ", "must be a non-empty string")]:
        body = {} if missing is None else dict.fromkeys(["session_id", "agent_type", "event_type"], missing)
        equal(refused(body), [("session_id", message), ("agent_type", message), ("event_type", message),
                              ("event_type", lists)], message)
    found = refused({"session_id": 5, "agent_type": " ", "event_type": None})
    equal([field for field, _ in found], ["session_id", "agent_type", "event_type", "event_type"], "wrong")
    row = store_one(agent_type="  free text  ")
    equal(row["agent_type"], "free text", "trimmed")


@check("1.1", "all failures are listed in the order of the contract")
def order():
    wrong = {"status": "", "event_id": 1, "tool_name": [], "branch": {}, "project": True, "model": 1, "duration_ms": -1,
             "tokens_in": 1.5, "tokens_out": "1", "cache_read_tokens": True, "cache_write_tokens": -2, "cost_usd": -0.1,
             "client_timestamp": "no", "source": 5}
    found = refused(wrong)
    equal([field for field, _ in found],
          ["session_id", "agent_type", "event_type", "event_type", "status", "event_id", "tool_name", "branch", "project",
           "model", "duration_ms", "tokens_in", "tokens_out", "cache_read_tokens", "cache_write_tokens", "cost_usd",
           "client_timestamp", "source"], "order")
    messages = dict(found)
    equal(messages["status"], "must be one of: success, error, timeout", "status")
    equal(messages["tool_name"], "must be a string when provided", "tool_name")
    equal(messages["tokens_in"], "must be a non-negative integer when provided", "tokens_in")
    equal(messages["cost_usd"], "must be a non-negative number when provided", "cost_usd")
    equal(messages["client_timestamp"], "must be a valid timestamp", "client_timestamp")


@check("1.1", "defaults of an event that says only what it must")
def defaults():
    row = store_one()
    expected = {"event_id": None, "tool_name": None, "status": "success", "tokens_in": 0, "tokens_out": 0, "branch": None,
                "project": None, "duration_ms": None, "client_timestamp": None, "metadata": "{}", "payload_truncated": 0,
                "model": None, "cost_usd": None, "cache_read_tokens": 0, "cache_write_tokens": 0, "source": "api"}
    for name, value in expected.items():
        equal(row[name], value, name)
    equal(store_one(event_type="error")["status"], "error", "status of an error")
    equal(store_one(event_type="error", status="success")["status"], "success", "status that is said")


@check("1.1", "null and blank texts are absent")
def blank():
    row = store_one(tool_name="", branch="  ", project=None, model="", event_id=" ", metadata=None, cost_usd=None)
    for name in ["tool_name", "branch", "project", "model", "event_id", "cost_usd"]:
        equal(row[name], None, name)
    equal(row["metadata"], "{}", "metadata")
    equal(refused(event(status="")), [("status", "must be one of: success, error, timeout")], "blank status")


@check("1.1", "numbers: 12.0 and 1e3 are integers, texts and truth values are not")
def numbers():
    sent = event()
    text = ('{"session_id":"%s","agent_type":"a","event_type":"response","tokens_in":12.0,"tokens_out":1e3,'
            '"duration_ms":0,"cost_usd":0}' % sent["session_id"])
    equal(post("/api/events", text).status, 201, "status")
    row = stored(sent["session_id"])[0]
    equal((row["tokens_in"], row["tokens_out"], row["duration_ms"], row["cost_usd"]), (12, 1000, None, 0), "numbers")
    for wrong in ["12", True, -1, 1.5]:
        equal(refused(event(tokens_in=wrong))[0][0], "tokens_in", str(wrong))


@check("1.1b", "a cost that is not finite is refused", own=True)
def finite():
    text = '{"session_id":"%s","agent_type":"a","event_type":"response","cost_usd":1e999}' % session()
    equal(refused(text)[0][0], "cost_usd", "field")


@check("1.1", "timestamps are normalised to UTC with milliseconds")
def timestamps():
    cases = {
        "2026-02-24T10:00:00.123456+02:00": "2026-02-24T08:00:00.123Z",
        "2026-02-24": "2026-02-24T00:00:00.000Z",
        "2026-02-24T10:00:00Z": "2026-02-24T10:00:00.000Z",
        "Tue, 24 Feb 2026 10:00:00 GMT": "2026-02-24T10:00:00.000Z",
        "2026-02-24T10:00:00": "2026-02-24T10:00:00.000Z",
    }
    for given, expected in cases.items():
        equal(store_one(client_timestamp=given)["client_timestamp"], expected, given)
    equal(refused(event(client_timestamp=5))[0][1], "must be an ISO timestamp string when provided", "a number")


@check("1.1", "unknown fields are ignored, and the store's own cannot be set")
def unknown():
    row = store_one(created_at="1999-01-01 00:00:00", id=1, schema_version=9, more="x")
    true(row["created_at"] > "2020", "created_at")
    equal(row["schema_version"], 1, "schema_version")
    true("more" not in row, "unknown field")


@check("1.1", "a row has the 22 columns, in their order")
def columns():
    equal(list(store_one()), ["id", "event_id", "schema_version", "session_id", "agent_type", "event_type", "tool_name",
                              "status", "tokens_in", "tokens_out", "branch", "project", "duration_ms", "created_at",
                              "client_timestamp", "metadata", "payload_truncated", "model", "cost_usd",
                              "cache_read_tokens", "cache_write_tokens", "source"], "columns")


@check("1.1c", "a cost is computed from the price table when the model is known")
def cost():
    row = store_one(event_type="llm_response", model="anthropic/claude-sonnet-4-5", tokens_in=1000, tokens_out=1000)
    true(row["cost_usd"] is not None and row["cost_usd"] > 0, f"cost {row['cost_usd']}")
    row = store_one(event_type="llm_response", model="no-such-model", tokens_in=1000)
    equal(row["cost_usd"], None, "unknown model")
    row = store_one(event_type="llm_response", model="claude-sonnet-4-5", tokens_in=1000, cost_usd=0)
    equal(row["cost_usd"], 0, "a cost that is said")


@check("1.3", "a duplicate answers 200 and stores nothing")
def duplicate():
    key = f"  {session()}-key "
    first = event(event_id=key)
    equal(post("/api/events", first).status, 201, "first")
    answer = post("/api/events", event(event_id=key.strip()))
    equal((answer.status, answer.json), (200, {"received": 0, "ids": [], "duplicates": 1}), "second")
    equal(post("/api/events", event(event_id=key.strip().upper())).status, 201, "another case")
    equal(len(stored(first["session_id"])), 1, "rows")


@check("1.3", "an invalid duplicate is invalid, and a duplicate does not wake a session")
def duplicate_order():
    key = session()
    sent = event(event_id=key)
    post("/api/events", sent)
    post("/api/events", {**sent, "event_id": None, "event_type": "session_end"})
    equal(sessions(sent["session_id"])["status"], "ended", "ended")
    equal(refused(event(event_id=key, tokens_in=-1))[0][0], "tokens_in", "invalid")
    equal(post("/api/events", sent).status, 200, "duplicate")
    equal(sessions(sent["session_id"])["status"], "ended", "still ended")


@check("1.3", "sixteen at once with one id: exactly one is stored")
def race():
    sent = event(event_id=session())
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: post("/api/events", sent).status, range(16)))
    equal(sorted(statuses), [200] * 15 + [201], "statuses")
