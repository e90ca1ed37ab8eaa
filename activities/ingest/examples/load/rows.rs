//! The rows that every measurement writes: the same number is the same row, whoever writes it.

/// An event of about 420 bytes as JSON, of a hundred sessions, with an `event_id` that is its number.
pub(crate) fn event(number: usize) -> String {
    event_of(&format!("bench-session-{}", number % 100), &format!("bench-{number:012}"), number)
}

/// The same of another session and under another id.
pub(crate) fn event_of(session: &str, id: &str, number: usize) -> String {
    format!(
        "{{\"session_id\":\"{session}\",\"agent_type\":\"bench\",\"event_type\":\"tool_use\",\"tool_name\":\"Tool{}\",\
         \"event_id\":\"{id}\",\"status\":\"success\",\"tokens_in\":{},\"tokens_out\":{},\"project\":\"bench\",\
         \"model\":\"bench-model-{}\",\"duration_ms\":{},\"source\":\"api\",\
         \"metadata\":{{\"command\":\"echo {number}\",\"file_path\":\"/tmp/file-{number}.txt\",\"worker\":{}}}}}",
        number % 12,
        number % 500,
        number % 700,
        number % 4,
        number % 90 + 1,
        number % 40
    )
}

/// A request that posts these events: one to `/api/events`, several to `/api/events/batch`.
pub(crate) fn request(events: &[String]) -> Vec<u8> {
    match events {
        [event] => post("/api/events", event),
        events => post("/api/events/batch", &format!("{{\"events\":[{}]}}", events.join(","))),
    }
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
