//! `ship`: everything new, or what is new in some files, once.

use std::time::Instant;

use serde::Serialize;
use shipping::engine::{Engine, Hold, HoldReason, Lane, Recovery, ReplayReport, Scope, ShipReport};

use crate::{
    arguments::{Common, ShipOptions},
    configuration,
    ending::Ending,
    logging, measured,
    progress::Attended,
    report, signals, units,
};

/// The answer of `ship --json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(flatten)]
    shipped: &'a ShipReport,
    /// Of the spool, when there was a turn for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<&'a ReplayReport>,
    recovered: u64,
    duration_ms: u64,
    peak_rss_bytes: u64,
}

/// Ships, replays, tells.
pub(crate) fn run(common: &Common, options: &ShipOptions) -> Result<(), Ending> {
    let started = Instant::now();
    logging::start(common.log_level, None)?;
    let config = configuration::read_for_sending(common, &options.sending)?;
    let engine = Engine::open(config)?;
    let control = Attended::start(common.json)?;
    let scope = if options.paths.is_empty() { Scope::new() } else { Scope::paths(absolute(options)?) };
    let Recovery { enqueued: recovered, .. } = engine.recover_gaps()?;
    let shipped = engine.ship(&scope, Lane::Backfill, &control);
    control.clear();
    let shipped = shipped?;
    // Named files are shipped for someone who waits; the rest is not their business.
    let has_turn = options.paths.is_empty() && shipped.hold.is_none() && !shipped.cancelled;
    let replay = if has_turn { Some(engine.replay(None, &control)?) } else { None };
    shipped.warnings.iter().for_each(|text| report::warning(text));
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let answer = Answer {
        shipped: &shipped,
        replay: replay.as_ref(),
        recovered,
        duration_ms,
        peak_rss_bytes: measured::peak_rss_bytes(),
    };
    let told = if common.json { report::object(&answer) } else { report::line(&sentence(&answer)) };
    told?;
    let hold = shipped.hold.clone().or_else(|| replay.as_ref().and_then(|replay| replay.hold.clone()));
    // A pause that an earlier call met may still last.
    let waits = replay.as_ref().is_some_and(|replay| replay.pending > 0) || shipped.remaining_bytes > 0;
    let hold = hold.or_else(|| engine.hold().filter(|_| waits));
    let interrupted = shipped.cancelled || replay.as_ref().is_some_and(|replay| replay.cancelled);
    outcome(&shipped, hold.as_ref(), interrupted, !options.paths.is_empty(), &engine.config().url)?;
    // Not due yet: a script that asks whether everything is there must not be told that it is.
    match replay.map_or(0, |replay| replay.pending) {
        0 => Ok(()),
        pending => Err(Ending::new(
            3,
            format!("{} not sent yet to {}", units::counted(pending, "range"), engine.config().url),
            "nothing is lost; `connect`, or `ship` a little later, sends what waits",
        )),
    }
}

/// Paths as the state spells them.
pub(crate) fn absolute(options: &ShipOptions) -> Result<Vec<std::path::PathBuf>, Ending> {
    let absolute = options.paths.iter().map(std::path::absolute).collect::<std::io::Result<_>>();
    absolute.map_err(|error| Ending::new(4, format!("the current folder: {error}"), "give absolute paths"))
}

fn sentence(answer: &Answer<'_>) -> String {
    let ShipReport { files, source_bytes, events, acknowledged, spooled, quarantined, remaining_bytes, .. } =
        *answer.shipped;
    let duration = units::duration(std::time::Duration::from_millis(answer.duration_ms));
    let (replayed, pending) = answer.replay.map_or((0, 0), |replay| (replay.replayed, replay.pending));
    let mut text = match files {
        0 => format!("nothing new ({duration})"),
        _ => format!(
            "{} of {} read, {} in {duration}",
            units::counted(files, "file"),
            units::bytes(source_bytes),
            units::counted(events, "event"),
        ),
    };
    for (number, one, what) in [
        (acknowledged, "request", "taken by the server"),
        (spooled, "range", "kept to be sent later"),
        (replayed, "range", "sent again from the spool"),
        (pending, "range", "waiting in the spool"),
        (quarantined, "line or range", "unusable and put aside"),
    ] {
        if number > 0 {
            text.push_str(&format!(
                "; {} {what}",
                units::counted(number, one).replace("line or ranges", "lines or ranges")
            ));
        }
    }
    if remaining_bytes > 0 {
        text.push_str(&format!("; {} left", units::bytes(remaining_bytes)));
    }
    text
}

/// What the exit code says: that a server was away, that a signal ended it, that named files hold nothing usable.
fn outcome(shipped: &ShipReport, hold: Option<&Hold>, interrupted: bool, named: bool, url: &str) -> Result<(), Ending> {
    if let Some(signal) = signals::ended_by().filter(|_| interrupted) {
        return Err(signal);
    }
    if let Some(hold) = hold {
        return Err(held(hold, url));
    }
    if shipped.spooled > 0 && shipped.acknowledged == 0 {
        return Err(Ending::new(
            3,
            format!("the server took nothing: {url}"),
            "nothing is lost; what was new waits in the spool, and the next `ship` or `connect` sends it",
        ));
    }
    if named && shipped.files > 0 && shipped.events == 0 && shipped.quarantined > 0 {
        return Err(Ending::new(
            2,
            "no line of these files could be understood",
            "`status` shows what is wrong with them",
        ));
    }
    Ok(())
}

fn held(hold: &Hold, url: &str) -> Ending {
    let hint = match hold.reason {
        HoldReason::AuthRejected => "nothing is lost; give a valid token and start again",
        HoldReason::Offline => {
            "nothing is lost; check the address and the network: `connect`, or `ship` a little later, sends what waits"
        }
        HoldReason::RateLimited => "nothing is lost; `connect`, or `ship` a little later, sends what waits",
        HoldReason::RemoteRejected => "nothing is lost; check that the address is that of the server itself",
    };
    Ending::new(3, format!("{}: {url}", hold.message), hint)
}

#[cfg(test)]
mod tests {
    use shipping::timestamp::Timestamp;

    use super::*;

    fn code(shipped: &ShipReport, named: bool) -> Option<u8> {
        outcome(shipped, shipped.hold.as_ref(), false, named, "http://h").err().map(|ending| ending.code())
    }

    #[test]
    fn the_exit_code_tells_a_server_that_took_nothing() {
        let shipped = ShipReport { files: 1, spooled: 2, ..ShipReport::default() };
        assert_eq!(code(&shipped, false), Some(3));
        assert_eq!(code(&ShipReport { acknowledged: 1, ..shipped.clone() }, false), None, "the rest is in the spool");
        let hold = Hold {
            reason: HoldReason::AuthRejected,
            since: Timestamp(0),
            until: Timestamp(1),
            status: Some(401),
            message: "the server refuses the token".to_owned(),
        };
        assert_eq!(code(&ShipReport { hold: Some(hold), ..ShipReport::default() }, false), Some(3));
    }

    #[test]
    fn named_files_without_a_usable_line_are_a_parse_error() {
        let shipped = ShipReport { files: 1, quarantined: 3, ..ShipReport::default() };
        assert_eq!((code(&shipped, true), code(&shipped, false)), (Some(2), None));
    }
}
