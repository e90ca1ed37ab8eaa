//! Saves in a folder: which are whole, and which their game is still writing.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Name endings of saves: Stellaris; Crusader Kings; Europa Universalis; Victoria; Hearts of Iron.
const ENDINGS: [&str; 5] = ["sav", "ck3", "eu4", "v3", "hoi4"];
/// How deep a folder is looked into: games keep a folder for each campaign.
const DEPTH: usize = 4;
/// A text has no mark at its end. One that nobody touched for so long is whole.
const QUIET: Duration = Duration::from_secs(2);
/// The end record of a zip file, and the longest comment that can stand behind it.
const END_RECORD: &[u8; 4] = b"PK\x05\x06";
const END_RECORD_LEN: u64 = 22;
const LONGEST_COMMENT: u64 = 65_535;

/// A save file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaveFile {
    /// When it was last changed, in milliseconds since 1970.
    pub modified_ms: u64,
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// The saves of a folder, the one that was changed first at the beginning. Links are not followed. What vanishes meanwhile
/// is left out.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn saves(folder: &Path) -> io::Result<Vec<SaveFile>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => continue,
        };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() && depth < DEPTH {
                folders.push((path, depth + 1));
            } else if kind.is_file() && is_save(&path) {
                let Ok(metadata) = entry.metadata() else { continue };
                found.push(SaveFile { modified_ms: millis(metadata.modified().ok()), bytes: metadata.len(), path });
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_save(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

/// Whether a save is whole: a zip file with its end record, a text that was left alone for a while. What cannot be read is
/// not.
pub fn is_finished(save: &SaveFile, now: SystemTime) -> bool {
    let Ok(mut file) = File::open(&save.path) else { return false };
    let mut magic = [0; 4];
    if file.read_exact(&mut magic).is_err() {
        return false;
    }
    if !magic.starts_with(b"PK") {
        return millis(Some(now)).saturating_sub(save.modified_ms) >= u64::try_from(QUIET.as_millis()).unwrap_or(0);
    }
    has_end_record(&mut file).unwrap_or(false)
}

fn has_end_record(file: &mut File) -> io::Result<bool> {
    let bytes = file.metadata()?.len();
    let tail = bytes.min(END_RECORD_LEN + LONGEST_COMMENT);
    file.seek(SeekFrom::Start(bytes - tail))?;
    let mut end = Vec::new();
    file.take(tail).read_to_end(&mut end)?;
    // The comment's length stands in the record's last two bytes, and says whether this is the record or a part of a comment.
    Ok(memchr::memmem::rfind_iter(&end, END_RECORD).any(|at| {
        let record = end.get(at..).unwrap_or_default();
        match record.get(20..22) {
            Some(&[low, high]) => record.len() == 22 + usize::from(u16::from_le_bytes([low, high])),
            _ => false,
        }
    }))
}

fn millis(moment: Option<SystemTime>) -> u64 {
    let since = moment.and_then(|moment| moment.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    fn file(folder: &Path, name: &str, content: &[u8]) -> SaveFile {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        saves(folder).unwrap().into_iter().find(|save| save.path == path).unwrap()
    }

    #[test]
    fn a_zip_file_is_whole_when_its_end_record_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let finished = |content: &[u8]| is_finished(&file(folder.path(), "a.sav", content), SystemTime::now());
        assert!(finished(EMPTY_ZIP));
        let mut commented = EMPTY_ZIP.to_vec();
        commented[20] = 3;
        assert!(!finished(&commented));
        commented.extend(b"abc");
        assert!(finished(&commented));
        assert!(!finished(b"PK\x03\x04 half of it"));
        assert!(!finished(b""));
        assert!(!finished(&EMPTY_ZIP[..21]));
    }

    #[test]
    fn a_text_is_whole_when_nobody_touched_it_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let save = file(folder.path(), "a.sav", b"version=1\n");
        assert!(!is_finished(&save, UNIX_EPOCH + Duration::from_millis(save.modified_ms)));
        assert!(is_finished(&save, UNIX_EPOCH + Duration::from_millis(save.modified_ms) + QUIET));
    }

    #[test]
    fn saves_are_found_in_the_folders_of_campaigns_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        file(folder.path(), "empire/autosave_2250.01.01.SAV", b"x");
        fs::write(folder.path().join("empire/notes.txt"), "x").unwrap();
        fs::create_dir(folder.path().join("folder.sav")).unwrap();
        assert_eq!(saves(folder.path()).unwrap().len(), 1);
        assert!(saves(&folder.path().join("none")).is_err());
    }
}
