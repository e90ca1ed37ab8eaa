//! JSON as agents write it: compact, text as it is, only what must be escaped is.

/// Appends a string literal.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().copied().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[written..at]);
        written = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

/// Appends `,"key":"value"`.
pub(crate) fn field(out: &mut Vec<u8>, key: &str, value: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
    text(out, value);
}

/// JSON without the white space outside strings: how inputs of tools are compared, since a sender may lay them out anew.
#[must_use]
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_as_the_same_text() {
        let sample = "a\"b\\c\n\t\r\u{1b}[31m é 漢 🦀 \u{7f} \u{2028}";
        let mut out = Vec::new();
        text(&mut out, sample);
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), sample);
    }

    #[test]
    fn white_space_goes_outside_strings_only() {
        assert_eq!(compact("{ \"a b\" :\n [1, \"\\\" \\\\\" , 2 ] }"), "{\"a b\":[1,\"\\\" \\\\\",2]}");
    }
}
