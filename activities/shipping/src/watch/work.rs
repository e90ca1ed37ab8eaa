//! What a watcher makes others do. [`run`](super::run) knows nothing of the engine, so that its rules are tested without one.

use std::path::PathBuf;

/// The work that watching is about. Calls come from threads of their own, one at a time for scan and replay, and up to the
/// number of live threads for [`Work::live`], never two of these for one file. They end soon after [`Work::stop`].
pub trait Work: Sync {
    /// Ship what is new in files that changed just now; no when some are to be tried again because a scan has them.
    fn live(&self, paths: Vec<PathBuf>) -> bool;
    /// Ship what is new anywhere.
    fn scan(&self);
    /// Send again what is in the spool and due.
    fn replay(&self);
    /// What must be looked at regularly; yes when the reason of a pause may be gone, for example because the token is another.
    fn tend(&self) -> bool;
    /// Calls that run should end: what is in flight is finished, nothing new begins.
    fn stop(&self);
}
