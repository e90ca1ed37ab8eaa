//! `reset`: forget how far, or bring back what was put aside.

use std::io::{self, IsTerminal, Write};

use shipping::engine::{Engine, Reset, ResetReport};

use crate::{
    arguments::{Common, ResetOptions},
    configuration,
    ending::Ending,
    logging, report, units,
};

/// Asks, resets, tells.
pub(crate) fn run(common: &Common, options: &ResetOptions) -> Result<(), Ending> {
    logging::start(common.log_level, None)?;
    let (reset, question) = match &options.path {
        Some(path) => {
            let path = std::path::absolute(path)
                .map_err(|error| Ending::new(4, format!("{}: {error}", path.display()), "give an absolute path"))?;
            let question = format!("Ship {} anew from its start?", path.display());
            (Reset::File(path), question)
        }
        None if options.quarantined => (Reset::Quarantined, "Try everything again that the server refused?".to_owned()),
        None if options.dead => (Reset::Dead, "Try everything again that was given up?".to_owned()),
        None => (Reset::All, "Ship every session anew from its start?".to_owned()),
    };
    let config = configuration::read(common)?;
    if !config.database.exists() {
        // Opening it would make one, and there is nothing in it to reset.
        return answer(common, ResetReport::default());
    }
    if !options.yes {
        ask(&question)?;
    }
    let engine = Engine::open(config)?;
    answer(common, engine.reset(&reset)?)
}

fn answer(common: &Common, done: ResetReport) -> Result<(), Ending> {
    if common.json {
        return report::object(&done);
    }
    let ResetReport { files, revived } = done;
    report::line(&match (files, revived) {
        (0, 0) => "nothing to reset".to_owned(),
        (files, 0) => format!("{} will be shipped anew", units::counted(files, "file")),
        (0, revived) => format!("{} will be tried again", units::counted(revived, "range")),
        (files, revived) => format!(
            "{} will be shipped anew, {} will be tried again",
            units::counted(files, "file"),
            units::counted(revived, "range")
        ),
    })
}

/// # Errors
/// When the answer is not yes, or there is nobody to ask.
fn ask(question: &str) -> Result<(), Ending> {
    if !io::stdin().is_terminal() {
        return Err(Ending::new(1, "nobody is there to be asked", "give --yes"));
    }
    let mut answer = String::new();
    let asked = write!(io::stderr(), "{question} [y/N] ").and_then(|()| io::stdin().read_line(&mut answer));
    match asked {
        Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Ending::new(1, "nothing was changed", "answer y, or give --yes")),
    }
}
