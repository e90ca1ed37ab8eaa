//! Where the top-level keys of a text stand.

use crate::{
    Limits, Position, SaveError, SaveErrorKind,
    blocks::Blocks,
    lexer::Operator,
    members::{Member, MemberValue, Problem, Sink, Span, read_members},
    text,
};

/// How often a text is taken up again after a section that never ends.
const MAX_RESUMED: usize = 16;
/// How many damaged places are noted.
const MAX_DAMAGES: usize = 100;

/// A top-level key of a save.
#[derive(Debug, Clone)]
pub struct Section {
    pub(crate) member: Member,
    /// What is wrong with it, as a number of [`Index::damages`].
    pub(crate) damage: Option<usize>,
}

/// A damaged place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The section that it is in or that ended before it.
    pub section: Option<String>,
    /// Where.
    pub position: Position,
    /// What.
    pub what: String,
    /// Whether the section cannot be read because of it; else only the place itself was passed over.
    pub fatal: bool,
    pub(crate) kind: SaveErrorKind,
}

/// The top-level keys of a text in the order of the file, every duplicate with its own place.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) sections: Vec<Section>,
    pub(crate) damages: Vec<Damage>,
}

impl Index {
    pub(crate) fn of(text: &[u8], limits: &Limits) -> Self {
        let start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let start = start + format_word(text.get(start..).unwrap_or_default());
        let mut builder = Builder { text, index: Self::default(), resumed: 0, at_line_start: None };
        read_members(text, start, 0, limits.depth, &mut builder);
        builder.index
    }
}

/// Older games begin their text with a word that names the format, such as `EU4txt`, newer ones with a line such as
/// `SAV0100...`.
fn format_word(text: &[u8]) -> usize {
    let word = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let is_format = match text.get(..word) {
        Some(word) if crate::file::is_envelope(word) => true,
        Some(word) => (4..16).contains(&word.len()) && word.ends_with(b"txt"),
        None => false,
    };
    if is_format { word } else { 0 }
}

struct Builder<'t> {
    text: &'t [u8],
    index: Index,
    resumed: usize,
    /// The last section that begins a line.
    at_line_start: Option<usize>,
}

impl Builder<'_> {
    fn name(&self, at: Option<usize>) -> Option<String> {
        let section = self.index.sections.get(at?)?;
        Some(text::characters(section.member.key?.of(self.text)).into_owned())
    }

    fn note(&mut self, problem: Problem, section: Option<usize>, fatal: bool) {
        if self.index.damages.len() >= MAX_DAMAGES {
            // The section must not pass for sound because there is no room to say what is wrong.
            if let (true, Some(section)) = (fatal, section.and_then(|at| self.index.sections.get_mut(at))) {
                section.damage = Some(MAX_DAMAGES - 1);
            }
            return;
        }
        let name = self.name(section);
        let damage = describe(self.text, problem, name, fatal);
        let number = self.index.damages.len();
        self.index.damages.push(damage);
        if let (true, Some(section)) = (fatal, section.and_then(|at| self.index.sections.get_mut(at))) {
            section.damage.get_or_insert(number);
        }
    }

    /// A stray brace ends what indented keys say is still in the last container at the start of a line.
    fn swallow_strays(&mut self, close: usize) -> Option<usize> {
        let owner = self.at_line_start?;
        if owner + 1 == self.index.sections.len() {
            return None;
        }
        let MemberValue::Container { span } = &mut self.index.sections.get_mut(owner)?.member.value else {
            return None;
        };
        span.end = close + 1;
        self.index.sections.truncate(owner + 1);
        Some(owner)
    }
}

pub(crate) fn describe(text: &[u8], problem: Problem, section: Option<String>, fatal: bool) -> Damage {
    let position = Position::of(text, problem.offset());
    let what = match problem {
        Problem::ClosesNothing(_) => "a closing brace or bracket that closes nothing",
        Problem::NeverCloses(_) => "a container that is never closed",
        Problem::NeverEnds(_) => "a string that never ends, in what begins here",
        Problem::NoKey(_) => "an operator without a key before it",
        Problem::TooDeep(_) => "braces are nested deeper than is allowed",
    };
    let kind = match problem {
        Problem::TooDeep(_) => SaveErrorKind::LimitExceeded,
        _ => SaveErrorKind::ParseError { section: section.clone(), position: Some(position) },
    };
    Damage { section, position, what: what.to_owned(), fatal, kind }
}

