//! Many documents at a time: written, removed, read, asked for.

use std::time::Instant;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    batch::{Batch, array_of, key_of},
    client::Client,
    error::{CONFLICT, NOT_FOUND, ServerError},
    requests::{self, Request},
};
use crate::error::{StoreError, StoreResult};

/// Keys in one request to read or remove; their size is known, unlike that of documents.
const KEYS: usize = 2_000;
/// Documents that an error names.
const NAMED: usize = 5;

#[derive(Deserialize)]
struct Imported {
    created: u64,
    errors: u64,
    empty: u64,
    updated: u64,
    ignored: u64,
}

/// What a server says of one document of an array.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    #[serde(default)]
    error: bool,
    #[serde(default)]
    error_num: u64,
    #[serde(default)]
    error_message: String,
    #[serde(default, rename = "_rev")]
    rev: Option<String>,
}

/// The revision of a document that was written, or why it was not.
pub(super) type Written = Result<String, ServerError>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    result: Vec<T>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    id: Option<String>,
}

impl Client {
    /// Writes one batch. Import does not say which documents it refused, so a batch with refusals is written again as an
    /// array, whose answer does.
    pub(super) async fn import(&self, batch: &Batch) -> StoreResult<()> {
        let request = requests::import(self.database(), batch.collection, batch.lines.clone());
        let counts: Imported = self.ask(&request).await?;
        let Imported { created, errors, empty, updated, ignored } = counts;
        if errors == 0 && created + updated == batch.documents && empty + ignored == 0 {
            return Ok(());
        }
        if errors == 0 {
            return Err(self.nonsense(&format!(
                "of {} documents for {}, {created} were created and {updated} replaced",
                batch.documents, batch.collection
            )));
        }
        self.overwrite(batch).await
    }

    /// Writes a batch as an array. What another transaction held is tried again.
    async fn overwrite(&self, batch: &Batch) -> StoreResult<()> {
        let begin = Instant::now();
        let mut lines: Vec<&[u8]> = batch.lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
        let mut tries = 0;
        loop {
            let request = requests::overwrite(self.database(), batch.collection, array_of(&lines));
            let outcomes = self.outcomes(&request, lines.len()).await?;
            let (mut again, mut refused) = (Vec::new(), Vec::new());
            for (line, outcome) in lines.iter().zip(outcomes) {
                match outcome {
                    Ok(_) => {}
                    Err(error) if error.is_transient() => again.push((*line, error)),
                    Err(error) => refused.push((key_of(line), error)),
                }
            }
            if !refused.is_empty() {
                return Err(self.refused(batch.collection, &refused, batch.documents));
            }
            let Some((line, error)) = again.first() else { return Ok(()) };
            tries += 1;
            let trouble = format!("{}/{}: {error}", batch.collection, key_of(line));
            self.wait(begin, tries, &trouble).await?;
            lines = again.into_iter().map(|(line, _)| line).collect();
        }
    }

    /// The error that names documents and reasons.
    pub(super) fn refused(&self, collection: &str, refused: &[(String, ServerError)], of: u64) -> StoreError {
        let mut reason = format!("{} of {of} documents were refused: ", refused.len());
        let named: Vec<String> =
            refused.iter().take(NAMED).map(|(key, error)| format!("{collection}/{key}: {error}")).collect();
        reason.push_str(&named.join("; "));
        if refused.len() > NAMED {
            reason.push_str("; and more");
        }
        StoreError::Rejected { path: self.place(), document: None, reason }
    }

    /// Removes documents, each (key, revision). One that is gone already is fine; one that was changed meanwhile belongs to
    /// another writer.
    pub(super) async fn remove(&self, collection: &str, documents: &[(String, String)]) -> StoreResult<()> {
        for documents in documents.chunks(KEYS) {
            let begin = Instant::now();
            let mut left: Vec<&(String, String)> = documents.iter().collect();
            let mut tries = 0;
            while !left.is_empty() {
                let array: Vec<Value> = left.iter().map(|(key, rev)| json!({ "_key": key, "_rev": rev })).collect();
                let request = requests::remove(self.database(), collection, Value::from(array).to_string().into());
                let outcomes = self.outcomes(&request, left.len()).await?;
                let mut again = Vec::new();
                for (document, outcome) in left.iter().zip(outcomes) {
                    match outcome {
                        Ok(_) => {}
                        Err(error) if error.number == NOT_FOUND => {}
                        Err(error) if error.is_transient() => again.push((*document, error)),
                        Err(error) => {
                            return Err(self.refused(collection, &[(document.0.clone(), error)], 1));
                        }
                    }
                }
                let Some((first, error)) = again.first() else { break };
                let trouble = format!("{collection}/{}: {error}", first.0);
                // A lock is let go, a revision does not come back.
                if error.number == CONFLICT && tries >= 3 {
                    return Err(StoreError::Unavailable {
                        path: self.place(),
                        reason: format!("{trouble}; another writer changed it meanwhile, run again"),
                    });
                }
                tries += 1;
                self.wait(begin, tries, &trouble).await?;
                left = again.into_iter().map(|(document, _)| document).collect();
            }
        }
        Ok(())
    }

