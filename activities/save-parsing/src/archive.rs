//! The zip file that a save is.

use libdeflater::{DecompressionError, Decompressor};
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

use crate::{BufferPool, Limits, SaveError, SaveErrorKind};

const GAMESTATE: &[u8] = b"gamestate";
const META: &[u8] = b"meta";
/// Below the length of the shortest end record no file is a zip file; also the signature of a local header.
pub(crate) const ZIP_MAGIC: &[u8] = b"PK";
const NOT_FINISHED: &str = "the game may still be writing it: read it again when its size has stopped changing";

/// The texts within a save.
pub(crate) struct Unpacked {
    pub(crate) gamestate: Vec<u8>,
    pub(crate) meta: Option<Vec<u8>>,
}

struct Member {
    wayfinder: rawzip::ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
    crc: u32,
}

/// Reads `gamestate` and, where it is there, `meta`; other entries are left alone.
pub(crate) fn unpack(file: &[u8], place: &str, limits: &Limits, pool: &BufferPool) -> Result<Unpacked, SaveError> {
    let archive = ZipArchive::from_slice(file).map_err(|_| {
        SaveError::damaged("the save is not finished: the end of its zip file is missing", place, NOT_FINISHED)
    })?;
    let (mut gamestate, mut meta) = (None, None);
    let mut entries = archive.entries();
    let unreadable = |error: rawzip::Error| {
        SaveError::damaged(format!("the list of the zip file is damaged: {error}"), place, "copy the save again")
    };
    while let Some(entry) = entries.next_entry().map_err(unreadable)? {
        let path = entry.file_path();
        let slot = match path.as_ref() {
            GAMESTATE => &mut gamestate,
            META => &mut meta,
            _ => continue,
        };
        let member = Member {
            wayfinder: entry.wayfinder(),
            method: entry.compression_method(),
            encrypted: entry.flags().is_encrypted(),
            crc: entry.crc32(),
        };
        if slot.replace(member).is_some() {
            let name = String::from_utf8_lossy(path.as_ref()).into_owned();
            return Err(SaveError::damaged(
                format!("the zip file has two entries named {name}"),
                place,
                "no game writes such a file; do not trust it",
            ));
        }
    }
    let Some(gamestate) = gamestate else {
        return Err(SaveError::new(
            SaveErrorKind::Unsupported,
            "the zip file has no entry named gamestate",
            place,
            "give a save of the game, not another zip file",
        ));
    };
    let meta = meta.map(|member| read(&archive, &member, "meta", place, limits, pool)).transpose()?;
    Ok(Unpacked { gamestate: read(&archive, &gamestate, "gamestate", place, limits, pool)?, meta })
}

fn read(
    archive: &ZipSliceArchive<&[u8]>,
    member: &Member,
    name: &str,
    place: &str,
    limits: &Limits,
    pool: &BufferPool,
) -> Result<Vec<u8>, SaveError> {
    let place = format!("{place}, entry {name}");
    if member.encrypted {
        return Err(SaveError::new(
            SaveErrorKind::Unsupported,
            "the entry is encrypted",
            place,
            "no game writes such a save; unpack it yourself and give the text",
        ));
    }
    let packed = archive.get_entry(member.wayfinder).map_err(|error| {
        SaveError::damaged(format!("the save is not finished or damaged: {error}"), &place, NOT_FINISHED)
    })?;
    let packed = packed.data();
    let declared = member.wayfinder.uncompressed_size_hint();
    let size = checked_size(declared, packed.len() as u64, &place, limits)?;
    let mut text = pool.take(size);
    let written = if member.method == CompressionMethod::STORE {
        match text.get_mut(..packed.len()) {
            Some(room) => {
                room.copy_from_slice(packed);
                Ok(packed.len())
            }
            None => Err(DecompressionError::InsufficientSpace),
        }
    } else if member.method == CompressionMethod::DEFLATE {
        // Never writes beyond the room it is given, so a size that lies is an error and not a flood.
        Decompressor::new().deflate_decompress(packed, &mut text)
    } else {
        pool.give_back(text);
        return Err(SaveError::new(
            SaveErrorKind::Unsupported,
            "the entry is packed by another method than deflate",
            place,
            "pack it again with an ordinary zip program",
        ));
    };
    let problem = match written {
        Ok(written) if written == size && libdeflater::crc32(&text) == member.crc => return Ok(text),
        Ok(written) if written == size => "the text does not match its check sum (CRC-32)",
        Ok(_) => "the text is shorter than its declared size",
        Err(DecompressionError::InsufficientSpace) => "the text is longer than its declared size",
        Err(DecompressionError::BadData) => "the packed text is damaged",
    };
    pool.give_back(text);
    Err(SaveError::damaged(problem, place, "copy the save again, or take an older one"))
}

fn checked_size(declared: u64, packed: u64, place: &str, limits: &Limits) -> Result<usize, SaveError> {
    let beyond = |what: String, hint: &str| Err(SaveError::new(SaveErrorKind::LimitExceeded, what, place, hint));
    if declared > limits.text_bytes {
        let what = format!("the text has {declared} bytes, {} are allowed", limits.text_bytes);
        return beyond(what, "raise the limit on the text if you trust the file");
    }
    if declared > limits.ratio_from && declared / packed.max(1) >= limits.ratio {
        let what = format!(
            "the text is {} times its packed size of {packed} bytes, {} times are allowed",
            declared / packed.max(1),
            limits.ratio
        );
        return beyond(what, "this is how a zip bomb looks; raise the limit on the ratio if you trust the file");
    }
    usize::try_from(declared).or_else(|_| beyond(format!("the text has {declared} bytes"), "use a 64-bit machine"))
}
