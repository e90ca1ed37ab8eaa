//! An activity's input as it arrived.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

/// The input of an activity on the wire: what was sent, if it is as the contract says, or what is wrong with it.
///
/// The SDK would answer an input that it cannot decode with a failure that has no type and is tried again. This takes
/// every JSON value, so that the activity itself can answer with `InvalidInput` and the name of the field.
/// Fields that the contract does not know are passed over: a newer client may send them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input<T>(Result<T, Mismatch>);

/// Where an input is not as the contract says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at {field}")]
pub struct Mismatch {
    /// The field, for example `after[0].taskQueue`; `the input` for the whole.
    pub field: String,
    /// What is wrong with it.
    pub what: String,
}

impl<T> Input<T> {
    /// An input to send.
    pub fn new(value: T) -> Self {
        Self(Ok(value))
    }

    /// The input, if it is as the contract says.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn into_result(self) -> Result<T, Mismatch> {
        self.0
    }
}

impl<T> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Serialize> Serialize for Input<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Ok(value) => value.serialize(serializer),
            Err(mismatch) => Err(serde::ser::Error::custom(mismatch)),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { "the input".to_owned() } else { path };
            Mismatch { field, what: error.into_inner().to_string() }
        })))
    }
}

/// The JSON Schema of an input (draft 2020-12). Unlike a worker it knows no fields but those of the contract, so that a
/// misspelt one is found before anything is sent.
pub fn schema_of<T: JsonSchema>() -> serde_json::Value {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    crate::closed::close(&mut schema);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heavy_compute::PrepareWorkspaceInput;

    #[test]
    fn what_is_wrong_with_an_input_is_told_with_the_field() {
        let decode = |text: &str| serde_json::from_str::<Input<PrepareWorkspaceInput>>(text).unwrap().into_result();
        assert!(decode(r#"{"repoId": "r", "path": "/p", "later": 1}"#).is_ok());
        let missing = decode(r#"{"path": "/p"}"#).unwrap_err();
        assert_eq!((missing.field.as_str(), missing.what.as_str()), ("the input", "missing field `repoId`"));
        let wrong = decode(r#"{"repoId": "r", "path": 7}"#).unwrap_err();
        assert_eq!(wrong.field, "path");
        assert!(decode("[]").is_err());
    }

    #[test]
    fn the_schema_of_an_input_knows_only_its_own_fields() {
        let schema = schema_of::<PrepareWorkspaceInput>();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["repoId"]["type"], "string");
        assert!(schema["required"].as_array().unwrap().contains(&"repoId".into()));
    }
}
