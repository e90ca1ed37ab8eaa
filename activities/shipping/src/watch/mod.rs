//! Changes as they happen.
//!
//! ```text
//! inotify, FSEvents ─ what it means ─┐            ┌─ two threads: files that change now
//! signals ───────────────────────────┼─ schedule ─┼─ one thread: scan and backfill
//! clocks ────────────────────────────┘            └─ one thread: the spool
//! ```
//!
//! The schedule is told the time; it has no clock, no thread and no file, so each of its rules is a test that does not wait.
//! Reports of the system may be lost, late or refused: a scan every 30 s finds whatever they did not tell.

mod engine_work;
mod folders;
mod inbox;
mod moment;
mod notice;
mod polling;
mod run;
mod schedule;
mod source;
mod work;

pub use engine_work::{EngineWork, watched};
pub use inbox::Inbox;
pub use moment::{Clock, Moment};
pub use notice::Accepts;
pub use run::{Summary, Watched, run};
pub use schedule::{Schedule, Task, Timing};
pub use work::Work;
