//! The keys: how they are written down, and what each is called.

use aes_gcm::{Aes256Gcm, KeyInit, aead::Generate};
use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

use super::CodecError;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// The longest key id.
const LONGEST_ID: usize = 63;

/// A list of keys that cannot be used. It tells where and why, and never shows a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keys of payload encryption, {place}: {reason}")]
pub struct KeysError {
    /// The setting or the reference, with the line where there is one.
    pub place: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// A key with its name.
pub(super) struct NamedKey {
    pub(super) id: String,
    pub(super) cipher: Aes256Gcm,
}

/// Keys in the order of the list: the first encrypts, each of them decrypts.
pub(super) struct Keyring {
    pub(super) first: NamedKey,
    others: Vec<NamedKey>,
}

impl Keyring {
    /// Reads `<key id>:<base64 of 32 bytes>`, one a line or separated by commas. Blank lines and those that begin with `#`
    /// say nothing. `place` is where the text is from, for errors.
    pub(super) fn parse(text: &str, place: &str) -> Result<Self, KeysError> {
        let mut keys: Vec<NamedKey> = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with('#')) {
            for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                let wrong = |reason: String| KeysError { place: format!("{place}, line {number}"), reason };
                let key = NamedKey::parse(entry).map_err(wrong)?;
                if keys.iter().any(|known| known.id == key.id) {
                    return Err(wrong(format!(
                        "the key id {} is there already; each key has an id of its own",
                        key.id
                    )));
                }
                keys.push(key);
            }
        }
        let mut keys = keys.into_iter();
        match keys.next() {
            Some(first) => Ok(Self { first, others: keys.collect() }),
            None => Err(KeysError {
                place: place.to_owned(),
                reason: "there is no key; make one: gantry codec keygen".to_owned(),
            }),
        }
    }

    pub(super) fn find(&self, id: &str) -> Option<&NamedKey> {
        self.all().find(|key| key.id == id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &NamedKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl NamedKey {
    /// Nothing of the entry is repeated in the reason: where it is not what it should be, any part may be the key.
    fn parse(entry: &str) -> Result<Self, String> {
        let Some((id, key)) = entry.split_once(':') else {
            return Err("expected <key id>:<base64 of 32 bytes>, as `gantry codec keygen` prints it".to_owned());
        };
        if !is_key_id(id) {
            return Err(format!("before the colon: expected a key id, {KEY_ID}"));
        }
        let wrong = "after the colon: expected base64 of 32 bytes, as `gantry codec keygen` prints it";
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(key.trim_start()).map_err(|_| wrong.to_owned())?);
        let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| format!("{wrong}; it is {} bytes", bytes.len()))?;
        Ok(Self { id: id.to_owned(), cipher })
    }
}

/// A new key from the system's random source, as a line of a list of keys. Without an id it gets eight random digits.
///
/// # Errors
/// When the system gives no random bytes.
pub fn generate_key(id: Option<&str>) -> Result<Zeroizing<String>, CodecError> {
    let bytes = Zeroizing::new(random::<KEY_BYTES>()?);
    let id = id.map_or_else(|| random::<4>().map(hex::encode), |id| Ok(id.to_owned()))?;
    Ok(Zeroizing::new(format!("{id}:{}", BASE64_STANDARD.encode(*bytes))))
}

fn random<const N: usize>() -> Result<[u8; N], CodecError> {
    <[u8; N]>::try_generate().map_err(|e| CodecError::Random { reason: e.to_string() })
}

/// What a key id looks like, for people.
pub const KEY_ID: &str = "1 to 63 letters, digits, dots, dashes or underscores";

/// Whether this can be the id of a key.
pub fn is_key_id(id: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const TWO: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

    fn ids(text: &str) -> Vec<String> {
        Keyring::parse(text, "file:keys").unwrap().all().map(|key| key.id.clone()).collect()
    }

    #[test]
    fn keys_are_read_from_lines_and_from_commas_in_their_order() {
        assert_eq!(ids(&format!("# ours\n\nk2:{TWO}\r\n  k1:{ONE}  \n")), ["k2", "k1"]);
        assert_eq!(ids(&format!("k1:{ONE}, team-a.2026_11:{TWO},")), ["k1", "team-a.2026_11"]);
    }

    #[test]
    fn a_generated_key_is_a_line_of_a_list_and_never_the_same() {
        let (one, two) = (generate_key(Some("k1")).unwrap(), generate_key(None).unwrap());
        let read = ids(&format!("{}\n{}", one.as_str(), two.as_str()));
        assert!(read[0] == "k1" && read[1].len() == 8, "{read:?}");
        assert_ne!(one.split_once(':').unwrap().1, two.split_once(':').unwrap().1);
    }

    #[test]
    fn a_mistake_is_named_by_its_line_and_no_key_is_shown() {
        let short = "AAECAwQFBgcICQoLDA0ODw==";
        let long_id = "a".repeat(64);
        let cases = [
            (format!("k1:{ONE}\n\n{TWO}"), "line 3"),
            (format!("# c\nk1:{short}"), "it is 16 bytes"),
            (format!("k1:{}", &ONE[..40]), "line 1"),
            (format!("k1:{}*", &ONE[..43]), "line 1"),
            (format!(":{ONE}"), "key id"),
            (format!("{long_id}:{ONE}"), "key id"),
            (format!("k 1:{ONE}"), "key id"),
            (format!("{ONE}:k1"), "key id"),
            (format!("k1:{ONE}\nk2:{TWO},k1:{TWO}"), "the key id k1 is there already"),
            ("# nothing\n\n , ".to_owned(), "there is no key"),
        ];
        for (text, expected) in cases {
            let error = Keyring::parse(&text, "file:keys").err().unwrap().to_string();
            assert!(error.contains(expected) && error.contains("file:keys"), "{error}");
            assert!(
                !error.contains(&ONE[..10]) && !error.contains(&TWO[..10]) && !error.contains(&short[..10]),
                "{error}"
            );
        }
    }
}
