//! A sheet as a page of its own.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Block, Cell, Section, Sheet, Tone};

/// The page's look: light and dark as the reader's system says, one column on a phone, up to three on a wide screen.
const STYLE: &str = include_str!("page.css");

pub(super) fn draw(sheet: &Sheet) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sheet.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (sheet.title) }
                    @for line in &sheet.subtitle { p { (line) } }
                }
                main {
                    @for section in sheet.sections.iter().filter(|section| !section.blocks.is_empty()) {
                        (drawn(section))
                    }
                }
                @if !sheet.notes.is_empty() {
                    footer { @for note in &sheet.notes { p { (note) } } }
                }
            }
        }
    };
    page.into_string()
}

fn drawn(section: &Section) -> Markup {
    html! {
        section {
            h2 { (section.title) }
            @for block in &section.blocks {
                @match block {
                    Block::Text(cell) => p class=[class(cell)] { (cell.text) },
                    Block::Pairs(pairs) => dl {
                        @for (label, value) in pairs { div { dt { (label) } dd class=[class(value)] { (value.text) } } }
                    },
                    Block::Table { columns, rows, more } => {
                        div class="table" {
                            table {
                                thead { tr { @for column in columns {
                                    th scope="col" class=[column.figures.then_some("figure")] { (column.name) }
                                } } }
                                tbody { @for row in rows { tr {
                                    @for (cell, column) in row.iter().zip(columns) {
                                        td class=[cell_class(cell, column.figures)] { (cell.text) }
                                    }
                                } } }
                            }
                        }
                        @if *more > 0 { p class="more" { "and " (more) " more" } }
                    },
                }
            }
        }
    }
}

fn class(cell: &Cell) -> Option<&'static str> {
    match cell.tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Bad => Some("bad"),
    }
}

fn cell_class(cell: &Cell, figures: bool) -> Option<String> {
    let classes: Vec<&str> = class(cell).into_iter().chain(figures.then_some("figure")).collect();
    (!classes.is_empty()).then(|| classes.join(" "))
}
