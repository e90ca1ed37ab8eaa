//! What people read: a title, sections, tables. One sheet is drawn as text for a terminal and as a page for a browser.

mod figures;
mod html;
mod look;
mod text;

pub(crate) use figures::{figure, signed, title_case, words};
pub(crate) use look::Look;

/// How a value is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Welcome.
    Good,
    /// Wants attention.
    Bad,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

impl Cell {
    /// A cell of a certain tone.
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    /// A net figure: good above zero, bad below.
    pub(crate) fn net(number: Option<f64>) -> Self {
        match number {
            None => Self::from(String::new()),
            Some(number) if number < 0.0 => Self::new(signed(number), Tone::Bad),
            Some(number) if number > 0.0 => Self::new(signed(number), Tone::Good),
            Some(_) => Self::from("0".to_owned()),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, tone: Tone::Plain }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Whether it holds figures, which are set to the right.
    pub figures: bool,
}

/// A column of words.
pub(crate) const fn words_of(name: &'static str) -> Column {
    Column { name, figures: false }
}

/// A column of figures.
pub(crate) const fn figures_of(name: &'static str) -> Column {
    Column { name, figures: true }
}

/// What a section consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(Cell),
    /// Labels with values.
    Pairs(Vec<(String, Cell)>),
    /// A table.
    Table {
        /// Its columns.
        columns: Vec<Column>,
        /// Its rows, of as many cells as there are columns.
        rows: Vec<Vec<Cell>>,
        /// How many further rows were left out.
        more: usize,
    },
}

/// A section with its heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What it consists of.
    pub blocks: Vec<Block>,
}

impl Section {
    /// An empty one.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// Adds a paragraph, unless it is empty.
    pub(crate) fn text(&mut self, text: impl Into<Cell>) {
        let text = text.into();
        if !text.text.is_empty() {
            self.blocks.push(Block::Text(text));
        }
    }

    /// Adds labels with values, without those that have none.
    pub(crate) fn pairs<L: Into<String>, C: Into<Cell>>(&mut self, pairs: impl IntoIterator<Item = (L, C)>) {
        let pairs: Vec<(String, Cell)> = pairs
            .into_iter()
            .map(|(label, value)| (label.into(), value.into()))
            .filter(|(_, value)| !value.text.is_empty())
            .collect();
        if !pairs.is_empty() {
            self.blocks.push(Block::Pairs(pairs));
        }
    }

    /// Adds a table of at most `most` rows, unless it is empty.
    pub(crate) fn table(&mut self, columns: &[Column], mut rows: Vec<Vec<Cell>>, most: usize) {
        let more = rows.len().saturating_sub(most);
        rows.truncate(most);
        // A column that says nothing anywhere is left out.
        let used: Vec<bool> = (0..columns.len())
            .map(|at| rows.iter().any(|row| row.get(at).is_some_and(|cell| !cell.text.is_empty())))
            .collect();
        let kept = |at: usize| used.get(at).copied().unwrap_or(false);
        let columns: Vec<Column> =
            columns.iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, column)| column.clone()).collect();
        if columns.is_empty() {
            return;
        }
        let rows = rows
            .into_iter()
            .map(|row| row.into_iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, cell)| cell).collect())
            .collect();
        self.blocks.push(Block::Table { columns, rows, more });
    }
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// The heading.
    pub title: String,
    /// The lines below it.
    pub subtitle: Vec<String>,
    /// The sections; those that are empty are not drawn.
    pub sections: Vec<Section>,
    /// What stands at the end in small print.
    pub notes: Vec<String>,
}

impl Sheet {
    /// As text of at most so many columns.
    pub fn text(&self, width: usize) -> String {
        text::draw(self, width)
    }

    /// As a page of its own: no other file, no script, no network.
    pub fn html(&self) -> String {
        html::draw(self)
    }
}
