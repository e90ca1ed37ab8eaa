//! Prints the briefing of a save as JSON, with the time that it took on stderr.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that prints")]

use std::{error::Error, path::Path, time::Instant};

use briefing::{Options, brief};
use save_parsing::{Limits, Save};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: brief_save SAVE [PATH-TO-EXPLAIN]")?;
    let explain = std::env::args().nth(2);
    let begin = Instant::now();
    let save = Save::open(Path::new(&path), &Limits::default())?;
    let opened = begin.elapsed();
    let briefing = brief(&save, &Options { explain: explain.is_some(), ..Options::default() })?;
    eprintln!("open {opened:?}, whole {:?}", begin.elapsed());
    match explain {
        Some(path) => println!("{}", briefing.explanation(&path)?),
        None => println!("{}", serde_json::to_string_pretty(&briefing)?),
    }
    Ok(())
}
