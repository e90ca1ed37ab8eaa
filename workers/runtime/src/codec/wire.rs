//! The wire format, the same in the TypeScript worker; `activities/contracts/testdata/payload-codec.json` holds both to it.
//!
//! An encrypted payload says `binary/encrypted` and the id of its key in its metadata. Its data is nonce (12 bytes), then
//! ciphertext, then tag (16 bytes) of AES-256-GCM; what is encrypted is the whole original payload as protobuf bytes.

use std::collections::HashMap;

use aes_gcm::{AeadInOut, Nonce, Tag, aead::Generate};
use prost::Message;
use temporalio_common::protos::temporal::api::common::v1::{Payload, payload::ExternalPayloadDetails};

use super::{
    CodecError,
    keys::{NamedKey, is_key_id},
};

const ENCODING: &str = "encoding";
const ENCRYPTED: &[u8] = b"binary/encrypted";
const KEY_ID: &str = "encryption-key-id";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

type PayloadNonce = Nonce<aes_gcm::aead::consts::U12>;

/// A payload whose metadata is written in the order of its keys, so that one payload has one form.
#[derive(Clone, PartialEq, Message)]
struct Canonical {
    #[prost(message, repeated, tag = "1")]
    metadata: Vec<Entry>,
    #[prost(bytes = "vec", tag = "2")]
    data: Vec<u8>,
    #[prost(message, repeated, tag = "3")]
    external_payloads: Vec<ExternalPayloadDetails>,
}

/// An entry of a map. Both parts are written even if they are empty, as JavaScript's protobuf does.
#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(string, optional, tag = "1")]
    key: Option<String>,
    #[prost(bytes = "vec", optional, tag = "2")]
    value: Option<Vec<u8>>,
}

impl From<Payload> for Canonical {
    fn from(payload: Payload) -> Self {
        let Payload { metadata, data, external_payloads } = payload;
        let mut metadata: Vec<Entry> =
            metadata.into_iter().map(|(key, value)| Entry { key: Some(key), value: Some(value) }).collect();
        metadata.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Self { metadata, data, external_payloads }
    }
}

/// Encrypts under a nonce from the system's random source.
pub(super) fn seal(key: &NamedKey, payload: Payload) -> Result<Payload, CodecError> {
    let nonce = PayloadNonce::try_generate().map_err(|e| CodecError::Random { reason: e.to_string() })?;
    seal_with(key, &nonce, payload)
}

fn seal_with(key: &NamedKey, nonce: &PayloadNonce, payload: Payload) -> Result<Payload, CodecError> {
    let plain = Canonical::from(payload);
    let mut data = Vec::with_capacity(NONCE_BYTES + plain.encoded_len() + TAG_BYTES);
    data.extend_from_slice(nonce);
    plain.encode(&mut data).map_err(|_| CodecError::TooLarge)?;
    let secret = data.get_mut(NONCE_BYTES..).unwrap_or_default();
    let tag = key.cipher.encrypt_inout_detached(nonce, b"", secret.into()).map_err(|_| CodecError::TooLarge)?;
    data.extend_from_slice(&tag);
    let metadata =
        HashMap::from([(ENCODING.to_owned(), ENCRYPTED.to_vec()), (KEY_ID.to_owned(), key.id.clone().into_bytes())]);
    Ok(Payload { metadata, data, external_payloads: Vec::new() })
}

/// Whether a payload is an encrypted one.
pub(super) fn is_sealed(payload: &Payload) -> bool {
    payload.metadata.get(ENCODING).is_some_and(|encoding| encoding == ENCRYPTED)
}

/// The id of the key that a payload was encrypted with. What is no key id, as a payload from anywhere may have it, is
/// replaced by words for people, which no key is called.
pub(super) fn key_id(payload: &Payload) -> &str {
    let id = payload.metadata.get(KEY_ID).and_then(|id| std::str::from_utf8(id).ok());
    id.filter(|id| is_key_id(id)).unwrap_or("(it has no readable id)")
}

