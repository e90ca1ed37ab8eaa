//! What the server holds of some files, and how it differs from what it should.

use std::collections::{BTreeSet, HashMap};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{books::Owner, client::Client, fence::Right, requests::aql};
use crate::{
    document::{EdgeKind, EntityKind},
    error::StoreResult,
};

/// Files in one question.
const FILES: usize = 500;
/// Vertices in one question.
const VERTICES: usize = 500;
/// Edges of one vertex: all of them.
const ALL: u32 = u32::MAX;

/// Collection and key.
pub(super) type Id = (&'static str, String);

/// A stored document.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) rev: String,
    pub(super) owner: Owner,
    document: Value,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(rename = "_key")]
    key: String,
    #[serde(rename = "_rev")]
    rev: String,
    gantry: Owner,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

/// Stored documents by collection and key.
#[derive(Debug, Default)]
pub(super) struct AllHeld(HashMap<&'static str, HashMap<String, Held>>);

impl AllHeld {
    pub(super) fn get(&self, collection: &str, key: &str) -> Option<&Held> {
        self.0.get(collection)?.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &str, &Held)> {
        self.0.iter().flat_map(|(collection, held)| held.iter().map(|(key, held)| (*collection, key.as_str(), held)))
    }
}

impl Held {
    /// Whether it says what `document` says.
    pub(super) fn is<T: DeserializeOwned + PartialEq>(&self, document: &T) -> bool {
        T::deserialize(&self.document).is_ok_and(|held| held == *document)
    }
}

/// An edge of a vertex, as far as removing it goes.
#[derive(Deserialize)]
pub(super) struct Incident {
    #[serde(rename = "_key")]
    key: String,
    #[serde(rename = "_rev")]
    rev: String,
    kind: EdgeKind,
    gantry: Owner,
}

/// Documents that are to go: revision by id. Edges go before entities, so that none hangs in the air.
#[derive(Default)]
pub(super) struct Removals {
    pub(super) entities: HashMap<Id, String>,
    pub(super) edges: HashMap<Id, String>,
    /// Keys of the files to which edges of vanished entities belong.
    pub(super) owners: BTreeSet<String>,
}

impl Client {
    /// All documents of these files (by key) in these collections.
    pub(super) async fn held(&self, collections: &[&'static str], files: &[String]) -> StoreResult<AllHeld> {
        let questions = files.chunks(FILES).flat_map(|files| collections.iter().map(move |c| (*c, files)));
        let questions = questions.map(|(collection, files)| async move {
            let bind = json!({ "@collection": collection, "files": files });
            let found: Vec<Value> = self.query(aql::BY_FILE, &bind).await?;
            found.into_iter().map(|value| self.held_of(collection, value)).collect::<StoreResult<Vec<_>>>()
        });
        // Futures before the stream: of a closure in it, the compiler cannot tell that it is good for every lifetime.
        let questions: Vec<_> = questions.collect();
        let answers: Vec<Vec<(Id, Held)>> =
            stream::iter(questions).buffer_unordered(self.options().concurrency.clamp(1, 16)).try_collect().await?;
        let mut all = AllHeld::default();
        for ((collection, key), held) in answers.into_iter().flatten() {
            all.0.entry(collection).or_default().insert(key, held);
        }
        Ok(all)
    }

    fn held_of(&self, collection: &'static str, value: Value) -> StoreResult<(Id, Held)> {
        let Fields { key, rev, gantry, mut rest } = self.document(value)?;
        rest.insert("_key".into(), Value::from(key.as_str()));
        Ok(((collection, key), Held { rev, owner: gantry, document: Value::Object(rest) }))
    }

    /// The edges from and to these entities.
    pub(super) async fn incident(&self, ids: &[String]) -> StoreResult<Vec<Incident>> {
        let mut edges = Vec::new();
        for ids in ids.chunks(VERTICES) {
            for text in [aql::EDGES_IN, aql::EDGES_OUT] {
                let bind = json!({ "vertices": ids, "kinds": null, "limit": ALL });
                edges.extend(self.query::<Incident>(text, &bind).await?);
            }
        }
        Ok(edges)
    }
}

impl Removals {
    /// Adds every edge from and to the entities that go.
    pub(super) async fn add_incident(&mut self, client: &Client) -> StoreResult<()> {
        let ids: Vec<String> = self.entities.keys().map(|(collection, key)| format!("{collection}/{key}")).collect();
        for edge in client.incident(&ids).await? {
            self.owners.insert(edge.gantry.file);
            self.edges.insert((edge.kind.collection(), edge.key), edge.rev);
        }
        Ok(())
    }

    /// Removes them. Files whose edges lose an end count as not linked before that, and as being linked by this run: another
    /// one that comes meanwhile writes their links anew, so that a removal which arrives late finds other revisions.
    /// Answers how many entities and edges there were.
    pub(super) async fn carry_out(self, right: &Right<'_>) -> StoreResult<(u64, u64)> {
        let files = self.owners.into_iter().map(|key| (key, None)).collect();
        right
            .change_files(files, |book, _| {
                book.touch_links(right.run.epoch);
                Ok(true)
            })
            .await?;
        let counts = (count(self.entities.len()), count(self.edges.len()));
        for documents in [self.edges, self.entities] {
            let mut by_collection: HashMap<&str, Vec<(String, String)>> = HashMap::new();
            for ((collection, key), rev) in documents {
                by_collection.entry(collection).or_default().push((key, rev));
            }
            for (collection, documents) in by_collection {
                right.still().await?;
                right.client.remove(collection, &documents).await?;
            }
        }
        Ok(counts)
    }
}

/// Every collection of documents.
pub(super) fn all_collections() -> Vec<&'static str> {
    EntityKind::collections().into_iter().chain(EdgeKind::collections()).collect()
}

/// The collection of that name, if it is one of edges.
pub(super) fn is_edge(collection: &str) -> bool {
    EdgeKind::collections().contains(&collection)
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
