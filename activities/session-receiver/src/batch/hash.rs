//! What makes two events of one place the same event.

use sha2::{Digest, Sha256};

use super::Event;

impl Event {
    /// SHA-256 over what makes an event one of its own: its session, its file, its place in that, and its [`Event::identity`].
    /// The same for the same event in whatever store.
    #[must_use]
    pub fn key(&self, session: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        add(&mut hash, Some(session.as_bytes()));
        add(&mut hash, Some(self.source_path.as_bytes()));
        hash.update(self.source_offset.to_le_bytes());
        hash.update(self.identity());
        hash.finalize().into()
    }

    /// SHA-256 over everything that an event says: role, texts, tool, input, output, moment, call and place in its line. Not
    /// over `raw_json`, which only the first event of a line has, nor over where it comes from, which stands beside the hash in the
    /// key. White space outside the strings of an input does not count.
    #[must_use]
    pub fn identity(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.role.name());
        for part in [&self.content_text, &self.tool_name] {
            add(&mut hash, part.as_deref().map(str::as_bytes));
        }
        add(&mut hash, self.tool_input_json.as_deref().map(compact).as_deref());
        add(&mut hash, self.tool_output_text.as_deref().map(str::as_bytes));
        hash.update(self.timestamp.to_le_bytes());
        add(&mut hash, self.tool_call_id.as_deref().map(str::as_bytes));
        add(&mut hash, self.item_index.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
        hash.finalize().into()
    }
}

/// With its length before it, so that no two lists of parts read the same; absent is not empty.
fn add(hash: &mut Sha256, part: Option<&[u8]>) {
    hash.update(part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
    hash.update(part.unwrap_or_default());
}

fn compact(json: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        if in_string {
            (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_string = byte == b'"';
        }
        out.push(byte);
    }
    out
}
