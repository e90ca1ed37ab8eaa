//! Tokens of Clausewitz text.

/// What a byte does to an unquoted scalar.
const PLAIN: u8 = 0;
const ENDS: u8 = 1;
/// Ends it only before `=`: as part of an operator.
const ENDS_BEFORE_EQUALS: u8 = 2;
/// Ends it only in a parameter block `[[name] ... ]`.
const ENDS_IN_BLOCK: u8 = 3;

static CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    let ends = b" \t\n\r\x0b\x0c;{}=<>\"#";
    let mut at = 0;
    while at < ends.len() {
        class[ends[at] as usize] = ENDS;
        at += 1;
    }
    class[b'!' as usize] = ENDS_BEFORE_EQUALS;
    class[b'?' as usize] = ENDS_BEFORE_EQUALS;
    class[b']' as usize] = ENDS_IN_BLOCK;
    class
};

/// What stands between a key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Operator {
    /// `=`, and what a parameter block has.
    #[default]
    Equal,
    /// `==`
    Exact,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `!=`
    NotEqual,
    /// `?=`
    Exists,
}

impl Operator {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Exact => "==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::NotEqual => "!=",
            Self::Exists => "?=",
        }
    }
}

/// A token; offsets are those of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// `{`
    Open(usize),
    /// `}`
    Close(usize),
    /// `]`, in a parameter block.
    CloseBlock(usize),
    Operator(usize, Operator),
    /// From the first byte to after the last; of a quoted one without the quotes.
    Scalar {
        start: usize,
        end: usize,
        quoted: bool,
    },
    /// `[[name]`: the name.
    OpenBlock {
        start: usize,
        end: usize,
    },
    /// A string that began here and never ends.
    Unterminated(usize),
}

/// Goes through a text token by token.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    pub(crate) at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t [u8], at: usize) -> Self {
        Self { text, at }
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The next token; `in_block` says that `]` closes a parameter block here.
    #[inline]
    pub(crate) fn next(&mut self, in_block: bool) -> Option<Token> {
        loop {
            let at = self.at;
            let byte = self.byte(at)?;
            match byte {
                b'\t' => self.at += self.tabs(at),
                b' ' | b'\n' | b'\r' | 0x0b | 0x0c | b';' => self.at += 1,
                b'{' => {
                    self.at += 1;
                    return Some(Token::Open(at));
                }
                b'}' => {
                    self.at += 1;
                    return Some(Token::Close(at));
                }
                b'"' => return Some(self.quoted(at)),
                b'#' => {
                    let rest = self.text.get(at..)?;
                    self.at = memchr::memchr(b'\n', rest).map_or(self.text.len(), |newline| at + newline);
                }
                b'=' | b'<' | b'>' => return Some(self.operator(at, byte)),
                b'!' | b'?' if self.byte(at + 1) == Some(b'=') => return Some(self.operator(at, byte)),
                b']' if in_block => {
                    self.at += 1;
                    return Some(Token::CloseBlock(at));
                }
                b'[' if self.byte(at + 1) == Some(b'[') => match self.block_name(at) {
                    Some(token) => return Some(token),
                    None => return Some(self.unquoted(at, in_block)),
                },
                b'@' if self.byte(at + 1) == Some(b'[') => return Some(self.expression(at, in_block)),
                _ => return Some(self.unquoted(at, in_block)),
            }
        }
    }

    /// How many of the next eight bytes are tabs before the first that is none; at least the one that is at `at`.
    #[inline]
    fn tabs(&self, at: usize) -> usize {
        let Some(eight) = self.text.get(at..).and_then(<[u8]>::first_chunk::<8>) else { return 1 };
        let differs = u64::from_le_bytes(*eight) ^ u64::from_le_bytes([b'\t'; 8]);
        differs.trailing_zeros() as usize / 8
    }

    #[inline]
    fn unquoted(&mut self, start: usize, in_block: bool) -> Token {
        let mut end = start;
        loop {
            let rest = self.text.get(end + 1..).unwrap_or_default();
            end += 1 + rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len());
            match self.byte(end).and_then(|byte| CLASS.get(usize::from(byte)).copied()) {
                Some(ENDS_BEFORE_EQUALS) if self.byte(end + 1) != Some(b'=') => {}
                Some(ENDS_IN_BLOCK) if !in_block => {}
                _ => break,
            }
        }
        self.at = end;
        Token::Scalar { start, end, quoted: false }
    }

    #[inline]
    fn quoted(&mut self, quote: usize) -> Token {
        let start = quote + 1;
        let mut from = start;
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            // Most strings are shorter than a call to search them is long.
            let near = rest.iter().take(NEAR).position(|byte| matches!(byte, b'"' | b'\\'));
            let far = || Some(NEAR + memchr::memchr2(b'"', b'\\', rest.get(NEAR..)?)?);
            let Some(found) = near.or_else(far) else {
                self.at = self.text.len();
                return Token::Unterminated(quote);
            };
            let end = from + found;
            if self.byte(end) == Some(b'"') {
                self.at = end + 1;
                return Token::Scalar { start, end, quoted: true };
            }
            from = end + 2;
        }
    }

    #[inline]
    fn operator(&mut self, at: usize, byte: u8) -> Token {
        let equals = self.byte(at + 1) == Some(b'=');
        self.at = at + 1 + usize::from(equals);
        let operator = match (byte, equals) {
            (b'<', false) => Operator::Less,
            (b'<', true) => Operator::LessOrEqual,
            (b'>', false) => Operator::Greater,
            (b'>', true) => Operator::GreaterOrEqual,
            (b'!', _) => Operator::NotEqual,
            (b'?', _) => Operator::Exists,
            (_, true) => Operator::Exact,
            (_, false) => Operator::Equal,
        };
        Token::Operator(at, operator)
    }

    /// `[[name]` or `[[!name]`, all in one word.
    fn block_name(&mut self, at: usize) -> Option<Token> {
        let start = at + 2;
        let negated = usize::from(self.byte(start) == Some(b'!'));
        let rest = self.text.get(start + negated..)?;
        let end =
            start + negated + rest.iter().position(|byte| CLASS.get(usize::from(*byte)).copied() != Some(PLAIN))?;
        if self.byte(end) != Some(b']') || end == start + negated {
            return None;
        }
        self.at = end + 1;
        Some(Token::OpenBlock { start, end })
    }

    /// `@[1 + 2]`, as long as it stays on its line and holds nothing that shapes the text around it.
    fn expression(&mut self, start: usize, in_block: bool) -> Token {
        let rest = self.text.get(start..).unwrap_or_default();
        let stop = rest.iter().position(|byte| matches!(byte, b']' | b'{' | b'}' | b'"' | b'#' | b'\n'));
        match stop {
            Some(stop) if rest.get(stop) == Some(&b']') => {
                self.at = start + stop + 1;
                Token::Scalar { start, end: self.at, quoted: false }
            }
            _ => self.unquoted(start, in_block),
        }
    }
}

/// How much of a string is looked at byte by byte.
const NEAR: usize = 24;

/// Whether an unquoted scalar can hold this byte wherever it stands.
#[inline]
pub(crate) fn is_plain(byte: u8) -> bool {
    CLASS.get(usize::from(byte)).copied() == Some(PLAIN)
}
