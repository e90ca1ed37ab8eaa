//! What must not leave the machine: secrets, which sessions are full of, for agents read settings and print environments.
//!
//! Three kinds of rules, applied to text before anything is made of it, so that every field of an event and its raw line agree:
//!
//! - members whose name says that the value is secret ([`member`]), at any level of JSON in strings;
//! - forms of tokens that are hardly anything else ([`token`]);
//! - regular expressions of the user's, which see what a string says and not how JSON escapes it ([`pattern`]).
//!
//! What comes in needs no escapes, so text that is JSON stays JSON. The built-in rules prefer to miss over taking away what is
//! no secret; a value that is no string stays.

mod member;
mod pattern;
mod token;

use std::sync::Arc;

use crate::edit::Edit;

/// Why a redactor cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedactionError {
    /// A pattern of the user's is no regular expression.
    #[error("the redaction pattern `{pattern}` is not a regular expression: {reason}")]
    Pattern {
        /// As given.
        pattern: String,
        /// What the parser says.
        reason: String,
    },
}

/// Takes secrets out of text that is JSON. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Redactor {
    rules: Option<Arc<Rules>>,
}

#[derive(Debug)]
struct Rules {
    members: member::Members,
    tokens: token::Tokens,
    patterns: Vec<regex_lite::Regex>,
}

impl Redactor {
    /// Takes nothing out.
    pub fn off() -> Self {
        Self { rules: None }
    }

    /// The built-in rules, with further member names whose values are secret and further regular expressions, which see the
    /// text as it is and not as JSON escapes it.
    ///
    /// # Errors
    /// When an expression cannot be read.
    pub fn new(keys: &[String], patterns: &[String]) -> Result<Self, RedactionError> {
        let patterns = patterns.iter().map(|pattern| pattern::compile(pattern)).collect::<Result<_, _>>()?;
        let rules = Rules { members: member::Members::new(keys), tokens: token::Tokens::new(), patterns };
        Ok(Self { rules: Some(Arc::new(rules)) })
    }

    /// Whether it ever takes anything out.
    pub fn is_on(&self) -> bool {
        self.rules.is_some()
    }

    /// Adds an edit for each secret in a text of whole lines or a document.
    pub(crate) fn find(&self, text: &str, edits: &mut Vec<Edit>) {
        let Some(rules) = &self.rules else { return };
        rules.members.find(text, edits);
        rules.tokens.find(text, edits);
        if !rules.patterns.is_empty() {
            pattern::find(&rules.patterns, text, edits);
        }
    }

    /// A text with its secrets taken out, and how many they were.
    pub fn redact(&self, text: &str) -> (String, u64) {
        let mut edits = Vec::new();
        self.find(text, &mut edits);
        crate::edit::settle(&mut edits);
        (crate::edit::apply(text, 0, &edits), edits.len() as u64)
    }
}
