"""1.1, 1.1b and 1.4: bodies, encodings, metadata."""

import gzip
import json
import zlib

from client import event, post, raw, BASE, session, store_one, stored
from suite import check, equal, true

INVALID = [{"field": "body", "message": "must be a JSON object"}]


@check("1.1", "what is no JSON object is one failure of the body")
def no_object():
    for body in ["", "{", "[]", '"x"', "5", "null", "true", "[1,2]", "not json"]:
        answer = post("/api/events", body)
        equal((answer.status, answer.json.get("details")), (400, INVALID), body)


@check("1.1", "content types: JSON, +json and text are read, all others count as empty")
def content_types():
    text = json.dumps(event())
    for kind in ["application/json", "application/cloudevents+json", "text/plain", "Application/JSON; charset=UTF-8",
                 "text/plain; charset=utf-8"]:
        equal(post("/api/events", text, kind).status, 201, kind)
    for kind in [None, "application/octet-stream", "application/x-www-form-urlencoded", "text/html"]:
        answer = post("/api/events", text, kind)
        equal((answer.status, answer.json.get("details")), (400, INVALID), str(kind))


@check("1.1", "charsets of plain text")
def charsets():
    sent = event(project="café")
    text = json.dumps(sent, ensure_ascii=False)
    equal(post("/api/events", text.encode("latin-1"), "text/plain; charset=latin1").status, 201, "latin1")
    equal(post("/api/events", text.encode("utf-16-le"), "text/plain; charset=utf-16le").status, 201, "utf-16le")
    equal([row["project"] for row in stored(sent["session_id"])], ["café", "café"], "text")


@check("1.1", "an unknown charset is refused with 415")
def unknown_charset():
    answer = post("/api/events", "{}", "application/json; charset=klingon")
    equal(answer.status, 415, "status")
    true("error" in answer.json, "JSON")


@check("1.1", "content encodings gzip and deflate are read, an unknown one is 415")
def encodings():
    text = json.dumps(event()).encode()
    for name, packed in [("gzip", gzip.compress(text)), ("deflate", zlib.compress(text)), ("identity", text),
                         ("GZIP", gzip.compress(text))]:
        equal(post("/api/events", packed, Content_Encoding=name).status, 201, name)
    answer = post("/api/events", text, Content_Encoding="snappy")
    equal(answer.status, 415, "status")
    true("error" in answer.json, "JSON")


@check("1.1", "content encodings br and zstd are read", own=True)
def more_encodings():
    # Brotli and Zstandard of raw blocks, made by hand: the standard library has neither.
    text = json.dumps(event()).encode()
    block = (len(text) << 3 | 1).to_bytes(3, "little")
    frame = b"\x28\xb5\x2f\xfd\x60" + (len(text) - 256).to_bytes(2, "little", signed=False) if len(text) >= 256 else \
        b"\x28\xb5\x2f\xfd\x20" + bytes([len(text)])
    equal(post("/api/events", frame + block + text, Content_Encoding="zstd").status, 201, "zstd")
    # WBITS 16 (one bit 0), ISLAST 0, MNIBBLES 4 (00), MLEN-1 in 16 bits, ISUNCOMPRESSED 1, padding; then an empty last block.
    header = (len(text) - 1) << 4 | 1 << 20
    equal(post("/api/events", header.to_bytes(3, "little") + text + b"\x03", Content_Encoding="br").status, 201, "br")


@check("1.1", "a compressed body that is damaged is 400", own=True)
def damaged():
    packed = gzip.compress(json.dumps(event()).encode())
    for bad in [packed[:-6], b"plain", b"\x1f\x8b"]:
        answer = post("/api/events", bad, Content_Encoding="gzip")
        equal(answer.status, 400, "status")
        true("error" in answer.json, "JSON")


