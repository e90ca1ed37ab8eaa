//! Bodies of bad will: bombs, nesting, lengths that lie, pages and names of others.

use std::{io::Write, net::SocketAddr};

use ingest::http::ROUTES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    http_stand::{Stand, event},
    process::{exchange, request, said_why},
};

const POSTS: [&str; 6] = [
    "/api/events",
    "/api/events/batch",
    "/api/events/ndjson",
    "/api/otel/v1/logs",
    "/api/otel/v1/metrics",
    "/api/otel/v1/traces",
];

const BOMB: usize = 24 << 20;

fn compressed(encoding: &str, text: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut out = Vec::new();
            let parameters = brotli::enc::BrotliEncoderParams { quality: 4, ..Default::default() };
            brotli::BrotliCompress(&mut &*text, &mut out, &parameters).unwrap();
            out
        }
        _ => zstd::encode_all(text, 3).unwrap(),
    }
}

async fn still_serves(stand: &Stand, stored: &mut u64) {
    assert_eq!(stand.post("/api/events", &event("after")).await.0, 201);
    *stored += 1;
    let (_, stats) = stand.get("/api/stats").await;
    assert!(stats.contains(&format!("\"total_events\":{stored},")), "{stats}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_in_every_encoding_are_refused_on_every_route() {
    let stand = Stand::start().await;
    let blanks = vec![b' '; BOMB];
    let mut stored = 0;
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let bomb = compressed(encoding, &blanks);
        assert!(bomb.len() < BOMB / 500, "{encoding}");
        for path in POSTS {
            for kind in ["application/json", "application/x-protobuf"] {
                if kind.ends_with("protobuf") && !path.contains("otel") {
                    continue;
                }
                let headers = [("Content-Type", kind), ("Content-Encoding", encoding)];
                let (status, _, body) = exchange(stand.address, &request(path, &headers, &bomb)).await.unwrap();
                if path == "/api/events/ndjson" {
                    // One line that is too long, thrown away as it comes; or more than is believed of the encoding.
                    assert!(matches!(status, 201 | 413), "{path} {encoding}: {status} {body}");
                } else {
                    assert_eq!(status, 413, "{path} {encoding}: {body}");
                    assert!(said_why(&body), "{path} {encoding}: {body}");
                }
            }
        }
        still_serves(&stand, &mut stored).await;
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_of_any_depth_is_answered_on_every_route() {
    let stand = Stand::start().await;
    let mut stored = 0;
    let inside = |text: &str| [text.to_owned(), event("s").replace('}', &format!(",\"metadata\":{text}}}"))];
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for levels in [1_001, 150_000] {
            let whole = open.repeat(levels) + "1" + &close.repeat(levels);
            for path in POSTS {
                for text in inside(&whole).into_iter().chain(inside(&open.repeat(levels))) {
                    let (events, spans) = (format!("{{\"events\":[{text}]}}"), format!("{{\"resourceLogs\":{text}}}"));
                    for body in [&text, &events, &spans] {
                        let headers = [("Content-Type", "application/json")];
                        let answer = exchange(stand.address, &request(path, &headers, body.as_bytes())).await.unwrap();
                        assert!(answer.0 < 500, "{path} {levels}: {}", answer.2);
                        let json: serde_json::Value = serde_json::from_str(&answer.2).unwrap();
                        assert!(json.is_object(), "{path}");
                    }
                }
            }
        }
    }
    still_serves(&stand, &mut stored).await;
    stand.stop().await;
}

/// Sends a head and a body as they are, and perhaps the end of what is sent: the statuses of the answers.
async fn raw(address: SocketAddr, bytes: &[u8], end: bool) -> Vec<u16> {
    let mut link = tokio::net::TcpStream::connect(address).await.unwrap();
    let _ = link.write_all(bytes).await;
    if end {
        let _ = link.shutdown().await;
    }
    let mut answer = Vec::new();
    let _ = link.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = |at: usize| text.get(at + "HTTP/1.1 ".len()..)?.get(..3)?.parse().ok();
    text.match_indices("HTTP/1.1 ").filter_map(|(at, _)| status(at)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_lie_about_their_length_store_nothing_that_was_not_meant() {
    let stand = Stand::start().await;
    let mut stored = 0;
    let body = event("liar");
    let length = body.len();
    let kind = "Host: localhost\r\nContent-Type: application/json\r\n";
    let last = format!("{kind}Connection: close\r\n");
    let cases = [
        // Shorter than it says, and then the connection ends.
        (format!("{kind}Content-Length: {}\r\n\r\n{body}", length + 1), true, 0),
        (format!("{kind}Content-Length: 99999999999999\r\n\r\n{body}"), true, 0),
        (format!("{kind}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n"), true, 0),
        (format!("{kind}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{body}"), true, 0),
        // Longer: what is too much is no request.
        (format!("{kind}Content-Length: {length}\r\n\r\n{body}}}}}\r\n\r\n"), false, 1),
        (format!("{last}Content-Length: {}\r\n\r\n{body}", length - 1), false, 0),
        // No number, two numbers, a size that is none.
        (format!("{last}Content-Length: -1\r\n\r\n{body}"), false, 0),
        (format!("{last}Content-Length: 0x10\r\n\r\n{body}"), false, 0),
        (format!("{last}Content-Length: 18446744073709551617\r\n\r\n{body}"), false, 0),
        (format!("{last}Content-Length: {length}\r\nContent-Length: {}\r\n\r\n{body}", length + 1), false, 0),
        (format!("{last}Transfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"), false, 0),
    ];
    for (request, end, meant) in cases {
        for path in POSTS {
            let statuses = raw(stand.address, format!("POST {path} HTTP/1.1\r\n{request}").as_bytes(), end).await;
            assert!(statuses.iter().all(|status| *status < 500), "{path} {request}: {statuses:?}");
            stored += if matches!(path, "/api/events" | "/api/events/ndjson") { meant } else { 0 };
        }
        still_serves(&stand, &mut stored).await;
    }
    // The length counts, and not where another request seems to begin: that is a part of the first.
    let second = format!("POST /api/events HTTP/1.1\r\n{last}Content-Length: {length}\r\n\r\n{body}");
    let smuggled = format!("{last}Content-Length: {}\r\n\r\n{body}{second}", length + second.len());
    let statuses = raw(stand.address, format!("POST /api/events HTTP/1.1\r\n{smuggled}").as_bytes(), false).await;
    assert_eq!(statuses, [400]);
    still_serves(&stand, &mut stored).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_names_of_others_are_refused_on_every_route() {
    let stand = Stand::start().await;
    let mut stored = 0;
    for route in ROUTES {
        let path = route.path.replace("{id}", "s");
        let body = if route.allow.contains("POST") { event("foreign") } else { String::new() };
        for header in [
            ("Host", "evil.example"),
            ("Host", "127.0.0.1.evil.example:3142"),
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
        ] {
            let headers = [header, ("Content-Type", "text/plain")];
            let (status, head, text) =
                exchange(stand.address, &request(&path, &headers, body.as_bytes())).await.unwrap();
            assert_eq!(status, 403, "{path} {header:?}");
            assert!(said_why(&text) && !head.contains("access-control-allow-origin"), "{path}: {head} {text}");
        }
    }
    still_serves(&stand, &mut stored).await;
    stand.stop().await;
}
