//! The table of metrics in the documentation is the one in `metric.rs`. `GANTRY_UPDATE_README=1` writes it anew.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{env, fs, path::Path};

use kit::telemetry::Metric;

const BEGIN: &str = "<!-- metrics: made from activities/kit/src/telemetry/metric.rs, kept true by a test -->\n";
const END: &str = "<!-- end of metrics -->";

#[test]
fn the_documentation_lists_every_metric() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/observability.md");
    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (table, tail) = rest.split_once(END).unwrap();
    let mut expected = String::from("| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n");
    for metric in Metric::ALL {
        let labels: Vec<String> = metric.labels().iter().map(|label| format!("`{label}`")).collect();
        let kind = format!("{:?}", metric.kind()).to_lowercase();
        let row = format!("| `{}` | {kind} | {} | {} |\n", metric.name(), labels.join(" "), metric.help());
        expected.push_str(&row);
    }
    if env::var_os("GANTRY_UPDATE_README").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{expected}{END}{tail}")).unwrap();
        return;
    }
    assert_eq!(table, expected, "run: GANTRY_UPDATE_README=1 cargo test -p kit --test metrics");
}
