use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shipping::batch::Options;

use crate::built::{CLAUDE, CODEX, GEMINI, Read, gemini_with, lines_with, options};

fn cutting() -> Options {
    Options { cut_media: true, ..options() }
}

fn image() -> Vec<u8> {
    (0..2_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

fn encoded() -> String {
    STANDARD.encode(image())
}

fn placeholder(media_type: &str) -> String {
    let hash: String = Sha256::digest(image()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("[media {media_type} sha256:{hash} 2000 bytes]")
}

/// What is left is JSON, holds the placeholder and nothing of the data.
fn check(read: &Read, media_type: &str) {
    assert_eq!((read.built.media_cut, read.built.media_bytes), (1, 2_000));
    assert!(!read.payload.contains(&encoded()[..100]));
    let raw = read.events()[0]["raw_json"].as_str().unwrap();
    assert!(raw.contains(&placeholder(media_type)), "{raw}");
    serde_json::from_str::<Value>(raw).unwrap();
}

fn claude_line(source: &Value) -> String {
    let content = json!([
        { "type": "text", "text": "look" },
        { "type": "image", "source": source },
    ]);
    json!({ "type": "user", "message": { "content": content } }).to_string() + "\n"
}

#[test]
fn images_of_claude_are_cut() {
    for source in [
        json!({ "type": "base64", "media_type": "image/png", "data": encoded() }),
        json!({ "data": encoded(), "media_type": "image/png", "type": "base64" }),
    ] {
        let read = lines_with("claude", CLAUDE, claude_line(&source), &cutting());
        assert_eq!(read.said(), ["user: look"]);
        check(&read, "image/png");
        let whole = lines_with("claude", CLAUDE, claude_line(&source), &options());
        assert!(whole.payload.contains(&encoded()) && whole.built.media_cut == 0);
    }
}

#[test]
fn images_in_answers_of_tools_are_cut() {
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/jpeg", "data": encoded() } });
    let content =
        json!([{ "type": "tool_result", "tool_use_id": "t", "content": [{ "type": "text", "text": "seen" }, image] }]);
    let line = json!({ "type": "user", "message": { "content": content } }).to_string() + "\n";
    let read = lines_with("claude", CLAUDE, line, &cutting());
    assert_eq!(read.said(), ["tool: seen"]);
    check(&read, "image/jpeg");
}

#[test]
fn urls_of_codex_are_cut() {
    let url = format!("data:image/webp;base64,{}", encoded());
    let line = json!({ "type": "response_item", "payload": { "type": "message", "role": "user", "content": [
        { "type": "input_text", "text": format!("see {url} there") }, { "type": "input_image", "image_url": "https://example.org/x.png" },
    ] } });
    let read = lines_with("codex", CODEX, line.to_string() + "\n", &cutting());
    assert_eq!(read.said(), [format!("user: see {} there", placeholder("image/webp"))]);
    check(&read, "image/webp");
}

#[test]
fn data_of_gemini_is_cut_in_pretty_documents_too() {
    let document = json!({ "messages": [{ "role": "user", "content": "look", "parts": [{ "inlineData": { "mimeType": "audio/wav", "data": encoded() } }] }] });
    let read = gemini_with(GEMINI, serde_json::to_string_pretty(&document).unwrap(), &cutting());
    check(&read, "audio/wav");
}

#[test]
fn media_in_json_in_strings_is_cut() {
    let mut inside =
        json!({ "source": { "type": "base64", "media_type": "image/png", "data": encoded() } }).to_string();
    for _ in 0..3 {
        let line = json!({ "type": "response_item", "payload": { "type": "function_call_output", "call_id": "c", "output": inside } });
        let read = lines_with("codex", CODEX, line.to_string() + "\n", &cutting());
        check(&read, "image/png");
        inside = json!({ "inside": inside }).to_string();
    }
}

#[test]
fn what_is_short_or_no_media_or_no_base64_stays() {
    let whole = encoded();
    for source in [
        json!({ "type": "base64", "media_type": "image/png", "data": &whole[..512] }),
        json!({ "type": "base64", "media_type": "text/plain", "data": whole }),
        json!({ "type": "base64", "data": whole }),
        json!({ "type": "base64", "media_type": "image/png", "data": format!("{whole}!") }),
        json!({ "type": "base64", "media_type": "image/png", "data": format!("{}=={whole}", &whole[..600]) }),
        json!({ "type": "base64", "media_type": "image/png", "database": whole }),
        json!({ "url": format!("data:text/html;base64,{whole}") }),
        json!({ "url": format!("data:image/png;\",\"b\":\";base64,{whole}") }),
        json!({ "url": format!("data;image/png;base64,{whole}") }),
        json!({ "a": { "media_type": "image/png" }, "data": whole }),
    ] {
        let text = claude_line(&source);
        let read = lines_with("claude", CLAUDE, &text, &cutting());
        assert_eq!(read.built.media_cut, 0, "{source}");
        assert_eq!(read.events()[0]["raw_json"], text.trim());
    }
    let longer = json!({ "type": "base64", "media_type": "image/png", "data": &whole[..516] });
    assert_eq!(lines_with("claude", CLAUDE, claude_line(&longer), &cutting()).built.media_cut, 1);
}

#[test]
fn what_is_not_sent_is_not_counted() {
    let source = json!({ "type": "base64", "media_type": "image/png", "data": encoded() });
    let text = claude_line(&source).replace("\"user\"", "\"progress\"");
    let read = lines_with("claude", CLAUDE, text, &cutting());
    assert_eq!((read.built.events, read.built.media_cut), (0, 0));
}
