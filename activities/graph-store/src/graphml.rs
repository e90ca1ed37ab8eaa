//! The graph as GraphML (<http://graphml.graphdrawing.org/specification.html>), which graph tools read.
//!
//! A node's id is `collection/key`, an edge's too; every other field is a `data` element. All nodes come before all edges,
//! both ordered by (collection, key).

use std::io::Write;

use serde_json::{Map, Value};

use crate::{
    error::{StoreError, StoreResult},
    query::{Order, Stored},
    store::{GraphStore, Repository},
};

/// Fields of entities with their types.
const NODE: &[(&str, &str)] = &[
    ("org_id", "string"),
    ("repo_id", "string"),
    ("kind", "string"),
    ("name", "string"),
    ("file_path", "string"),
    ("start_line", "long"),
    ("end_line", "long"),
    ("language", "string"),
    ("signature", "string"),
    ("exported", "boolean"),
    ("doc", "string"),
    ("parent", "string"),
    ("is_async", "boolean"),
    ("parameter_count", "long"),
    ("return_type", "string"),
    ("complexity", "long"),
    ("origin", "string"),
    ("body", "string"),
    ("content_sha256", "string"),
    ("lines", "long"),
    ("bytes", "long"),
];

/// Fields of edges with their types. `access` and `members` are lists: their words with a comma between them.
const EDGE: &[(&str, &str)] = &[
    ("org_id", "string"),
    ("repo_id", "string"),
    ("kind", "string"),
    ("origin", "string"),
    ("confidence", "double"),
    ("access", "string"),
    ("reexport", "boolean"),
    ("members", "string"),
];

/// Writes one repository, or all, as GraphML. The bytes depend on the graph alone. Returns the number of nodes and edges.
///
/// Text is written as it is, but for characters that no XML document can hold: U+FFFD stands for those.
///
/// # Errors
/// When the store or the writer fails.
pub fn graphml(store: &mut dyn GraphStore, repository: Option<&Repository>, to: &mut dyn Write) -> StoreResult<u64> {
    head(to).map_err(StoreError::Export)?;
    let mut text = String::new();
    let written = store.scan(repository, Order::EntitiesFirst, &mut |document| {
        text.clear();
        element(&mut text, document)?;
        to.write_all(text.as_bytes()).map_err(StoreError::Export)
    })?;
    to.write_all(b"  </graph>\n</graphml>\n").and_then(|()| to.flush()).map_err(StoreError::Export)?;
    Ok(written)
}

fn head(to: &mut dyn Write) -> std::io::Result<()> {
    writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(to, "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">")?;
    for (domain, fields) in [("node", NODE), ("edge", EDGE)] {
        for (field, kind) in fields {
            writeln!(
                to,
                "  <key id=\"{domain}.{field}\" for=\"{domain}\" attr.name=\"{field}\" attr.type=\"{kind}\"/>"
            )?;
        }
    }
    writeln!(to, "  <graph id=\"gantry\" edgedefault=\"directed\">")
}

fn element(text: &mut String, document: Stored<'_>) -> StoreResult<()> {
    let object: Map<String, Value> = serde_json::from_str(document.json).map_err(|e| StoreError::Damaged {
        path: document.collection.to_owned(),
        reason: format!("a document is not the JSON of one: {e}"),
    })?;
    let (domain, fields) = if document.is_edge { ("edge", EDGE) } else { ("node", NODE) };
    text.push_str("    <");
    text.push_str(domain);
    text.push_str(" id=\"");
    escape(text, document.collection);
    text.push('/');
    escape(text, string(&object, "_key"));
    if document.is_edge {
        text.push_str("\" source=\"");
        escape(text, string(&object, "_from"));
        text.push_str("\" target=\"");
        escape(text, string(&object, "_to"));
    }
    text.push_str("\">\n");
    for (field, _) in fields {
        let Some(value) = object.get(*field) else { continue };
        text.push_str("      <data key=\"");
        text.push_str(domain);
        text.push('.');
        text.push_str(field);
        text.push_str("\">");
        match value {
            Value::String(value) => escape(text, value),
            Value::Array(values) => {
                let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                escape(text, &words.join(","));
            }
            other => escape(text, &other.to_string()),
        }
        text.push_str("</data>\n");
    }
    text.push_str("    </");
    text.push_str(domain);
    text.push_str(">\n");
    Ok(())
}

fn string<'a>(object: &'a Map<String, Value>, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Escapes for text and for attributes alike. A bare carriage return would be read as a line feed.
fn escape(to: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\r' => to.push_str("&#13;"),
            // Char of XML 1.0, section 2.2, is all but these (and surrogates, which are no `char`).
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                to.push(char::REPLACEMENT_CHARACTER);
            }
            c => to.push(c),
        }
    }
}
