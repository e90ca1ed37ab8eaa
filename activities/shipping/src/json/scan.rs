//! Finding and checking values.

use std::borrow::Cow;

use super::{literal::decode, nesting::Nesting};

/// Text that is not JSON, and where it stops being so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// Byte of the text.
    pub(crate) at: usize,
}

/// What a value is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    /// A number, `true`, `false`, `null`, or nothing that is JSON.
    Other,
}

/// Reads one text from its start to its end.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) odd: bool,
    open: Nesting,
}

/// Members of an object, or elements of an array, that is being read.
#[derive(Debug)]
pub(crate) struct Parts {
    first: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, odd: false, open: Nesting::default() }
    }

    /// Whether anything read so far is JSON that strict readers refuse: half of a surrogate pair, or a number beyond all floats.
    pub(crate) fn is_odd(&self) -> bool {
        self.odd
    }

    /// How far it has read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// What comes next.
    #[inline]
    pub(crate) fn kind(&mut self) -> Kind {
        self.space();
        match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            _ => Kind::Other,
        }
    }

    /// Begins an object.
    pub(crate) fn object(&mut self) -> Result<Parts, Invalid> {
        self.space();
        self.expect(b'{')?;
        Ok(Parts { first: true })
    }

    /// Begins an array.
    pub(crate) fn array(&mut self) -> Result<Parts, Invalid> {
        self.space();
        self.expect(b'[')?;
        Ok(Parts { first: true })
    }

    /// The name of the next member, whose value has to be read then; `None` when the object has ended.
    #[inline]
    pub(crate) fn member(&mut self, parts: &mut Parts) -> Result<Option<Cow<'a, str>>, Invalid> {
        if !self.next(parts, b'}')? {
            return Ok(None);
        }
        self.space();
        let start = self.at;
        let escaped = self.string()?;
        let literal = self.text.get(start..self.at).unwrap_or_default();
        self.space();
        self.expect(b':')?;
        let name = if escaped {
            decode(literal)
        } else {
            Cow::Borrowed(literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default())
        };
        Ok(Some(name))
    }

    /// Whether another element comes, which has to be read then.
    #[inline]
    pub(crate) fn element(&mut self, parts: &mut Parts) -> Result<bool, Invalid> {
        self.next(parts, b']')
    }

    /// The next value, as it is written.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<&'a str, Invalid> {
        self.space();
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Checks and passes over the next value.
    pub(crate) fn skip(&mut self) -> Result<(), Invalid> {
        loop {
            self.space();
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                }
                Some(b'{') => {
                    self.at += 1;
                    self.space();
                    if self.peek() != Some(b'}') {
                        self.open.push(true);
                        self.name()?;
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'[') => {
                    self.at += 1;
                    self.space();
                    if self.peek() != Some(b']') {
                        self.open.push(false);
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'n') => self.word("null")?,
                _ => return Err(self.invalid()),
            }
            // A value has ended, and with it perhaps those around it.
            loop {
                let Some(object) = self.open.top() else { return Ok(()) };
                self.space();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if object {
                            self.space();
                            self.name()?;
                        }
                        break;
                    }
                    Some(b'}') if object => self.open.pop(),
                    Some(b']') if !object => self.open.pop(),
                    _ => return Err(self.invalid()),
                }
                self.at += 1;
            }
        }
    }

    /// Nothing but blanks is left.
    pub(crate) fn end(&mut self) -> Result<(), Invalid> {
        self.space();
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.invalid()) }
    }

    fn next(&mut self, parts: &mut Parts, close: u8) -> Result<bool, Invalid> {
        self.space();
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                return Ok(false);
            }
            Some(_) if parts.first => {}
            Some(b',') => {
                self.at += 1;
                self.space();
                // A comma before the end is not JSON.
                if self.peek() == Some(close) {
                    return Err(self.invalid());
                }
            }
            _ => return Err(self.invalid()),
        }
        parts.first = false;
        Ok(true)
    }

    fn name(&mut self) -> Result<(), Invalid> {
        self.string()?;
        self.space();
        self.expect(b':')
    }
}
