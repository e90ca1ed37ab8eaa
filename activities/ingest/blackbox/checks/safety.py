"""Decision 7: who may speak to the service."""

from client import BASE, event, get, post, raw, request
from suite import check, equal, true


@check("7", "pages of other origins are refused", own=True)
def origins():
    for origin in ["https://evil.example", "null", "http://127.0.0.1.evil.example"]:
        answer = post("/api/events", event(), "text/plain", Origin=origin)
        equal(answer.status, 403, origin)
        true("error" in answer.json, "JSON")
        equal(get("/api/stream", Origin=origin).status, 403, f"stream for {origin}")
    equal(post("/api/events", event(), Origin="http://localhost:5173").status, 201, "this machine")


@check("7", "other names of the host are refused", own=True)
def hosts():
    for host in ["evil.example", "evil.example:3142"]:
        equal(get("/api/stats", Host=host).status, 403, host)
    for host in ["localhost", f"127.0.0.1:{BASE.port}", "[::1]:1"]:
        equal(get("/api/stats", Host=host).status, 200, host)


@check("7", "no answer allows foreign pages to read it", own=True)
def sharing():
    answer = request("OPTIONS", "/api/events",
                     headers={"Origin": "http://localhost:1", "Access-Control-Request-Method": "POST"})
    true("access-control-allow-origin" not in answer.headers, "not shared")


@check("7", "a head that is too large or no HTTP is refused", own=True)
def heads():
    received = raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 300_000 + b"\r\n\r\n")
    true(received == b"" or b" 431 " in received.split(b"\r\n")[0], str(received[:60]))
    received = raw(b"nonsense\r\n\r\n")
    true(received == b"" or b" 400 " in received.split(b"\r\n")[0], str(received[:60]))
    equal(get("/api/health").status, 200, "after")
