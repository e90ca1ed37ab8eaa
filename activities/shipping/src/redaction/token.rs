//! Forms of tokens that are hardly anything else.

use aho_corasick::packed::{Config, MatchKind, Searcher};
use memchr::memmem;

use crate::{
    edit::{Cause, Edit},
    quoted::end_of,
};

/// What follows the beginning of a token.
#[derive(Debug, Clone, Copy)]
enum Rest {
    /// Characters of a set: at least so many, and at most.
    Run(fn(u8) -> bool, usize, usize),
    /// Three parts of base64url with dots between.
    WebToken,
    /// Credentials behind a scheme of HTTP.
    Credentials,
    /// All of a block of PEM.
    Block,
}

#[derive(Debug, Clone, Copy)]
struct Form {
    beginning: &'static str,
    rest: Rest,
    replacement: &'static str,
}

const fn form(beginning: &'static str, rest: Rest, replacement: &'static str) -> Form {
    Form { beginning, rest, replacement }
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn is_credential(byte: u8) -> bool {
    is_word(byte) || b".~+/=".contains(&byte)
}

const AWS: Rest = Rest::Run(is_upper, 16, 16);
const GITHUB: Rest = Rest::Run(is_alphanumeric, 36, 255);
const SLACK: Rest = Rest::Run(is_word, 10, 255);
const STRIPE: Rest = Rest::Run(is_alphanumeric, 20, 255);

/// Of two that begin alike the longer stands first.
const FORMS: [Form; 30] = [
    form("AKIA", AWS, "[redacted:aws-key]"),
    form("ASIA", AWS, "[redacted:aws-key]"),
    form("ghp_", GITHUB, "[redacted:github-token]"),
    form("gho_", GITHUB, "[redacted:github-token]"),
    form("ghu_", GITHUB, "[redacted:github-token]"),
    form("ghs_", GITHUB, "[redacted:github-token]"),
    form("ghr_", GITHUB, "[redacted:github-token]"),
    form("github_pat_", Rest::Run(is_word, 36, 255), "[redacted:github-token]"),
    form("glpat-", Rest::Run(is_word, 20, 255), "[redacted:gitlab-token]"),
    form("xoxb-", SLACK, "[redacted:slack-token]"),
    form("xoxp-", SLACK, "[redacted:slack-token]"),
    form("xoxa-", SLACK, "[redacted:slack-token]"),
    form("xoxr-", SLACK, "[redacted:slack-token]"),
    form("xoxs-", SLACK, "[redacted:slack-token]"),
    form("xapp-", SLACK, "[redacted:slack-token]"),
    form("sk-ant-", Rest::Run(is_word, 20, 255), "[redacted:anthropic-key]"),
    form("sk-proj-", Rest::Run(is_word, 20, 255), "[redacted:openai-key]"),
    form("sk-svcacct-", Rest::Run(is_word, 20, 255), "[redacted:openai-key]"),
    form("sk-admin-", Rest::Run(is_word, 20, 255), "[redacted:openai-key]"),
    form("sk-", Rest::Run(is_alphanumeric, 32, 255), "[redacted:openai-key]"),
    form("AIza", Rest::Run(is_word, 35, 35), "[redacted:google-key]"),
    form("sk_live_", STRIPE, "[redacted:stripe-key]"),
    form("rk_live_", STRIPE, "[redacted:stripe-key]"),
    form("npm_", Rest::Run(is_alphanumeric, 36, 36), "[redacted:npm-token]"),
    form("hf_", Rest::Run(is_alphanumeric, 30, 255), "[redacted:huggingface-token]"),
    form("eyJ", Rest::WebToken, "[redacted:jwt]"),
    form("Bearer ", Rest::Credentials, "[redacted:bearer-token]"),
    form("bearer ", Rest::Credentials, "[redacted:bearer-token]"),
    form("Basic ", Rest::Credentials, "[redacted:basic-credentials]"),
    form("-----BEGIN ", Rest::Block, "[redacted:private-key]"),
];

/// Finds them all in one go.
#[derive(Debug)]
pub(super) struct Tokens {
    /// `None` on a processor without the instructions for it.
    together: Option<Searcher>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let mut together = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        together.extend(FORMS.iter().map(|form| form.beginning));
        Self { together: together.build() }
    }

    pub(super) fn find(&self, text: &str, edits: &mut Vec<Edit>) {
        let bytes = text.as_bytes();
        // Where the string ends in which the last torn block stood, so that a string full of beginnings is looked at once.
        let mut torn = 0;
        let mut add = |form: &Form, start: usize| {
            if start < torn {
                return;
            }
            if let Some(edit) = form.at(bytes, start) {
                if matches!(form.rest, Rest::Block) {
                    torn = edit.range.end;
                }
                edits.push(edit);
            }
        };
        if let Some(together) = &self.together {
            for found in together.find_iter(bytes) {
                if let Some(form) = FORMS.get(usize::try_from(found.pattern().as_u32()).unwrap_or(usize::MAX)) {
                    add(form, found.start());
                }
            }
        } else {
            for form in FORMS {
                for start in memmem::find_iter(bytes, form.beginning) {
                    add(&form, start);
                }
            }
        }
    }
}