impl Damage {
    /// The failure of whoever asks for the section.
    pub(crate) fn error(&self) -> SaveError {
        let place = match &self.section {
            Some(section) => format!("section {section}"),
            None => "top level".to_owned(),
        };
        let (place, hint) = match self.kind {
            SaveErrorKind::LimitExceeded => (
                format!("{place}, line {}, column {}", self.position.line, self.position.col),
                "no real save is that deep; raise the limit on the depth if you trust the file",
            ),
            _ => (place, "the other sections can still be read; take an older save for this one"),
        };
        SaveError::new(self.kind.clone(), self.what.clone(), place, hint)
    }
}

impl Sink for Builder<'_> {
    fn member(&mut self, member: Member) {
        if member.start == 0 || self.text.get(member.start - 1) == Some(&b'\n') {
            self.at_line_start = Some(self.index.sections.len());
        }
        self.index.sections.push(Section { member, damage: None });
    }

    fn problem(&mut self, problem: Problem) -> Option<usize> {
        let last = self.index.sections.len().checked_sub(1);
        match problem {
            Problem::ClosesNothing(at) => {
                let owner = self.swallow_strays(at);
                self.note(problem, owner.or(last), owner.is_some());
                None
            }
            Problem::NoKey(_) => {
                self.note(problem, last, false);
                None
            }
            Problem::TooDeep(_) => {
                self.note(problem, last, true);
                None
            }
            Problem::NeverCloses(open) | Problem::NeverEnds(open) => {
                self.note(problem, last, true);
                self.resumed += 1;
                if self.resumed > MAX_RESUMED {
                    return Some(self.text.len());
                }
                let next = if matches!(problem, Problem::NeverCloses(_)) {
                    next_section(self.text, open)
                } else {
                    next_section_by_lines(self.text, open)
                };
                let next = next.unwrap_or(self.text.len());
                if let Some(Section { member: Member { value: MemberValue::Container { span }, .. }, .. }) =
                    self.index.sections.last_mut()
                {
                    *span = Span { start: span.start, end: next };
                }
                Some(next)
            }
        }
    }
}

/// Whether a new section may start here: a name at the start of a line.
fn starts_section(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let name = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(rest.len());
    rest.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && rest.get(name) == Some(&b'=')
        && at.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\n')
}

/// What follows the brace at `close` when that stands at the start of its line.
fn after_closing_line(text: &[u8], close: usize) -> Option<usize> {
    let at_line_start = close == 0 || text.get(close - 1) == Some(&b'\n');
    let rest = text.get(close + 1..)?;
    let next = close + 1 + rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
    (at_line_start && starts_section(text, next)).then_some(next)
}

/// The first place after `open` that looks like a new section and behind which braces do not close what is open there: a
/// brace is missing before it.
fn next_section(text: &[u8], open: usize) -> Option<usize> {
    let mut blocks = Blocks::<false>::new(text, open);
    let mut depth = 0usize;
    let mut candidates: Vec<(usize, usize)> = Vec::new();
    while let Some(block) = blocks.next() {
        let mut braces = block.open | block.close;
        while braces != 0 {
            let bit = braces & braces.wrapping_neg();
            let offset = block.base + braces.trailing_zeros() as usize;
            braces ^= bit;
            if block.open & bit != 0 {
                depth += 1;
                continue;
            }
            depth = depth.saturating_sub(1);
            while candidates.last().is_some_and(|(_, at_depth)| *at_depth > depth) {
                candidates.pop();
            }
            if let Some(next) = after_closing_line(text, offset) {
                candidates.push((next, depth));
            }
        }
    }
    candidates.first().map(|(next, _)| *next)
}

/// The same by the look of the lines alone, for after a string without an end.
fn next_section_by_lines(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    memchr::memmem::find_iter(rest, b"\n}").find_map(|at| after_closing_line(text, from + at + 1))
}

impl Section {
    pub(crate) fn operator(&self) -> Operator {
        self.member.operator
    }

    pub(crate) fn is_container(&self) -> bool {
        matches!(self.member.value, MemberValue::Container { .. })
    }
}
