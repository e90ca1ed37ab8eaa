//! Reading one file of a workspace: its hash, its lines, and its text if it is worth parsing.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

/// Files larger than this get a file entity and are not parsed: in practice they are generated or data.
pub const LARGEST_PARSED: usize = 1024 * 1024;
/// A NUL in this much of its beginning makes a file a binary one.
const BINARY_PROBE: usize = 4096;
const CHUNK: usize = 256 * 1024;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
    /// Lines of a text file, the last one also without a line end; none for a binary file.
    pub lines: Option<u64>,
    /// The text, unless the file is binary or too large.
    pub text: Option<Vec<u8>>,
}

/// Reads a file in pieces, so that its size does not matter. `None` when `interrupted` said so.
///
/// # Errors
/// When it cannot be opened or read, is a link, or is no regular file by now.
pub fn read(path: &Path, interrupted: &dyn Fn() -> bool) -> io::Result<Option<Content>> {
    // Between the scan and now it may have become a link out of the workspace, or a pipe that nobody writes to.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let custom = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let mut file = File::options().read(true).custom_flags(custom).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file any more"));
    }
    let expected = usize::try_from(meta.len()).unwrap_or(usize::MAX);
    let mut text = (expected <= LARGEST_PARSED).then(|| Vec::with_capacity(expected));
    let mut sha = Sha256::new();
    let (mut bytes, mut newlines, mut last, mut binary) = (0u64, 0u64, b'\n', false);
    let mut chunk = vec![0; expected.saturating_add(1).clamp(BINARY_PROBE, CHUNK)];
    loop {
        if interrupted() {
            return Ok(None);
        }
        let n = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let piece = chunk.get(..n).unwrap_or_default();
        let probed = usize::try_from(bytes).unwrap_or(usize::MAX);
        binary |= piece.iter().take(BINARY_PROBE.saturating_sub(probed)).any(|b| *b == 0);
        sha.update(piece);
        newlines += piece.iter().map(|b| u64::from(*b == b'\n')).sum::<u64>();
        last = piece.last().copied().unwrap_or(last);
        bytes += u64::try_from(n).unwrap_or_default();
        // It may grow while it is read.
        text = text.filter(|t| !binary && t.len() + n <= LARGEST_PARSED);
        if let Some(text) = &mut text {
            text.extend_from_slice(piece);
        }
    }
    let lines = (!binary).then_some(newlines + u64::from(last != b'\n'));
    Ok(Some(Content { sha256: hex::encode(sha.finalize()), bytes, lines, text }))
}

/// Bytes of a line, on average, above which nobody wrote it by hand.
const MINIFIED_LINE: usize = 500;
/// Smaller files may well have one long line.
const SMALLEST_MINIFIED: usize = 8 * 1024;

/// Whether a source was written by a tool to be small: by its name, or by the length of its lines. Its names mean nothing.
pub fn is_minified(path: &str, text: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let by_name = name.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with(".min") || stem.ends_with("-min"));
    let newlines = || text.iter().filter(|byte| **byte == b'\n').count();
    by_name || text.len() >= SMALLEST_MINIFIED && text.len() / (newlines() + 1) > MINIFIED_LINE
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn content(bytes: &[u8]) -> Content {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        read(file.path(), &|| false).unwrap().unwrap()
    }

    #[test]
    fn lines_are_counted_as_editors_number_them() {
        assert_eq!(content(b"").lines, Some(0));
        assert_eq!(content(b"a").lines, Some(1));
        assert_eq!(content(b"a\n").lines, Some(1));
        assert_eq!(content(b"a\r\nb").lines, Some(2));
    }

    #[test]
    fn binary_and_large_files_have_a_hash_and_no_text() {
        let binary = content(b"ELF\0\n\n");
        assert_eq!((binary.lines, binary.text, binary.bytes), (None, None, 6));
        let late_nul = [vec![b'a'; BINARY_PROBE], vec![0]].concat();
        assert_eq!(content(&late_nul).lines, Some(1));
        let large = vec![b'x'; LARGEST_PARSED + 1];
        let read = content(&large);
        assert_eq!((read.lines, read.text), (Some(1), None));
        assert_eq!(read.sha256, hex::encode(Sha256::digest(&large)));
    }

    #[test]
    fn a_minified_file_is_known_by_its_name_or_its_lines() {
        let lines = "const a = 1;\n".repeat(2000);
        let one_line = "a=1;".repeat(4000);
        assert!(is_minified("x/jquery.min.js", b"") && is_minified("a.js", one_line.as_bytes()));
        assert!(!is_minified("a.js", lines.as_bytes()) && !is_minified("min.js", b"a=1"));
        assert!(!is_minified("admin.js", "a=1;".repeat(100).as_bytes()), "short files may have one line");
    }

    #[test]
    fn links_and_pipes_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert!(read(&link, &|| false).is_err());
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(read(&pipe, &|| false).is_err());
        assert!(read(folder.path(), &|| false).is_err());
    }
}
