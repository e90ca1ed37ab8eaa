//! Checkouts of remote repositories under the state folder: for each, a bare repository that is fetched into, and a
//! work tree of it with the files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use contracts::errors::ErrorType;
use kit::{Failure, Job, Secret, WorkError, WorkResult};

use super::{
    cache::{Cache, Target},
    git::Git,
    layout::{CACHE, CHECKOUT, Fetched, PARTIAL},
    lock::{self, Guard},
    removal::{remove, remove_partial},
    source::Reference,
};

/// A checkout that was fetched more recently than this is taken as it is.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// What is checked out.
#[derive(Debug)]
pub struct Checkout {
    /// The folder with the files.
    pub folder: PathBuf,
    /// The commit; none in a repository without commits.
    pub commit: Option<String>,
    /// The branch, if one was asked for or is the default.
    pub branch: Option<String>,
    /// Whether an earlier checkout was taken as it was.
    pub fresh: bool,
    /// Keeps it as it is.
    pub guard: Guard,
}

/// What is to be checked out.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// URL of the repository.
    pub url: &'a str,
    /// What of it.
    pub reference: &'a Reference,
    /// For the server, if it asks.
    pub secret: Option<&'a Secret>,
    /// Fetch even if the checkout is fresh.
    pub force: bool,
}

/// Brings a state of a remote repository into a workspace, which is made if it is not there.
///
/// # Errors
/// `InvalidInput` if the folder holds something and is no workspace. What git, the network or the disk say, or an
/// interruption; then the next attempt makes good what is half.
pub fn check_out<C: Send + Sync>(job: &Job<C>, home: &Path, wanted: &Wanted<'_>) -> WorkResult<Checkout> {
    lock::refuse_foreign(home)?;
    let guard = lock::shared(job, home)?;
    // git spells the paths it writes without links.
    let home = home.canonicalize().map_err(|e| Failure::io("opening the workspace", home, &e))?;
    if let Some(fresh) = wanted.fresh(&home) {
        return Ok(fresh.checkout(&home, true, guard));
    }
    drop(guard);
    let guard = lock::exclusive(job, &home)?;
    // Another attempt may have made it while this one waited.
    match wanted.fresh(&home) {
        Some(fresh) => Ok(fresh.checkout(&home, true, guard)),
        None => Ok(wanted.update(job, &home)?.checkout(&home, false, guard)),
    }
}

impl Fetched {
    fn checkout(self, home: &Path, fresh: bool, guard: Guard) -> Checkout {
        Checkout { folder: home.join(CHECKOUT), commit: self.commit, branch: self.branch, fresh, guard }
    }
}

impl Wanted<'_> {
    fn fresh(&self, home: &Path) -> Option<Fetched> {
        let last = Fetched::read(home).filter(|last| !self.force && last.url == self.url)?;
        let same = last.reference == spelled(self.reference) && last.is_younger_than(FRESH);
        let whole = home.join(CHECKOUT).is_dir() && (last.commit.is_none() || is_linked(home));
        (same && whole).then_some(last)
    }

    fn update<C: Send + Sync>(&self, job: &Job<C>, home: &Path) -> WorkResult<Fetched> {
        let failed = |e: io::Error| Failure::io("updating the workspace", home, &e);
        remove_partial(job, home)?;
        let target = Target::find(job, home, self.url, self.reference, self.secret)?;
        Fetched::remove(home).map_err(failed)?;
        let commit = match Cache::open(home.join(CACHE), self.url) {
            Some(cache) => match self.bring(job, home, &cache, &target) {
                Err(WorkError::Failed(failure)) if may_be_damaged(&failure) => {
                    tracing::warn!(workspace = %home.display(), error = %failure, "cache is made anew");
                    self.bring_anew(job, home, &target)
                }
                other => other,
            },
            None => self.bring_anew(job, home, &target),
        }?;
        let fetched = Fetched::now(self.url, spelled(self.reference), commit, target.branch);
        fetched.write(home).map_err(failed)?;
        Ok(fetched)
    }

    /// Fetches into the cache that is there, and makes the files those of what was fetched.
    fn bring<C: Send + Sync>(
        &self,
        job: &Job<C>,
        home: &Path,
        cache: &Cache<'_>,
        target: &Target,
    ) -> WorkResult<Option<String>> {
        cache.sweep().map_err(|e| Failure::io("sweeping the cache", &cache.folder, &e))?;
        let commit = cache.fetch(job, target, self.secret)?;
        place(job, home, cache, commit.as_deref())?;
        cache.tidy(job)?;
        Ok(commit)
    }

    /// The same with a new cache, which takes its name when it is whole; the old one, if any, goes.
    fn bring_anew<C: Send + Sync>(&self, job: &Job<C>, home: &Path, target: &Target) -> WorkResult<Option<String>> {
        let failed = |e: io::Error| Failure::io("making a folder", home, &e);
        let partial = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(home).map_err(failed)?;
        let cache = Cache::make(job, partial.path().to_owned(), self.url)?;
        let commit = cache.fetch(job, target, self.secret)?;
        remove(job, home, CHECKOUT)?;
        remove(job, home, CACHE)?;
        let folder = home.join(CACHE);
        fs::rename(partial.keep(), &folder).map_err(failed)?;
        let cache = cache.moved(folder);
        place(job, home, &cache, commit.as_deref())?;
        Ok(commit)
    }
}

