//! One indexer on one package.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use kit::{Failure, Job, WorkResult};
use rustix::fs::FlockOperation;

use super::{
    child::{End, Ended, Task},
    fingerprint::Fingerprint,
    kept,
    limits::Limits,
    outcome::{Ran, Shortfall},
    plan::{Indexers, Planned},
    project_name::project_name,
};
use crate::workspace::removal;

/// A command that does not tell its version within that time is none.
const VERSION_TIME: Duration = Duration::from_secs(60);
/// Longest version that is taken.
const LONGEST_VERSION: usize = 100;
const OUTPUT: &str = "index.scip";
/// Signals that a process brings on itself by a defect: it does so every time. The limit of Node.js's heap ends in the
/// first.
const OWN_FAULT: &[rustix::process::Signal] = {
    use rustix::process::Signal;
    &[Signal::ABORT, Signal::BUS, Signal::FPE, Signal::ILL, Signal::SEGV, Signal::SYS, Signal::TRAP, Signal::PIPE]
};

impl Indexers {
    /// The version of a planned indexer, as it tells it; asked once for each command. `folder` is where the indexes of the
    /// workspace are kept.
    ///
    /// # Errors
    /// What the disk says, or an interruption.
    pub fn version<C: Send + Sync>(
        &self,
        job: &Job<C>,
        planned: &Planned,
        limits: &Limits,
        folder: &Path,
    ) -> WorkResult<Result<String, Shortfall>> {
        if let Some(version) = self.known_version(&planned.command) {
            return Ok(Ok(version));
        }
        let limits = Limits { time: VERSION_TIME, ..*limits };
        let scratch = Scratch::new(folder)?;
        let arguments = planned.indexer.version.iter().map(OsString::from).collect();
        let place = Place { workspace: scratch.path(), planned, scratch: scratch.path() };
        let ended = self.task(&place, scratch.path(), arguments, limits).run(job)?;
        let version =
            ended.filter(|ended| matches!(ended.end, End::Own(status) if status.success())).and_then(|ended| {
                let line = ended.said.lines().map(str::trim).find(|line| !line.is_empty())?;
                Some(line.chars().take(LONGEST_VERSION).collect::<String>())
            });
        Ok(version.ok_or(Shortfall::NotInstalled).inspect(|version| self.remember_version(&planned.command, version)))
    }

    /// Has an indexer make the index of a package, unless the one that is kept is of this fingerprint. `folder` is where
    /// the indexes of the workspace are kept. Nothing is written into the workspace, and no process outlives the call.
    ///
    /// # Errors
    /// What the disk says, or an interruption. An indexer that fails is a result.
    pub fn run<C: Send + Sync>(
        &self,
        job: &Job<C>,
        workspace: &Path,
        planned: &Planned,
        limits: &Limits,
        folder: &Path,
        fingerprint: &Fingerprint,
    ) -> WorkResult<Ran> {
        job.proceed()?;
        if let Some(index) = kept::find(folder, planned, fingerprint) {
            return Ok(Ran::Reused(index));
        }
        let scratch = Scratch::new(folder)?;
        for (name, content) in planned.indexer.files {
            let path = scratch.path().join(name);
            fs::write(&path, content).map_err(|e| Failure::io("writing a setting of an indexer", &path, &e))?;
        }
        let place = Place { workspace, planned, scratch: scratch.path() };
        let arguments = planned.indexer.arguments.iter().map(|template| place.fill(template)).collect();
        let package = place.package();
        let Some(ended) = self.task(&place, &package, arguments, *limits).run(job)? else {
            return Ok(Ran::Failed(Shortfall::NotInstalled));
        };
        let time = ended.time;
        let output = scratch.path().join(OUTPUT);
        match shortfall(ended, limits, &output) {
            Some(shortfall) => Ok(Ran::Failed(shortfall)),
            None => {
                let kept = kept::keep(folder, planned, fingerprint, &output, time);
                Ok(Ran::Made(kept.map_err(|e| Failure::io("keeping an index", folder, &e))?))
            }
        }
    }

