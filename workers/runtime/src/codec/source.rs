//! Where the keys come from. A file of keys may change while the process runs; it is read anew then.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use contracts::env as names;
use kit::Secret;

use super::{
    CodecError,
    keys::{Keyring, KeysError, NamedKey},
};

/// How old the keys may be that something is encrypted with.
const OLDEST: Duration = Duration::from_secs(10);
/// A key that is not known is looked for at most this often: payloads from outside must not keep us reading files.
const PAUSE: Duration = Duration::from_secs(1);

/// The keys behind a reference.
pub(super) struct KeySource {
    reference: String,
    oldest: Duration,
    pause: Duration,
    known: RwLock<Known>,
}

struct Known {
    keys: Arc<Keyring>,
    read: Instant,
}

impl KeySource {
    pub(super) fn open(reference: &str) -> Result<Self, KeysError> {
        Self::open_with(reference, OLDEST, PAUSE)
    }

    fn open_with(reference: &str, oldest: Duration, pause: Duration) -> Result<Self, KeysError> {
        let known = RwLock::new(Known { keys: read(reference)?, read: Instant::now() });
        Ok(Self { reference: reference.to_owned(), oldest, pause, known })
    }

    pub(super) fn reference(&self) -> &str {
        &self.reference
    }

    /// The keys to encrypt with.
    pub(super) fn keys(&self) -> Arc<Keyring> {
        self.not_older_than(self.oldest)
    }

    /// Does something with the key of this id.
    pub(super) fn with_key<T>(
        &self,
        id: &str,
        act: impl FnOnce(&NamedKey) -> Result<T, CodecError>,
    ) -> Result<T, CodecError> {
        if let Some(key) = self.not_older_than(Duration::MAX).find(id) {
            return act(key);
        }
        match self.not_older_than(self.pause).find(id) {
            Some(key) => act(key),
            None => Err(CodecError::UnknownKey { key_id: id.to_owned(), reference: self.reference.clone() }),
        }
    }

    fn not_older_than(&self, age: Duration) -> Arc<Keyring> {
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if known.read.elapsed() <= age || !self.reference.starts_with("file:") {
                return known.keys.clone();
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been here first.
        if known.read.elapsed() > age {
            known.read = Instant::now();
            match read(&self.reference) {
                Ok(keys) => known.keys = keys,
                Err(error) => tracing::warn!("{error}; the keys that were read before stay in use"),
            }
        }
        known.keys.clone()
    }
}

fn read(reference: &str) -> Result<Arc<Keyring>, KeysError> {
    let unresolved =
        |failure: kit::Failure| KeysError { place: names::CODEC_KEYS.to_owned(), reason: failure.to_string() };
    let text = Secret::resolve(reference).map_err(unresolved)?;
    Keyring::parse(text.expose(), &format!("{} = {reference}", names::CODEC_KEYS)).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    const ONE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const AN_HOUR: Duration = Duration::from_secs(3600);

    fn source(path: &Path, oldest: Duration, pause: Duration) -> KeySource {
        KeySource::open_with(&format!("file:{}", path.display()), oldest, pause).unwrap()
    }

    #[test]
    fn a_key_that_is_not_known_is_looked_for_in_the_file_again_but_not_at_every_payload() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("k1:{ONE}")).unwrap();
        let (eager, patient) = (source(file.path(), AN_HOUR, Duration::ZERO), source(file.path(), AN_HOUR, AN_HOUR));
        let has = |source: &KeySource, id: &str| source.with_key(id, |_| Ok(())).is_ok();
        assert!(!has(&eager, "k2") && !has(&patient, "k2"));
        fs::write(file.path(), format!("k1:{ONE}\nk2:{ONE}")).unwrap();
        assert!(has(&eager, "k2") && !has(&patient, "k2"));
    }

    #[test]
    fn the_first_key_of_a_changed_file_is_taken_up_and_a_broken_file_changes_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("k1:{ONE}")).unwrap();
        let source = source(file.path(), Duration::ZERO, Duration::ZERO);
        fs::write(file.path(), format!("k2:{ONE}\nk1:{ONE}")).unwrap();
        assert_eq!(source.keys().first.id, "k2");
        fs::write(file.path(), "k3:half a ke").unwrap();
        assert_eq!(source.keys().first.id, "k2");
        fs::remove_file(file.path()).unwrap();
        assert!(source.with_key("k1", |_| Ok(())).is_ok());
    }

    #[test]
    fn a_literal_is_refused_without_being_repeated() {
        let error = KeySource::open(&format!("k1:{ONE}")).err().unwrap().to_string();
        assert!(error.contains("GANTRY_CODEC_KEYS") && error.contains("env:NAME or file:PATH"), "{error}");
        assert!(!error.contains(ONE), "{error}");
    }
}
