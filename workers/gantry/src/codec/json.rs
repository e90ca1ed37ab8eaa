//! Payloads as the codec endpoint gets and gives them: Protobuf's own JSON.

use std::collections::BTreeMap;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use serde::{Deserialize, Serialize};
use temporalio_common::protos::temporal::api::common::v1::{Payload, payload::ExternalPayloadDetails};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The body of a request and of an answer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct PayloadsJson {
    #[serde(default)]
    pub(super) payloads: Vec<PayloadJson>,
}

/// A payload; bytes are base64.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayloadJson {
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    data: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    external_payloads: Vec<ExternalJson>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExternalJson {
    size_bytes: String,
}

impl PayloadJson {
    /// The payload, or what in it cannot be read.
    pub(super) fn read(self) -> Result<Payload, String> {
        let bytes = |what: &str, text: &str| {
            // Protobuf's JSON may be written in either alphabet, with or without padding.
            let read = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
            read.map_err(|_| format!("{what} is not base64"))
        };
        let mut metadata = std::collections::HashMap::new();
        for (key, value) in self.metadata {
            metadata.insert(key, bytes("a value of its metadata", &value)?);
        }
        let mut external_payloads = Vec::new();
        for external in self.external_payloads {
            let size_bytes = external.size_bytes.parse().map_err(|_| "a sizeBytes of it is no number".to_owned())?;
            external_payloads.push(ExternalPayloadDetails { size_bytes });
        }
        let data = bytes("its data", self.data.as_deref().unwrap_or_default())?;
        Ok(Payload { metadata, data, external_payloads })
    }
}

impl From<Payload> for PayloadJson {
    fn from(payload: Payload) -> Self {
        let text = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let external = payload.external_payloads.into_iter();
        Self {
            metadata: payload.metadata.into_iter().map(|(key, value)| (key, text(&value))).collect(),
            data: Some(text(&payload.data)),
            external_payloads: external.map(|e| ExternalJson { size_bytes: e.size_bytes.to_string() }).collect(),
        }
    }
}
