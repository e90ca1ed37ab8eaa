//! What is wrong inside of one document. It has been checked to be decodable.

use std::collections::{HashMap, HashSet};

use super::{Code, Report};
use crate::document::{DocumentView, SymbolInformation};
use crate::path;
use crate::range::Range;
use crate::symbol::Symbol;

/// Characters of a foreign string in a message.
const SHOWN: usize = 200;

pub(super) fn path(
    path: &str,
    exists: Option<&dyn Fn(&str) -> bool>,
    known: &mut HashSet<Box<str>>,
    report: &mut Report<'_>,
) {
    let may_open = match path::check(path) {
        Ok(()) => true,
        Err(error) => {
            let code = if error.escapes() { Code::PathEscapes } else { Code::Path };
            report.add(code, None, format!("{error}: {}", shown(path)));
            false
        }
    };
    if !known.insert(path.into()) {
        report.add(Code::DuplicateDocument, None, format!("the index has {} twice", shown(path)));
    } else if may_open && exists.is_some_and(|exists| !exists(path)) {
        report.add(Code::MissingFile, None, format!("the project has no file {}", shown(path)));
    }
}

pub(super) fn external_symbol(symbol: &SymbolInformation<'_>, report: &mut Report<'_>) {
    report.summary.external_symbols += 1;
    let mut seen = HashSet::new();
    information(symbol, &mut seen, report);
}

pub(super) fn contents(document: &DocumentView<'_>, report: &mut Report<'_>) {
    report.summary.documents += 1;
    let mut seen = HashSet::new();
    let mut described = HashSet::new();
    for symbol in document.symbols().map_while(Result::ok) {
        report.summary.symbols += 1;
        described.insert(symbol.symbol);
        information(&symbol, &mut seen, report);
    }
    let mut defined: HashMap<&str, Option<Range>> = HashMap::new();
    for occurrence in document.occurrences().map_while(Result::ok) {
        report.summary.occurrences += 1;
        let place = occurrence.range.range();
        let range = place.ok();
        if let Err(error) = place {
            report.add(Code::Range, None, format!("{error}: {:?}", occurrence.range.parts()));
        }
        if !occurrence.enclosing_range.is_missing()
            && let Err(error) = occurrence.enclosing_range.range()
        {
            report.add(Code::Range, range, format!("enclosing {error}: {:?}", occurrence.enclosing_range.parts()));
        }
        let symbol = occurrence.symbol;
        if symbol.is_empty() {
            continue;
        }
        check_symbol(symbol, range, &mut seen, report);
        if !occurrence.roles.is_definition() {
            continue;
        }
        match defined.get(symbol) {
            None => {
                defined.insert(symbol, range);
                if !described.contains(symbol) {
                    let message = format!("nothing is said about the symbol defined here, {}", shown(symbol));
                    report.add(Code::NoInformation, range, message);
                }
            }
            Some(first) => {
                let first =
                    first.map_or_else(String::new, |first| format!(" in line {}", u64::from(first.start.line) + 1));
                let message = format!("{} is defined{first} already", shown(symbol));
                report.add(Code::DuplicateDefinition, range, message);
            }
        }
    }
}

fn information<'a>(symbol: &SymbolInformation<'a>, seen: &mut HashSet<&'a str>, report: &mut Report<'_>) {
    check_symbol(symbol.symbol, None, seen, report);
    if !symbol.enclosing_symbol.is_empty() {
        check_symbol(symbol.enclosing_symbol, None, seen, report);
    }
    for other in symbol.relationships().map_while(Result::ok) {
        check_symbol(other.symbol, None, seen, report);
    }
}

/// Each string of a document is read once, where it first stands.
fn check_symbol<'a>(symbol: &'a str, range: Option<Range>, seen: &mut HashSet<&'a str>, report: &mut Report<'_>) {
    if !seen.insert(symbol) {
        return;
    }
    match Symbol::parse(symbol) {
        Err(error) => report.add(Code::Symbol, range, format!("{error}: {:?}", shown(symbol))),
        Ok(Symbol::Local(local)) if !local.descriptors.is_empty() => {
            report.add(
                Code::LocalDescriptors,
                range,
                format!("a local symbol has no descriptors: {:?}", shown(symbol)),
            );
        }
        Ok(_) => {}
    }
}

/// A foreign string, not longer than a message should be.
fn shown(text: &str) -> &str {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}
