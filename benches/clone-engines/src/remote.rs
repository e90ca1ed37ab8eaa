//! The repository that is cloned: as many files and bytes as a large one, always the same.

use std::{
    fmt::Write as _,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Outcome, engine::git};

const FILES: u64 = 11_000;
const COMMITS: u64 = 300;
const CHANGED: u64 = 10;
/// A file that every commit changes; its text says which.
pub const MARKER: &str = "src/marker.txt";

pub struct Remote {
    folder: PathBuf,
    commits: u64,
    random: Random,
}

/// Makes it in a folder that is not there.
pub fn generate(folder: &Path) -> Outcome<()> {
    Remote { folder: folder.to_owned(), commits: 0, random: Random(1) }.fill()
}

impl Remote {
    /// The one that was generated there.
    pub fn open(folder: PathBuf) -> Self {
        Self { folder, commits: COMMITS, random: Random(2) }
    }

    fn fill(&mut self) -> Outcome<()> {
        let folder = self.folder.clone();
        let (remote, folder) = (self, folder.as_path());
        std::fs::create_dir(folder)?;
        git(folder, &["init", "--bare", "--quiet", "--initial-branch=main"])?;
        let mut stream = remote.head(None);
        for n in 0..FILES {
            remote.file(&mut stream, n)?;
        }
        for _ in 1..COMMITS {
            let before = format!(":{}", remote.commits);
            let head = remote.head(Some(&before));
            stream.extend(head);
            for _ in 1..CHANGED {
                let n = remote.random.below(FILES);
                remote.file(&mut stream, n)?;
            }
        }
        remote.import(&stream)?;
        git(folder, &["repack", "-a", "-d", "-q", "--window=10"])?;
        // Anybody may ask, and for what has no name.
        for setting in ["http.receivepack", "core.bare"] {
            git(folder, &["config", setting, if setting == "core.bare" { "true" } else { "false" }])?;
        }
        Ok(())
    }

    /// One more commit; the text of the marker after it.
    pub fn commit(&mut self) -> Outcome<String> {
        let mut stream = self.head(Some("refs/heads/main^0"));
        for _ in 1..CHANGED {
            let n = self.random.below(FILES);
            self.file(&mut stream, n)?;
        }
        self.import(&stream)?;
        Ok(self.commits.to_string())
    }

    pub fn describe(&self) -> Outcome<String> {
        let packs = std::fs::read_dir(self.folder.join("objects/pack"))?;
        let sizes: Vec<u64> = packs.flatten().filter_map(|entry| Some(entry.metadata().ok()?.len())).collect();
        let bytes: u64 = sizes.iter().sum();
        Ok(format!("{FILES} files, {} commits, packs of {} MB", self.commits, bytes / 1_000_000))
    }

    fn head(&mut self, from: Option<&str>) -> Vec<u8> {
        self.commits += 1;
        let n = self.commits;
        let mut text = format!(
            "commit refs/heads/main\nmark :{n}\ncommitter Bench <bench@example.org> {} +0000\ndata 6\nchange\n",
            1_700_000_000 + n
        );
        if let Some(from) = from {
            let _ = writeln!(text, "from {from}");
        }
        let marker = n.to_string();
        let _ = write!(text, "M 100644 inline {MARKER}\ndata {}\n{marker}\n", marker.len());
        text.into_bytes()
    }

    fn file(&mut self, stream: &mut Vec<u8>, n: u64) -> Outcome<()> {
        let text = self.source();
        write!(stream, "M 100644 inline src/part{:03}/file{n}.ts\ndata {}\n{text}\n", n % 400, text.len())?;
        Ok(())
    }

    /// Something as large, and about as compressible, as a source file: most are small, few are large.
    fn source(&mut self) -> String {
        let lines = 20 + self.random.below(120) * (1 + self.random.below(3));
        let mut text = String::new();
        for _ in 0..lines {
            let (a, b, c) = (self.random.word(), self.random.word(), self.random.word());
            let _ = match self.random.below(4) {
                0 => writeln!(text, "export function {a}({b}: number): number {{ return {c}({b}); }}"),
                1 => writeln!(text, "  const {a} = {b}.{c}();"),
                2 => writeln!(text, "// {a} {b} {c}"),
                _ => writeln!(text, "  if ({a} === {b}) {{ {c}({}); }}", self.random.below(1000)),
            };
        }
        text
    }

    fn import(&self, stream: &[u8]) -> Outcome<()> {
        let mut command = Command::new("git");
        command.current_dir(&self.folder).args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped());
        let mut child = command.spawn()?;
        child.stdin.take().ok_or("no stdin")?.write_all(stream)?;
        if child.wait()?.success() { Ok(()) } else { Err("git fast-import failed".into()) }
    }
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn word(&mut self) -> String {
        const PARTS: [&str; 24] = [
            "get", "set", "user", "node", "list", "map", "open", "read", "file", "path", "next", "item", "parse",
            "token", "line", "hash", "key", "value", "job", "queue", "state", "time", "error", "result",
        ];
        let mut part = |_| PARTS[usize::try_from(self.below(24)).unwrap_or_default()];
        let words: String = (0..3).map(&mut part).collect();
        format!("{words}{}", self.below(50))
    }
}
