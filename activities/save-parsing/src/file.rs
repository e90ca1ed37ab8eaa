//! The file that a save is in.

use std::{fs::File, io::Read, path::Path};

use crate::{BufferPool, Limits, SaveError, SaveErrorKind};

/// Reads a file of a checked size.
pub(crate) fn read(path: &Path, limits: &Limits, pool: &BufferPool) -> Result<Vec<u8>, SaveError> {
    let place = path.display().to_string();
    let io = |error: &std::io::Error| {
        use std::io::ErrorKind;
        let (kind, hint) = match error.kind() {
            ErrorKind::NotFound => (SaveErrorKind::NotFound, "check the path"),
            ErrorKind::PermissionDenied => (SaveErrorKind::PermissionDenied, "let this user read the file"),
            _ => (SaveErrorKind::InvalidInput, "check the path and the disk"),
        };
        SaveError::new(kind, format!("the save cannot be read: {error}"), &place, hint)
    };
    // A pipe would wait for its writer at the opening.
    let metadata = std::fs::metadata(path).map_err(|error| io(&error))?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "this is a folder, not a save" } else { "this is no regular file" };
        return Err(SaveError::new(SaveErrorKind::InvalidInput, what, place, "give the path of one save"));
    }
    let size = metadata.len();
    if size > limits.file_bytes {
        return Err(SaveError::new(
            SaveErrorKind::LimitExceeded,
            format!("the file has {size} bytes, {} are allowed", limits.file_bytes),
            place,
            "raise the limit on the file if you trust it",
        ));
    }
    let mut bytes = pool.take(usize::try_from(size).unwrap_or(usize::MAX));
    let mut file = File::open(path).map_err(|error| io(&error))?;
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io(&error)),
        }
    }
    // Whoever writes it may have cut it meanwhile.
    bytes.truncate(filled);
    Ok(bytes)
}

/// Turns away what is no text.
pub(crate) fn refuse_binary(text: &[u8], place: &str) -> Result<(), SaveError> {
    let unsupported = |what: &str, hint: &str| Err(SaveError::new(SaveErrorKind::Unsupported, what, place, hint));
    let head = text.get(..text.len().min(4096)).unwrap_or(text);
    let header = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let word = header.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    // `EU4bin` and the like, with what follows right behind it.
    let games = head.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
    let binary_word = (2..8).contains(&games) && head.get(games..).is_some_and(|rest| rest.starts_with(b"bin"));
    let binary_envelope = envelope_kind(word).is_some_and(|kind| kind % 2 == 1);
    // A binary text has a key of two bytes, an equals sign of two bytes and a type of two bytes.
    let binary_tokens = matches!(head, [_, _, 0x01, 0x00, _, 0x00, ..]);
    if binary_word || binary_envelope || binary_tokens {
        return unsupported(
            "this is a binary save",
            "its keys are numbers whose names belong to the game: save without ironman, or convert it to text with a tool that has the token file",
        );
    }
    let zeros = memchr::memchr_iter(0, head).count();
    if zeros * 16 > head.len() {
        return unsupported(
            "this is neither a zip file nor text",
            "give a save of the game, or its unpacked gamestate",
        );
    }
    if head.is_empty() {
        return unsupported("the save is empty", "the game may still be writing it");
    }
    Ok(())
}

/// Whether a word is the first line of a newer game's save: `SAV`, two digits of a version, two of the kind, and more.
pub(crate) fn is_envelope(word: &[u8]) -> bool {
    envelope_kind(word).is_some()
}

/// 0 is text, 2 and 4 are text in a zip file behind the line; each of them plus one is binary.
fn envelope_kind(word: &[u8]) -> Option<u16> {
    let digits = word
        .strip_prefix(b"SAV")
        .filter(|digits| (20..=28).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(std::str::from_utf8(digits.get(2..4)?).ok()?, 16).ok()
}

/// Whether a newer game's save has a zip file behind its first line.
pub(crate) fn holds_archive(bytes: &[u8]) -> bool {
    let word = bytes.get(..bytes.len().min(64)).and_then(|head| head.split(u8::is_ascii_whitespace).next());
    matches!(word.and_then(envelope_kind), Some(2..=5))
}
