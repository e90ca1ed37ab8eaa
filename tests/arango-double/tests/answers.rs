//! What the stand-in answers, as the server's documentation has it.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]
#![allow(clippy::needless_pass_by_value, reason = "bodies are made where they are sent")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use arango_double::Double;
use serde_json::{Value, json};

struct Server {
    double: Double,
    folder: tempfile::TempDir,
}

struct Reply {
    status: u16,
    head: String,
    body: Value,
}

fn start(more: &[&str]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = Command::new("sh");
        // The arguments are in the variable, a line for each.
        command.args(["-c", "IFS='\n'; exec \"$0\" $ARANGO_DOUBLE", env!("CARGO_BIN_EXE_arango-double")]);
        command
    };
    Server { double: Double::start(&folder.path().join("log"), more, command).unwrap(), folder }
}

impl Server {
    fn send(&self, head: &str, body: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.double.address).unwrap();
        write!(stream, "{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(body).unwrap();
        read(stream)
    }

    fn call(&self, method: &str, path: &str, body: impl ToString) -> Reply {
        self.send(&format!("{method} {path} HTTP/1.1"), body.to_string().as_bytes())
    }

    /// A collection `c` of documents and one `e` of edges.
    fn with_collections(&self) -> &Self {
        for (name, kind) in [("c", 2), ("e", 3)] {
            assert_eq!(self.call("POST", "/_api/collection", json!({ "name": name, "type": kind })).status, 200);
        }
        self
    }

    fn import(&self, parameters: &str, body: &str) -> Reply {
        self.call("POST", &format!("/_api/import?{parameters}"), body)
    }
}

fn read(mut stream: TcpStream) -> Reply {
    let mut text = String::new();
    // A connection that is closed early is an end as well.
    let _ = stream.read_to_string(&mut text);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_default();
    Reply { status, head: head.to_ascii_lowercase(), body: serde_json::from_str(body).unwrap_or_default() }
}

/// created, errors, empty, updated, ignored.
fn counts(reply: &Reply) -> [u64; 5] {
    ["created", "errors", "empty", "updated", "ignored"].map(|field| reply.body[field].as_u64().unwrap_or(99))
}

#[test]
fn imports_count_what_they_do() {
    let server = start(&[]);
    server.with_collections();
    let documents = "collection=c&type=documents";
    for (parameters, body, expected) in [
        (documents, "", [0, 0, 0, 0, 0]),
        (documents, "{\"a\":1}\n{\"a\":2}", [2, 0, 0, 0, 0]),
        (documents, "{\"a\":1}\r\n{\"a\":2}\r\n", [2, 0, 0, 0, 0]),
        (documents, "\n \r\n\t\n{\"a\":1}\n\n  {\"a\":2}  \r\n\r\n \n\n", [2, 0, 7, 0, 0]),
        (documents, "{\"a\":1}\nhund\n[1]\n7\n{\"a\":\n", [1, 4, 0, 0, 0]),
        (documents, "{\"_key\":\"one\"}\n{\"_key\":\"one\"}", [1, 1, 0, 0, 0]),
        (documents, "{\"_key\":\"not a key\"}\n{\"_key\":7}\n{\"_key\":\"\"}", [0, 3, 0, 0, 0]),
        ("collection=c&type=documents&onDuplicate=replace", "{\"_key\":\"two\"}\n{\"_key\":\"two\"}", [1, 0, 0, 1, 0]),
        ("collection=c&type=documents&onDuplicate=replace", "{\"_key\":\"two\"}", [0, 0, 0, 1, 0]),
        ("collection=c&type=documents&onDuplicate=ignore", "{\"_key\":\"two\"}\n{\"_key\":\"three\"}", [1, 0, 0, 0, 1]),
        ("collection=c&type=array", "[{\"a\":1},{\"a\":2}]", [2, 0, 0, 0, 0]),
        ("collection=c&type=list", " [ {\"a\":1},\n {\"a\":2}, 3 ] ", [2, 1, 0, 0, 0]),
        ("collection=c&type=array", "[]", [0, 0, 0, 0, 0]),
        ("collection=c&type=auto", "  \n[{\"a\":1}]", [1, 0, 0, 0, 0]),
        ("collection=c&type=auto", "{\"a\":1}\n{\"a\":2}", [2, 0, 0, 0, 0]),
        ("collection=c&type=", "[\"_key\",\"a\"]\r\n[\"x1\",1]\r\n[\"x2\",2]", [2, 0, 0, 0, 0]),
        ("collection=c", "[\"_key\",\"a\"]\n[\"x3\"]\n[\"x4\",1]\n", [1, 1, 0, 0, 0]),
        ("collection=c&ignoreMissing=yes", "[\"_key\",\"a\"]\n[\"x5\"]", [1, 0, 0, 0, 0]),
        ("collection=e&type=documents", "{\"_from\":\"c/a\",\"_to\":\"c/b\"}\n{\"_from\":\"c/a\"}", [1, 1, 0, 0, 0]),
        ("collection=e&type=documents", "{\"_from\":\"a\",\"_to\":\"c/b\"}", [0, 1, 0, 0, 0]),
        ("collection=e&type=documents&fromPrefix=c", "{\"_from\":\"a\",\"_to\":\"c/b\"}", [1, 0, 0, 0, 0]),
        ("collection=c&type=documents&overwrite=on", "{\"_key\":\"two\"}", [1, 0, 0, 0, 0]),
    ] {
        let reply = server.import(parameters, body);
        assert_eq!((reply.status, counts(&reply)), (201, expected), "{parameters} {body:?}");
    }
    assert_eq!(server.call("GET", "/_api/collection/c/count", "").body["count"], 1, "overwrite emptied it first");
}

