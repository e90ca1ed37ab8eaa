//! A home in which people and agents are at work: files grow, are cut back, written anew, replaced, renamed.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs, io,
    path::Path,
};

use sample_sessions::{ExpectedEvent, Plan, Provider, Random, SampleFile, Shape, Source};

use super::key::{History, Key};

/// The home, and what a server must hold of it.
#[derive(Debug)]
pub(super) struct Home {
    files: Vec<Tracked>,
    root: std::path::PathBuf,
    random: Random,
    /// Events that were in a file once, and may have been shipped then.
    earlier: HashSet<Key>,
    /// Events of files that were moved and kept their session: where they were before, any of which will do.
    moved: HashMap<Key, Vec<Key>>,
    /// How often each kind of change was made.
    pub(super) changes: BTreeMap<&'static str, u64>,
}

#[derive(Debug)]
struct Tracked {
    source: Source,
    file: SampleFile,
    expected: Vec<ExpectedEvent>,
}

impl Tracked {
    fn create(root: &Path, source: Source) -> io::Result<Self> {
        let file = SampleFile::create(root, &source)?;
        Ok(Self { source, file, expected: Vec::new() })
    }

    fn append(&mut self, lines: u64) -> io::Result<()> {
        let Self { file, expected, .. } = self;
        file.append(lines, &mut |event| {
            expected.push(event);
            Ok(())
        })
    }

    fn grow_to(&mut self, bytes: u64) -> io::Result<()> {
        let Self { file, expected, .. } = self;
        file.grow_to(bytes, &mut |event| {
            expected.push(event);
            Ok(())
        })
    }
}

impl History for Home {
    fn was_there(&self, key: &Key) -> bool {
        self.earlier.contains(key)
    }

    fn other_places(&self, key: &Key) -> &[Key] {
        self.moved.get(key).map_or(&[], Vec::as_slice)
    }
}

impl Home {
    /// A home with so many files and about so many bytes, three quarters of which are written.
    pub(super) fn create(root: &Path, seed: u64, files: u64, bytes: u64) -> io::Result<Self> {
        let plan = Plan { seed, shape: Shape::FilesOfBytes { files, bytes } };
        let mut tracked = Vec::new();
        for source in plan.sources() {
            let mut file = Tracked::create(root, source)?;
            file.grow_to(file.source.bytes / 4 * 3)?;
            tracked.push(file);
        }
        Ok(Self {
            files: tracked,
            root: root.to_owned(),
            random: Random::part(seed, 3),
            earlier: HashSet::new(),
            moved: HashMap::new(),
            changes: BTreeMap::new(),
        })
    }

    /// Changes some file in some way.
    pub(super) fn change(&mut self) -> io::Result<()> {
        let at = self.random.index(self.files.len());
        let kind = match self.random.below(100) {
            0..=64 => "grown",
            65..=74 => "torn",
            75..=79 => "cut_back",
            80..=84 => "written_anew",
            85..=88 => "replaced",
            89..=92 => "renamed",
            93..=96 => "created",
            _ => "removed",
        };
        *self.changes.entry(kind).or_default() += 1;
        match kind {
            "grown" => {
                let lines = self.random.long_tailed(3, 4);
                self.files[at].append(lines)
            }
            "torn" => self.files[at].file.tear(),
            "cut_back" => self.cut_back(at),
            "written_anew" => self.write_anew(at),
            "replaced" => {
                fs::remove_file(self.files[at].file.path())?;
                self.write_anew(at)
            }
            "renamed" => self.rename(at),
            "created" => self.create_one(),
            _ => self.remove(at),
        }
    }

    /// A file of its own, once more with other content.
    fn write_anew(&mut self, at: usize) -> io::Result<()> {
        let mut source = self.files[at].source.with_seed(self.random.next());
        let path = self.files[at].file.path().to_owned();
        path.strip_prefix(&self.root).unwrap_or(&path).clone_into(&mut source.path);
        self.forget(at, 0);
        let lines = self.random.between(1, 30);
        self.files[at] = Tracked::create(&self.root, source)?;
        self.files[at].append(lines)
    }

    fn cut_back(&mut self, at: usize) -> io::Result<()> {
        let starts: Vec<u64> = self.files[at].expected.iter().map(|event| event.source_offset).collect();
        if self.files[at].source.provider == Provider::Gemini || starts.is_empty() {
            return Ok(());
        }
        let cut = self.random.pick(&starts);
        self.files[at].file.cut_back(cut)?;
        self.forget(at, cut);
        if self.random.permille(700) {
            let lines = self.random.between(1, 40);
            self.files[at].append(lines)?;
        }
        Ok(())
    }

    /// Into another project's folder; the name of a sub-agent's file becomes another.
    fn rename(&mut self, at: usize) -> io::Result<()> {
        let label = self.random.hex(8);
        let tracked = &mut self.files[at];
        if tracked.source.provider != Provider::Claude {
            return Ok(());
        }
        let old = tracked.file.path().to_owned();
        let name = old.file_name().unwrap_or_default();
        let new = self.root.join(".claude/projects").join(format!("-home-dev-moved-{label}")).join(name);
        tracked.file.move_to(&new)?;
        let id = tracked.file.session_id().to_owned();
        for event in &mut tracked.expected {
            let before = Key::of_manifest(event);
            let keeps_session = event.session_id == id;
            event.source_path = new.display().to_string();
            event.session_id.clone_from(&id);
            if keeps_session {
                let mut places = self.moved.remove(&before).unwrap_or_default();
                places.push(before.clone());
                self.moved.insert(Key::of_manifest(event), places);
            }
            self.earlier.insert(before);
        }
        Ok(())
    }

    fn create_one(&mut self) -> io::Result<()> {
        let plan = Plan { seed: self.random.next(), shape: Shape::FilesOfBytes { files: 8, bytes: 200_000 } };
        let wanted = self.random.index(8);
        let Some(source) = plan.sources().nth(wanted) else { return Ok(()) };
        let mut file = Tracked::create(&self.root, source)?;
        file.append(self.random.between(1, 40))?;
        self.files.push(file);
        Ok(())
    }

    fn remove(&mut self, at: usize) -> io::Result<()> {
        if self.files.len() > 4 {
            fs::remove_file(self.files[at].file.path())?;
            self.forget(at, 0);
            self.files.swap_remove(at);
        }
        Ok(())
    }

    /// Events from this offset on are no longer in the file.
    fn forget(&mut self, at: usize, from: u64) {
        let Tracked { expected, .. } = &mut self.files[at];
        self.earlier.extend(expected.iter().filter(|event| event.source_offset >= from).map(Key::of_manifest));
        expected.retain(|event| event.source_offset < from);
    }

    /// What the server must hold, by how often.
    pub(super) fn expected(&self) -> HashMap<Key, u64> {
        let mut expected = HashMap::new();
        for event in self.files.iter().flat_map(|tracked| &tracked.expected) {
            *expected.entry(Key::of_manifest(event)).or_default() += 1;
        }
        expected
    }

    /// What the file of this path is now, and what was done to it, for whoever looks into a failure.
    pub(super) fn describe(&self, path: &str) -> String {
        let known = self.files.iter().find(|tracked| tracked.file.path() == Path::new(path));
        known.map_or_else(
            || "no longer there".to_owned(),
            |tracked| format!("{} bytes, {} events", tracked.file.bytes(), tracked.expected.len()),
        )
    }
}