impl Form {
    fn at(&self, bytes: &[u8], start: usize) -> Option<Edit> {
        // Parts of a web token hold `-` and `_` themselves.
        let belongs = if matches!(self.rest, Rest::WebToken) { is_word } else { is_alphanumeric };
        if continues(bytes, start, belongs) {
            return None;
        }
        let from = start + self.beginning.len();
        let rest = bytes.get(from..)?;
        let (skipped, length) = match self.rest {
            Rest::Run(belongs, least, most) => {
                let length = run(rest, belongs, most + 1);
                // One that goes on is something else.
                (0, Some(length).filter(|length| (least..=most).contains(length))?)
            }
            Rest::WebToken => (0, web_token(rest)?),
            Rest::Credentials => (self.beginning.len(), credentials(rest)?),
            Rest::Block => (0, block(bytes, from)?),
        };
        let range = start + skipped..from + length;
        Some(Edit { range, text: self.replacement.into(), cause: Cause::Secret })
    }
}

fn run(bytes: &[u8], belongs: fn(u8) -> bool, most: usize) -> usize {
    bytes.iter().take(most).take_while(|byte| belongs(**byte)).count()
}

/// Whether before an offset stands a byte of a set that is not the end of an escape.
fn continues(bytes: &[u8], at: usize, belongs: fn(u8) -> bool) -> bool {
    let before = bytes.get(at.saturating_sub(6)..at).unwrap_or_default();
    match before {
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f'] | [b'\\', b'u', _, _, _, _] => false,
        [.., last] => belongs(*last),
        [] => false,
    }
}

/// A token in three parts, of which the first two are JSON.
fn web_token(rest: &[u8]) -> Option<usize> {
    const LONGEST: usize = 16 * 1024;
    let part = |from: usize| {
        let length = run(rest.get(from..)?, is_word, LONGEST);
        (length >= 10).then_some(from + length)
    };
    let header = part(0)?;
    let body = header + 1;
    if rest.get(header) != Some(&b'.') || !rest.get(body..)?.starts_with(b"eyJ") {
        return None;
    }
    let body = part(body)?;
    if rest.get(body) != Some(&b'.') {
        return None;
    }
    part(body + 1)
}

/// At least twenty characters with a digit among them: words of a sentence are not taken for credentials.
fn credentials(rest: &[u8]) -> Option<usize> {
    const LONGEST: usize = 16 * 1024;
    let length = run(rest, is_credential, LONGEST);
    let found = rest.get(..length)?;
    (length >= 20 && found.iter().any(u8::is_ascii_digit)).then_some(length)
}

/// The rest of a block with a private key up to the end of its last line; of a torn one, up to the end of its string.
fn block(bytes: &[u8], from: usize) -> Option<usize> {
    const MARK: &[u8] = b"-----";
    const LONGEST: usize = 64 * 1024;
    let rest = bytes.get(from..)?;
    let label = rest.get(..rest.len().min(64))?;
    let label = label.get(..memmem::find(label, MARK)?)?;
    if !label.ends_with(b"PRIVATE KEY") && !label.ends_with(b"PRIVATE KEY BLOCK") {
        return None;
    }
    // A whole block is short, and holds no quote.
    let near = rest.get(..rest.len().min(LONGEST))?;
    let near = near.get(..memchr::memchr2(b'"', b'\n', near).unwrap_or(near.len()))?;
    let whole = memmem::find(near, b"-----END ").and_then(|end| {
        let label = end + 9;
        Some(label + memmem::find(near.get(label..)?, MARK)? + MARK.len())
    });
    // Without a quote the line is no JSON; it is done with all the same, lest each beginning in it is looked at anew.
    let end =
        || end_of(bytes, from, 0).map_or_else(|| memchr::memchr(b'\n', rest).unwrap_or(rest.len()), |end| end - from);
    Some(whole.unwrap_or_else(end))
}