#[test]
fn imports_that_make_no_sense_are_refused_whole() {
    let server = start(&[]);
    server.with_collections();
    for (parameters, body, expected) in [
        ("collection=c&type=hund", "{}", (400, 10)),
        ("type=documents", "{}", (400, 1204)),
        ("collection=nobody&type=documents", "{}", (404, 1203)),
        ("collection=c&type=array", "[{", (400, 600)),
        ("collection=c&type=array", "{}", (400, 400)),
        ("collection=c&type=array", " \n", (400, 400)),
        ("collection=c", "{}\n[1]", (400, 400)),
        ("collection=c&type=documents&complete=true", "{\"_key\":\"a\"}\n{\"_key\":\"a\"}", (409, 1210)),
        ("collection=c&type=documents&complete=1", "{\"_key\":\"a\"}\nhund", (500, 600)),
    ] {
        let reply = server.import(parameters, body);
        let code = (reply.status, reply.body["errorNum"].as_u64().unwrap());
        assert_eq!(code, expected, "{parameters} {body:?}");
        assert_eq!((&reply.body["error"], &reply.body["code"]), (&json!(true), &json!(reply.status)));
        assert!(reply.head.contains("content-type: application/json"), "{}", reply.head);
    }
    assert_eq!(server.call("GET", "/_api/collection/c/count", "").body["count"], 0);
}

#[test]
fn details_number_lines_from_one_and_documents_from_zero() {
    let server = start(&[]);
    server.with_collections();
    let body = "hund\n{\"_key\":\"a\"}\n\n{\"_key\":\"a\",\"v\":1}";
    let reply = server.import("collection=c&type=documents&details=1", body);
    let details: Vec<&str> = reply.body["details"].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect();
    assert_eq!(
        details,
        [
            "at position 1: invalid JSON type (expecting object, probably parse error), offending context: hund",
            "at position 1: creating document failed with error 'unique constraint violated', \
             offending document: {\"_key\":\"a\",\"v\":1}",
        ]
    );
    let long = format!("{{\"_key\":\"a\",\"v\":\"{}\"}}", "é".repeat(300));
    let reply = server.import("collection=c&type=documents&details=true", &long);
    let detail = reply.body["details"][0].as_str().unwrap();
    assert!(detail.ends_with("...") && detail.len() < 400, "{detail}");
    let reply = server.import("collection=e&type=documents&details=true", "{\"_from\":\"c/a\",\"_to\":\"c/b\"}\n{}");
    assert!(reply.body["details"][0].as_str().unwrap().starts_with("at position 2: missing '_from' or '_to'"));
    assert!(server.import("collection=c&type=documents", "hund").body.get("details").is_none());
}