/// Makes the files those of a commit.
fn place<C: Send + Sync>(job: &Job<C>, home: &Path, cache: &Cache<'_>, commit: Option<&str>) -> WorkResult<()> {
    let folder = home.join(CHECKOUT);
    let Some(commit) = commit else {
        remove(job, home, CHECKOUT)?;
        return fs::create_dir(&folder).map_err(|e| Failure::io("making a folder", &folder, &e).into());
    };
    if is_linked(home) {
        match reset(job, home, cache, commit) {
            Err(WorkError::Failed(failure)) if may_be_damaged(&failure) => {}
            other => return other,
        }
    }
    remove(job, home, CHECKOUT)?;
    remove(job, &cache.folder, "worktrees")?;
    // Without its files: git would leave writing them to a child that outlives it when it is killed.
    let add = ["worktree", "add", "--quiet", "--force", "--detach", "--no-checkout"];
    cache.git("adding a work tree").args(add).arg(&folder).args([commit]).run(job)?;
    reset(job, home, cache, commit)
}

fn reset<C: Send + Sync>(job: &Job<C>, home: &Path, cache: &Cache<'_>, commit: &str) -> WorkResult<()> {
    let folder = home.join(CHECKOUT);
    let git =
        |what: &'static str| -> Git { cache.git(what).repository(&registration(home)).files(&folder).within(&folder) };
    git("checking out").args(["reset", "--quiet", "--hard", commit]).run(job)?;
    git("removing old files").args(["clean", "-ffdxq"]).run(job)?;
    Ok(())
}

/// Where the cache keeps what belongs to the work tree.
fn registration(home: &Path) -> PathBuf {
    home.join(CACHE).join("worktrees").join(CHECKOUT)
}

/// Whether the work tree and the cache know of each other: neither was made half, moved or lost.
fn is_linked(home: &Path) -> bool {
    let link = home.join(CHECKOUT).join(".git");
    let says = |file: &Path, text: String| fs::read(file).is_ok_and(|bytes| bytes == text.as_bytes());
    says(&link, format!("gitdir: {}\n", registration(home).display()))
        && says(&registration(home).join("gitdir"), format!("{}\n", link.display()))
}

/// Whether a failure can come from what is kept here, and not from the remote, the disk or the input.
fn may_be_damaged(failure: &Failure) -> bool {
    !matches!(
        failure.error_type,
        ErrorType::AuthRejected | ErrorType::NetworkUnavailable | ErrorType::DiskFull | ErrorType::Unsupported
    )
}

fn spelled(reference: &Reference) -> String {
    match reference {
        Reference::Default => "default".to_owned(),
        Reference::Branch(name) => format!("branch {name}"),
        Reference::Tag(name) => format!("tag {name}"),
        Reference::Commit(commit) => format!("commit {commit}"),
    }
}
