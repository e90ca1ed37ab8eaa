//! A home of its own for every test, and what a command answered. The real one is never touched.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::SystemTime,
};

use serde_json::Value;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_gantry-shipping");
/// A session whose file name is its id, as Claude has it.
pub(crate) const SESSION: &str = "0b5c1a52-5f0e-4c0e-9a53-5d6b8f9c1a77";

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    pub(crate) fn of_success(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("home")).unwrap();
        place
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
        command.args(args).env_clear().envs(kept).env("HOME", self.path("home")).current_dir(self.0.path());
        command.env("CLAUDE_CONFIG_DIR", self.path("home/.claude")).env("CODEX_HOME", self.path("home/.codex"));
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        finish(&mut self.command(args))
    }

    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A Claude session of three events and one line that is none.
    pub(crate) fn session(&self) -> PathBuf {
        let path = self.path("home/.claude/projects/-home-me-sample").join(format!("{SESSION}.jsonl"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        append(&path, r#"{"type":"summary","summary":"A greeting"}"#);
        append(&path, &line("user", r#""say hello""#, 1));
        append(
            &path,
            &line(
                "assistant",
                r#"[{"type":"text","text":"hello"},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]"#,
                2,
            ),
        );
        path
    }

    /// The place with the names of its files, their sizes, contents and last changes.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, (SystemTime, Option<Vec<u8>>)> {
        let mut tree = BTreeMap::new();
        let mut folders = vec![self.0.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
                let metadata = entry.metadata().unwrap();
                let content = metadata.is_file().then(|| fs::read(entry.path()).unwrap());
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                tree.insert(entry.path(), (metadata.modified().unwrap(), content));
            }
        }
        tree
    }

    /// A text without what differs from one run to the next.
    pub(crate) fn normalised(&self, text: &str) -> String {
        let text = text.replace(self.0.path().to_str().unwrap(), "[place]");
        let text = text.replace(&format!("[place]{}", self.0.path().to_str().unwrap()), "[place]");
        let folder = Path::new(BINARY).parent().unwrap().to_str().unwrap().to_owned();
        text.replace(&folder, "[bin]")
    }
}

/// A line of a Claude session.
pub(crate) fn line(role: &str, content: &str, second: u32) -> String {
    format!(
        r#"{{"type":"{role}","uuid":"u{second}","timestamp":"2026-03-01T10:00:{second:02}Z","cwd":"/home/me/sample","version":"2.0.1","message":{{"role":"{role}","content":{content}}}}}"#
    )
}

pub(crate) fn append(path: &Path, line: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

pub(crate) fn finish(command: &mut Command) -> Answer {
    answer(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

pub(crate) fn answer(child: Child) -> Answer {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}