#[test]
fn an_array_of_documents_is_answered_in_place() {
    let server = start(&[]);
    server.with_collections();
    let array = json!([{ "_key": "a", "v": { "x": 1, "y": 1 } }, { "_key": "a" }, { "_key": "#" }, 7]);
    let reply = server.call("POST", "/_api/document/c", &array);
    let numbers: Vec<u64> =
        reply.body.as_array().unwrap().iter().map(|one| one["errorNum"].as_u64().unwrap_or(0)).collect();
    assert_eq!((reply.status, numbers), (202, vec![0, 1210, 1221, 1227]));
    assert!(reply.head.contains("x-arango-error-codes: 1210:1,1221:1,1227:1"), "{}", reply.head);
    let first = reply.body[0]["_rev"].clone();
    assert_eq!(reply.body[0]["_id"], "c/a");

    let merged = server.call(
        "POST",
        "/_api/document/c?overwriteMode=update&returnNew=1",
        json!([{
            "_key": "a", "v": { "x": null, "z": 2 }
        }]),
    );
    assert_eq!(merged.body[0]["new"]["v"], json!({ "x": null, "y": 1, "z": 2 }), "deeply, with nulls");
    assert_eq!(merged.body[0]["_oldRev"], first);
    let silent = server.call("POST", "/_api/document/c?silent=true", json!([{ "_key": "b" }, { "_key": "b" }]));
    assert_eq!(silent.body.as_array().unwrap().len(), 1, "the errors alone");

    let stale = json!([{ "_key": "a", "_rev": first, "v": 1 }, { "_key": "nobody" }]);
    let reply = server.call("PUT", "/_api/document/c?ignoreRevs=false", &stale);
    assert_eq!((&reply.body[0]["errorNum"], &reply.body[1]["errorNum"]), (&json!(1200), &json!(1202)));
    assert_eq!(server.call("PUT", "/_api/document/c?waitForSync=1", &stale).status, 201, "revisions do not matter");
    assert_eq!(server.call("GET", "/_api/document/c/a", "").body["v"], 1, "replaced");
    let read = server.call("PUT", "/_api/document/c?onlyget=true", json!(["a", "x", { "_key": "b" }]));
    assert_eq!(
        (&read.body[0]["v"], &read.body[1]["errorNum"], &read.body[2]["_key"]),
        (&json!(1), &json!(1202), &json!("b"))
    );
    let removed = server.call("DELETE", "/_api/document/c", json!(["a", { "_key": "b" }, "x"]));
    assert_eq!((removed.status, &removed.body[2]["errorNum"]), (202, &json!(1202)));
    let edge =
        server.call("POST", "/_api/document/e", json!([{ "_from": "c/a" }, { "_from": "c/a", "_to": "c/gone" }]));
    assert_eq!((&edge.body[0]["errorNum"], edge.body[1]["errorNum"].is_null()), (&json!(1233), true));
}

#[test]
fn a_higher_version_that_is_stored_wins() {
    let server = start(&[]);
    server.with_collections();
    let path = "/_api/document/c?overwriteMode=replace&versionAttribute=n";
    for (version, text) in [(2, "second"), (1, "first")] {
        let reply = server.call("POST", path, json!([{ "_key": "a", "n": version, "text": text }]));
        assert!(reply.body[0]["error"].is_null(), "{}", reply.body);
    }
    assert_eq!(server.call("GET", "/_api/document/c/a", "").body["text"], "second");
}

#[test]
fn one_document_has_a_tag_and_may_be_asked_for_alone() {
    let server = start(&[]);
    server.with_collections();
    let made = server.call("POST", "/_api/document/c?waitForSync=true", json!({ "_key": "a" }));
    let tag = format!("etag: \"{}\"", made.body["_rev"].as_str().unwrap());
    assert!(made.status == 201 && made.head.contains(&tag), "{}", made.head);
    assert_eq!(server.call("HEAD", "/_api/document/c/a", "").status, 200);
    assert_eq!(server.call("HEAD", "/_api/document/c/b", "").status, 404);
    let missing = server.call("GET", "/_api/document/c/b", "");
    assert_eq!((missing.status, &missing.body["errorNum"]), (404, &json!(1202)));
    let stale = server.send("PUT /_api/document/c/a HTTP/1.1\r\nif-match: \"_0\"", b"{}");
    assert_eq!((stale.status, &stale.body["errorNum"]), (412, &json!(1200)));
}

