//! The engines.

use std::{
    fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::AtomicBool,
};

use gix::progress::Discard;

use crate::Outcome;

/// What clones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// `git clone`, `git pull`: what people type.
    Plain,
    /// The same, without history.
    Shallow,
    /// The commands that a preparation runs: bare cache, shallow fetch, work tree.
    Cache,
    /// `gantry-heavy-compute prepare-workspace`, which also scans.
    Prepare,
    /// gix, with its history.
    Gix,
    /// gix, without.
    GixShallow,
    /// libgit2, with its history.
    Git2,
    /// libgit2, without.
    Git2Shallow,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Engine {
    /// All of them, and those that a plain clone is compared with first.
    pub fn all() -> impl Iterator<Item = Self> {
        let all = [
            Self::Plain,
            Self::Shallow,
            Self::Cache,
            Self::Prepare,
            Self::Gix,
            Self::GixShallow,
            Self::Git2,
            Self::Git2Shallow,
        ];
        all.into_iter().filter(|engine| *engine != Self::Prepare || binary().is_some())
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|engine| engine.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Shallow => "shallow",
            Self::Cache => "cache",
            Self::Prepare => "prepare",
            Self::Gix => "gix",
            Self::GixShallow => "gix-shallow",
            Self::Git2 => "git2",
            Self::Git2Shallow => "git2-shallow",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "`git clone`, `git pull`",
            Self::Shallow => "the same, `--depth 1`",
            Self::Cache => "git: bare cache, depth 1, work tree",
            Self::Prepare => "`prepare-workspace`, with its scan",
            Self::Gix => "gix",
            Self::GixShallow => "gix, depth 1",
            Self::Git2 => "libgit2",
            Self::Git2Shallow => "libgit2, depth 1",
        }
    }

    /// Clones into a folder that is not there.
    pub fn first(self, url: &str, folder: &Path) -> Outcome<()> {
        match self {
            Self::Plain => git(Path::new("/"), &["clone", "--quiet", url, text(folder)]),
            Self::Shallow => git(Path::new("/"), &["clone", "--quiet", "--depth", "1", url, text(folder)]),
            Self::Cache => {
                let (cache, files) = (folder.join("cache.git"), folder.join("checkout"));
                fs::create_dir_all(&cache)?;
                git(&cache, &["init", "--bare", "--quiet", "--template="])?;
                fetch(&cache, url)?;
                git(
                    &cache,
                    &[
                        "worktree",
                        "add",
                        "--quiet",
                        "--force",
                        "--detach",
                        "--no-checkout",
                        text(&files),
                        "refs/wanted",
                    ],
                )?;
                git(&files, &["reset", "--quiet", "--hard", "refs/wanted"])
            }
            Self::Prepare => prepare(url, folder),
            Self::Gix | Self::GixShallow => {
                let mut clone = gix::prepare_clone(url, folder)?.with_shallow(self.depth());
                let (mut checkout, _) = clone.fetch_then_checkout(Discard, &NEVER)?;
                checkout.main_worktree(Discard, &NEVER)?;
                Ok(())
            }
            Self::Git2 | Self::Git2Shallow => {
                git2::build::RepoBuilder::new().fetch_options(self.fetch_options()).clone(url, folder)?;
                Ok(())
            }
        }
    }

    /// Brings a clone up to date.
    pub fn update(self, url: &str, folder: &Path) -> Outcome<()> {
        match self {
            Self::Plain => git(folder, &["pull", "--quiet", "--ff-only"]),
            Self::Shallow => {
                git(folder, &["fetch", "--quiet", "--depth", "1"])?;
                git(folder, &["reset", "--quiet", "--hard", "origin/main"])
            }
            Self::Cache => {
                fetch(&folder.join("cache.git"), url)?;
                let files = folder.join("checkout");
                git(&files, &["reset", "--quiet", "--hard", "refs/wanted"])?;
                git(&files, &["clean", "-ffdxq"])
            }
            Self::Prepare => prepare(url, folder),
            Self::Gix | Self::GixShallow => {
                let repository = gix::open(folder)?;
                let remote = repository.find_remote("origin")?;
                let connection = remote.connect(gix::remote::Direction::Fetch)?;
                let fetch = connection.prepare_fetch(Discard, Default::default())?;
                fetch.with_shallow(self.depth()).receive(Discard, &NEVER)?;
                // It has no checkout that compares: every file is written again.
                let commit = repository.find_reference("refs/remotes/origin/main")?.into_fully_peeled_id()?;
                let tree = commit.object()?.peel_to_tree()?.id;
                let mut index = repository.index_from_tree(&tree)?;
                let source = gix::worktree::stack::state::attributes::Source::IdMapping;
                let mut options = repository.checkout_options(source)?;
                options.overwrite_existing = true;
                let objects = repository.objects.clone().into_arc()?;
                gix::worktree::state::checkout(&mut index, folder, objects, &Discard, &Discard, &NEVER, options)?;
                index.write(Default::default())?;
                Ok(())
            }
            Self::Git2 | Self::Git2Shallow => {
                let repository = git2::Repository::open(folder)?;
                let mut options = self.fetch_options();
                repository.find_remote("origin")?.fetch(&["main"], Some(&mut options), None)?;
                let commit = repository.find_reference("refs/remotes/origin/main")?.peel_to_commit()?;
                repository.reset(commit.as_object(), git2::ResetType::Hard, None)?;
                Ok(())
            }
        }
    }

    /// Fails if the files are not those of the last commit.
    pub fn check(self, folder: &Path, marker: &str) -> Outcome<()> {
        let files = match self {
            Self::Cache | Self::Prepare => folder.join("checkout"),
            _ => folder.to_owned(),
        };
        let found = fs::read_to_string(files.join(crate::remote::MARKER))?;
        if found == marker { Ok(()) } else { Err(format!("{}: the update did not arrive", self.name()).into()) }
    }

    fn depth(self) -> gix::remote::fetch::Shallow {
        match self {
            Self::GixShallow => gix::remote::fetch::Shallow::DepthAtRemote(NonZeroU32::MIN),
            _ => gix::remote::fetch::Shallow::NoChange,
        }
    }

    fn fetch_options(self) -> git2::FetchOptions<'static> {
        let mut options = git2::FetchOptions::new();
        if self == Self::Git2Shallow {
            options.depth(1);
        }
        options
    }
}

fn prepare(url: &str, folder: &Path) -> Outcome<()> {
    let mut command = Command::new(binary().ok_or("no binary")?);
    command.args(["prepare-workspace", "--force", "--repo-url", url, "--workspace-dir"]).arg(folder);
    finish(&mut command)
}

fn binary() -> Option<PathBuf> {
    std::env::var_os("GANTRY_HEAVY_COMPUTE").map(PathBuf::from)
}

fn fetch(cache: &Path, url: &str) -> Outcome<()> {
    let options =
        ["fetch", "--quiet", "--no-tags", "--force", "--no-write-fetch-head", "--update-shallow", "--depth=1"];
    git(cache, &[&options[..], &["--", url, "+HEAD:refs/wanted"]].concat())
}

pub fn git(folder: &Path, args: &[&str]) -> Outcome<()> {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.unpackLimit=1"]);
    finish(command.args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1"))
}

fn finish(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
