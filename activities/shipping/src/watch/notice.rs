//! What a report of the file system means for the watcher. Most of them mean nothing: a file that is opened or read, a file
//! of the shipper's own, an editor's temporary one.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use notify::{
    Event, EventKind,
    event::{CreateKind, MetadataKind, ModifyKind},
};

use super::inbox::Inbox;
use crate::discovery::is_temporary_name;

/// Which paths are sessions.
pub type Accepts = Arc<dyn Fn(&Path) -> bool + Send + Sync>;

/// A folder of sessions, and under which name the system reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Root {
    given: PathBuf,
    /// Without links: macOS reports changes so, wherever they were watched.
    real: PathBuf,
}

/// What is watched for.
#[derive(Clone)]
pub(super) struct Notices {
    roots: Vec<Root>,
    own: Vec<PathBuf>,
    accepts: Accepts,
}

impl fmt::Debug for Notices {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { roots, own, accepts: _ } = self;
        formatter.debug_struct("Notices").field("roots", roots).field("own", own).finish_non_exhaustive()
    }
}

/// What one path in a report means.
#[derive(Debug, PartialEq, Eq)]
enum Notice {
    Nothing,
    Changed(PathBuf),
    Appeared(PathBuf),
    Tend,
}

impl Notices {
    /// `real` gives a path without links; a root that does not exist keeps its name.
    pub(super) fn new(
        roots: &[PathBuf],
        own: Vec<PathBuf>,
        accepts: Accepts,
        real: impl Fn(&Path) -> Option<PathBuf>,
    ) -> Self {
        let with_real = |given: &PathBuf| {
            // The part that is not there yet keeps its name under the part that is.
            let there = given.ancestors().find_map(|above| Some((above, real(above)?)));
            let real = there.and_then(|(above, real)| Some(real.join(given.strip_prefix(above).ok()?)));
            // Joining nothing would put a separator at the end.
            let real = real.map_or_else(|| given.clone(), |path| path.components().collect());
            Root { given: given.clone(), real }
        };
        Self { roots: roots.iter().map(with_real).collect(), own, accepts }
    }

    /// Puts what a report means into the inbox.
    pub(super) fn pass_on(&self, report: notify::Result<Event>, inbox: &Inbox) {
        match report {
            Ok(event) if event.need_rescan() => inbox.leave(|letters| letters.missed += 1),
            Ok(event) => {
                for path in &event.paths {
                    match self.read(event.kind, path) {
                        Notice::Nothing => {}
                        Notice::Changed(path) => inbox.changed(path),
                        Notice::Appeared(path) => inbox.appeared(path),
                        Notice::Tend => inbox.leave(|letters| letters.tend = true),
                    }
                }
            }
            Err(error) if matches!(error.kind, notify::ErrorKind::MaxFilesWatch) => {
                inbox.leave(|letters| letters.watch_limit = true);
            }
            Err(_) => inbox.leave(|letters| letters.missed += 1),
        }
    }

    /// Whether a file found in a folder is a session to ship.
    pub(super) fn is_session(&self, path: &Path) -> bool {
        !is_temporary_name(path) && !self.is_own(path) && (self.accepts)(path)
    }

