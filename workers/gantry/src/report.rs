//! What people read: stdout for data, stderr for the rest.
#![expect(clippy::print_stderr, reason = "the one module that prints")]

use std::{
    collections::BTreeMap,
    io::{self, BufRead, IsTerminal, Write},
};

use comfy_table::{CellAlignment, Table, presets};
use contracts::{
    heavy_compute::CallSites,
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
    parts.extend(calls(&output.calls));
    parts.push(format!(
        "{} files were unchanged, {} documents were written and {} removed",
        output.unchanged, output.written, output.removed
    ));
    parts.extend(output.warnings.iter().map(|w| format!("warning: {} ({}x): {}", w.code, w.count, w.message)));
    parts.join("\n\n")
}

/// How many calls are edges, and why the others are not.
fn calls(calls: &CallSites) -> Option<String> {
    let share = |n: u64| format!("{} %", n.saturating_mul(100).checked_div(calls.total).unwrap_or_default());
    let mut rows = vec![
        ("in the same file", calls.same_file),
        ("in another file", calls.other_file),
        ("in a package", calls.package),
    ];
    rows.extend(calls.unresolved.iter().map(|(reason, n)| (reason.as_str(), *n)));
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(what, n)| vec![what.to_owned(), n.to_string(), share(n)]).collect();
    (calls.total > 0).then(|| table(&[&format!("{} calls", calls.total), "", ""], &rows))
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
