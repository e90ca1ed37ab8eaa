//! The game's localisation files: `l_english:` and a line for each key, `key:0 "text"`.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Bounds of what is read of a folder, several times what the game has.
const MAX_FOLDERS_DEEP: usize = 8;
const MAX_FILES: usize = 10_000;
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
const MAX_BYTES: u64 = 512 * 1024 * 1024;
const MAX_WARNINGS: usize = 20;

/// The texts of a folder by their keys.
#[derive(Debug, Default)]
pub(super) struct Localisation {
    texts: HashMap<Box<str>, Box<str>>,
    warnings: Vec<String>,
}

impl Localisation {
    /// Reads the English files of a folder and of those in it. What cannot be read is told in the warnings.
    pub(super) fn read(folder: &Path) -> Self {
        let mut read = Self::default();
        let mut files = read.files(folder);
        // What replaces the game's own texts comes last and wins.
        files.sort_by_key(|path| (path.components().any(|part| part.as_os_str() == "replace"), path.clone()));
        let mut left = MAX_BYTES;
        for path in files {
            match bounded(&path, left) {
                Ok(bytes) => {
                    left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                    read.file(&path, &bytes);
                }
                Err(error) => read.warn(&path, &error.to_string()),
            }
        }
        if read.texts.is_empty() && read.warnings.is_empty() {
            read.warn(folder, "has no English texts (files `..._l_english.yml` that begin with `l_english:`)");
        }
        read
    }

    /// The text of a key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(|text| &**text)
    }

    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn warn(&mut self, path: &Path, what: &str) {
        match self.warnings.len() {
            ..MAX_WARNINGS => self.warnings.push(format!("localisation, {}: {what}", path.display())),
            MAX_WARNINGS => self.warnings.push("localisation: further warnings are left out".to_owned()),
            _ => {}
        }
    }

    fn files(&mut self, folder: &Path) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![(folder.to_owned(), 0)]);
        while let Some((folder, depth)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    self.warn(
                        &folder,
                        &format!("{error}: names are told by rule; give the folder that holds the files"),
                    );
                    continue;
                }
            };
            for entry in entries.filter_map(Result::ok) {
                let path = entry.path();
                // A link to a folder is not followed, so that there is no circle.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    if depth < MAX_FOLDERS_DEEP {
                        folders.push((path, depth + 1));
                    }
                } else if is_english(&path) {
                    if files.len() == MAX_FILES {
                        self.warn(&folder, "has too many files, the rest is left out");
                        return files;
                    }
                    files.push(path);
                }
            }
        }
        files
    }

    fn file(&mut self, path: &Path, bytes: &[u8]) {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.warn(path, "is not UTF-8 throughout; some characters are lost");
        }
        let mut lines = text.lines().enumerate().filter(|(_, line)| !is_empty(line));
        if lines.next().is_none_or(|(_, header)| header.split('#').next().unwrap_or_default().trim() != "l_english:") {
            self.warn(path, "does not begin with `l_english:` and is left out");
            return;
        }
        let mut odd = None;
        for (at, line) in lines {
            match entry(line) {
                Some((key, text)) => {
                    self.texts.insert(key.into(), text.into());
                }
                None => odd = odd.or(Some(at + 1)),
            }
        }
        if let Some(line) = odd {
            self.warn(path, &format!("line {line} is not `key:0 \"text\"`; such lines are left out"));
        }
    }
}

fn is_empty(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Files of other languages have those in their names, as the game demands.
fn is_english(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with("l_english.yml") || (name.ends_with(".yml") && !name.contains("_l_"))
}

fn bounded(path: &Path, left: u64) -> io::Result<Vec<u8>> {
    // A pipe would never end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("is no file and is left out"));
    }
    let limit = MAX_FILE_BYTES.min(left);
    let mut bytes = Vec::new();
    let read = fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read <= limit) {
        Ok(bytes)
    } else {
        Err(io::Error::other("is too large and is left out"))
    }
}

/// ` key:0 "text"`: from the first quote to the last, as the game reads it.
fn entry(line: &str) -> Option<(&str, String)> {
    let (key, rest) = line.trim().split_once(':')?;
    let rest = rest.trim_start_matches(|character: char| character.is_ascii_digit()).trim_start().strip_prefix('"')?;
    let text = rest.get(..rest.rfind('"')?)?;
    let sound = !key.is_empty() && !key.contains(char::is_whitespace);
    sound.then(|| (key, text.replace("\\n", " ").replace("\\\"", "\"")))
}