@check("1.1", "the limit is 1 MiB, before and after inflating: 413 in JSON that names it")
def limit():
    base = json.dumps(event(metadata={"text": ""}))
    fits = base.replace('""', '"' + "x" * (1024 * 1024 - len(base)) + '"')
    equal(len(fits), 1024 * 1024, "length")
    equal(post("/api/events", fits).status, 201, "exactly 1 MiB")
    for name, body in [("identity", (fits + " ").encode()), ("gzip", gzip.compress((fits + " ").encode()))]:
        answer = post("/api/events", body, Content_Encoding=name)
        equal(answer.status, 413, name)
        true("1048576" in answer.json["error"], f"{name}: {answer.body}")
    answer = post("/api/events", gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")
    equal(answer.status, 413, "bomb")


@check("1.1", "a text that holds JSON is unwrapped, up to three layers")
def layers():
    text = json.dumps(event())
    for layer in range(1, 4):
        text = json.dumps(text)
        equal(post("/api/events", text).status, 201, f"{layer} layers")
    answer = post("/api/events", json.dumps(text))
    equal((answer.status, answer.json["details"]), (400, INVALID), "four layers")


@check("1.1b", "a byte order mark is skipped")
def mark():
    equal(post("/api/events", b"\xef\xbb\xbf" + json.dumps(event()).encode()).status, 201, "status")


@check("1.1b", "what is no text becomes U+FFFD")
def no_text():
    name = session()
    body = b'{"session_id":"%s","agent_type":"a","event_type":"error","project":"a\xffb","metadata":{"x":"\\ud800"}}'
    equal(post("/api/events", body % name.encode()).status, 201, "status")
    row = stored(name)[0]
    equal(row["project"], "a\ufffdb", "bytes")
    equal(json.loads(row["metadata"]), {"x": "\ufffd"}, "surrogate")


@check("1.1b", "metadata may be 500 deep; deeper than 1,000 is refused and harms nothing")
def depth():
    name = session()
    text = '{"session_id":"%s","agent_type":"a","event_type":"error","metadata":%s}'
    equal(post("/api/events", text % (name, "[" * 500 + "]" * 500)).status, 201, "500")
    equal(post("/api/events", text % (name, '{"a":' * 500 + "1" + "}" * 500)).status, 201, "500 objects")


@check("1.1b", "deeper than 1,000 is refused and harms nothing", own=True)
def too_deep():
    text = '{"session_id":"x","agent_type":"a","event_type":"error","metadata":%s}'
    for levels in [1_100, 400_000]:
        equal(post("/api/events", text % ("[" * levels + "]" * levels)).status, 400, str(levels))
    equal(post("/api/events", "[" * 900_000).status, 400, "open")
    equal(post("/api/events/batch", '{"events":' + "[" * 900_000).status, 400, "batch")


@check("1.1b", "a repeated key: the last one wins")
def repeated():
    name = session()
    body = '{"session_id":"x","session_id":"%s","agent_type":"a","event_type":"error","metadata":{"a":1,"a":2}}' % name
    equal(post("/api/events", body).status, 201, "status")
    equal(stored(name)[0]["metadata"], '{"a":2}', "metadata")


@check("1.4", "metadata is stored as JavaScript prints it")
def printed():
    name = session()
    body = ('{"session_id":"%s","agent_type":"a","event_type":"error",'
            '"metadata":{"b":1.0,"10":[1e3,-0.5],"2":"\\u00e9","a":9007199254740993}}' % name)
    equal(post("/api/events", body).status, 201, "status")
    equal(stored(name)[0]["metadata"], '{"2":"é","10":[1000,-0.5],"b":1,"a":9007199254740992}', "text")
    for value, text in [("x", '"x"'), ([1], "[1]"), (5, "5"), (False, "false")]:
        equal(store_one(metadata=value)["metadata"], text, repr(value))


@check("1.4", "metadata above the cap becomes a summary, exactly at the cap it stays")
def cap():
    room = 10 * 1024 - len('{"x":""}')
    row = store_one(metadata={"x": "y" * room})
    equal((row["payload_truncated"], len(row["metadata"])), (0, 10 * 1024), "at the cap")
    row = store_one(metadata={"x": "y" * (room + 1)})
    equal((row["payload_truncated"], row["metadata"]), (1, '{"_truncated":true,"_original_bytes":10241}'), "above")
    row = store_one(metadata={"type": 1, "x": "y" * 20_000, "path": None, "command": ["ls"]})
    summary = json.loads(row["metadata"])
    equal(list(summary), ["_truncated", "_original_bytes", "command", "path", "type"], "keys kept")
    row = store_one(metadata={"command": "y" * 20_000})
    equal(list(json.loads(row["metadata"])), ["_truncated", "_original_bytes"], "a summary above the cap")
    equal(store_one(metadata="é" * 6_000)["payload_truncated"], 1, "bytes and not characters count")


@check("1.1", "a body shorter than its length ends with the connection, and others go on", own=True)
def lying():
    head = f"POST /api/events HTTP/1.1\r\nHost: {BASE.hostname}\r\nContent-Type: application/json\r\n"
    raw(f"{head}Content-Length: 5000\r\n\r\n{{".encode(), half_close=True)
    received = raw(f"{head}Content-Length: -5\r\n\r\n{{}}".encode(), half_close=True)
    true(received == b"" or b" 400 " in received.split(b"\r\n")[0], str(received[:80]))
    equal(post("/api/events", event()).status, 201, "after")
