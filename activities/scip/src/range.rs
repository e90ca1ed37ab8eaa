//! Places in a document as an index writes them (SCIP wire format, fields 1 and 7 of `Occurrence`).

use thiserror::Error;

/// A line and a character in it, both from zero. What a character is depends on [`crate::position::Encoding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// From zero.
    pub line: u32,
    /// From zero, in code units.
    pub character: u32,
}

/// From `start` up to and without `end`. Never reversed; may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Range {
    /// First place inside.
    pub start: Position,
    /// First place behind.
    pub end: Position,
}

impl Range {
    /// Whether `inner` lies in this range.
    #[must_use]
    pub fn contains(&self, inner: &Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

/// Numbers that are no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RangeError {
    /// Neither three nor four numbers.
    #[error("a range has 3 or 4 numbers, this one has {0}")]
    Count(u32),
    /// A line or character below zero.
    #[error("a range holds the negative number {0}")]
    Negative(i32),
    /// It ends before it starts.
    #[error("a range ends before it starts")]
    Reversed,
}

/// The numbers of a range, not yet trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RawRange {
    parts: [i32; 4],
    count: u32,
}

impl RawRange {
    /// From the numbers of an owned message.
    #[must_use]
    pub fn from_parts(numbers: &[i32]) -> Self {
        let mut raw = Self::default();
        for &number in numbers {
            raw.push(number);
        }
        raw
    }

    /// Takes one more number; those after the fourth are only counted.
    #[inline]
    pub(crate) fn push(&mut self, number: i32) {
        if let Some(part) = self.parts.get_mut(self.count as usize) {
            *part = number;
        }
        self.count = self.count.saturating_add(1);
    }

    /// The first four numbers, or fewer if there are fewer.
    #[must_use]
    pub fn parts(&self) -> &[i32] {
        self.parts.get(..self.count as usize).unwrap_or(&self.parts)
    }

    /// How many numbers there were.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether there is no number, which is how a missing range looks.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.count == 0
    }

    /// The range that the numbers mean.
    ///
    /// # Errors
    /// When there are not three or four numbers, one is negative, or the end comes before the start.
    #[inline]
    pub fn range(&self) -> Result<Range, RangeError> {
        let [line, character, third, fourth] = self.parts;
        let numbers = match self.count {
            3 => [line, character, line, third],
            4 => [line, character, third, fourth],
            other => return Err(RangeError::Count(other)),
        };
        let number = |at: i32| u32::try_from(at).map_err(|_| RangeError::Negative(at));
        let [line, character, end_line, end_character] = numbers;
        let start = Position { line: number(line)?, character: number(character)? };
        let end = Position { line: number(end_line)?, character: number(end_character)? };
        if end < start { Err(RangeError::Reversed) } else { Ok(Range { start, end }) }
    }
}
