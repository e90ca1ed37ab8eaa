//! The bare repository that the states of a remote one are fetched into.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use contracts::errors::ErrorType;
use kit::{Failure, Job, Secret, WorkError, WorkResult};

use super::{git::Git, source::Reference};

/// What was fetched last. Named, so that the next fetch brings only what is new.
const WANTED: &str = "refs/gantry/wanted";
/// Each update leaves a pack; so many are made one again.
const MOST_PACKS: usize = 40;
/// As deep as git knows: everything.
const EVERYTHING: &str = "--depth=2147483647";
/// Files are the bytes that were committed: no line ends, keywords or encodings are changed, no filter is asked.
const ATTRIBUTES: &str = "* -text -ident -filter -working-tree-encoding\n";

/// What has to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Its name there; none in a repository without commits.
    name: Option<String>,
    /// The branch, if one was asked for or is the default.
    pub(super) branch: Option<String>,
}

impl Target {
    /// Asks the remote what a reference is called there, where that is not known already.
    pub(super) fn find<C: Send + Sync>(
        job: &Job<C>,
        folder: &Path,
        url: &str,
        reference: &Reference,
        secret: Option<&Secret>,
    ) -> WorkResult<Self> {
        let named = |name: String, branch: Option<&String>| Self { name: Some(name), branch: branch.cloned() };
        match reference {
            Reference::Branch(name) => Ok(named(format!("refs/heads/{name}"), Some(name))),
            Reference::Tag(name) => Ok(named(format!("refs/tags/{name}"), None)),
            Reference::Commit(commit) => Ok(named(commit.clone(), None)),
            Reference::Default => {
                let heads = Git::new(folder, "asking for the default branch", url)
                    .credential(secret)
                    .args(["ls-remote", "--symref", "--", url, "HEAD"])
                    .run(job)?;
                let heads = String::from_utf8_lossy(&heads).into_owned();
                let branch = heads
                    .lines()
                    .find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next())
                    .map(str::to_owned);
                let there = heads.lines().any(|line| line.ends_with("\tHEAD") && !line.starts_with("ref:"));
                Ok(Self { name: there.then(|| "HEAD".to_owned()), branch })
            }
        }
    }
}

/// The bare repository of a workspace.
pub(super) struct Cache<'a> {
    /// Its folder.
    pub(super) folder: PathBuf,
    url: &'a str,
}

impl<'a> Cache<'a> {
    /// The one in a folder, if it looks like one.
    pub(super) fn open(folder: PathBuf, url: &'a str) -> Option<Self> {
        (folder.join("HEAD").is_file() && folder.join("objects").is_dir()).then_some(Self { folder, url })
    }

    /// Makes an empty one in an empty folder.
    pub(super) fn make<C: Send + Sync>(job: &Job<C>, folder: PathBuf, url: &'a str) -> WorkResult<Self> {
        Git::new(&folder, "making a repository", url).args(["init", "--bare", "--quiet", "--template="]).run(job)?;
        let attributes = folder.join("info").join("attributes");
        let written = fs::create_dir_all(folder.join("info")).and_then(|()| fs::write(&attributes, ATTRIBUTES));
        written.map_err(|e| Failure::io("making a repository", &attributes, &e))?;
        Ok(Self { folder, url })
    }

    /// The same, whose folder was given another name.
    pub(super) fn moved(self, folder: PathBuf) -> Self {
        Self { folder, ..self }
    }

    pub(super) fn git(&self, what: &'static str) -> Git {
        Git::new(&self.folder, what, self.url).repository(&self.folder)
    }

    /// Fetches a state without its history, where the server can do that; the commit.
    pub(super) fn fetch<C: Send + Sync>(
        &self,
        job: &Job<C>,
        target: &Target,
        secret: Option<&Secret>,
    ) -> WorkResult<Option<String>> {
        let Some(name) = &target.name else { return Ok(None) };
        let fetch = |depth: &str, refspecs: &[String]| {
            self.git("fetching")
                .credential(secret)
                .args([
                    "fetch",
                    "--progress",
                    "--no-tags",
                    "--no-recurse-submodules",
                    "--force",
                    "--no-write-fetch-head",
                ])
                .args(["--update-shallow", depth].iter().filter(|arg| !arg.is_empty()))
                .args(["--", self.url])
                .args(refspecs)
                .run(job)
        };
        let fetch = |depth: &str, refspecs: &[String]| match fetch(depth, refspecs) {
            // A plain web server can only hand out what there is.
            Err(WorkError::Failed(failure)) if failure.what.contains("does not support shallow") => fetch("", refspecs),
            other => other,
        };
        match fetch("--depth=1", &[format!("+{name}:{WANTED}")]) {
            // An old server hands out only what has a name.
            Err(WorkError::Failed(failure)) if failure.what.contains("unadvertised object") => {
                let all = ["heads", "tags"].map(|kind| format!("+refs/{kind}/*:refs/gantry/{kind}/*"));
                fetch(EVERYTHING, &all)?;
                if !self.git("looking for the commit").args(["update-ref", WANTED, name]).succeeds(job)? {
                    return Err(failure.into());
                }
            }
            other => drop(other?),
        }
        let commit = format!("{WANTED}^{{commit}}");
        match self.git("asking for the commit").args(["rev-parse", "--verify", "--quiet", &commit]).answer(job)? {
            Some(commit) => Ok(Some(commit)),
            None => Err(Failure::new(
                ErrorType::InvalidInput,
                format!("{name} names no commit there"),
                self.url,
                "name a branch, a tag of a commit, or a commit",
            )
            .into()),
        }
    }

    /// Puts the packs of many updates together, and drops what no longer belongs to any.
    pub(super) fn tidy<C: Send + Sync>(&self, job: &Job<C>) -> WorkResult<()> {
        let packs = fs::read_dir(self.folder.join("objects/pack")).into_iter().flatten().flatten();
        let packs = packs.filter(|entry| entry.path().extension().is_some_and(|e| e == "pack")).count();
        if packs > MOST_PACKS {
            self.git("tidying the cache").args(["repack", "-a", "-d", "--quiet"]).succeeds(job)?;
        }
        Ok(())
    }

    /// Removes what a git left that was killed: locks, and packs that are half. Only for who has the workspace alone.
    pub(super) fn sweep(&self) -> io::Result<()> {
        let mut folders = vec![self.folder.clone(), self.folder.join("objects/pack")];
        folders.extend(folders_below(&self.folder.join("worktrees"))?);
        folders.extend(folders_below(&self.folder.join("refs"))?);
        for folder in folders {
            for path in entries(&folder)? {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let in_packs = folder.ends_with("pack");
                let half = name.ends_with(".lock") || name.starts_with("shallow_");
                let half_pack =
                    in_packs && (name.starts_with("tmp_") || name.starts_with(".tmp-") || name.ends_with(".keep"));
                if (half || half_pack) && fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_dir()) {
                    fs::remove_file(&path)?;
                }
            }
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn folders_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(folder) = all.get(next) {
        let more = entries(folder)?;
        all.extend(more.into_iter().filter(|path| fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())));
        next += 1;
    }
    Ok(all)
}
