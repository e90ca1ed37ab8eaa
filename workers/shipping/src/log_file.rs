//! A log that ends itself: at 5 MB it is put aside, and three older ones are kept.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

const LARGEST: u64 = 5_000_000;
const KEPT: u32 = 3;

/// A file that is written to its end, put aside when it is large, and begun anew.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    written: u64,
}

impl LogFile {
    /// Goes on with a log, or begins it; makes its folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let written = file.metadata()?.len();
        Ok(Self { path, file, written })
    }

    /// Its own names and those of the older ones.
    pub(crate) fn names(path: &Path) -> Vec<PathBuf> {
        std::iter::once(path.to_path_buf()).chain((1..=KEPT).map(|age| aged(path, age))).collect()
    }

    /// Writes one line, which never stands in two files.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write_line(&mut self, line: &str) -> io::Result<()> {
        if self.written >= LARGEST {
            for age in (1..KEPT).rev() {
                // There may be none of that age yet.
                let _ = fs::rename(aged(&self.path, age), aged(&self.path, age + 1));
            }
            fs::rename(&self.path, aged(&self.path, 1))?;
            *self = Self::open(std::mem::take(&mut self.path))?;
        }
        self.file.write_all(line.as_bytes())?;
        self.written += u64::try_from(line.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

fn aged(path: &Path, age: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{age}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_put_aside_and_three_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/x.log");
        let mut log = LogFile::open(path.clone()).unwrap();
        let line = format!("{}\n", "x".repeat(999_999));
        for number in 0..30 {
            log.write_line(&line).unwrap();
            assert!(LogFile::names(&path).iter().filter(|name| name.exists()).count() == (number / 5 + 1).min(4));
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 4);
        drop(log);
        assert_eq!(LogFile::open(path).unwrap().written, 5_000_000, "a later start goes on with it");
    }
}
