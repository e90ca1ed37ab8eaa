//! The text of a parameter list for the signature, and how many parameters a caller passes.

use tree_sitter::{Node, TreeCursor};

use super::super::signature::ParameterText;
use super::Span;
use super::query::span;

pub(super) struct Parameters {
    /// As `signature.rs` writes it.
    pub(super) text: String,
    /// The same without names and default values, which a declaration and its definition need not share.
    pub(super) types: Option<String>,
    pub(super) count: u32,
}

/// Nodes of one list that are looked at: lists nest in default values, and each holds the inner ones again.
const MAX_NODES: u32 = 16_384;

pub(super) fn read<'t>(list: Node<'t>, source: &[u8], walker: &mut TreeCursor<'t>, with_types: bool) -> Parameters {
    let mut place = span(list);
    if list.kind() == "bracketed_parameter_list" {
        place = Span { start: place.start.saturating_add(1), end: place.end.saturating_sub(1) };
    }
    let mut text = ParameterText::new(source, place.start, place.end);
    let mut types = with_types.then(|| ParameterText::new(source, place.start, place.end));
    let mut default_from = None;
    let mut count = 0_u32;
    let mut depth = 0_u32;
    walker.reset(list);
    if walker.goto_first_child() {
        depth = 1;
    }
    for _ in 0..MAX_NODES {
        if depth == 0 {
            break;
        }
        let node = walker.node();
        let field = if depth <= 2 { walker.field_name() } else { None };
        if depth == 1 && (node.is_named() && is_parameter(node, field, source)) {
            count = count.saturating_add(1);
        }
        let part = span(node);
        let mut enter = true;
        if let Some(types) = types.as_mut() {
            if node.kind() == "=" {
                default_from = Some(part.start);
            } else if field == Some("default_value") {
                types.drop(default_from.take().unwrap_or(part.start), part.end);
            } else if node.kind() == "identifier" {
                types.drop(part.start, part.end);
            }
        }
        if node.is_named() {
            match part_of(node.kind()) {
                Part::Comment => {
                    text.drop(part.start, part.end);
                    if let Some(types) = types.as_mut() {
                        types.drop(part.start, part.end);
                    }
                    enter = false;
                }
                Part::Literal => {
                    text.keep(part.start, part.end);
                    enter = false;
                }
                Part::Code => text.reach(part.start),
            }
        }
        if text.is_full() && depth > 1 {
            enter = false;
        }
        if enter && walker.goto_first_child() {
            depth = depth.saturating_add(1);
            continue;
        }
        while depth > 0 && !walker.goto_next_sibling() {
            depth -= 1;
            walker.goto_parent();
        }
    }
    Parameters { text: text.finish(), types: types.map(ParameterText::finish), count }
}

enum Part {
    Comment,
    Literal,
    Code,
}

fn part_of(kind: &str) -> Part {
    match kind {
        "comment" | "line_comment" | "block_comment" => Part::Comment,
        "string"
        | "string_literal"
        | "raw_string_literal"
        | "char_literal"
        | "character_literal"
        | "character"
        | "encapsed_string"
        | "heredoc"
        | "nowdoc"
        | "interpolated_string_expression"
        | "verbatim_string_literal"
        | "string_array"
        | "symbol_array"
        | "delimited_symbol"
        | "regex"
        | "subshell" => Part::Literal,
        _ => Part::Code,
    }
}

/// Whether a child of the list is something that a caller passes.
fn is_parameter(node: Node<'_>, field: Option<&str>, source: &[u8]) -> bool {
    match node.kind() {
        "comment" | "line_comment" | "block_comment" | "self_parameter" | "receiver_parameter" | "attribute_item"
        | "attribute_list" | "block_parameter" | "ERROR" => false,
        // `(void)` in C.
        "parameter_declaration" => span(node).bytes(source) != b"void",
        // `self: Box<Self>` in Rust.
        "parameter" => !is_typed_self(span(node).bytes(source)),
        // C# writes the parts of a `params` parameter straight into the list.
        _ => field.is_none_or(|field| field == "name"),
    }
}

fn is_typed_self(parameter: &[u8]) -> bool {
    let parameter = parameter.strip_prefix(b"mut ").unwrap_or(parameter);
    parameter.strip_prefix(b"self").is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}
