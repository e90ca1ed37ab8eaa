//! Figures beside their goals.

use std::io::Write;

/// Rows of text in columns.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 4]>,
    missed: usize,
}

/// What a figure must be.
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    None,
}

impl Table {
    /// A figure with its unit, beside its goal and the limit that was measured in the same run.
    pub(crate) fn row(&mut self, what: &str, figure: f64, unit: &str, goal: &Goal, beside: impl Into<String>) {
        let (goal, kept) = match goal {
            Goal::AtLeast(least) => (format!(">= {}", number(*least)), figure >= *least),
            Goal::AtMost(most) => (format!("<= {}", number(*most)), figure <= *most),
            Goal::None => (String::new(), true),
        };
        self.missed += usize::from(!kept);
        let goal = if kept { goal } else { format!("{goal} MISSED") };
        self.rows.push([what.to_owned(), format!("{} {unit}", number(figure)), goal, beside.into()]);
    }

    /// Prints all; how many goals were missed.
    pub(crate) fn print(&self) -> usize {
        let mut out = std::io::stdout();
        let head = ["figure", "measured", "goal", "limit of the same run"].map(str::to_owned);
        let all: Vec<&[String; 4]> = std::iter::once(&head).chain(&self.rows).collect();
        let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..4).map(|column| width(column).unwrap_or_default()).collect();
        for row in all {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(out, "{}", cells.join("  ").trim_end()).unwrap();
        }
        self.missed
    }
}

/// Large numbers whole, small ones with a digit or two.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        100.0.. => {
            let digits = format!("{value:.0}");
            let mut text = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at).is_multiple_of(3) {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
