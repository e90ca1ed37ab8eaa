//! A folder for everything that a test makes, and what a command answered.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_gantry-heavy-compute");

pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        assert_eq!(self.stdout.lines().count(), 1, "{}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The numbers of the lines of progress.
    pub(crate) fn progress(&self) -> Vec<u64> {
        let lines = self.stderr.lines().filter_map(|line| line.strip_prefix("PROGRESS:"));
        lines.map(|line| line.split_once(' ').unwrap().0.parse().unwrap()).collect()
    }
}

/// A folder for everything that a test makes.
pub(crate) struct Place(pub(crate) tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_of(Path::new(BINARY), args)
    }

    pub(crate) fn command_of(&self, binary: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(binary);
        let kept = std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR");
        command.args(args).env_clear().envs(kept).env("GANTRY_HOME", self.path("state")).current_dir(self.0.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        finish(&mut self.command(args))
    }

    pub(crate) fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(self.path("remote")).args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").args(args);
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A repository with two files in two languages, and one that is neither; its URL.
    pub(crate) fn remote(&self) -> String {
        fs::create_dir_all(self.path("remote/src")).unwrap();
        fs::write(self.path("remote/package.json"), "{ \"name\": \"sample\" }\n").unwrap();
        fs::write(self.path("remote/src/a.ts"), "export function a(): number { return 1; }\n").unwrap();
        fs::write(self.path("remote/b.py"), "def b():\n    return 2\n").unwrap();
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.commit();
        format!("file://{}", self.text("remote"))
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "change"]);
    }
}

pub(crate) fn finish(command: &mut Command) -> Answer {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}
