//! JSON with a line for each member.

use std::io::{self, Write};

/// Writes JSON, which must be valid and without space between its parts, indented by two blanks a level, and ends the line.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_pretty(json: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut depth = 0usize;
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        let mut taken = 1;
        match byte {
            b'{' | b'[' => {
                out.write_all(&[byte])?;
                match after.first() {
                    Some(&close @ (b'}' | b']')) => {
                        out.write_all(&[close])?;
                        taken = 2;
                    }
                    _ => {
                        depth += 1;
                        new_line(depth, out)?;
                    }
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                new_line(depth, out)?;
                out.write_all(&[byte])?;
            }
            b',' => {
                out.write_all(b",")?;
                new_line(depth, out)?;
            }
            b':' => out.write_all(b": ")?,
            b'"' => {
                taken = string(rest);
                out.write_all(rest.get(..taken).unwrap_or(rest))?;
            }
            _ => {
                taken = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']')).unwrap_or(rest.len());
                out.write_all(rest.get(..taken).unwrap_or(rest))?;
            }
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    out.write_all(b"\n")
}

/// Bytes of the string that `text` begins with, quotes included.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if text.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

fn new_line(depth: usize, out: &mut dyn Write) -> io::Result<()> {
    const BLANKS: &[u8; 64] = &[b' '; 64];
    out.write_all(b"\n")?;
    let mut left = depth * 2;
    while left > 0 {
        let now = left.min(BLANKS.len());
        out.write_all(BLANKS.get(..now).unwrap_or_default())?;
        left -= now;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::{arbitrary::any, collection::vec, prelude::prop, prop_oneof, proptest, strategy::Strategy};
    use serde_json::Value;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a\"\\\\{}:,\\[\\] é\n]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(40, 32, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a\"\\\\:]{0,3}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_written_as_serde_writes_it(value in values()) {
            let mut out = Vec::new();
            write_pretty(value.to_string().as_bytes(), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string_pretty(&value).unwrap() + "\n");
        }
    }
}
