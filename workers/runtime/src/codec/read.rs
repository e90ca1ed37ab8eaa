//! Reading what a server answers: payloads as they were before encryption, failures with their own words.

use temporalio_client::Client;
use temporalio_common::{
    data_converters::{CommonAttributes, PayloadConversionError, SerializationContextData},
    payload_visitor::{self, PayloadVisitable},
    protos::temporal::api::{common::v1::Payload, failure::v1::Failure},
};

/// Payloads as they were before this client's codec encoded them.
///
/// # Errors
/// When a key is missing, or a payload is damaged.
pub async fn decode_payloads(client: &Client, payloads: Vec<Payload>) -> Result<Vec<Payload>, PayloadConversionError> {
    client.options().data_converter.codec().decode(&SerializationContextData::None, payloads).await
}

/// Decodes every payload in a message from the server, where it stands: heartbeats, summaries, details of failures.
///
/// # Errors
/// When a key is missing, or a payload is damaged. The message then holds what was decoded so far.
pub async fn decode_message<M: PayloadVisitable>(
    client: &Client,
    message: &mut M,
) -> Result<(), PayloadConversionError> {
    let codec = client.options().data_converter.codec();
    payload_visitor::decode_payloads(message, codec, &SerializationContextData::None).await
}

/// Gives a failure, and each of its causes, the message and the stack trace that encryption took from it. Its payloads
/// have to be decoded before.
pub fn reveal_failure(failure: &mut Failure) {
    let mut next = Some(failure);
    while let Some(failure) = next {
        let attributes = failure.encoded_attributes.as_ref();
        if let Some(own) = attributes.and_then(|p| serde_json::from_slice::<CommonAttributes>(&p.data).ok()) {
            failure.message = own.message;
            failure.stack_trace = own.stack_trace;
        }
        next = failure.cause.as_deref_mut();
    }
}