#[test]
fn a_body_in_chunks_is_refused_and_the_connection_closed() {
    let server = start(&[]);
    let mut stream = TcpStream::connect(server.double.address).unwrap();
    let head = "POST /_api/collection HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let reply = read(stream);
    assert!(reply.status == 411 && reply.head.contains("connection: close"), "{}", reply.head);
}

#[test]
fn who_asks_must_say_who_it_is() {
    let server = start(&["--auth", "root:s3cret"]);
    let ask = |authorization: &str| {
        server.send(&format!("GET /_api/version HTTP/1.1\r\nauthorization: {authorization}"), b"")
    };
    let refused = server.call("GET", "/_api/version", "");
    assert_eq!((refused.status, &refused.body["errorNum"]), (401, &json!(11)));
    assert_eq!(ask("Basic cm9vdDpzM2NyZXQ=").status, 200);
    assert_eq!(ask("basic cm9vdDp3cm9uZw==").status, 401);
    assert_eq!(server.call("POST", "/_open/auth", json!({ "username": "root", "password": "x" })).status, 401);
    let login = server.call("POST", "/_open/auth", json!({ "username": "root", "password": "s3cret" }));
    let token = login.body["jwt"].as_str().unwrap();
    assert_eq!(ask(&format!("bearer {token}")).status, 200);
    assert_eq!(ask(&format!("Bearer {token}")).status, 200);
    assert_eq!(ask(&format!("bearer {token}x")).status, 401);
    server.double.order("expire", &json!({})).unwrap();
    assert_eq!(ask(&format!("bearer {token}")).status, 401);
    assert_eq!(start(&[]).call("POST", "/_open/auth", "{}").status, 404, "nobody to log in to");
}

#[test]
fn what_was_answered_is_there_after_a_kill_and_half_a_line_is_not() {
    let mut server = start(&[]);
    server.with_collections();
    assert_eq!(
        counts(&server.import("collection=c&type=documents", "{\"_key\":\"a\"}\n{\"_key\":\"b\"}")),
        [2, 0, 0, 0, 0]
    );
    server.double.kill().unwrap();
    let log = server.folder.path().join("log");
    let mut bytes = std::fs::read(&log).unwrap();
    bytes.extend_from_slice(b"[[\"put\",\"_system\",\"c\",{\"_key\":\"half\"");
    std::fs::write(&log, bytes).unwrap();
    server.double.restart().unwrap();
    assert_eq!(server.call("GET", "/_api/collection/c/count", "").body["count"], 2);
    assert_eq!(server.call("POST", "/_api/document/c", json!([{ "_key": "half" }])).status, 202);
    server.double.kill().unwrap();
    server.double.restart().unwrap();
    assert_eq!(server.call("GET", "/_api/collection/c/count", "").body["count"], 3);
}

#[tokio::test]
async fn http_2_is_spoken_by_prior_knowledge() {
    let server = start(&[]);
    // Nobody else in this process has installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().unwrap();
    let answer = client.get(format!("http://{}/_api/version", server.double.address)).send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.json::<Value>().await.unwrap()["server"], "arango");
}

#[test]
fn a_query_that_is_not_on_the_list_is_refused_and_long_answers_come_in_parts() {
    let server = start(&[]);
    server.with_collections();
    assert_eq!(server.call("POST", "/_api/cursor", json!({ "query": "RETURN 1" })).body["errorNum"], 1501);
    server.import("collection=c&type=documents", "{\"_key\":\"a\"}\n{\"_key\":\"b\"}\n{\"_key\":\"c\"}");
    let text = "FOR d IN @@collection FILTER d._key > @after SORT d._key LIMIT @limit RETURN d";
    let bind = json!({ "@collection": "c", "after": "", "limit": 9 });
    let query = json!({ "query": text, "bindVars": bind, "batchSize": 2, "count": true });
    let first = server.call("POST", "/_api/cursor", query);
    assert_eq!((first.status, &first.body["hasMore"], &first.body["count"]), (201, &json!(true), &json!(3)));
    let path = format!("/_api/cursor/{}", first.body["id"].as_str().unwrap());
    let rest = server.call("POST", &path, "");
    assert_eq!((rest.body["result"].as_array().unwrap().len(), &rest.body["hasMore"]), (1, &json!(false)));
    assert_eq!(server.call("POST", &path, "").body["errorNum"], 1600);
}
