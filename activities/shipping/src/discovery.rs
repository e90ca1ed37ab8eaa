//! Which sessions there are.

use std::{
    collections::BTreeMap,
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    config::Homes,
    provider::{self, Provider},
    timestamp::Timestamp,
};

/// So much of a file is read to tell whose it is.
const HEAD: u64 = 256 * 1024;

/// A file that holds a session.
#[derive(Debug, Clone)]
pub struct SessionFile {
    /// Whose it is.
    pub provider: &'static dyn Provider,
    /// Its full path.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Sorted by path, each once.
    pub files: Vec<SessionFile>,
    /// What could not be read or is no session though it was named, in words; the rest was found all the same.
    pub warnings: Vec<String>,
}

/// All sessions of these providers under their roots. Empty files are none, links are not followed below a root, and what cannot
/// be read is a warning; a root that does not exist is not even that.
pub fn discover(homes: &Homes, providers: &[&'static dyn Provider]) -> Found {
    let mut search = Search::default();
    for provider in providers {
        for root in provider.roots(homes) {
            match fs::metadata(&root) {
                Ok(found) if found.is_dir() => {
                    search.walk(root, &|path| provider.accepts(homes, path).then_some(*provider));
                }
                Ok(_) => search.warnings.push(format!("{} is no folder", root.display())),
                Err(error) => search.missed(&root, &error),
            }
        }
    }
    search.found()
}

/// Sessions named one by one or by folder. A file that lies under no provider's root is recognised by its first lines, else by its
/// extension: `.jsonl` is Claude's and `.json` is Gemini's. A path that gives nothing is a warning.
pub fn discover_paths(homes: &Homes, providers: &[&'static dyn Provider], paths: &[PathBuf]) -> Found {
    let mut search = Search::default();
    let wanted = |found: Option<&'static dyn Provider>| {
        found.filter(|found| providers.iter().any(|provider| provider.name() == found.name()))
    };
    for named in paths {
        // What is named itself may be a link; a relative path would be another session from another folder.
        let path = match std::path::absolute(named) {
            Ok(path) => path,
            Err(error) => {
                search.warnings.push(format!("{}: {error}", named.display()));
                continue;
            }
        };
        let before = search.files.len();
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => {
                search.walk(path.clone(), &|path| wanted(provider::of_path(homes, path).or_else(|| recognise(path))));
                if search.files.len() == before {
                    search.warnings.push(format!("{} holds no session that is not empty", path.display()));
                }
            }
            Ok(found) => match wanted(provider::of_path(homes, &path).or_else(|| recognise(&path))) {
                Some(_) if found.len() == 0 => search.warnings.push(format!("{} is empty", path.display())),
                Some(provider) if found.is_file() => search.add(provider, path, &found),
                _ => {
                    let names = providers.iter().map(|provider| provider.name()).collect::<Vec<_>>().join(", ");
                    search.warnings.push(format!("{} is no session of {names}", path.display()));
                }
            },
            Err(error) => search.warnings.push(format!("{}: {error}", path.display())),
        }
    }
    search.found()
}

/// Whether a name is one that editors and writers give to files on their way: `.x`, `~x`, `x~`, `.#x`, `x.swp`, `x.tmp`. The watcher
/// passes them over; the walk does not ask.
pub fn is_temporary_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".")
        || name.starts_with(b"~")
        || name.ends_with(b"~")
        || name.ends_with(b".swp")
        || name.ends_with(b".tmp")
}

/// Whose a file is by what it holds, else by its extension. Other extensions are no sessions, whatever is in them.
fn recognise(path: &Path) -> Option<&'static dyn Provider> {
    let other = match path.extension()?.to_str()? {
        "jsonl" => "claude",
        "json" => "gemini",
        _ => return None,
    };
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.ok().and_then(|_| provider::of_content(&head)).or_else(|| provider::by_name(other))
}

#[derive(Debug, Default)]
struct Search {
    files: BTreeMap<PathBuf, SessionFile>,
    warnings: Vec<String>,
}

impl Search {
    /// All files below a folder that somebody owns, without following links.
    fn walk(&mut self, root: PathBuf, owner: &dyn Fn(&Path) -> Option<&'static dyn Provider>) {
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    self.missed(&folder, &error);
                    continue;
                }
            };
            for entry in entries {
                let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                    Ok(found) => found,
                    Err(error) => {
                        self.missed(&folder, &error);
                        continue;
                    }
                };
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file()
                    && let Some(provider) = owner(&path)
                {
                    match fs::symlink_metadata(&path) {
                        Ok(found) => self.add(provider, path, &found),
                        Err(error) => self.missed(&path, &error),
                    }
                }
            }
        }
    }

    fn add(&mut self, provider: &'static dyn Provider, path: PathBuf, found: &Metadata) {
        if found.is_file() && found.len() > 0 {
            let modified = found.modified().map_or(Timestamp(0), Timestamp::of_system);
            self.files.insert(path.clone(), SessionFile { provider, path, bytes: found.len(), modified });
        }
    }

    /// What has gone meanwhile is not missed.
    fn missed(&mut self, path: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            self.warnings.push(format!("{}: {error}", path.display()));
        }
    }

    fn found(self) -> Found {
        Found { files: self.files.into_values().collect(), warnings: self.warnings }
    }
}
