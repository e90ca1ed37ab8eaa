//! The descriptors of a symbol, one by one.

use std::borrow::Cow;

use super::error::{SymbolError, SymbolFault};

/// What a descriptor stands for, by its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DescriptorKind {
    /// `x/`
    Namespace,
    /// `x#`
    Type,
    /// `x.`
    Term,
    /// `x(y).`
    Method,
    /// `[x]`
    TypeParameter,
    /// `(x)`
    Parameter,
    /// `x:`
    Meta,
    /// `x!`
    Macro,
}

/// One step of the way from the package to a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor<'a> {
    /// What it stands for.
    pub kind: DescriptorKind,
    /// Its name without backticks.
    pub name: Cow<'a, str>,
    /// Tells methods of one name apart; empty for the first one and for everything else.
    pub disambiguator: &'a str,
    /// Where its encoding ends in the symbol string.
    pub end: usize,
}

impl Default for Descriptor<'_> {
    fn default() -> Self {
        Self { kind: DescriptorKind::Namespace, name: Cow::Borrowed(""), disambiguator: "", end: 0 }
    }
}

/// Reads descriptors and reports where they leave the grammar.
#[derive(Debug, Clone)]
pub(super) struct Names<'a> {
    text: &'a str,
    at: usize,
}

/// Whether a byte needs no backticks.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'$')
}

/// Bytes of the longest prefix that needs no backticks. The grammar has ASCII only; other letters and digits are taken as what
/// they are.
pub(super) fn simple_length(text: &str) -> usize {
    let plain = text.bytes().position(|byte| !is_plain(byte)).unwrap_or(text.len());
    match text.get(plain..) {
        Some(rest) if rest.bytes().next().is_some_and(|byte| !byte.is_ascii()) => {
            let simple =
                |found: char| u8::try_from(found).is_ok_and(is_plain) || (!found.is_ascii() && found.is_alphanumeric());
            plain + rest.find(|found| !simple(found)).unwrap_or(rest.len())
        }
        _ => plain,
    }
}

impl<'a> Names<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    fn error<T>(&self, fault: SymbolFault) -> Result<T, SymbolError> {
        Err(SymbolError { offset: self.at, fault })
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, fault: SymbolFault) -> Result<(), SymbolError> {
        if self.take(byte) { Ok(()) } else { self.error(fault) }
    }

    /// The longest run of characters that need no backticks; may be empty.
    fn simple(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = simple_length(rest);
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn name(&mut self) -> Result<Cow<'a, str>, SymbolError> {
        let start = self.at;
        if !self.take(b'`') {
            let name = self.simple();
            return if name.is_empty() { self.error(SymbolFault::NoName) } else { Ok(Cow::Borrowed(name)) };
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut end = 0;
        let mut escaped = false;
        loop {
            let Some(tick) = rest.get(end..).and_then(|rest| rest.find('`')) else {
                return Err(SymbolError { offset: start, fault: SymbolFault::OpenBacktick });
            };
            end += tick;
            if rest.as_bytes().get(end + 1) != Some(&b'`') {
                break;
            }
            escaped = true;
            end += 2;
        }
        let name = rest.get(..end).unwrap_or_default();
        if name.is_empty() {
            return Err(SymbolError { offset: start, fault: SymbolFault::NoName });
        }
        self.at += end + 1;
        Ok(if escaped { Cow::Owned(name.replace("``", "`")) } else { Cow::Borrowed(name) })
    }

    /// The next descriptor, or `None` at the end of the string.
    pub(super) fn read(&mut self) -> Result<Option<Descriptor<'a>>, SymbolError> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let mut disambiguator = "";
        let (kind, name) = if self.take(b'(') {
            let name = self.name()?;
            self.expect(b')', SymbolFault::Parameter)?;
            (DescriptorKind::Parameter, name)
        } else if self.take(b'[') {
            let name = self.name()?;
            self.expect(b']', SymbolFault::TypeParameter)?;
            (DescriptorKind::TypeParameter, name)
        } else {
            let name = self.name()?;
            let kind = match self.text.as_bytes().get(self.at) {
                Some(b'/') => DescriptorKind::Namespace,
                Some(b'#') => DescriptorKind::Type,
                Some(b'.') => DescriptorKind::Term,
                Some(b':') => DescriptorKind::Meta,
                Some(b'!') => DescriptorKind::Macro,
                Some(b'(') => DescriptorKind::Method,
                _ => return self.error(SymbolFault::Suffix),
            };
            self.at += 1;
            if kind == DescriptorKind::Method {
                disambiguator = self.simple();
                self.expect(b')', SymbolFault::Method)?;
                self.expect(b'.', SymbolFault::Method)?;
            }
            (kind, name)
        };
        Ok(Some(Descriptor { kind, name, disambiguator, end: self.at }))
    }
}

/// The descriptors of a symbol that was read before.
#[derive(Debug, Clone)]
pub struct Descriptors<'a>(pub(super) Names<'a>);

impl<'a> Iterator for Descriptors<'a> {
    type Item = Descriptor<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        // The whole string was read when the symbol was made, so there is no error to lose.
        self.0.read().ok().flatten()
    }
}
