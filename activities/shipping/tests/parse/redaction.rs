use proptest::prelude::*;
use serde_json::{Value, json};
use shipping::{
    batch::Options,
    redaction::{RedactionError, Redactor},
};

use crate::built::{CLAUDE, CODEX, lines_with, options};

fn builtin() -> Redactor {
    Redactor::new(&[], &[]).unwrap()
}

/// A text as the string of a JSON line, redacted and read back.
fn text(redactor: &Redactor, text: &str) -> String {
    let (line, _) = redactor.redact(&json!({ "text": text }).to_string());
    let line: Value = serde_json::from_str(&line).unwrap();
    line["text"].as_str().unwrap().to_owned()
}

fn joined(parts: &[&str]) -> String {
    parts.concat()
}

/// Tokens that are none, in parts: what looks like a real one is not written down.
fn tokens() -> Vec<(String, &'static str)> {
    let letters = "Abcdefghijklmnopqrstuvwxyz0123456789";
    vec![
        (joined(&["AK", "IA", "ABCDEFGHIJKLMNOP"]), "aws-key"),
        (joined(&["AS", "IA", "ABCDEFGHIJ234567"]), "aws-key"),
        (joined(&["gh", "p_", letters]), "github-token"),
        (joined(&["gh", "s_", letters]), "github-token"),
        (joined(&["github", "_pat_", letters, "_", letters]), "github-token"),
        (joined(&["gl", "pat-", &letters[..20]]), "gitlab-token"),
        (joined(&["xo", "xb-", "123456789012-abcdefgh"]), "slack-token"),
        (joined(&["sk", "-ant-api03-", letters]), "anthropic-key"),
        (joined(&["sk", "-proj-", letters]), "openai-key"),
        (joined(&["sk", "-", letters, letters]), "openai-key"),
        (joined(&["AI", "za", &letters[..35]]), "google-key"),
        (joined(&["sk", "_live_", &letters[..24]]), "stripe-key"),
        (joined(&["np", "m_", letters]), "npm-token"),
        (joined(&["h", "f_", letters]), "huggingface-token"),
        (joined(&["ey", "JhbGciOiJIUzI1NiJ9.", "ey", "JzdWIiOiIxMjM0NTY3ODkwIn0.", letters]), "jwt"),
    ]
}

#[test]
fn tokens_of_known_forms_are_taken_out() {
    for (token, name) in tokens() {
        for around in ["{}", "key={} # x", "a\n{}\nb", "\t{}\"", "\u{1b}{}.", "({})", "https://x:{}@example.org/"] {
            let (before, after) = around.split_once("{}").unwrap();
            let expected = format!("{before}[redacted:{name}]{after}");
            assert_eq!(text(&builtin(), &around.replace("{}", &token)), expected, "{token}");
        }
        let (part, longer) = (&token[..token.len().min(9)], format!("x{token}"));
        assert_eq!(text(&builtin(), part), part);
        assert_eq!(text(&builtin(), &longer), longer);
    }
}

#[test]
fn words_that_begin_alike_stay() {
    for word in [
        "task-management-and-risk-assessment-of-disk-encryption",
        "ASIA and AKIA",
        "ghp_short",
        "Bearer token authentication with a very-long-hyphenated-word",
        "the bearer of this letter",
        "Basic knowledge",
        "eyJhbGciOiJIUzI1NiJ9",
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
        "sk-learn",
    ] {
        assert_eq!(text(&builtin(), word), word);
    }
}

#[test]
fn credentials_of_headers_are_taken_out() {
    let curl =
        "curl -H 'Authorization: Bearer abcdefghij0123456789.x' -H 'authorization: bearer ABCDEFGHIJKLMNOPQRST1' x";
    assert_eq!(
        text(&builtin(), curl),
        "curl -H 'Authorization: Bearer [redacted:bearer-token]' -H 'authorization: bearer [redacted:bearer-token]' x"
    );
    assert_eq!(text(&builtin(), "Basic dXNlcjpwYXNzd29yZDEyMw=="), "Basic [redacted:basic-credentials]");
}

#[test]
fn private_keys_are_taken_out_whole_or_torn() {
    let mark = |side: &str, kind: &str| format!("-----{side} {kind}-----");
    for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
        let block = format!("{}\nMIIabc+/=\nxyz\n{}", mark("BEGIN", kind), mark("END", kind));
        assert_eq!(
            text(&builtin(), &format!("a\n{block}\nb {block}")),
            "a\n[redacted:private-key]\nb [redacted:private-key]"
        );
        let torn = format!("a {}\nMIIabc", mark("BEGIN", kind));
        assert_eq!(text(&builtin(), &torn), "a [redacted:private-key]");
    }
}

