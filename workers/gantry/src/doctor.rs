//! `gantry doctor`: checks what has to be there, and says what to do about what is not. Every check is bounded in time.

mod check;
mod events;
mod installation;
mod server;
mod storage;
mod workers;

use serde_json::json;

use crate::{places::Places, problem::Problem, report};
use check::{Check, Status};

pub(crate) async fn run(places: &Places, as_json: bool) -> Result<(), Problem> {
    let (installation, storage, events, server) = futures::join!(
        installation::checks(places),
        storage::checks(places),
        events::checks(places),
        server::checks(places)
    );
    let checks: Vec<Check> = [installation, storage, events, server].into_iter().flatten().collect();
    let failed = checks.iter().filter(|c| c.status == Status::Failed).count();
    if as_json {
        let list: Vec<_> = checks.iter().map(Check::json).collect();
        report::data(&json!({ "ok": failed == 0, "version": env!("CARGO_PKG_VERSION"), "checks": list }).to_string())?;
    } else {
        let mut rows = Vec::new();
        for check in &checks {
            rows.push(vec![check.status.as_str().to_owned(), check.name.clone(), check.detail.clone()]);
            if let Some(hint) = &check.hint {
                rows.push(vec![String::new(), String::new(), format!("-> {hint}")]);
            }
        }
        report::data(&report::table(&["status", "check", "what was found"], &rows))?;
    }
    if failed == 0 { Ok(()) } else { Err(Problem::network(format!("{failed} of {} checks failed", checks.len()))) }
}
