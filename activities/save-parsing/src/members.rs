//! The members of one container, what is nested in them passed over.

use crate::{
    blocks::{End, pass_container},
    lexer::{Lexer, Operator, Token},
};

/// A piece of the text: from the first byte to after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberValue {
    /// `key=` with nothing after it.
    Missing,
    /// Without its quotes.
    Scalar { span: Span, quoted: bool },
    /// With its braces; of a parameter block, from after the name to the bracket.
    Container { span: Span },
}

/// A field or an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// None for an item.
    pub(crate) key: Option<Span>,
    pub(crate) operator: Operator,
    /// Where the text of the member starts: its key, header or value, a quote with it.
    pub(crate) start: usize,
    /// The word before a container, as in `rgb { 1 2 3 }`.
    pub(crate) header: Option<Span>,
    /// The key is the name of a parameter block.
    pub(crate) block: bool,
    pub(crate) value: MemberValue,
}

impl Member {
    /// Where its text ends.
    pub(crate) fn end(&self, text: &[u8]) -> usize {
        match self.value {
            MemberValue::Scalar { span, quoted } => span.end + usize::from(quoted),
            MemberValue::Container { span } => span.end,
            MemberValue::Missing => self.key.map_or(self.start, |key| {
                // The operator is the next thing after the key.
                let rest = text.get(key.end..).unwrap_or_default();
                let operator = rest.iter().position(|byte| matches!(byte, b'=' | b'<' | b'>'));
                key.end + operator.map_or(0, |at| at + 1)
            }),
        }
    }
}

/// What is wrong at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// This brace or bracket closes nothing.
    ClosesNothing(usize),
    /// The container that began here never ends.
    NeverCloses(usize),
    /// The string that began here never ends.
    NeverEnds(usize),
    /// An operator without a key before it.
    NoKey(usize),
    /// Deeper than is allowed, from here on.
    TooDeep(usize),
}

impl Problem {
    pub(crate) fn offset(self) -> usize {
        match self {
            Self::ClosesNothing(at)
            | Self::NeverCloses(at)
            | Self::NeverEnds(at)
            | Self::NoKey(at)
            | Self::TooDeep(at) => at,
        }
    }
}

/// How the reading of members ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// At the end of the text.
    EndOfText,
    /// At the closing brace of the container: its offset.
    Closed(usize),
}

/// What a reader of members is told.
pub(crate) trait Sink {
    fn member(&mut self, member: Member);
    /// Something is wrong with what was read last; reading goes on, at the returned offset if there is one.
    fn problem(&mut self, problem: Problem) -> Option<usize>;
    /// A container begins at `open` as the value of `key`. One who reads it here and now says where it ends; it is then not
    /// passed over a second time, and is told as any other member.
    fn enter(&mut self, _key: Span, _open: usize) -> Option<usize> {
        None
    }
}

/// Reads members from `start` on, which is inside of a container at `depth` (0: the text itself).
pub(crate) fn read_members(text: &[u8], start: usize, depth: u32, cap: u32, sink: &mut impl Sink) -> Stop {
    let mut reader = Reader { text, lexer: Lexer::new(text, start), depth, cap, last: None, key: None, sink };
    let stop = reader.run();
    reader.flush();
    stop
}

struct Reader<'a, S> {
    text: &'a [u8],
    lexer: Lexer<'a>,
    depth: u32,
    cap: u32,
    /// The last member, which an operator or a brace right after it would still change.
    last: Option<Member>,
    /// A key and its operator, waiting for the value.
    key: Option<(Span, bool, Operator)>,
    sink: &'a mut S,
}

