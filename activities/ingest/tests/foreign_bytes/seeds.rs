//! What the mutations start from: a small body of each kind.

use std::io::Write;

const EVENTS: [&str; 5] = [
    r#"{"session_id":"s","agent_type":"a","event_type":"error"}"#,
    r#"{"session_id":" s ","agent_type":"codex","event_type":"tool_use","event_id":"e","tokens_in":1e3,"cost_usd":0.5,"metadata":{"b":1.0,"10":[null,"\ud83d\ude00\n"],"b":{}},"client_timestamp":"2026-02-18T18:06:41+01:00"}"#,
    r#"{"session_id":"s","agent_type":"a","event_type":"llm_response","model":"m","client_timestamp":"Wed, 18 Feb 2026 18:06 GMT","metadata":{"command":"ls","type":[1,2,3],"api_key":"k"}}"#,
    r#""{\"session_id\":\"s\",\"agent_type\":\"a\",\"event_type\":\"error\"}""#,
    r#"{"session_id":7,"agent_type":null,"event_type":"none","status":"","duration_ms":-1,"source":[]}"#,
];

const OTLP: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"codex"}}]},
"scopeLogs":[{"logRecords":[{"timeUnixNano":"1771927200123456789","severityText":"ERROR","body":{"stringValue":"{\"a\":1}"},
"attributes":[{"key":"event.name","value":{"stringValue":"codex.tool_result"}},{"key":"session.id","value":{"stringValue":"s"}},
{"key":"input_token_count","value":{"intValue":"5"}}]}]}]}],
"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"claude_code.token.usage","sum":{"aggregationTemporality":2,
"dataPoints":[{"asDouble":5.5,"startTimeUnixNano":"1","attributes":[{"key":"type","value":{"stringValue":"output"}}]}]}}]}]}],
"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x","attributes":[]}]}]}]}"#;

/// Three nested messages, the innermost with texts and numbers, as field 1 of each other.
const PROTOBUF: &[u8] = b"\x0a\x24\x0a\x07\x0a\x05\x0a\x01k\x12\x00\x12\x19\x12\x17\x09\x15\xcd\x5b\x07\x00\x00\x00\x00\x1a\x05ERROR\x2a\x05\x0a\x03abc";

pub(crate) fn events() -> impl Iterator<Item = Vec<u8>> {
    EVENTS.iter().map(|event| event.as_bytes().to_vec())
}

pub(crate) fn batches() -> Vec<Vec<u8>> {
    let parts = EVENTS.iter().flat_map(|event| event.bytes().chain([0xff])).collect();
    vec![format!("{{\"events\":[{}, 7]}}", EVENTS.join(",")).into_bytes(), b"{\"events\":[]}".to_vec(), parts]
}

pub(crate) fn lines() -> Vec<Vec<u8>> {
    vec![format!("{}\n\r\n{{\"cut", EVENTS.join("\n")).into_bytes(), b"\n\n".to_vec(), b"\xef\xbb\xbf{}\r\n".to_vec()]
}

pub(crate) fn encoded() -> Vec<Vec<u8>> {
    let text = format!("{{\"events\":[{}]}}", EVENTS.join(","));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(text.as_bytes()).unwrap();
    let mut brotli = Vec::new();
    brotli::BrotliCompress(&mut text.as_bytes(), &mut brotli, &brotli::enc::BrotliEncoderParams::default()).unwrap();
    let bodies = [
        text.clone().into_bytes(),
        gzip.finish().unwrap(),
        deflate.finish().unwrap(),
        brotli,
        zstd::encode_all(text.as_bytes(), 3).unwrap(),
    ];
    bodies.into_iter().zip(0..).map(|(body, encoding)| [&[encoding, 0], body.as_slice()].concat()).collect()
}

pub(crate) fn otlp() -> Vec<Vec<u8>> {
    vec![OTLP.as_bytes().to_vec(), PROTOBUF.to_vec(), vec![0x0a, 0x04, 0x0a, 0x00, 0x12, 0x00]]
}

pub(crate) fn queries() -> Vec<Vec<u8>> {
    [
        "limit=10&offset=-3&since=2026-02-18T18:06:41%2B01:00",
        "agent_type=a+b&agent_type=&token=%C3%A9%zz&last_event_id=12abc",
        "=&&=&limit",
    ]
    .map(|query| query.as_bytes().to_vec())
    .to_vec()
}
