//! `status`: what is tracked, what waits, what went wrong.

use std::time::{Duration, SystemTime};

use shipping::{
    engine::{Engine, Hold, Status},
    timestamp::Timestamp,
};

use crate::{arguments::Common, configuration, ending::Ending, logging, report, units};

/// Reads the state and tells it. Takes no lock, so it works beside a running daemon.
pub(crate) fn run(common: &Common) -> Result<(), Ending> {
    logging::start(common.log_level, None)?;
    let config = configuration::read(common)?;
    let status = Engine::status(&config)?;
    if common.json {
        return report::object(&status);
    }
    let mut rows =
        vec![("server".to_owned(), config.url.clone()), ("database".to_owned(), config.database.display().to_string())];
    rows.extend(rows_of(&status, Timestamp::of_system(SystemTime::now())));
    report::line(&table(&rows))?;
    status.warnings.iter().for_each(|text| report::warning(text));
    Ok(())
}

fn rows_of(status: &Status, now: Timestamp) -> Vec<(String, String)> {
    let ago = |moment: Timestamp| {
        let microseconds = u64::try_from(now.0.saturating_sub(moment.0)).unwrap_or(0);
        format!("{} ago", units::duration(Duration::from_micros(microseconds)))
    };
    let mut rows = vec![
        ("daemon", daemon(status)),
        ("tracked files", units::count(status.tracked)),
        ("not yet sent", units::bytes(status.bytes_behind)),
    ];
    if let Some(oldest) = status.oldest_unacked {
        rows.push(("oldest of it", ago(oldest)));
    }
    let spool = status.spool;
    rows.push(("spool", format!("{} waiting, {} given up", units::count(spool.pending), units::count(spool.dead))));
    rows.push((
        "put aside",
        format!("{} refused, {} lost", units::count(status.quarantined), units::count(status.lost)),
    ));
    let sent = status.throughput;
    rows.push((
        "sent so far",
        format!("{} of {}", units::counted(sent.events, "event"), units::bytes(sent.source_bytes)),
    ));
    if let Some(last) = sent.last_acknowledged {
        rows.push(("last taken", ago(last)));
    }
    if let Some(hold) = &status.hold {
        rows.push(("held back", held(hold, now)));
    }
    if let Some(error) = &status.last_error {
        rows.push(("last error", format!("{} ({})", error.message, ago(error.at))));
    }
    for refused in &status.recent_quarantined {
        let code = refused.status.map_or(String::new(), |code| format!("{code} "));
        let place = format!("{} bytes {} to {}", refused.path, refused.start, refused.end);
        rows.push(("refused", format!("{place}: {code}{}", refused.reason)));
    }
    // What comes from servers and files must not be able to move the cursor.
    rows.into_iter().map(|(name, value)| (name.to_owned(), value.replace(char::is_control, " "))).collect()
}

fn daemon(status: &Status) -> String {
    match (status.running, status.pid) {
        (false, _) => "not running".to_owned(),
        (true, None) => "running".to_owned(),
        (true, Some(pid)) => format!("running, process {pid}"),
    }
}

fn held(hold: &Hold, now: Timestamp) -> String {
    let wait = u64::try_from(hold.until.0.saturating_sub(now.0)).unwrap_or(0);
    let next = match wait {
        0 => "tried again with the next scan".to_owned(),
        _ => format!("next attempt in {}", units::duration(Duration::from_micros(wait))),
    };
    format!("{}; {next}", hold.message)
}

/// Names in one column, values in the next.
fn table(rows: &[(String, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<_> = rows.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use shipping::engine::{HoldReason, LastError, Quarantined, SpoolCounts, Throughput};

    use super::*;

    #[test]
    fn a_state_with_trouble_is_told_in_plain_words() {
        let now = Timestamp(1_800_000_000_000_000);
        let before = |seconds: i64| Timestamp(now.0 - seconds * 1_000_000);
        let hold = Hold {
            reason: HoldReason::RateLimited,
            since: before(30),
            until: Timestamp(now.0 + 90_000_000),
            status: Some(429),
            message: "the server asks for a pause (429)".to_owned(),
        };
        let refused = Quarantined {
            path: "/h/.claude/projects/p/a.jsonl".to_owned(),
            start: 10,
            end: 90,
            reason: "timestamp\n\u{1b}[2Jinvalid".to_owned(),
            status: Some(422),
            lost: false,
            at: before(60),
        };
        let status = Status {
            tracked: 1_209,
            bytes_behind: 12_345_678,
            oldest_unacked: Some(before(90_000)),
            spool: SpoolCounts { pending: 4, dead: 1 },
            quarantined: 1,
            recent_quarantined: vec![refused],
            last_error: Some(LastError { message: "connection refused".to_owned(), at: before(75) }),
            hold: Some(hold),
            throughput: Throughput {
                events: 96_977,
                source_bytes: 1_074_000_000,
                last_acknowledged: Some(before(3)),
                ..Throughput::default()
            },
            running: true,
            pid: Some(4_711),
            ..Status::default()
        };
        let mut text = table(&rows_of(&status, now));
        writeln!(text).unwrap();
        insta::assert_snapshot!(text);
    }
}
