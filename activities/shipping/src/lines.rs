//! Whole lines of a file that may grow, shrink or be replaced while it is read.
//!
//! One reader for every size. Reads are positional, so several batches of one file can be read at once, and nothing is mapped:
//! a file that is truncated meanwhile gives fewer lines, and never a signal.

use std::{fs::File, io, os::unix::fs::FileExt};

/// So much of a line that is longer than the limit is looked at at once, in search of its end.
const WINDOW: usize = 256 * 1024;

/// Fills `buffer` with whole lines from `start` on, each with its LF, and returns the offset behind the last of them.
///
/// At most `limit` bytes, but one whole line however long it is; never a byte at or behind `end`. What follows the last LF is not
/// taken, at the end of the file neither: its writer is not done. When there is no whole line the buffer is empty and `start` is
/// returned. What stood in the buffer is gone; its capacity is used again, and a line longer than the limit takes its own
/// length and no more.
///
/// # Errors
/// What the operating system says; a file that ends early is no error.
pub fn read(file: &File, start: u64, end: Option<u64>, limit: u64, buffer: &mut Vec<u8>) -> io::Result<u64> {
    buffer.clear();
    let end = end.unwrap_or(u64::MAX).min(file.metadata()?.len());
    let wanted = length(end.saturating_sub(start).min(limit))?;
    fill(file, start, wanted, buffer)?;
    if let Some(last) = memchr::memrchr(b'\n', buffer) {
        buffer.truncate(last + 1);
    } else {
        // The line is longer than the limit. Its end is found first, so that an unfinished line costs no memory and a finished one
        // no more than itself.
        let from = start + buffer.len() as u64;
        match line_end(file, from, end)? {
            Some(end) => fill(file, start, length(end - start)?, buffer)?,
            None => buffer.clear(),
        }
        // The file may have been written anew between the two.
        buffer.truncate(memchr::memrchr(b'\n', buffer).map_or(0, |last| last + 1));
    }
    Ok(start + buffer.len() as u64)
}

fn length(bytes: u64) -> io::Result<usize> {
    usize::try_from(bytes).map_err(|_| io::Error::new(io::ErrorKind::OutOfMemory, "a line is longer than the memory"))
}

/// Appends what stands behind the buffer's own bytes until it has `length` of them, or the file ends.
fn fill(file: &File, start: u64, length: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
    let mut filled = buffer.len();
    buffer.try_reserve_exact(length.saturating_sub(filled))?;
    buffer.resize(length, 0);
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match file.read_at(space, start + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(())
}

/// The offset behind the first LF in a range.
fn line_end(file: &File, start: u64, end: u64) -> io::Result<Option<u64>> {
    let mut window = Vec::new();
    let mut at = start;
    while at < end {
        window.clear();
        fill(file, at, WINDOW.min(length(end - at)?), &mut window)?;
        if let Some(found) = memchr::memchr(b'\n', &window) {
            return Ok(Some(at + found as u64 + 1));
        }
        if window.is_empty() {
            break;
        }
        at += window.len() as u64;
    }
    Ok(None)
}
