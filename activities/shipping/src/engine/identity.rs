//! Whether a file is still the one that was read before.
//!
//! Path alone is not enough: a file is truncated and written anew, replaced by another, restored from a copy, renamed. Device, inode
//! and, where the file system tells it, the time of birth say whether it is the same file; fingerprints say whether what was read
//! before is still in it. Offsets are forgotten only when the content before them is not the same: a copy put back in place of the
//! original goes on where the original stopped.
//!
//! | fingerprint | of | finds |
//! | --- | --- | --- |
//! | head | the first 4 KiB, or as much as had been read | another file under the same name |
//! | tail | the 4 KiB before the offset | a file that was cut back and grew past the offset between two looks |

use std::fs::{File, Metadata};
use std::io;

use sha2::{Digest, Sha256};

/// Bytes of one fingerprint, at most.
pub(crate) const FINGERPRINT: u64 = 4096;

/// What the file system says of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Device.
    pub(crate) device: u64,
    /// Inode.
    pub(crate) inode: u64,
    /// Time of birth in nanoseconds since 1970; 0 where it is not told.
    pub(crate) birth: i64,
    /// Time of the last change in nanoseconds since 1970.
    pub(crate) modified: i64,
    /// Size.
    pub(crate) bytes: u64,
}

impl Identity {
    /// What the file system says.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let (device, inode) = numbers(metadata);
        Self {
            device,
            inode,
            birth: metadata.created().ok().map_or(0, nanoseconds),
            modified: metadata.modified().ok().map_or(0, nanoseconds),
            bytes: metadata.len(),
        }
    }

    /// Whether both are the same file, whatever is in it now.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
            && (self.birth == other.birth || self.birth == 0 || other.birth == 0)
    }

    /// Whether nothing can have changed between the two.
    pub(crate) fn is_untouched(&self, other: &Self) -> bool {
        self.is_same_file(other) && self.modified == other.modified && self.bytes == other.bytes
    }
}

fn nanoseconds(time: std::time::SystemTime) -> i64 {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(unix)]
fn numbers(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn numbers(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Hashes of what was read of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Length of the head.
    pub(crate) head_length: u64,
    /// Its hash.
    pub(crate) head: Vec<u8>,
    /// Where the tail ends: the offset up to which the file was read.
    pub(crate) offset: u64,
    /// Hash of the tail.
    pub(crate) tail: Vec<u8>,
}

impl Fingerprint {
    /// The fingerprints of a file that was read up to an offset.
    ///
    /// # Errors
    ///
    /// What the system says; `UnexpectedEof` for a file that is shorter.
    pub(crate) fn of(file: &File, offset: u64) -> io::Result<Self> {
        let head_length = offset.min(FINGERPRINT);
        Ok(Self { head_length, head: hash(file, 0, head_length)?, offset, tail: tail(file, offset)? })
    }

    /// The same, of a file of which the bytes before the offset were just read. Nothing where they are not in the file any more:
    /// then it was written anew meanwhile, and these fingerprints would be those of the new content.
    pub(crate) fn of_read(file: &File, offset: u64, read: &[u8]) -> Option<Self> {
        let fingerprint = Self::of(file, offset).ok()?;
        let length = read.len().min(4096);
        let mut now = vec![0; length];
        read_exact_at(file, &mut now, offset.checked_sub(length as u64)?).ok()?;
        read.ends_with(&now).then_some(fingerprint)
    }

    /// Whether everything that these fingerprints cover is still in the file.
    ///
    /// # Errors
    ///
    /// What the system says. A file that is shorter is no error: it is not the same.
    pub(crate) fn is_in(&self, file: &File) -> io::Result<bool> {
        let head = hash(file, 0, self.head_length);
        match head.and_then(|head| Ok(head == self.head && tail(file, self.offset)? == self.tail)) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            answer => answer,
        }
    }
}

fn tail(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    let length = offset.min(FINGERPRINT);
    hash(file, offset - length, length)
}

fn hash(file: &File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 4096];
    let wanted = usize::try_from(length).unwrap_or(buffer.len()).min(buffer.len());
    let part = buffer.get_mut(..wanted).unwrap_or_default();
    read_exact_at(file, part, start)?;
    Ok(Sha256::digest(&*part).get(..16).unwrap_or_default().to_vec())
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read, Seek};
    file.seek(io::SeekFrom::Start(offset))?;
    file.read_exact(buffer)
}