#[test]
fn values_of_secret_members_are_taken_out_at_any_depth_of_strings() {
    let mut line = json!({
        "OPENAI_API_KEY": "a", "x-api-key": "b \"quoted\" \\", "apiKey": "c", "Authorization": "Custom d", "db_password": "e", "clientSecret": "f",
        "accessToken": "g", "refresh_token": "h", "private-key": "i", "other": "kept", "password": "", "max_tokens": "kept", "input_tokens": 7,
        "api_key": 8, "passwords": ["kept"], "secret": "kept",
    });
    let mut values = line.clone();
    for name in [
        "OPENAI_API_KEY",
        "x-api-key",
        "apiKey",
        "Authorization",
        "db_password",
        "clientSecret",
        "accessToken",
        "refresh_token",
        "private-key",
    ] {
        values[name] = json!("[redacted]");
    }
    for _ in 0..4 {
        let (redacted, count) = builtin().redact(&line.to_string());
        let mut redacted: Value = serde_json::from_str(&redacted).unwrap();
        while let Some(inside) = redacted.get("inside") {
            redacted = serde_json::from_str(inside.as_str().unwrap()).unwrap();
        }
        assert_eq!((&redacted, count), (&values, 9));
        line = json!({ "inside": line.to_string() });
    }
    let spaced = r#"{ "password" : "x", "api_key":	"y" }"#;
    assert_eq!(builtin().redact(spaced).0, r#"{ "password" : "[redacted]", "api_key":	"[redacted]" }"#);
}

#[test]
fn patterns_leave_alone_what_a_line_is_understood_by() {
    let own = Redactor::new(&[], &["user|type|text|me".into()]).unwrap();
    let line = json!({ "type": "user", "role": "user", "message": { "content": [{ "type": "text", "text": "to a user" }] }, "user": "me" });
    let (redacted, count) = own.redact(&line.to_string());
    let redacted: Value = serde_json::from_str(&redacted).unwrap();
    let content = json!([{ "type": "text", "text": "to a [redacted]" }]);
    assert_eq!(
        redacted,
        json!({ "type": "user", "role": "user", "message": { "content": content }, "user": "[redacted]" })
    );
    assert_eq!(count, 2);
}

#[test]
fn own_names_and_patterns_are_heeded() {
    let own =
        Redactor::new(&["Staff-Number".into(), "ü b".into()], &[r"\binternal-\d+\b".into(), "ß\n\"".into()]).unwrap();
    let line = json!({ "staff_number": "1", "ü b": "2", "a": "x internal-12 y", "b": "line\ninternal-3\tß\n\"é", "internal-4": "é" });
    let (redacted, count) = own.redact(&line.to_string());
    let redacted: Value = serde_json::from_str(&redacted).unwrap();
    assert_eq!(
        redacted,
        json!({ "staff_number": "[redacted]", "ü b": "[redacted]", "a": "x [redacted] y", "b": "line\n[redacted]\t[redacted]é", "internal-4": "é" })
    );
    assert_eq!(count, 5);
    let error = Redactor::new(&[], &["(".into()]).unwrap_err();
    assert!(matches!(&error, RedactionError::Pattern { pattern, .. } if pattern == "("));
    assert!(error.to_string().contains("`(`"));
}

#[test]
fn every_field_of_an_event_agrees_and_what_was_sent_is_counted() {
    let (token, _) = tokens().remove(2);
    let input = json!({ "command": format!("curl {token}"), "env": { "DB_PASSWORD": "hunter2" } });
    let line = json!({ "type": "assistant", "message": { "content": [{ "type": "tool_use", "name": "Bash", "id": "t", "input": input }] } });
    let progress = json!({ "type": "progress", "data": token });
    let with = |redactor| Options { redactor, ..options() };
    let read = lines_with("claude", CLAUDE, format!("{line}\n{progress}\n"), &with(builtin()));
    assert!(!read.payload.contains(&token) && !read.payload.contains("hunter2"));
    let expected = json!({ "command": "curl [redacted:github-token]", "env": { "DB_PASSWORD": "[redacted]" } });
    assert_eq!(read.events()[0]["tool_input_json"], expected);
    let raw: Value = serde_json::from_str(read.events()[0]["raw_json"].as_str().unwrap()).unwrap();
    assert_eq!(raw["message"]["content"][0]["input"], expected);
    assert_eq!(read.built.redacted, 2);

    let call = json!({ "type": "response_item", "payload": { "type": "function_call", "name": "x", "arguments": input.to_string() } });
    let read = lines_with("codex", CODEX, format!("{call}\n"), &with(builtin()));
    assert_eq!(read.events()[0]["tool_input_json"], expected);
    assert!(!read.payload.contains("hunter2"));

    let off = lines_with("claude", CLAUDE, format!("{line}\n"), &with(Redactor::off()));
    assert!(off.payload.contains("hunter2") && off.built.redacted == 0);
}

/// Texts with what the rules look for, and what may confuse them.
fn confusing() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("\"password\":\"".to_owned()),
        Just("\\\"api_key\\\": \\\"".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just("bearer 0123456789abcdefghij".to_owned()),
        Just("data:image/png;base64,".to_owned()),
        Just("A".repeat(600)),
        Just("\"data\":\"".to_owned()),
        Just("\"media_type\":\"image/png\"".to_owned()),
        Just("internal-1".to_owned()),
        "[\"\\\\{}:,\na-z=+é\u{1b}]{0,6}",
    ];
    prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn json_stays_json(text in confusing(), name in confusing(), depth in 0..3) {
        let redactor = Redactor::new(&["a".into()], &["internal-[0-9]".into(), "[a-c\n\"]+".into()]).unwrap();
        let mut line = json!({ "text": &text, name: [&text] }).to_string();
        for _ in 0..depth {
            line = json!({ "a b": line, "c": 1 }).to_string();
        }
        let (redacted, _) = redactor.redact(&line);
        prop_assert!(serde_json::from_str::<Value>(&redacted).is_ok(), "{} became {}", line, redacted);
        // A line as an agent would write it, media and all.
        let message = json!({ "type": "user", "message": { "content": line } }).to_string() + "\n";
        let read = lines_with("claude", CLAUDE, &message, &Options { redactor, cut_media: true, ..options() });
        prop_assert_eq!((read.built.events, read.built.unusable_count), (1, 0));
        let raw = read.events()[0]["raw_json"].as_str().unwrap();
        prop_assert!(serde_json::from_str::<Value>(raw).is_ok(), "{} became {}", message, raw);
    }

    #[test]
    fn any_text_is_stood(text in confusing()) {
        let redactor = Redactor::new(&[], &["[a-z]+".into()]).unwrap();
        let first = redactor.redact(&text);
        prop_assert_eq!(&redactor.redact(&text), &first);
    }
}
