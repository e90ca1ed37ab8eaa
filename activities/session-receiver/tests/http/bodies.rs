//! Bodies of every encoding, whole, damaged, false and far too large.

use std::io::{Read, Write};

use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::json;
use session_receiver::{Batch, BodyEncoding, Limits, Refusal, inflate};

use crate::server::{SESSION, Setup, answer, batch, event, gzip};

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

#[tokio::test]
async fn every_encoding_is_read() {
    let server = Setup::default().start().await;
    let body = |offset| batch(&[event(offset, "naïve 🦀")]).to_string().into_bytes();
    let mut whole = libdeflater::Compressor::new(libdeflater::CompressionLvl::fastest());
    let mut fast = vec![0; 10_000];
    let length = whole.gzip_compress(&body(3), &mut fast).unwrap();
    fast.truncate(length);
    // Several members are one body.
    let parts = [gzip(&body(4)[..100]), gzip(&body(4)[100..])].concat();
    for (encoding, bytes) in [
        ("identity", body(0)),
        ("gzip", gzip(&body(1))),
        ("GZIP", gzip(&body(2))),
        ("gzip", fast),
        ("gzip", parts),
        ("zstd", zstd(&body(5))),
    ] {
        let (status, answer) = answer(server.post(bytes).header("content-encoding", encoding)).await;
        assert_eq!((status, &answer["events_inserted"]), (StatusCode::OK, &json!(1)), "{encoding}: {answer}");
    }
    let events = server.store.events(SESSION, 0, 10).unwrap().unwrap();
    assert!(events.iter().all(|event| event.content_text.as_deref() == Some("naïve 🦀")));
}

#[tokio::test]
async fn damaged_bodies_are_refused() {
    let server = Setup::default().start().await;
    let plain = batch(&[event(0, "a")]).to_string().into_bytes();
    let (gz, zs) = (gzip(&plain), zstd(&plain));
    let mut false_sum = gz.clone();
    let at = false_sum.len() - 6;
    false_sum[at] ^= 1;
    let mut false_length = gz.clone();
    *false_length.last_mut().unwrap() ^= 0x40;
    for (encoding, bytes) in [
        ("gzip", plain.clone()),
        ("zstd", plain.clone()),
        ("gzip", gz[..gz.len() / 2].to_vec()),
        ("gzip", gz[..gz.len() - 4].to_vec()),
        ("zstd", zs[..zs.len() / 2].to_vec()),
        ("zstd", zs[..zs.len() - 1].to_vec()),
        ("gzip", false_sum),
        ("gzip", false_length),
        ("gzip", [gz.as_slice(), b"more"].concat()),
        ("gzip", Vec::new()),
        ("identity", plain[..plain.len() / 2].to_vec()),
    ] {
        let (status, answer) = answer(server.post(bytes).header("content-encoding", encoding)).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("unreadable_body")), "{answer}");
    }
    assert_eq!(server.store.counts().unwrap().events, 0);
}

#[tokio::test]
async fn bombs_are_refused_before_they_are_large() {
    let limits = Limits { inflated_bytes: 64 << 20, ..Limits::default() };
    let server = Setup { limits: Some(limits), ..Setup::default() }.start().await;
    let zeros = vec![b'0'; 40 << 20];
    for (encoding, bytes, limit) in [
        ("gzip", gzip(&zeros), "inflate_ratio"),
        ("zstd", zstd(&zeros), "inflate_ratio"),
        ("zstd", zstd(&zeros).repeat(100), "inflate_ratio"),
        ("identity", vec![b'0'; 33 << 20], "body_bytes"),
    ] {
        let (status, answer) = answer(server.post(bytes).header("content-encoding", encoding)).await;
        assert_eq!((status, &answer["limit"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(limit)), "{encoding}");
    }
    let honest = Limits { inflate_ratio: 100_000, inflated_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(
        inflate(BodyEncoding::Zstd, &zstd(&zeros), &honest),
        Err(Refusal::TooLarge { limit: "inflated_bytes", most: 1 << 20 })
    );
}

#[test]
fn a_window_larger_than_any_batch_is_refused() {
    let mut out = zstd::Encoder::new(Vec::new(), 1).unwrap();
    out.window_log(27).unwrap();
    out.write_all(&vec![b'0'; 1 << 16]).unwrap();
    let body = out.finish().unwrap();
    assert!(matches!(inflate(BodyEncoding::Zstd, &body, &Limits::default()), Err(Refusal::Unreadable(_))));
}

#[tokio::test]
async fn a_body_that_ends_before_its_length_is_refused() {
    let server = Setup::default().start().await;
    let body = batch(&[event(0, "a")]).to_string();
    let address = server.address;
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /api/agents/ingest HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n",
            body.len() + 10
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    })
    .await
    .unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(server.store.counts().unwrap().events, 0);
}

#[tokio::test]
async fn an_announced_length_beyond_all_measure_is_refused_at_once() {
    let server = Setup::default().start().await;
    let address = server.address;
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head =
            format!("POST /api/agents/ingest HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n", u64::MAX - 1);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn deep_json_is_taken_and_given_back() {
    let server = Setup::default().start().await;
    let deep = format!("{}1{}", "{\"a\":".repeat(200_000), "}".repeat(200_000));
    let body = batch(&[event(0, "a")]).to_string();
    let body =
        body.replace("\"item_index\":0", &format!("\"item_index\":0,\"tool_input_json\":{deep},\"other\":{deep}"));
    let (status, answer) = answer(server.post(body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let text = server.client.get(server.url(&format!("/api/agents/sessions/{SESSION}/events"))).send().await.unwrap();
    assert!(text.text().await.unwrap().contains(&deep));
    let only_opened = "[".repeat(3_000_000);
    assert_eq!(super::server::answer(server.post(only_opened)).await.0, StatusCode::BAD_REQUEST);
}

#[test]
fn half_of_a_surrogate_pair_costs_a_character_and_not_the_event() {
    let body = batch(&[event(0, "TEXT")]).to_string().replace("TEXT", "a\\ud83d b\\udc00\\n\\ud83e\\udd80");
    let read = Batch::parse(body.as_bytes(), 10).unwrap();
    assert_eq!(read.events[0].content_text.as_deref(), Some("a\u{fffd} b\u{fffd}\n🦀"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(Batch::parse(&bytes, 10));
        for encoding in [BodyEncoding::Gzip, BodyEncoding::Zstd] {
            drop(inflate(encoding, &bytes, &Limits::default()));
        }
    }

    #[test]
    fn a_changed_body_is_read_or_refused(at in 0_usize..900, byte in any::<u8>(), cut in 0_usize..900) {
        let mut body = batch(&[event(0, "a"), event(9, "b")]).to_string().into_bytes();
        if let Some(place) = body.get_mut(at) {
            *place = byte;
        }
        drop(Batch::parse(&body, 10));
        body.truncate(cut);
        drop(Batch::parse(&body, 10));
    }

    #[test]
    fn what_is_compressed_is_inflated(text in ".{0,300}") {
        for (encoding, body) in
            [(BodyEncoding::Gzip, gzip(text.as_bytes())), (BodyEncoding::Zstd, zstd(text.as_bytes()))]
        {
            prop_assert_eq!(inflate(encoding, &body, &Limits::default()).unwrap(), text.as_bytes());
        }
    }
}
