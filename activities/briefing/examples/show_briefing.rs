//! Draws a briefing that is JSON as text, or as a page with `--html`.
#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: show_briefing BRIEFING.json [--html]")?;
    let briefing = serde_json::from_slice(&fs::read(path)?)?;
    let html = env::args().any(|argument| argument == "--html");
    print!("{}", if html { briefing::overview::html(&briefing) } else { briefing::overview::text(&briefing) });
    Ok(())
}
