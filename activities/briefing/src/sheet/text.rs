//! A sheet as text for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use textwrap::{Options, core::display_width, fill};

use super::{Block, Cell, Column, Section, Sheet, Tone};

const INDENT: &str = "  ";

pub(super) fn draw(sheet: &Sheet, width: usize) -> String {
    let mut out = String::new();
    let paragraph = |out: &mut String, text: &str, indent: &str| {
        let options = Options::new(width).initial_indent(indent).subsequent_indent(indent);
        out.push_str(&fill(&plain(text), options));
        out.push('\n');
    };
    paragraph(&mut out, &sheet.title.to_uppercase(), "");
    for line in &sheet.subtitle {
        paragraph(&mut out, line, "");
    }
    for section in sheet.sections.iter().filter(|section| !section.blocks.is_empty()) {
        out.push('\n');
        heading(&mut out, section, width);
        let mut after_table = false;
        for block in &section.blocks {
            if after_table {
                out.push('\n');
            }
            after_table = matches!(block, Block::Table { .. });
            match block {
                Block::Text(text) => paragraph(&mut out, &marked(text), INDENT),
                Block::Pairs(list) => pairs(&mut out, list, width),
                Block::Table { columns, rows, more } => {
                    table(&mut out, columns, rows, width);
                    if *more > 0 {
                        paragraph(&mut out, &format!("... and {more} more"), INDENT);
                    }
                }
            }
        }
    }
    if !sheet.notes.is_empty() {
        out.push('\n');
        for note in &sheet.notes {
            paragraph(&mut out, note, "");
        }
    }
    out
}

fn heading(out: &mut String, section: &Section, width: usize) {
    let title = plain(&section.title);
    let rule = width.saturating_sub(display_width(&title) + 1);
    out.push_str(&title);
    out.push(' ');
    out.push_str(&"-".repeat(rule));
    out.push('\n');
}

fn pairs(out: &mut String, pairs: &[(String, Cell)], width: usize) {
    let widest = pairs.iter().map(|(label, _)| display_width(label)).max().unwrap_or(0).min(width / 3);
    for (label, value) in pairs {
        let label = plain(label);
        let gap = " ".repeat((widest + 2).saturating_sub(display_width(&label)));
        let first = format!("{INDENT}{label}{gap}");
        let below = " ".repeat(INDENT.len() + widest + 2);
        let options = Options::new(width).initial_indent(&first).subsequent_indent(&below);
        out.push_str(&fill(&marked(value), options));
        out.push('\n');
    }
}

fn table(out: &mut String, columns: &[Column], rows: &[Vec<Cell>], width: usize) {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width.saturating_sub(INDENT.len() - 1)).unwrap_or(u16::MAX));
    table.set_header(columns.iter().map(|column| column.name));
    for row in rows {
        table.add_row(row.iter().map(marked));
    }
    for (at, column) in columns.iter().enumerate() {
        if let Some(drawn) = table.column_mut(at) {
            drawn.set_padding((u16::from(at > 0), 1));
            if column.figures {
                drawn.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    for line in table.lines() {
        out.push_str(INDENT);
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// Tones are told by a mark: colours would be lost in a file.
fn marked(cell: &Cell) -> String {
    let text = plain(&cell.text);
    match cell.tone {
        Tone::Bad if !text.starts_with('-') && !text.ends_with('!') => format!("{text} !"),
        _ => text,
    }
}

/// What a name of a save could do to a terminal is taken out.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c == '\u{202f}' { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}
