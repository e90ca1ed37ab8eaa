//! Secrets in an event's metadata are blacked out before anything is stored or streamed.
//!
//! What an agent ran and read may hold keys and passwords. On loopback metadata is stored as posted, because it is the
//! user's own and existing tools compare it; where other machines post, the rules below are on unless switched off.

use std::borrow::Cow;

use regex::RegexSet;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Names whose values are secrets, compared in lower case without `_` and `-`; a name that ends so is one as well.
const KEYS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "clientsecret",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "authorization",
    "cookie",
];

/// Forms that secrets are known by: private keys, and tokens whose issuers gave them a prefix to be found by.
const PATTERNS: [&str; 8] = [
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    r"\b(?:sk|rk|pk)-[A-Za-z0-9_-]{20,}",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    r"\bgithub_pat_[A-Za-z0-9_]{22,}",
    r"\bAKIA[0-9A-Z]{16}\b",
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+",
    r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]{16,}",
];

/// The rules.
#[derive(Debug, Clone)]
pub struct Redaction {
    keys: Vec<String>,
    /// Tells in one pass which of `patterns` are worth running.
    set: RegexSet,
    patterns: Vec<regex::Regex>,
}

impl Redaction {
    /// Rules of the given keys and patterns, after those that come with the service when `built_in`.
    ///
    /// # Errors
    /// A pattern is no regular expression; the text says which and why.
    pub fn new(built_in: bool, keys: &[String], patterns: &[String]) -> Result<Self, String> {
        let own =
            |on: bool, list: &'static [&'static str]| list.iter().filter(move |_| on).map(|own| (*own).to_owned());
        let keys = own(built_in, &KEYS).chain(keys.iter().map(|key| folded(key))).collect();
        let patterns: Vec<String> = own(built_in, &PATTERNS).chain(patterns.iter().cloned()).collect();
        let compiled = patterns.iter().map(|pattern| regex::Regex::new(pattern)).collect::<Result<_, _>>();
        let set = RegexSet::new(&patterns);
        match (compiled, set) {
            (Ok(patterns), Ok(set)) => Ok(Self { keys, set, patterns }),
            (Err(error), _) | (_, Err(error)) => Err(format!("a pattern of secrets cannot be read: {error}")),
        }
    }

    /// No rules.
    pub fn none() -> Self {
        Self { keys: Vec::new(), set: RegexSet::empty(), patterns: Vec::new() }
    }

    /// Whether nothing is blacked out.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.patterns.is_empty()
    }

    /// Compact JSON without its secrets. Anything that is no JSON is searched as text.
    pub fn json<'a>(&self, json: &'a str) -> Cow<'a, str> {
        let mut out: Option<String> = None;
        // What `out` holds is `json` up to here.
        let mut copied = 0;
        let mut replace = |from: usize, to: usize, with: &str| {
            let out = out.get_or_insert_with(|| String::with_capacity(json.len()));
            out.push_str(json.get(copied..from).unwrap_or_default());
            out.push_str(with);
            copied = to;
        };
        let mut at = 0;
        while let Some(quote) = find(json, at, '"') {
            let end = end_of_string(json, quote);
            let text = json.get(quote..end).unwrap_or_default();
            at = end;
            if json.as_bytes().get(end) == Some(&b':') {
                if self.is_secret_name(text) {
                    let value_end = end_of_value(json, end + 1);
                    replace(end + 1, value_end, "\"[redacted]\"");
                    at = value_end;
                }
            } else if let Some(clean) = self.string(text) {
                replace(quote, end, &clean);
            }
        }
        match out {
            Some(mut out) => {
                out.push_str(json.get(copied..).unwrap_or_default());
                Cow::Owned(out)
            }
            None => Cow::Borrowed(json),
        }
    }

    /// Text without what looks like a secret.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for index in self.set.matches(text) {
            if let Some(pattern) = self.patterns.get(index) {
                let next = pattern.replace_all(&clean, REDACTED).into_owned();
                clean = Cow::Owned(next);
            }
        }
        clean
    }

    fn is_secret_name(&self, quoted: &str) -> bool {
        let name = folded(quoted.trim_matches('"'));
        self.keys.iter().any(|key| name.ends_with(key.as_str()))
    }

    /// A JSON string without its secrets, if it has any.
    fn string(&self, quoted: &str) -> Option<String> {
        let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
        let plain: Cow<'_, str> =
            if inner.contains('\\') { Cow::Owned(serde_json::from_str(quoted).ok()?) } else { Cow::Borrowed(inner) };
        match self.text(&plain) {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => serde_json::to_string(&clean).ok(),
        }
    }
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect()
}

fn find(json: &str, from: usize, c: char) -> Option<usize> {
    json.get(from..)?.find(c).map(|found| from + found)
}

/// One past the closing quote of the string that starts at `quote`.
fn end_of_string(json: &str, quote: usize) -> usize {
    let mut at = quote + 1;
    let bytes = json.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

/// One past the value that starts at `from`, whatever it holds.
fn end_of_value(json: &str, from: usize) -> usize {
    let bytes = json.as_bytes();
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(json, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            b',' if depth == 0 => return at,
            _ => at += 1,
        }
        if depth == 0 && matches!(bytes.get(at), None | Some(b',' | b'}' | b']')) {
            return at;
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(json: &str) -> String {
        Redaction::new(true, &["badge".into()], &[r"\bcase-\d+".into()]).unwrap().json(json).into_owned()
    }

    #[test]
    fn values_of_secret_names_go_whatever_they_are() {
        assert_eq!(
            redacted(r#"{"a":1,"API_KEY":{"x":["},",2]},"db-password":null,"badge":7,"z":[{"secret":"s\"}"}]}"#),
            r#"{"a":1,"API_KEY":"[redacted]","db-password":"[redacted]","badge":"[redacted]","z":[{"secret":"[redacted]"}]}"#
        );
    }

    #[test]
    fn what_looks_like_a_secret_goes_and_the_rest_of_the_text_stays() {
        let token = format!("ghp_{}", "a1".repeat(18));
        assert_eq!(
            redacted(&format!(r#"{{"command":"curl \"-H\" {token} now","n":["case-12"]}}"#)),
            r#"{"command":"curl \"-H\" [redacted] now","n":["[redacted]"]}"#
        );
        assert_eq!(
            redacted(r#""-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest""#),
            r#""[redacted]\nrest""#
        );
    }

    #[test]
    fn what_holds_no_secret_is_not_even_copied_and_no_text_can_break_it() {
        let rules = Redaction::new(true, &[], &[]).unwrap();
        for json in
            ["{}", r#"{"tokens_in":5,"keyboard":"q\\","é":"\ud83d\ude00"}"#, "null", "", "\"", "\"\\", "{\"a\":"]
        {
            assert!(matches!(rules.json(json), Cow::Borrowed(_)), "{json}");
        }
        for json in ["{\"secret\":", "{\"secret\":\"", "{\"secret\":[[[", "{\"secret\":\\é"] {
            rules.json(json);
        }
        assert!(Redaction::new(false, &[], &["(".into()]).unwrap_err().contains('('));
    }
}