    /// The documents with these keys, in this order.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        collection: &str,
        keys: &[&str],
    ) -> StoreResult<Vec<Option<T>>> {
        let mut documents = Vec::with_capacity(keys.len());
        for keys in keys.chunks(KEYS) {
            let answer: Vec<Value> = self.ask(&requests::read(self.database(), collection, keys)).await?;
            if answer.len() != keys.len() {
                return Err(self.nonsense("an array of another length than was asked for"));
            }
            for (key, value) in keys.iter().zip(answer) {
                if value.get("error") != Some(&Value::Bool(true)) {
                    documents.push(Some(self.document(value)?));
                    continue;
                }
                let error = ServerError::read(0, value.to_string().as_bytes());
                if error.number != NOT_FOUND {
                    return Err(self.refused(collection, &[((*key).to_owned(), error)], 1));
                }
                documents.push(None);
            }
        }
        Ok(documents)
    }

    /// All that one of the texts of [`requests::aql`] answers.
    pub(super) async fn query<T: DeserializeOwned>(&self, text: &str, bind: &Value) -> StoreResult<Vec<T>> {
        let begin = Instant::now();
        let mut tries = 0;
        'anew: loop {
            let mut page: Page<T> = self.ask(&requests::query(self.database(), text, bind)).await?;
            let mut all = page.result;
            while page.has_more {
                let Some(id) = page.id else { return Err(self.nonsense("a part of an answer without its cursor")) };
                let body = match self.send(&requests::more(self.database(), &id)).await {
                    Ok(body) => body,
                    // A part that got lost on its way cannot be had again, but the whole can.
                    Err(error) if error.number() == Some(1600) => {
                        tries += 1;
                        self.wait(begin, tries, "the cursor is gone").await?;
                        continue 'anew;
                    }
                    Err(error) => return Err(error.at(&self.place())),
                };
                page = serde_json::from_slice(&body).map_err(|e| self.nonsense(&e.to_string()))?;
                all.extend(page.result);
            }
            return Ok(all);
        }
    }

    /// What became of each document of an array.
    pub(super) async fn outcomes(&self, request: &Request, documents: usize) -> StoreResult<Vec<Written>> {
        let outcomes: Vec<Outcome> = self.ask(request).await?;
        if outcomes.len() != documents {
            return Err(self.nonsense("an array of another length than was sent"));
        }
        let each = outcomes.into_iter().map(|outcome| {
            if outcome.error {
                Err(ServerError { status: 0, number: outcome.error_num, message: outcome.error_message })
            } else {
                Ok(outcome.rev.unwrap_or_default())
            }
        });
        Ok(each.collect())
    }

    /// Sends a request and reads the JSON of its answer. One that is not what it should be may be the work of something in
    /// between, so the request is sent again a few times.
    async fn ask<T: DeserializeOwned>(&self, request: &Request) -> StoreResult<T> {
        let begin = Instant::now();
        let mut tries = 0;
        loop {
            let body = self.send(request).await.map_err(|e| e.at(&self.place()))?;
            match serde_json::from_slice(&body) {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    tries += 1;
                    if tries > 3 {
                        return Err(self.nonsense(&error.to_string()));
                    }
                    self.wait(begin, tries, "an answer that is cut off or no JSON").await?;
                }
            }
        }
    }

    pub(super) fn document<T: DeserializeOwned>(&self, value: Value) -> StoreResult<T> {
        serde_json::from_value(value)
            .map_err(|e| StoreError::Damaged { path: self.place(), reason: format!("a document is not ours: {e}") })
    }

    pub(super) fn nonsense(&self, what: &str) -> StoreError {
        StoreError::Unavailable { path: self.place(), reason: format!("an answer that makes no sense: {what}") }
    }
}
