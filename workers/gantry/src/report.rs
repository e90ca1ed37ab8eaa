//! What people read: stdout for data, stderr for the rest.
#![expect(clippy::print_stderr, reason = "the one module that prints")]

use std::{
    collections::BTreeMap,
    io::{self, BufRead, IsTerminal, Write},
};

use comfy_table::{CellAlignment, Table, presets};
use contracts::{
    heavy_compute::{CallSites, IndexReport, SymbolReferences},
    workflows::{ActivityReport, IndexRepoOutput},
};

use crate::problem::Problem;

/// Says why a command failed, and what to do.
pub(crate) fn error(problem: &Problem) {
    eprintln!("{} {}", style("31", "error:"), problem.message);
    if let Some(hint) = &problem.hint {
        eprintln!("{} {hint}", style("36", " hint:"));
    }
}

/// Says something on stderr.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Prints a line of data.
pub(crate) fn data(text: &str) -> Result<(), Problem> {
    writeln!(io::stdout(), "{text}").map_err(|e| Problem::io("writing to stdout", &e))
}

/// Asks on the terminal whether to go on.
pub(crate) fn asked(question: &str) -> Result<bool, Problem> {
    let failed = |e: io::Error| Problem::io("asking on the terminal", &e);
    write!(io::stderr(), "{question} [y/N] ").map_err(failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn style(code: &str, text: &str) -> String {
    let plain = !io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    if plain { text.to_owned() } else { format!("\u{1b}[{code};1m{text}\u{1b}[0m") }
}

/// A table without lines, numbers to the right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(head).add_rows(rows);
    for (n, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        let numbers = rows.iter().all(|row| row.get(n).is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit())));
        if numbers {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Counts by name, most first.
pub(crate) fn counts(title: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut rows: Vec<(&String, &u64)> = counts.iter().collect();
    rows.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), (*name).clone()));
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, n)| vec![name.clone(), n.to_string()]).collect();
    if rows.is_empty() { format!("{title}\n(none)") } else { table(&[title, ""], &rows) }
}

/// The result of a run, for people.
pub(crate) fn indexed(output: &IndexRepoOutput) -> String {
    let counts_of = &output.counts;
    let mut parts = vec![
        counts(&format!("{} files by language", counts_of.files), &counts_of.by_language),
        counts(&format!("{} entities by kind", counts_of.entities), &counts_of.by_kind),
        counts(&format!("{} edges by kind", counts_of.edges), &counts_of.edges_by_kind),
        phases(&output.activities),
    ];
    if !output.skipped.is_empty() {
        parts.push(counts("files not parsed, by reason", &output.skipped));
    }
    parts.extend(indexes(&output.indexes, output.covered));
    parts.extend(references(&output.references));
    parts.extend(calls(&output.calls));
    parts.push(format!(
        "{} files were unchanged, {} documents were written and {} removed",
        output.unchanged, output.written, output.removed
    ));
    parts.extend(output.warnings.iter().map(|w| format!("warning: {} ({}x): {}", w.code, w.count, w.message)));
    parts.join("\n\n")
}

/// The SCIP indexes, and why there is none where one could be.
fn indexes(indexes: &[IndexReport], covered: u64) -> Option<String> {
    if indexes.is_empty() {
        return None;
    }
    let rows: Vec<Vec<String>> = indexes.iter().map(index).collect();
    Some(table(&[&format!("indexes, {covered} files covered"), "root", "documents", "time", ""], &rows))
}

fn index(index: &IndexReport) -> Vec<String> {
    let time = match index {
        IndexReport { reused: true, .. } => "reused".to_owned(),
        IndexReport { bytes: 0, .. } => "none".to_owned(),
        IndexReport { ms: 0, .. } => "given".to_owned(),
        IndexReport { ms, .. } => format!("{ms} ms"),
    };
    let warning = index.warning.clone().unwrap_or_default();
    vec![index.indexer.clone(), index.root.clone(), index.documents.to_string(), time, warning]
}

/// How many references of the indexes have an answer.
fn references(references: &SymbolReferences) -> Option<String> {
    let rows = vec![
        ("to an entity", references.direct),
        ("to what it belongs to", references.lifted),
        ("inside of their own definition", references.own_scope),
        ("to a package", references.package),
        ("unresolved", references.unresolved),
    ];
    shares(&format!("{} references", references.total), references.total, rows)
}

/// How many calls are edges, and why the others are not.
fn calls(calls: &CallSites) -> Option<String> {
    let mut rows = vec![
        ("in the same file", calls.same_file),
        ("in another file", calls.other_file),
        ("in a package", calls.package),
    ];
    rows.extend(calls.unresolved.iter().map(|(reason, n)| (reason.as_str(), *n)));
    shares(&format!("{} calls", calls.total), calls.total, rows)
}

/// Numbers with their shares of `total`; nothing if there is nothing to share.
fn shares(title: &str, total: u64, rows: Vec<(&str, u64)>) -> Option<String> {
    let share = |n: u64| format!("{} %", n.saturating_mul(100).checked_div(total).unwrap_or_default());
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(what, n)| vec![what.to_owned(), n.to_string(), share(n)]).collect();
    (total > 0).then(|| table(&[title, "", ""], &rows))
}

fn phases(activities: &[ActivityReport]) -> String {
    let mut rows = Vec::new();
    for activity in activities {
        for (phase, ms) in &activity.phases {
            let memory = format!("{:.1} MB", megabytes(activity.peak_rss_bytes));
            rows.push(vec![activity.activity.clone(), phase.clone(), format!("{ms} ms"), memory]);
        }
    }
    table(&["activity", "phase", "time", "worker's peak memory"], &rows)
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_told_with_where_they_come_from() {
        let report = |indexer: &str, root: &str, documents, ms, reused, warning: Option<&str>| IndexReport {
            indexer: indexer.to_owned(),
            root: root.to_owned(),
            documents,
            occurrences: documents * 40,
            bytes: documents * 2_000,
            ms,
            reused,
            warning: warning.map(str::to_owned),
        };
        let all = [
            report("scip-typescript 0.4.0", "web", 675, 8_900, false, None),
            report("scip-python 0.6.6", ".", 81, 11_800, true, None),
            report("rust-analyzer 1.90", "core", 12, 0, false, Some("2 documents are damaged")),
            report("scip-go", "tools", 0, 0, false, Some("it is not installed")),
        ];
        let resolved =
            SymbolReferences { total: 1_000, direct: 330, lifted: 400, own_scope: 200, package: 50, unresolved: 20 };
        let told = [indexes(&all, 768), references(&resolved)].map(Option::unwrap).join("\n\n");
        insta::assert_snapshot!(told);
        assert_eq!((indexes(&[], 0), references(&SymbolReferences::default())), (None, None));
    }
}
