//! The database with its collections and indexes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    batch::Batch,
    books::{FACTS, FILES, REPOSITORIES},
    client::Client,
    error::{COLLECTION_NOT_FOUND, CallError, DATABASE_NOT_FOUND, DUPLICATE_NAME},
    requests::{self, Request},
};
use crate::{
    document::{EdgeKind, EntityKind},
    error::{StoreError, StoreResult},
};

/// The version that this build writes.
const VERSION: i64 = 1;
/// The collection of the one document that says so.
const META: &str = "gantry_meta";

const DOCUMENTS: u8 = 2;
const EDGES: u8 = 3;

#[derive(Serialize, Deserialize)]
struct Meta {
    #[serde(rename = "_key")]
    key: String,
    version: i64,
}

#[derive(Deserialize)]
struct Collections {
    result: Vec<Collection>,
}

#[derive(Deserialize)]
struct Collection {
    name: String,
    #[serde(rename = "type")]
    kind: u8,
}

/// The collections with their kinds and the fields of their indexes.
fn wanted() -> Vec<(&'static str, u8, &'static [&'static [&'static str]])> {
    const OF_ENTITIES: &[&[&str]] = &[&["gantry.file"], &["gantry.repo", "_key"], &["gantry.name"]];
    const OF_EDGES: &[&[&str]] = &[&["gantry.file"], &["gantry.repo", "_key"]];
    const OF_BOOKS: &[&[&str]] = &[&["gantry.repo", "_key"]];
    const OF_FACTS: &[&[&str]] = OF_EDGES;
    let entities = EntityKind::collections().into_iter().map(|name| (name, DOCUMENTS, OF_ENTITIES));
    let edges = EdgeKind::collections().into_iter().map(|name| (name, EDGES, OF_EDGES));
    let books = [(REPOSITORIES, DOCUMENTS, &[][..]), (FILES, DOCUMENTS, OF_BOOKS), (FACTS, DOCUMENTS, OF_FACTS)];
    entities.chain(edges).chain(books).collect()
}

/// Makes what is missing. Several may do so at once.
pub(super) async fn ensure(client: &Client) -> StoreResult<()> {
    let at = |error: CallError| error.at(&client.place());
    match version(client).await {
        Ok(Some(found)) if found > VERSION => {
            return Err(StoreError::NewerSchema { path: client.place(), found, known: VERSION });
        }
        Ok(Some(_)) => return nothing_is_gone(client).await,
        Ok(None) => {}
        Err(error) if error.number() == Some(COLLECTION_NOT_FOUND) => {}
        Err(error) if error.number() == Some(DATABASE_NOT_FOUND) => {
            make(client, &requests::create_database(client.database())).await.map_err(|e| cannot_create(client, e))?;
        }
        Err(error) => return Err(at(error)),
    }
    for (name, kind, indexes) in wanted() {
        make(client, &requests::create_collection(client.database(), name, kind)).await.map_err(at)?;
        for fields in indexes {
            make(client, &requests::create_index(client.database(), name, fields)).await.map_err(at)?;
        }
    }
    right_kinds(client, &collections(client).await?)?;
    make(client, &requests::create_collection(client.database(), META, DOCUMENTS)).await.map_err(at)?;
    // Last, so that whatever was interrupted is done again.
    let meta = Meta { key: "schema".into(), version: VERSION };
    let batch = Batch::of(META, &meta).map_err(|e| client.nonsense(&e.to_string()))?;
    client.import(&batch).await?;
    Ok(())
}

async fn version(client: &Client) -> Result<Option<i64>, CallError> {
    let body = client.send(&requests::read(client.database(), META, &["schema"])).await?;
    let found: Vec<Value> = serde_json::from_slice(&body).map_err(|e| client.nonsense(&e.to_string()))?;
    Ok(found.first().and_then(|meta| meta.get("version")).and_then(Value::as_i64))
}

/// Sends a request to make something; that it is there already is fine.
async fn make(client: &Client, request: &Request) -> Result<(), CallError> {
    match client.send(request).await {
        Err(error) if error.number() == Some(DUPLICATE_NAME) => Ok(()),
        other => other.map(drop),
    }
}

async fn collections(client: &Client) -> StoreResult<Vec<Collection>> {
    let body = client.send(&requests::list_collections(client.database())).await.map_err(|e| e.at(&client.place()))?;
    let collections: Collections = serde_json::from_slice(&body).map_err(|e| client.nonsense(&e.to_string()))?;
    Ok(collections.result)
}

/// A collection that somebody else made may be of the wrong kind.
fn right_kinds(client: &Client, there: &[Collection]) -> StoreResult<()> {
    for (name, kind, _) in wanted() {
        if there.iter().any(|c| c.name == name && c.kind != kind) {
            return Err(StoreError::NotAGraph { path: format!("{} (its collection {name})", client.place()) });
        }
    }
    Ok(())
}

/// A collection that was removed took documents along that the books still name.
async fn nothing_is_gone(client: &Client) -> StoreResult<()> {
    let there = collections(client).await?;
    right_kinds(client, &there)?;
    let gone: Vec<&str> =
        wanted().into_iter().map(|(name, ..)| name).filter(|name| there.iter().all(|c| c.name != *name)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    Err(StoreError::Damaged {
        path: client.place(),
        reason: format!(
            "the collections {} are gone and the documents in them with them; remove the database and index again",
            gone.join(", ")
        ),
    })
}

fn cannot_create(client: &Client, error: CallError) -> StoreError {
    match error.at(&client.place()) {
        StoreError::PermissionDenied { path, source } => {
            let reason = format!("the database is not there, and creating it is not allowed: {source}; create it");
            StoreError::PermissionDenied { path, source: std::io::Error::other(reason) }
        }
        other => other,
    }
}
