//! Dates of the game: years of twelve months of thirty days.

use std::fmt;

use save_parsing::Raw;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: i32,
    /// The month, from one.
    pub month: i32,
    /// The day of the month, from one.
    pub day: i32,
}

impl Date {
    /// Reads `2312.01.31`. What the game writes for "never", the years before 2000, is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse::<i32>().ok());
        let date = Self { year: parts.next()??, month: parts.next()??, day: parts.next()?? };
        let sound = parts.next().is_none() && (1..=12).contains(&date.month) && (1..=31).contains(&date.day);
        (sound && (2000..=1_000_000).contains(&date.year)).then_some(date)
    }

    /// Reads a date of the save.
    pub fn of(value: Raw<'_>) -> Option<Self> {
        Self::parse(&value.text()?)
    }

    /// Days since the first of January 2200.
    pub fn days(self) -> i32 {
        (self.year - 2200) * 360 + (self.month - 1) * 30 + (self.day - 1)
    }

    /// Whole years from an earlier day to this one.
    pub fn years_since(self, earlier: Self) -> i32 {
        (self.days() - earlier.days()).div_euclid(360)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}.{:02}.{:02}", self.year, self.month, self.day)
    }
}
