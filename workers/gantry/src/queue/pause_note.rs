//! What a pause leaves in the reason text that the server keeps beside a rate limit, so that any machine can resume:
//! `gantry:pause {"previous":5.0,"hosts":["h1"]} maintenance`.

use serde::{Deserialize, Serialize};

const PREFIX: &str = "gantry:pause ";
/// The server takes 1000 characters.
const LONGEST: usize = 1000;
/// Longest reason of a person, in bytes. The rest is for the names of hosts.
pub(crate) const LONGEST_REASON: usize = 300;

/// How a queue was before it was paused.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct PauseNote {
    /// The rate limit to go back to, in tasks a second; `None` for no limit.
    #[serde(default)]
    pub(crate) previous: Option<f32>,
    /// Hosts whose host queues were paused with this queue. Their workers may be gone when it is resumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hosts: Vec<String>,
    /// Begin of the pause (RFC 3339), once the note was written anew: the server only knows its last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// What the person said.
    #[serde(skip)]
    pub(crate) reason: String,
}

impl PauseNote {
    /// The text for the server. Hosts that do not fit are left out; they are found again once their workers poll.
    pub(crate) fn to_text(&self) -> String {
        let mut note = self.clone();
        loop {
            // There is nothing in it that cannot be written as JSON.
            let json = serde_json::to_string(&note).unwrap_or_else(|_| "{}".to_owned());
            let text = format!("{PREFIX}{json} {}", note.reason).trim_end().to_owned();
            if text.len() <= LONGEST {
                return text;
            }
            if note.hosts.pop().is_none() {
                note.reason.clear();
            }
        }
    }

    /// Reads it back; `None` for a reason that was written by somebody else.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Self>();
        let mut note = values.next()?.ok()?;
        let reason = rest.get(values.byte_offset()..).unwrap_or_default();
        note.reason = reason.trim().to_owned();
        note.previous = note.previous.filter(|limit| limit.is_finite() && *limit > 0.0);
        Some(note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_as_it_was() {
        let full = PauseNote {
            previous: Some(0.1),
            hosts: vec!["h1".into(), "h2".into()],
            since: Some("2026-01-02T03:04:05Z".into()),
            reason: "disk {full} \"again\" é".into(),
        };
        for note in [full, PauseNote::default(), PauseNote { reason: "why".into(), ..Default::default() }] {
            assert_eq!(PauseNote::from_text(&note.to_text()), Some(note));
        }
        let shown = PauseNote { previous: Some(5.0), reason: "maintenance".into(), ..Default::default() }.to_text();
        assert_eq!(shown, r#"gantry:pause {"previous":5.0} maintenance"#);
    }

    #[test]
    fn hosts_that_do_not_fit_are_left_out_and_the_limit_stays() {
        let hosts = (0..200).map(|n| format!("{n:012}")).collect();
        let note = PauseNote { previous: Some(2.5), hosts, reason: "r".repeat(LONGEST_REASON), ..Default::default() };
        let text = note.to_text();
        assert!(text.len() <= 1000);
        let read = PauseNote::from_text(&text).unwrap();
        assert_eq!((read.previous, read.reason.len()), (Some(2.5), LONGEST_REASON));
        assert!(read.hosts.len() > 30 && read.hosts == note.hosts[..read.hosts.len()]);
    }

    #[test]
    fn what_somebody_else_wrote_is_no_note() {
        for text in ["", "maintenance", "gantry:pause", "gantry:pause maintenance", "gantry:pause {\"previous\":"] {
            assert_eq!(PauseNote::from_text(text), None, "{text}");
        }
        let odd = PauseNote::from_text(r#"gantry:pause {"previous":-1,"new":true}"#).unwrap();
        assert_eq!(odd.previous, None);
    }
}
