//! A cursor over JSON that hands out slices of it.

use std::borrow::Cow;

use super::{MAX_DEPTH, Malformed, text::unescape};

/// A text as it stands between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// With its escapes.
    pub raw: &'a str,
    /// Whether it has any.
    pub escaped: bool,
}

impl<'a> Text<'a> {
    /// What it says. A half of a surrogate pair becomes U+FFFD.
    pub fn decode(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raw<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(&'a str),
    /// A text.
    Text(Text<'a>),
    /// An array or an object.
    Container {
        /// All of it.
        raw: &'a str,
        /// Whether blanks stand between its parts.
        spaced: bool,
        /// Whether more than its blanks differs from what JavaScript would print.
        odd: bool,
    },
}

/// A cursor over JSON.
#[derive(Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// Above so many keys in one object, repeated ones are looked for in another way.
const KEYS_COMPARED: usize = 24;

struct Open {
    object: bool,
    /// Where its keys begin in the list of keys.
    keys: usize,
}

impl<'a> Scanner<'a> {
    /// At the beginning.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The error at this place.
    pub fn malformed(&self) -> Malformed {
        Malformed { at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn slice(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// Skips blanks; whether there were any.
    pub fn blanks(&mut self) -> bool {
        let from = self.at;
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.at > from
    }

    /// Takes that byte if it is next.
    pub fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Whether that byte is next.
    pub fn next_is(&self, byte: u8) -> bool {
        self.peek() == Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.eat(byte) { Ok(()) } else { Err(self.malformed()) }
    }

    /// Only blanks may follow.
    pub fn end(&mut self) -> Result<(), Malformed> {
        self.blanks();
        if self.at == self.text.len() { Ok(()) } else { Err(self.malformed()) }
    }

    /// A text, from its opening to its closing quote.
    pub fn text(&mut self) -> Result<Text<'a>, Malformed> {
        self.expect(b'"')?;
        let from = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    let raw = self.slice(from);
                    self.at += 1;
                    return Ok(Text { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.malformed()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                let digits = self.text.as_bytes().get(self.at + 1..self.at + 5).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(self.malformed());
                }
                self.at += 5;
            }
            _ => return Err(self.malformed()),
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<usize, Malformed> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > from { Ok(self.at - from) } else { Err(self.malformed()) }
    }

    fn number(&mut self) -> Result<&'a str, Malformed> {
        let from = self.at;
        self.eat(b'-');
        let zero = self.next_is(b'0');
        if self.digits()? > 1 && zero {
            return Err(self.malformed());
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(self.slice(from))
    }

    fn word(&mut self, word: &str, value: Raw<'a>) -> Result<Raw<'a>, Malformed> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.malformed())
        }
    }

    fn scalar(&mut self) -> Result<Raw<'a>, Malformed> {
        match self.peek() {
            Some(b'"') => self.text().map(Raw::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Raw::Number),
            Some(b't') => self.word("true", Raw::Bool(true)),
            Some(b'f') => self.word("false", Raw::Bool(false)),
            Some(b'n') => self.word("null", Raw::Null),
            _ => Err(self.malformed()),
        }
    }

    /// A key of an object and its colon; blanks around them are skipped.
    pub fn key(&mut self) -> Result<Text<'a>, Malformed> {
        let key = self.text()?;
        self.blanks();
        self.expect(b':')?;
        self.blanks();
        Ok(key)
    }

    /// A value of any kind.
    pub fn value(&mut self) -> Result<Raw<'a>, Malformed> {
        if matches!(self.peek(), Some(b'{' | b'[')) { self.container() } else { self.scalar() }
    }

    fn container(&mut self) -> Result<Raw<'a>, Malformed> {
        let from = self.at;
        let (mut open, mut keys): (Vec<Open>, Vec<&str>) = (Vec::new(), Vec::new());
        let (mut spaced, mut odd) = (false, false);
        loop {
            // At the beginning of a value.
            if let Some(bracket @ (b'{' | b'[')) = self.peek() {
                if open.len() == MAX_DEPTH {
                    return Err(self.malformed());
                }
                self.at += 1;
                open.push(Open { object: bracket == b'{', keys: keys.len() });
                spaced |= self.blanks();
                if !self.next_is(b'}') && !self.next_is(b']') {
                    self.member(&open, &mut keys, &mut spaced, &mut odd)?;
                    continue;
                }
            } else {
                odd |= match self.scalar()? {
                    Raw::Number(number) => !super::number::is_plain(number),
                    Raw::Text(text) => text.escaped,
                    _ => false,
                };
            }
            // Behind a value, or in an empty container.
            loop {
                let Some(innermost) = open.last() else { return Err(self.malformed()) };
                spaced |= self.blanks();
                if self.eat(if innermost.object { b'}' } else { b']' }) {
                    keys.truncate(innermost.keys);
                    open.pop();
                    if open.is_empty() {
                        return Ok(Raw::Container { raw: self.slice(from), spaced, odd });
                    }
                } else if self.eat(b',') {
                    spaced |= self.blanks();
                    self.member(&open, &mut keys, &mut spaced, &mut odd)?;
                    break;
                } else {
                    return Err(self.malformed());
                }
            }
        }
    }

    /// The key of the next member, where the innermost container is an object.
    fn member(
        &mut self,
        open: &[Open],
        keys: &mut Vec<&'a str>,
        spaced: &mut bool,
        odd: &mut bool,
    ) -> Result<(), Malformed> {
        let Some(Open { object: true, keys: first }) = open.last() else { return Ok(()) };
        let key = self.text()?;
        *spaced |= self.blanks();
        self.expect(b':')?;
        *spaced |= self.blanks();
        if !*odd {
            let known = keys.get(*first..).unwrap_or_default();
            *odd = key.escaped
                || known.len() >= KEYS_COMPARED
                || key.raw.starts_with(|first: char| first.is_ascii_digit())
                || known.contains(&key.raw);
            keys.push(key.raw);
        }
        Ok(())
    }
}
