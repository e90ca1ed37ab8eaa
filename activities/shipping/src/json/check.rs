//! What a value is made of: checked, and passed over.

use super::{
    literal::{is_beyond_floats, plain, unit},
    scan::{Invalid, Scanner},
};

/// Bytes that make an escape with a backslash before them, and nothing behind.
const SHORT: [bool; 256] = {
    let mut short = [false; 256];
    let mut left: &[u8] = b"\"\\/bfnrt";
    while let [byte, rest @ ..] = left {
        short[*byte as usize] = true;
        left = rest;
    }
    short
};

impl Scanner<'_> {
    /// Passes over a string, and says whether it holds escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Result<bool, Invalid> {
        self.expect(b'"')?;
        let mut escaped = false;
        let mut at = self.at;
        loop {
            at += plain(self.bytes.get(at..).unwrap_or_default());
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {}
                _ => return Err(Invalid { at }),
            }
            escaped = true;
            let escape = self.bytes.get(at + 1).copied().unwrap_or_default();
            // Most strings have many of these: they are passed over without a branch on which it is.
            if SHORT.get(usize::from(escape)) == Some(&true) {
                at += 2;
            } else if escape == b'u' {
                self.at = at;
                self.unicode()?;
                at = self.at;
            } else {
                return Err(Invalid { at });
            }
        }
    }

    /// Passes over a `\uXXXX`, and its other half when it is one of a pair.
    pub(super) fn unicode(&mut self) -> Result<(), Invalid> {
        let unit = self.unit(self.at)?;
        self.at += 6;
        match unit {
            0xd800..0xdc00 => match self.unit(self.at) {
                Ok(0xdc00..0xe000) => self.at += 6,
                _ => self.odd = true,
            },
            0xdc00..0xe000 => self.odd = true,
            _ => {}
        }
        Ok(())
    }

    /// The UTF-16 unit of the `\uXXXX` at an offset.
    pub(super) fn unit(&self, at: usize) -> Result<u32, Invalid> {
        unit(self.bytes.get(at..).unwrap_or_default()).ok_or(Invalid { at })
    }

    pub(super) fn number(&mut self) -> Result<(), Invalid> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let mut large = self.at - start > 300;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            large = true;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        if large && !self.odd {
            self.odd = is_beyond_floats(self.text.get(start..self.at).unwrap_or_default());
        }
        Ok(())
    }

    pub(super) fn digits(&mut self) -> Result<(), Invalid> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.invalid()) } else { Ok(()) }
    }

    pub(super) fn word(&mut self, word: &str) -> Result<(), Invalid> {
        if self.bytes.get(self.at..).unwrap_or_default().starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.invalid())
        }
    }

    #[inline]
    pub(super) fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Invalid> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.invalid())
        }
    }

    #[cold]
    pub(super) fn invalid(&self) -> Invalid {
        Invalid { at: self.at }
    }
}