    fn task<'a>(&'a self, place: &Place<'a>, folder: &'a Path, arguments: Vec<OsString>, limits: Limits) -> Task<'a> {
        let indexer = place.planned.indexer;
        let set = indexer.environment.iter().map(|(name, value)| ((*name).into(), place.fill(value)));
        let kept = indexer.kept.iter().filter_map(|(name, in_home)| {
            let own = std::env::var_os(name).filter(|value| !value.is_empty());
            let value = own.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(in_home).into()))?;
            Some(((*name).into(), value))
        });
        Task {
            command: &place.planned.command,
            arguments,
            folder,
            scratch: place.scratch,
            path: &self.folders,
            environment: set.chain(kept).collect(),
            limits,
        }
    }
}

/// What the texts of the table are filled with.
struct Place<'a> {
    workspace: &'a Path,
    planned: &'a Planned,
    scratch: &'a Path,
}

impl Place<'_> {
    fn package(&self) -> PathBuf {
        // Not joined with nothing: that would end in a slash.
        if self.planned.folder().is_empty() {
            self.workspace.to_owned()
        } else {
            self.workspace.join(&self.planned.root)
        }
    }

    fn fill(&self, template: &str) -> OsString {
        let mut filled = OsString::new();
        let mut rest = template;
        while let Some((before, from)) = rest.split_once('{') {
            let (name, after) = from.split_once('}').unwrap_or((from, ""));
            filled.push(before);
            match name {
                "root" => filled.push(self.package()),
                "output" => filled.push(self.scratch.join(OUTPUT)),
                "scratch" => filled.push(self.scratch),
                "marker" => filled.push(&self.planned.marker),
                "project" => filled.push(project_name(&self.package())),
                _ => {}
            }
            rest = after;
        }
        filled.push(rest);
        filled
    }
}

fn shortfall(ended: Ended, limits: &Limits, output: &Path) -> Option<Shortfall> {
    let said = ended.said;
    match ended.end {
        End::Time => Some(Shortfall::TimedOut { limit: limits.time, said }),
        End::Memory(resident) => Some(Shortfall::TooMuchMemory { resident, limit: limits.memory, said }),
        End::Own(status) if !status.success() => Some(unsuccessful(status, said)),
        End::Own(_) => {
            // A link could lead anywhere.
            let made = fs::symlink_metadata(output).is_ok_and(|meta| meta.is_file() && meta.len() > 0);
            (!made).then_some(Shortfall::Empty { said })
        }
    }
}

fn unsuccessful(status: ExitStatus, said: String) -> Shortfall {
    match (status.signal(), status.code()) {
        (Some(signal), _) if OWN_FAULT.iter().any(|own| own.as_raw() == signal) => {
            Shortfall::Refused { exit: format!("signal {signal}"), said }
        }
        (Some(signal), _) => Shortfall::Killed { signal, said },
        (None, code) => Shortfall::Refused { exit: format!("exit code {}", code.unwrap_or(-1)), said },
    }
}

/// A folder of one run, which goes with it.
struct Scratch {
    folder: PathBuf,
    path: PathBuf,
    /// Keeps the collection away.
    _held: File,
}

impl Scratch {
    fn new(folder: &Path) -> Result<Self, Failure> {
        // The child has another working folder.
        let folder =
            &std::path::absolute(folder).map_err(|e| Failure::io("making a folder for an indexer", folder, &e))?;
        loop {
            match Self::try_new(folder) {
                // The collection has just removed the folder, which was empty.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.exists() => {}
                made => return made.map_err(|e| Failure::io("making a folder for an indexer", folder, &e)),
            }
        }
    }

    fn try_new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = tempfile::Builder::new().prefix(removal::PARTIAL).tempdir_in(folder)?.keep();
        let held = kept::hold(&path, FlockOperation::LockShared)?;
        Ok(Self { folder: folder.to_owned(), path, _held: held })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // An indexer may have left folders of any depth. What cannot be removed waits for the collection.
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let _ = removal::remove(&Job::<()>::detached(), &self.folder, &name);
    }
}
