//! Following a path step by step, as the system does, without a step out of the allowed folders.
//!
//! The system can do this itself only for links that are relative (`openat2` with `RESOLVE_BENEATH`), and would tell the
//! two ways to fail apart: a link to what is not there, and one that leads out.

use std::{
    ffi::{OsStr, OsString},
    os::{fd::OwnedFd, unix::ffi::OsStringExt},
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{CWD, FileType, Mode, OFlags, fstat, openat, readlinkat},
    io::Errno,
};

use super::Root;

/// As many links in one path as the system follows.
const MOST_LINKS: usize = 40;

/// Why a walk did not reach the end of the path.
#[derive(Debug)]
pub(super) enum Dead {
    /// It would have led out.
    Outside,
    /// There are too many links.
    Links,
    /// The system said no, about something inside.
    System(Errno),
}

impl From<Errno> for Dead {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

enum Step {
    Up,
    Down(OsString),
}

struct Walk<'a> {
    roots: &'a [Root],
    /// Where the walk is: no part of it is a link.
    at: PathBuf,
    /// From the allowed folder that it is in down to where it is, each opened but not for reading. Empty outside.
    opened: Vec<OwnedFd>,
    /// What is still to go, the next step last.
    rest: Vec<Step>,
    links: usize,
}

/// Opens what is behind an absolute path, as nothing but a place (`O_PATH`): a pipe does not wait, a device does not turn.
pub(super) fn walk(roots: &[Root], path: &Path) -> Result<OwnedFd, Dead> {
    let mut walk = Walk { roots, at: PathBuf::new(), opened: Vec::new(), rest: Vec::new(), links: 0 };
    walk.start(path)?;
    while let Some(step) = walk.rest.pop() {
        match step {
            Step::Up => walk.up()?,
            Step::Down(name) => walk.down(&name)?,
        }
    }
    // Above every allowed folder there is nothing to open.
    walk.opened.pop().ok_or(Dead::Outside)
}

impl Walk<'_> {
    /// Goes on from the beginning of an absolute path. An allowed folder may be spelled with links in front of it.
    fn start(&mut self, path: &Path) -> Result<(), Dead> {
        for root in self.roots {
            if let Ok(below) = path.strip_prefix(&root.spelled) {
                self.then(below);
                return self.enter(root);
            }
        }
        self.then(path);
        self.at = PathBuf::from("/");
        self.opened.clear();
        self.settle()
    }

    /// Puts the steps of a path before those that are left.
    fn then(&mut self, path: &Path) {
        let steps = path.components().filter_map(|part| match part {
            Component::ParentDir => Some(Step::Up),
            Component::Normal(name) => Some(Step::Down(name.to_owned())),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
        });
        let steps: Vec<Step> = steps.collect();
        self.rest.extend(steps.into_iter().rev());
    }

    fn enter(&mut self, root: &Root) -> Result<(), Dead> {
        self.at.clone_from(&root.real);
        self.opened = vec![openat(CWD, &root.real, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?];
        Ok(())
    }

    fn up(&mut self) -> Result<(), Dead> {
        self.at.pop();
        self.opened.pop();
        if self.opened.is_empty() { self.settle() } else { Ok(()) }
    }

    fn down(&mut self, name: &OsStr) -> Result<(), Dead> {
        let Some(folder) = self.opened.last() else {
            self.at.push(name);
            return self.settle();
        };
        let found = openat(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        if FileType::from_raw_mode(fstat(&found)?.st_mode) != FileType::Symlink {
            self.at.push(name);
            self.opened.push(found);
            return Ok(());
        }
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(Dead::Links);
        }
        let target = PathBuf::from(OsString::from_vec(readlinkat(&found, "", Vec::new())?.into_bytes()));
        if target.is_absolute() {
            return self.start(&target);
        }
        self.then(&target);
        Ok(())
    }

    /// Finds out, after a step that no opened folder backs, whether the walk is in an allowed folder again, or still on
    /// the way to one.
    fn settle(&mut self) -> Result<(), Dead> {
        let roots = self.roots;
        if let Some(root) = roots.iter().find(|root| self.at.starts_with(&root.real)) {
            let at = self.at.clone();
            self.then(at.strip_prefix(&root.real).unwrap_or(&at));
            return self.enter(root);
        }
        if roots.iter().any(|root| root.real.starts_with(&self.at)) { Ok(()) } else { Err(Dead::Outside) }
    }
}
