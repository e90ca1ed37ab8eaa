//! A save, opened.

mod views;

use std::{path::Path, sync::OnceLock};

use sha2::{Digest, Sha256};

use crate::{
    BufferPool, Damage, Limits, SaveError, SaveErrorKind,
    answered::Answered,
    archive::{ZIP_MAGIC, unpack},
    buffers::Pooled,
    document::Document,
};

pub use views::{EntryView, SectionView};

/// A save in memory: its text, where its sections stand, and what was asked of it before. Questions need only `&self`, from
/// any thread.
#[derive(Debug)]
pub struct Save {
    pub(crate) gamestate: Document,
    pub(crate) meta: Option<Document>,
    /// The file as it was read; none of a plain text, which the gamestate is itself.
    file: Option<Pooled>,
    hash: OnceLock<String>,
    pub(crate) answered: Answered,
}

/// The failure of a question for a section that is not there; its text is the one existing clients know.
pub fn no_section(name: &str) -> SaveError {
    SaveError::new(
        SaveErrorKind::SectionNotFound,
        format!("Section '{name}' not found"),
        "top level of the save",
        "ask for the list of sections: their names differ between versions of the game",
    )
}

impl Save {
    /// Opens a save: a zip file with a `gamestate`, or the text itself.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`, `InvalidInput` for what is no regular file, `LimitExceeded`, `ParseError` for a zip file
    /// that is not finished or is damaged, `Unsupported` for a binary save. Damage of the text itself is none of these: see
    /// [`Save::damages`].
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, SaveError> {
        Self::open_with(path, limits, &BufferPool::default())
    }

    /// As [`Save::open`], with the memory of saves that were dropped before.
    ///
    /// # Errors
    /// As [`Save::open`].
    pub fn open_with(path: &Path, limits: &Limits, pool: &BufferPool) -> Result<Self, SaveError> {
        let place = path.display().to_string();
        let bytes = crate::file::read(path, limits, pool)?;
        Self::new(bytes, &place, limits, pool)
    }

    /// Opens a save that is in memory already.
    ///
    /// # Errors
    /// As [`Save::open`].
    pub fn from_bytes(bytes: Vec<u8>, limits: &Limits) -> Result<Self, SaveError> {
        Self::new(bytes, "the bytes given", limits, &BufferPool::default())
    }

    /// As [`Save::from_bytes`], with the memory of saves that were dropped before.
    ///
    /// # Errors
    /// As [`Save::open`].
    pub fn from_bytes_with(bytes: Vec<u8>, limits: &Limits, pool: &BufferPool) -> Result<Self, SaveError> {
        Self::new(bytes, "the bytes given", limits, pool)
    }

    fn new(bytes: Vec<u8>, place: &str, limits: &Limits, pool: &BufferPool) -> Result<Self, SaveError> {
        let bytes = Pooled::new(bytes, pool.clone());
        let document = |text| Document::new(Pooled::new(text, pool.clone()), limits);
        let cut = !bytes.is_empty() && ZIP_MAGIC.starts_with(&bytes);
        if cut || bytes.starts_with(ZIP_MAGIC) || crate::file::holds_archive(&bytes) {
            let unpacked = unpack(&bytes, place, limits, pool)?;
            crate::file::refuse_binary(&unpacked.gamestate, place)?;
            let (gamestate, meta) = (document(unpacked.gamestate), unpacked.meta.map(document));
            return Ok(Self {
                gamestate,
                meta,
                file: Some(bytes),
                hash: OnceLock::new(),
                answered: Answered::default(),
            });
        }
        crate::file::refuse_binary(&bytes, place)?;
        Ok(Self {
            gamestate: Document::new(bytes, limits),
            meta: None,
            file: None,
            hash: OnceLock::new(),
            answered: Answered::default(),
        })
    }

    /// Indexes the text anew and says how many sections it has; what a bench measures.
    #[doc(hidden)]
    pub fn reindexed(&self) -> usize {
        self.gamestate.reindexed()
    }

    /// The SHA-256 of the file, in hex; computed at the first call.
    pub fn sha256(&self) -> &str {
        self.hash.get_or_init(|| {
            let bytes: &[u8] = self.file.as_deref().unwrap_or(self.gamestate.text());
            hex::encode(Sha256::digest(bytes))
        })
    }

    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.file.as_deref().unwrap_or(self.gamestate.text()).len() as u64
    }

    /// The text of the gamestate.
    pub fn text(&self) -> &[u8] {
        self.gamestate.text()
    }

    /// The text of the `meta` entry, where there is one.
    pub fn meta_text(&self) -> Option<&[u8]> {
        self.meta.as_ref().map(Document::text)
    }

    /// What is wrong with the text, in the order of the file; at most 100 places.
    pub fn damages(&self) -> &[Damage] {
        self.gamestate.damages()
    }

    /// The sections in the order of the file, every duplicate with its own place.
    pub fn sections(&self) -> impl Iterator<Item = SectionView<'_>> {
        (0..self.gamestate.sections().len()).map(|at| SectionView { document: &self.gamestate, at })
    }

    /// The sections with this name, in the order of the file.
    pub fn sections_named<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = SectionView<'a>> + use<'a> {
        self.gamestate.named(name).map(|at| SectionView { document: &self.gamestate, at })
    }

    /// The section with this name that holds entries; the last one, if the name is there several times.
    ///
    /// A text may say `country=0` before `country={ ... }`: the container is meant.
    pub fn section(&self, name: &str) -> Option<SectionView<'_>> {
        let last = self.sections_named(name).next_back();
        self.sections_named(name).rev().find(SectionView::is_container).or(last)
    }

    /// The entry of a section by its key; the last one, if there are several.
    ///
    /// # Errors
    /// That of the section's damage.
    pub fn entry(&self, section: &str, key: &str) -> Result<Option<EntryView<'_>>, SaveError> {
        let mut damage = None;
        for section in self.sections_named(section).rev() {
            match section.entry(key) {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(error) => damage = Some(error),
            }
        }
        damage.map_or(Ok(None), Err)
    }
}
