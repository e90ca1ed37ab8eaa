//! `connect`: everything new, then each change as it happens.

use std::sync::Arc;

use serde::Serialize;
use shipping::{
    engine::Engine,
    watch::{EngineWork, Inbox, Summary, run as watch, watched},
};

use crate::{
    arguments::{Common, ConnectOptions},
    configuration,
    ending::Ending,
    log_file::LogFile,
    logging, report, signals,
};

/// What `connect --json` tells when it ends.
#[derive(Debug, Serialize)]
struct Answer {
    live: u64,
    scans: u64,
    missed: u64,
}

/// Watches until a signal asks for the end.
pub(crate) fn run(common: &Common, options: &ConnectOptions) -> Result<(), Ending> {
    logging::start(common.log_level, options.log_file.as_deref())?;
    let config = configuration::read_for_sending(common, &options.sending)?;
    let engine = Engine::open(config)?;
    let inbox = Arc::new(Inbox::default());
    let (stop, scan) = (Arc::clone(&inbox), Arc::clone(&inbox));
    signals::on_end_and_hang_up(move || stop.stop(), move || scan.scan_now())?;
    let own = options.log_file.iter().filter_map(|path| std::path::absolute(path).ok());
    let watched = watched(engine.config(), own.flat_map(|path| LogFile::names(&path)).collect());
    tracing::info!("watching for sessions; what is new goes to {}", engine.config().url);
    let Summary { live, scans, missed } = watch(&EngineWork::new(&engine), watched, &inbox);
    drop(engine);
    tracing::info!(live, scans, missed, "ended; everything that was under way is finished or remembered");
    if common.json { report::object(&Answer { live, scans, missed }) } else { Ok(()) }
}