    fn read(&self, kind: EventKind, path: &Path) -> Notice {
        let (appears, changes) = match kind {
            EventKind::Create(CreateKind::File) | EventKind::Modify(ModifyKind::Data(_)) => (false, true),
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Any | ModifyKind::Other) => {
                (true, true)
            }
            // Other metadata is the shipper's own doing too: a further hard link to a source.
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::WriteTime)) => (false, true),
            EventKind::Remove(_) => (false, false),
            EventKind::Any | EventKind::Other => (true, true),
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => return Notice::Nothing,
        };
        if !changes || appears {
            // A folder above a root, or the root itself: what must be watched is another now.
            let moved = |root: &Root| root.given.starts_with(path) || root.real.starts_with(path);
            if self.roots.iter().any(moved) {
                return Notice::Tend;
            }
        }
        let Some(path) = self.as_given(path).filter(|_| changes) else { return Notice::Nothing };
        if self.is_own(&path) || is_temporary_name(&path) {
            Notice::Nothing
        } else if (self.accepts)(&path) {
            Notice::Changed(path)
        } else if appears {
            Notice::Appeared(path)
        } else {
            Notice::Nothing
        }
    }

    /// A path under a root, under the name that the root was given.
    fn as_given(&self, path: &Path) -> Option<PathBuf> {
        self.roots.iter().find_map(|root| {
            if path.starts_with(&root.given) {
                return Some(path.to_path_buf());
            }
            Some(root.given.join(path.strip_prefix(&root.real).ok()?))
        })
    }

    fn is_own(&self, path: &Path) -> bool {
        self.own.iter().any(|own| path.starts_with(own))
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, AccessMode, DataChange, Flag, RemoveKind, RenameMode};

    use super::*;

    const DATA: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));

    fn notices() -> Notices {
        let accepts: Accepts = Arc::new(|path| path.extension().is_some_and(|end| end == "jsonl"));
        let own = ["/h/.claude/longhouse-shipper.db", "/h/.claude/projects/log.jsonl", "/h/.claude/projects/kept"];
        let real = |path: &Path| (path == Path::new("/h")).then(|| PathBuf::from("/private/h"));
        let roots = ["/h/.claude/projects", "/h/.codex/sessions"].map(PathBuf::from);
        Notices::new(&roots, own.map(PathBuf::from).to_vec(), accepts, real)
    }

    fn read(kind: EventKind, path: &str) -> Notice {
        notices().read(kind, Path::new(path))
    }

    #[test]
    fn an_appended_created_or_renamed_session_is_a_change() {
        let file = "/h/.claude/projects/p/a.jsonl";
        for kind in [
            DATA,
            EventKind::Create(CreateKind::File),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::WriteTime)),
        ] {
            assert_eq!(read(kind, file), Notice::Changed(file.into()), "{kind:?}");
        }
    }

    #[test]
    fn reading_linking_and_removing_a_session_is_nothing() {
        for kind in [
            EventKind::Access(AccessKind::Open(AccessMode::Any)),
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)),
            EventKind::Remove(RemoveKind::File),
        ] {
            assert_eq!(read(kind, "/h/.claude/projects/p/a.jsonl"), Notice::Nothing, "{kind:?}");
        }
    }

    #[test]
    fn own_files_and_unfinished_ones_are_nothing() {
        for path in [
            "/h/.claude/longhouse-shipper.db-wal",
            "/h/.claude/longhouse-shipper.db",
            "/h/.claude/projects/log.jsonl",
            "/h/.claude/projects/kept/a.jsonl",
            "/h/.claude/projects/p/.a.jsonl",
            "/h/.claude/projects/p/~a.jsonl",
            "/h/.claude/projects/p/a.jsonl~",
            "/h/.claude/projects/p/a.jsonl.swp",
            "/h/.claude/projects/p/a.jsonl.tmp",
            "/h/.claude/projects/p/.#a.jsonl",
            "/h/.claude/projects/p/notes.txt",
            "/h/elsewhere/a.jsonl",
        ] {
            assert_eq!(read(DATA, path), Notice::Nothing, "{path}");
        }
    }

    #[test]
    fn folders_that_appear_are_looked_into_and_roots_are_tended() {
        let folder = EventKind::Create(CreateKind::Folder);
        let inside = "/h/.claude/projects/new";
        assert_eq!(read(folder, inside), Notice::Appeared(inside.into()));
        for above in ["/h/.codex", "/h/.codex/sessions", "/h/.claude/projects", "/private/h/.codex"] {
            assert_eq!(read(folder, above), Notice::Tend, "{above}");
            assert_eq!(read(EventKind::Remove(RemoveKind::Folder), above), Notice::Tend, "{above}");
        }
        assert_eq!(read(folder, "/h/Downloads"), Notice::Nothing);
    }

    #[test]
    fn a_path_without_links_gets_back_the_name_of_its_root() {
        let changed = read(DATA, "/private/h/.codex/sessions/2026/a.jsonl");
        assert_eq!(changed, Notice::Changed("/h/.codex/sessions/2026/a.jsonl".into()));
    }

    #[test]
    fn lost_events_and_full_limits_are_passed_on() {
        let inbox = Inbox::default();
        notices().pass_on(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), &inbox);
        notices().pass_on(Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)), &inbox);
        let letters = inbox.take(std::time::Duration::ZERO);
        assert_eq!((letters.missed, letters.watch_limit), (1, true));
    }
}
