//! A few seeds of the harness, with the shipper that was built.
#![allow(clippy::print_stderr, reason = "says what is skipped")]

use faulty_receiver::reliability::{Binaries, run_seed};

#[test]
fn a_shipper_that_is_killed_at_random_ships_every_event_once() -> anyhow::Result<()> {
    let binaries = match Binaries::find() {
        Ok(binaries) => binaries,
        Err(error) => {
            eprintln!("skipped: {error:#}");
            return Ok(());
        }
    };
    for seed in 1..=24 {
        run_seed(seed, &binaries)?;
    }
    Ok(())
}