/// Decrypts with the key that the payload names.
pub(super) fn open(key: &NamedKey, payload: Payload) -> Result<Payload, CodecError> {
    let mut data = payload.data;
    let damaged = || CodecError::Damaged { key_id: key.id.clone() };
    let (nonce, rest) = data.split_at_mut_checked(NONCE_BYTES).ok_or_else(damaged)?;
    let length = rest.len().checked_sub(TAG_BYTES).ok_or_else(damaged)?;
    let (secret, tag) = rest.split_at_mut_checked(length).ok_or_else(damaged)?;
    let nonce = PayloadNonce::try_from(&*nonce).map_err(|_| damaged())?;
    let tag = Tag::try_from(&*tag).map_err(|_| damaged())?;
    key.cipher.decrypt_inout_detached(&nonce, b"", (&mut *secret).into(), &tag).map_err(|_| damaged())?;
    Payload::decode(&*secret).map_err(|_| CodecError::NoPayload { key_id: key.id.clone() })
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use proptest::{collection, prelude::*};
    use serde_json::Value;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::codec::keys::Keyring;

    const VECTORS: &str = include_str!("../../../../activities/contracts/testdata/payload-codec.json");

    fn bytes(text: &Value) -> Vec<u8> {
        BASE64_STANDARD.decode(text.as_str().unwrap()).unwrap()
    }

    fn payload(vector: &Value) -> Payload {
        let metadata = vector["metadata"].as_object().unwrap();
        let data = match vector.get("dataRepeat") {
            Some(repeat) => bytes(&repeat["data"]).repeat(usize::try_from(repeat["times"].as_u64().unwrap()).unwrap()),
            None => bytes(&vector["data"]),
        };
        let external = vector.get("externalPayloads").and_then(Value::as_array).into_iter().flatten();
        Payload {
            metadata: metadata.iter().map(|(key, value)| (key.clone(), bytes(value))).collect(),
            data,
            external_payloads: external
                .map(|e| ExternalPayloadDetails { size_bytes: e["sizeBytes"].as_str().unwrap().parse().unwrap() })
                .collect(),
        }
    }

    fn key(id: &str, base64: &str) -> Keyring {
        Keyring::parse(&format!("{id}:{base64}"), "a test").unwrap()
    }

    fn a_key() -> Keyring {
        key("k1", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    }

    #[test]
    fn the_bytes_are_those_of_the_shared_vectors_and_are_read_back() {
        let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        assert!(vectors.len() >= 10);
        for vector in vectors {
            let name = vector["name"].as_str().unwrap();
            let keys = key(vector["keyId"].as_str().unwrap(), vector["key"].as_str().unwrap());
            let nonce = PayloadNonce::try_from(bytes(&vector["nonce"]).as_slice()).unwrap();
            let plain = payload(&vector["payload"]);
            let sealed = seal_with(&keys.first, &nonce, plain.clone()).unwrap();
            let expected = &vector["encrypted"];
            let metadata = expected["metadata"].as_object().unwrap();
            assert_eq!(sealed.metadata, metadata.iter().map(|(k, v)| (k.clone(), bytes(v))).collect(), "{name}");
            match expected.get("dataSha256") {
                Some(digest) => {
                    assert_eq!(sealed.data.len() as u64, expected["dataBytes"].as_u64().unwrap(), "{name}");
                    assert_eq!(hex::encode(Sha256::digest(&sealed.data)), digest.as_str().unwrap(), "{name}");
                }
                None => assert_eq!(sealed.data, bytes(&expected["data"]), "{name}"),
            }
            assert!(is_sealed(&sealed), "{name}");
            assert_eq!(key_id(&sealed), keys.first.id, "{name}");
            assert_eq!(open(&keys.first, sealed).unwrap(), plain, "{name}");
        }
    }

    #[test]
    fn a_changed_bit_and_another_key_of_that_id_are_noticed() {
        let keys = a_key();
        let sealed = seal(&keys.first, Payload { data: b"1".to_vec(), ..Payload::default() }).unwrap();
        for position in 0..sealed.data.len() {
            let mut changed = sealed.clone();
            changed.data[position] ^= 1;
            assert_eq!(open(&keys.first, changed), Err(CodecError::Damaged { key_id: "k1".to_owned() }));
        }
        let other = key("k1", "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=");
        assert_eq!(open(&other.first, sealed), Err(CodecError::Damaged { key_id: "k1".to_owned() }));
    }

    #[test]
    fn a_key_id_from_outside_is_shown_only_if_it_is_one() {
        let of =
            |id: &[u8]| Payload { metadata: HashMap::from([(KEY_ID.to_owned(), id.to_vec())]), ..Payload::default() };
        assert_eq!(key_id(&of(b"team-a.2026_11")), "team-a.2026_11");
        for foreign in [&b""[..], b"\x1b[2J", b"\xff", b"a b"] {
            assert_eq!(key_id(&of(foreign)), key_id(&Payload::default()));
        }
    }

    fn payloads() -> impl Strategy<Value = Payload> {
        let data = || collection::vec(any::<u8>(), 0..200);
        let external = collection::vec(any::<i64>().prop_map(|size_bytes| ExternalPayloadDetails { size_bytes }), 0..3);
        (collection::hash_map(".{0,20}", data(), 0..6), data(), external)
            .prop_map(|(metadata, data, external_payloads)| Payload { metadata, data, external_payloads })
    }

    proptest! {
        #[test]
        fn what_is_encrypted_is_read_back_and_never_twice_the_same(plain in payloads()) {
            let keys = a_key();
            let sealed = seal(&keys.first, plain.clone()).unwrap();
            prop_assert_ne!(&sealed.data, &seal(&keys.first, plain.clone()).unwrap().data);
            prop_assert_eq!(open(&keys.first, sealed).unwrap(), plain);
        }

        #[test]
        fn anything_at_all_can_be_given_to_be_decrypted(mut payload in payloads(), id in collection::vec(any::<u8>(), 0..9)) {
            payload.metadata.insert(ENCODING.to_owned(), ENCRYPTED.to_vec());
            payload.metadata.insert(KEY_ID.to_owned(), id);
            prop_assert!(is_sealed(&payload));
            prop_assert!(!key_id(&payload).is_empty());
            prop_assert!(open(&a_key().first, payload).is_err());
        }
    }
}
