//! Checkouts of remote repositories under the state folder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kit::{Failure, Job, Secret, WorkError, WorkResult};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{git::Git, source::Reference};

/// A checkout that was fetched more recently than this is taken as it is.
const FRESH: Duration = Duration::from_secs(5 * 60);
const CHECKOUT: &str = "checkout";
const PARTIAL: &str = "partial-";

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The folder with the files.
    pub folder: PathBuf,
    /// The commit; none in a repository without commits.
    pub commit: Option<String>,
    /// The branch, if one was asked for or is the default.
    pub branch: Option<String>,
    /// Whether an earlier checkout was taken as it was.
    pub fresh: bool,
}

/// What the last fetch brought, kept beside the checkout. Without it a checkout counts as unfinished.
#[derive(Debug, Serialize, Deserialize)]
struct Fetched {
    url: String,
    reference: String,
    commit: Option<String>,
    branch: Option<String>,
    at_ms: u64,
}

/// Brings a state of a remote repository into a folder under `workspaces`.
///
/// # Errors
/// What git, the network or the disk say, or an interruption; then no half checkout is left under its name.
pub fn check_out<C: Send + Sync>(
    job: &Job<C>,
    workspaces: &Path,
    id: (&str, &str),
    url: &str,
    reference: &Reference,
    secret: Option<&Secret>,
    force: bool,
) -> WorkResult<Checkout> {
    let home = workspaces.join(folder_name(id));
    let failed = |what: &'static str| {
        let home = home.clone();
        move |e: io::Error| Failure::io(what, &home, &e)
    };
    fs::create_dir_all(&home).map_err(failed("making the workspace's folder"))?;
    let _lock = lock(&home, job)?;
    let folder = home.join(CHECKOUT);
    let wanted = spelled(reference);
    let record = home.join("fetched.json");
    let last: Option<Fetched> = fs::read(&record).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let last = last.filter(|l| l.url == url && folder.is_dir());
    if let Some(last) = last.as_ref().filter(|l| !force && l.reference == wanted && l.is_fresh()) {
        return Ok(Checkout { folder, commit: last.commit.clone(), branch: last.branch.clone(), fresh: true });
    }
    remove_partial(&home).map_err(failed("removing an unfinished checkout"))?;
    let target = find(job, &home, url, reference, secret)?;
    // From here on the checkout is in between; only a new record makes it whole again.
    match fs::remove_file(&record) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed("updating the workspace")(e).into()),
        _ => {}
    }
    let commit = if last.is_some() {
        fill(job, &folder, url, &target, secret)?
    } else {
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed("removing an old checkout")(e).into()),
            _ => {}
        }
        let partial = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(&home).map_err(failed("making a folder"))?;
        Git::new(partial.path(), "making a repository", url).args(["init", "--quiet", "--template="]).run(job)?;
        let commit = fill(job, partial.path(), url, &target, secret)?;
        fs::rename(partial.keep(), &folder).map_err(failed("finishing the checkout"))?;
        commit
    };
    let fetched = Fetched {
        url: url.to_owned(),
        reference: wanted,
        commit: commit.clone(),
        branch: target.branch.clone(),
        at_ms: now_ms(),
    };
    let bytes = serde_json::to_vec(&fetched).map_err(|e| failed("recording the fetch")(e.into()))?;
    fs::write(&record, bytes).map_err(failed("recording the fetch"))?;
    Ok(Checkout { folder, commit, branch: target.branch, fresh: false })
}

/// What has to be fetched.
struct Target {
    /// None in a repository without commits.
    refspec: Option<String>,
    branch: Option<String>,
}

/// Asks the remote what a reference is called there. Also tells early whether there is a repository at all.
fn find<C: Send + Sync>(
    job: &Job<C>,
    home: &Path,
    url: &str,
    reference: &Reference,
    secret: Option<&Secret>,
) -> WorkResult<Target> {
    let target = |refspec: String, branch: Option<String>| Target { refspec: Some(refspec), branch };
    match reference {
        Reference::Branch(name) => Ok(target(format!("refs/heads/{name}"), Some(name.clone()))),
        Reference::Tag(name) => Ok(target(format!("refs/tags/{name}"), None)),
        Reference::Commit(commit) => Ok(target(commit.clone(), None)),
        Reference::Default => {
            let heads = Git::new(home, "asking for the default branch", url)
                .credential(secret)
                .args(["ls-remote", "--symref", "--", url, "HEAD"])
                .run(job)?;
            let heads = String::from_utf8_lossy(&heads).into_owned();
            let branch = heads
                .lines()
                .find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next())
                .map(str::to_owned);
            let refspec = heads.lines().any(|line| line.ends_with("\tHEAD") && !line.starts_with("ref:"));
            Ok(Target { refspec: refspec.then(|| "HEAD".to_owned()), branch })
        }
    }
}

/// Fetches the target into a repository and makes its files those of the target.
fn fill<C: Send + Sync>(
    job: &Job<C>,
    folder: &Path,
    url: &str,
    target: &Target,
    secret: Option<&Secret>,
) -> WorkResult<Option<String>> {
    let Some(refspec) = &target.refspec else { return Ok(None) };
    let fetch = |depth: &[&str]| {
        Git::new(folder, "fetching", url)
            .credential(secret)
            .args(["fetch", "--progress", "--no-tags", "--no-recurse-submodules", "--force"])
            .args(depth)
            .args(["--", url, refspec])
            .run(job)
    };
    match fetch(&["--depth=1"]) {
        // A plain web server cannot serve a shallow fetch.
        Err(WorkError::Failed(failure)) if failure.what.contains("shallow") => fetch(&[])?,
        other => other?,
    };
    let git = |what: &'static str| Git::new(folder, what, url);
    git("checking out").args(["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"]).run(job)?;
    git("removing old files").args(["clean", "-ffdxq"]).run(job)?;
    git("asking for the commit").args(["rev-parse", "HEAD"]).answer(job)
}

impl Fetched {
    fn is_fresh(&self) -> bool {
        // A clock that was set back makes it stale, never young for ever.
        now_ms().checked_sub(self.at_ms).is_some_and(|age| Duration::from_millis(age) < FRESH)
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn spelled(reference: &Reference) -> String {
    match reference {
        Reference::Default => "default".to_owned(),
        Reference::Branch(name) => format!("branch {name}"),
        Reference::Tag(name) => format!("tag {name}"),
        Reference::Commit(commit) => format!("commit {commit}"),
    }
}

/// A name that says whose it is, and cannot lead out of the folder whatever the ids are.
fn folder_name((org_id, repo_id): (&str, &str)) -> String {
    let readable: String = format!("{org_id}_{repo_id}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .take(60)
        .collect();
    let digest = hex::encode(Sha256::digest(format!("{org_id}\0{repo_id}")));
    format!("{readable}-{}", digest.get(..12).unwrap_or(&digest))
}

/// Two attempts at one repository wait for each other.
fn lock<C: Send + Sync>(home: &Path, job: &Job<C>) -> WorkResult<File> {
    let failed = |e: io::Error| Failure::io("locking the workspace", home, &e);
    let file = File::options().create(true).truncate(false).write(true).open(home.join("lock")).map_err(failed)?;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                job.proceed()?;
                job.progress("wait for another attempt", 0, 0, "files");
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => return Err(failed(error.into()).into()),
        }
    }
}

/// What an attempt left that was killed.
fn remove_partial(home: &Path) -> io::Result<()> {
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(PARTIAL.as_bytes()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
