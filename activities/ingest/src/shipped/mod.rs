//! Sessions of agents as shippers send them, beside the events of everybody else.
//!
//! `POST /api/agents/ingest` is the crate `session_receiver`'s, with its own store, limits and answers. What that store has
//! taken becomes rows of `events` as well, so that lists, statistics and the stream show it. An event has the same id in
//! both, so whichever of the two a crash left behind catches up: by the sender, who was not answered and comes again, or
//! by [`CatchUp`] at the next start.

mod catch_up;
mod event;

pub use catch_up::{CatchUp, CatchUpError, catch_up, remember};
pub use event::{SOURCE, agent_type, event};