impl<S: Sink> Reader<'_, S> {
    fn run(&mut self) -> Stop {
        loop {
            let Some(token) = self.lexer.next(false) else { return Stop::EndOfText };
            match token {
                Token::Scalar { start, end, quoted } => {
                    self.value(MemberValue::Scalar { span: Span { start, end }, quoted }, start - usize::from(quoted));
                }
                Token::Operator(at, operator) => self.operator(at, operator),
                Token::Open(at) => self.container(at),
                Token::OpenBlock { start, end } => self.block(Span { start, end }),
                Token::Close(at) if self.depth > 0 => return Stop::Closed(at),
                Token::Close(at) | Token::CloseBlock(at) => {
                    self.flush();
                    self.report(Problem::ClosesNothing(at));
                }
                Token::Unterminated(at) => {
                    self.flush();
                    self.report(Problem::NeverEnds(at));
                }
            }
        }
    }

    fn report(&mut self, problem: Problem) {
        if let Some(next) = self.sink.problem(problem) {
            self.lexer.at = next;
        }
    }

    /// Gives away what nothing can change any more; a key that waits gets no value.
    fn flush(&mut self) {
        if let Some(member) = self.last.take() {
            self.sink.member(member);
        }
        if let Some((key, quoted, operator)) = self.key.take() {
            let start = key.start - usize::from(quoted);
            let value = MemberValue::Missing;
            self.sink.member(Member { key: Some(key), operator, start, header: None, block: false, value });
        }
    }

    fn value(&mut self, value: MemberValue, start: usize) {
        let waiting = self.key.take();
        self.flush();
        self.last = Some(match waiting {
            Some((key, quoted, operator)) => Member {
                key: Some(key),
                operator,
                start: key.start - usize::from(quoted),
                header: None,
                block: false,
                value,
            },
            None => Member { key: None, operator: Operator::Equal, start, header: None, block: false, value },
        });
    }

    fn operator(&mut self, at: usize, operator: Operator) {
        let waiting = self.key.is_some();
        match self.last.take() {
            Some(Member {
                key: outer, value: MemberValue::Scalar { span, quoted }, start, operator: before, ..
            }) if !waiting => {
                // `a = b = 1`: the first key has no value.
                if let Some(key) = outer {
                    self.key = Some((key, start < key.start, before));
                }
                self.flush();
                self.key = Some((span, quoted, operator));
            }
            last => {
                self.last = last;
                self.flush();
                self.report(Problem::NoKey(at));
            }
        }
    }

    fn container(&mut self, open: usize) {
        if let Some((key, ..)) = self.key
            && let Some(end) = self.sink.enter(key, open)
        {
            self.lexer.at = end;
            self.value(MemberValue::Container { span: Span { start: open, end } }, open);
            return;
        }
        // `key = rgb { ... }`, and the same without a key where the word is a colour's.
        let header = match self.last {
            Some(Member { key, value: MemberValue::Scalar { span, quoted: false }, .. })
                if self.key.is_none() && (key.is_some() || is_header(span.of(self.text))) =>
            {
                Some(span)
            }
            _ => None,
        };
        let passed = pass_container(self.text, open + 1, self.depth + 1, self.cap);
        let (end, problem) = match passed.end {
            End::Closed(close) => (close + 1, None),
            End::Unclosed { in_string } => {
                (self.text.len(), Some(if in_string { Problem::NeverEnds(open) } else { Problem::NeverCloses(open) }))
            }
        };
        let value = MemberValue::Container { span: Span { start: open, end } };
        self.lexer.at = end;
        match (&mut self.last, header) {
            (Some(last), Some(_)) => {
                last.header = header;
                last.value = value;
            }
            _ => self.value(value, open),
        }
        let too_deep = passed.too_deep.map(Problem::TooDeep);
        if too_deep.is_some() || problem.is_some() {
            self.flush();
        }
        for problem in [too_deep, problem].into_iter().flatten() {
            self.report(problem);
        }
    }

    fn block(&mut self, name: Span) {
        self.flush();
        let (start, mut end) = (self.lexer.at, None);
        let mut problem = Problem::NeverCloses(name.start);
        let mut open_blocks = 0usize;
        while let Some(token) = self.lexer.next(true) {
            match token {
                Token::OpenBlock { .. } => open_blocks += 1,
                Token::CloseBlock(at) if open_blocks == 0 => {
                    end = Some(at + 1);
                    break;
                }
                Token::CloseBlock(_) => open_blocks -= 1,
                Token::Open(at) => match pass_container(self.text, at + 1, self.depth + 1, self.cap) {
                    passed if passed.too_deep.is_some() => {
                        problem = Problem::TooDeep(passed.too_deep.unwrap_or(at));
                        break;
                    }
                    passed => match passed.end {
                        End::Closed(close) => self.lexer.at = close + 1,
                        End::Unclosed { .. } => break,
                    },
                },
                Token::Close(_) | Token::Unterminated(_) => break,
                Token::Scalar { .. } | Token::Operator(..) => {}
            }
        }
        let value = MemberValue::Container { span: Span { start, end: end.unwrap_or(start) } };
        self.last = Some(Member {
            key: Some(name),
            operator: Operator::Equal,
            start: name.start.saturating_sub(2),
            header: None,
            block: true,
            value,
        });
        if end.is_none() {
            // What follows the name is read as if the block were not there.
            self.lexer.at = start;
            self.flush();
            self.report(problem);
        }
    }
}

/// Words that stand before a container also where no key does.
pub(crate) fn is_header(word: &[u8]) -> bool {
    matches!(word, b"rgb" | b"hsv" | b"hsv360" | b"hex" | b"cylindrical")
}
