//! Payload encryption: what an activity or a workflow is given and gives back is encrypted before it leaves the process.
//!
//! Off unless `GANTRY_CODEC_KEYS` names keys. `docs/encryption.md` tells what stays readable.

mod keys;
mod read;
mod source;
mod summary;
mod wire;

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use temporalio_client::ClientOptions;
use temporalio_common::{
    data_converters::{
        DataConverter, DefaultFailureConverter, PayloadCodec, PayloadConversionError, PayloadConverter,
        SerializationContextData,
    },
    protos::temporal::api::common::v1::Payload,
};

pub use keys::{KEY_ID, KeysError, generate_key, is_key_id};
pub use read::{decode_message, decode_payloads, reveal_failure};
use source::KeySource;
use summary::WithoutSummary;

/// Why a payload could not be encrypted or decrypted. No text holds a key or a part of a payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The payload names a key that is not there. It heals when the key arrives.
    #[error(
        "the payload is encrypted with the key {key_id}, which GANTRY_CODEC_KEYS ({reference}) does not list: add that key \
         there; a file is read again, an environment variable needs a restart"
    )]
    UnknownKey {
        /// The key that the payload names.
        key_id: String,
        /// Where the keys are from.
        reference: String,
    },
    /// The payload is encrypted and this process has no keys at all.
    #[error(
        "the payload is encrypted with the key {key_id}, and GANTRY_CODEC_KEYS is not set here: set it as it is set where \
         the payload was made"
    )]
    NotConfigured {
        /// The key that the payload names.
        key_id: String,
    },
    /// The key is there, the payload does not fit it.
    #[error(
        "the payload cannot be decrypted with the key {key_id}: it is damaged, or that id stands for another key where it \
         was made"
    )]
    Damaged {
        /// The key that the payload names.
        key_id: String,
    },
    /// What was encrypted is no payload.
    #[error("what was encrypted with the key {key_id} is no payload")]
    NoPayload {
        /// The key that the payload names.
        key_id: String,
    },
    /// The payload is larger than anything that can be encrypted at once.
    #[error("the payload is too large to be encrypted")]
    TooLarge,
    /// The system gave no random bytes.
    #[error("the system's random source gave nothing: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
}

/// Payload encryption as it is configured: with keys, or off. Cheap to clone.
#[derive(Clone, Default)]
pub struct PayloadEncryption(Option<Arc<KeySource>>);

impl PayloadEncryption {
    /// Encryption with the keys that a reference, `env:NAME` or `file:PATH`, names; off without one.
    ///
    /// # Errors
    /// When there is nothing behind the reference, or it is no list of keys.
    pub fn new(reference: Option<&str>) -> Result<Self, KeysError> {
        Ok(Self(reference.map(KeySource::open).transpose()?.map(Arc::new)))
    }

    /// Whether payloads are encrypted.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The ids of the keys; the first one encrypts.
    pub fn key_ids(&self) -> Vec<String> {
        self.0.iter().flat_map(|source| source.keys().all().map(|key| key.id.clone()).collect::<Vec<_>>()).collect()
    }

    /// Where the keys are from.
    pub fn reference(&self) -> Option<&str> {
        self.0.as_deref().map(KeySource::reference)
    }

    /// Encrypts a payload with the first key; leaves it as it is while encryption is off.
    ///
    /// # Errors
    /// When the system has no random bytes, or the payload is absurdly large.
    pub fn encode(&self, payload: Payload) -> Result<Payload, CodecError> {
        match &self.0 {
            Some(source) => wire::seal(&source.keys().first, payload),
            None => Ok(payload),
        }
    }

    /// Decrypts a payload with the key that it names; leaves one that is not encrypted as it is.
    ///
    /// # Errors
    /// When the key is not there, or the payload is damaged.
    pub fn decode(&self, payload: Payload) -> Result<Payload, CodecError> {
        if !wire::is_sealed(&payload) {
            return Ok(payload);
        }
        let key_id = wire::key_id(&payload).to_owned();
        match &self.0 {
            Some(source) => source.with_key(&key_id, |key| wire::open(key, payload)),
            None => Err(CodecError::NotConfigured { key_id }),
        }
    }

    /// Makes a client, and the workers on it, encrypt and decrypt. The messages of failures are encrypted too.
    pub fn apply_to(&self, options: &mut ClientOptions) {
        let failures = DefaultFailureConverter::new(self.is_on());
        options.data_converter = DataConverter::new(PayloadConverter::default(), failures, self.clone());
        if self.is_on() {
            options.client_interceptors.push(Arc::new(WithoutSummary));
        }
    }
}

impl std::fmt::Debug for PayloadEncryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PayloadEncryption").field(&self.reference()).finish()
    }
}

impl PayloadCodec for PayloadEncryption {
    fn encode(
        &self,
        _context: &SerializationContextData,
        payloads: Vec<Payload>,
    ) -> BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>> {
        let encoded = payloads.into_iter().map(|payload| Self::encode(self, payload)).collect();
        futures::future::ready(finished(encoded)).boxed()
    }

    fn decode(
        &self,
        _context: &SerializationContextData,
        payloads: Vec<Payload>,
    ) -> BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>> {
        let decoded = payloads.into_iter().map(|payload| Self::decode(self, payload)).collect();
        futures::future::ready(finished(decoded)).boxed()
    }
}

fn finished(payloads: Result<Vec<Payload>, CodecError>) -> Result<Vec<Payload>, PayloadConversionError> {
    payloads.map_err(|error| PayloadConversionError::EncodingError(Box::new(error)))
}
