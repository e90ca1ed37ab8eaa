//! Reading: entities by name and id, edges by their ends, counts, pages.

use std::collections::{BTreeMap, HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    books::{FACTS, Owner, PACKAGES, REPOSITORIES, RepositoryBook},
    client::Client,
    held::all_collections,
    requests::aql,
};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, EntityKind},
    error::{StoreError, StoreResult},
    query::{Direction, Find, Matching},
    store::{Counts, IndexedFile, Repository},
};

/// Documents of a page.
pub(super) const PAGE: usize = 2_000;
/// Vertices in one question.
const VERTICES: usize = 256;

#[derive(Deserialize)]
struct Tally {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    language: Option<String>,
    number: u64,
}

/// A document of a page, as it is exported.
pub(super) struct Line {
    pub(super) key: String,
    /// None of what somebody else put into the collection.
    pub(super) json: Option<String>,
}

#[derive(Deserialize)]
struct StoredFacts {
    path: String,
    facts: String,
    gantry: Owner,
}

impl Client {
    pub(super) async fn indexed_files(&self, repository: &Repository) -> StoreResult<HashMap<String, IndexedFile>> {
        let Some(book) = self.repository(repository).await? else { return Ok(HashMap::new()) };
        let books = self.file_books(&book.key).await?;
        let complete = books.into_iter().filter(|book| book.path != PACKAGES).filter_map(|book| {
            let content = book.content?;
            // What is contested is to be written once more by the next run.
            let extractor = if book.contested { String::new() } else { content.extractor };
            let links = book.links.filter(|_| !book.links_contested);
            Some((book.path, IndexedFile { content_sha256: content.sha256, extractor, links }))
        });
        Ok(complete.collect())
    }

    pub(super) async fn facts(&self, repository: &Repository) -> StoreResult<HashMap<String, Vec<u8>>> {
        let Some(book) = self.repository(repository).await? else { return Ok(HashMap::new()) };
        let files = self.file_books(&book.key).await?;
        let complete: HashMap<String, i64> =
            files.into_iter().filter(|f| f.content.is_some()).map(|f| (f.key, f.gantry.epoch)).collect();
        let mut facts = HashMap::new();
        let mut after = String::new();
        loop {
            let bind = json!({ "@collection": FACTS, "repo": book.key, "after": after, "limit": PAGE });
            let page: Vec<StoredFacts> = self.query(aql::REPO_PAGE, &bind).await?;
            let is_last = page.len() < PAGE;
            if let Some(last) = page.last() {
                after.clone_from(&last.gantry.file);
            }
            for one in page {
                // Those of another run came late.
                if complete.get(&one.gantry.file) != Some(&one.gantry.epoch) {
                    continue;
                }
                let bytes = STANDARD.decode(&one.facts).map_err(|e| StoreError::Damaged {
                    path: self.place(),
                    reason: format!("the facts of {:?}: {e}", one.path),
                })?;
                facts.insert(one.path, bytes);
            }
            if is_last {
                return Ok(facts);
            }
        }
    }

    pub(super) async fn counts(&self, repository: Option<&Repository>) -> StoreResult<Counts> {
        let repo = match repository {
            None => Value::Null,
            Some(repository) => match self.repository(repository).await? {
                Some(book) => Value::from(book.key),
                None => return Ok(Counts::default()),
            },
        };
        let repo = &repo;
        let questions = all_collections().into_iter().map(|collection| async move {
            let bind = json!({ "@collection": collection, "repo": repo });
            Ok::<_, StoreError>((collection, self.query(aql::COUNT, &bind).await?))
        });
        let questions: Vec<_> = questions.collect();
        let tallies: Vec<(&str, Vec<Tally>)> =
            stream::iter(questions).buffer_unordered(self.options().concurrency.clamp(1, 16)).try_collect().await?;
        let mut counts = Counts::default();
        let add = |to: &mut BTreeMap<String, u64>, name: String, number| *to.entry(name).or_default() += number;
        for (collection, tally) in tallies {
            for Tally { kind, language, number } in tally {
                let Some(kind) = kind else { continue };
                if EdgeKind::collections().contains(&collection) {
                    add(&mut counts.edges, kind, number);
                    continue;
                }
                if let Some(language) = language.filter(|_| kind == EntityKind::File.as_str()) {
                    add(&mut counts.languages, language, number);
                }
                add(&mut counts.entities, kind, number);
            }
        }
        Ok(counts)
    }

    pub(super) async fn repositories(&self) -> StoreResult<Vec<Repository>> {
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let bind = json!({ "@collection": REPOSITORIES, "after": after, "limit": PAGE });
            let page: Vec<RepositoryBook> = self.query(aql::PAGE, &bind).await?;
            let is_last = page.len() < PAGE;
            if let Some(last) = page.last() {
                after.clone_from(&last.key);
            }
            let here = page.into_iter().filter(|book| !book.dropping);
            found.extend(here.map(|book| Repository { org_id: book.org_id, repo_id: book.repo_id }));
            if is_last {
                break;
            }
        }
        found.sort_unstable_by(|a, b| a.repo_id.cmp(&b.repo_id));
        Ok(found)
    }

    pub(super) async fn find(&self, find: &Find<'_>, limit: usize) -> StoreResult<Vec<EntityDocument>> {
        let repo = match find.repository {
            None => Value::Null,
            Some(repository) => match self.repository(repository).await? {
                Some(book) => Value::from(book.key),
                None => return Ok(Vec::new()),
            },
        };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let low = hex::encode(find.name.to_ascii_lowercase());
        // What begins with `low` is below `low` and a letter behind all hexadecimal digits; what is `low`, below its first
        // longer text.
        let (high, exact) = match find.matching {
            Matching::Prefix => (format!("{low}g"), Value::Null),
            Matching::Exact => (format!("{low}0"), Value::from(hex::encode(find.name))),
        };
        let collections = match find.kind {
            Some(kind) => vec![kind.collection()],
            None => EntityKind::collections(),
        };
        let mut found: Vec<EntityDocument> = Vec::new();
        for collection in collections {
            let bind = json!({
                "@collection": collection, "low": low, "high": high, "exact": exact, "repo": repo,
                "kind": find.kind.map(EntityKind::as_str), "limit": rows(limit),
            });
            found.extend(self.query::<EntityDocument>(aql::NAMES, &bind).await?);
        }
        found.sort_by(|a, b| {
            let place = |e: &EntityDocument| (e.start_line, e.kind.collection());
            let text = |e: &EntityDocument| (e.name.clone(), e.repo_id.clone(), e.file_path.clone());
            text(a).cmp(&text(b)).then_with(|| place(a).cmp(&place(b))).then_with(|| a.key.cmp(&b.key))
        });
        found.truncate(limit);
        Ok(found)
    }

    pub(super) async fn entities(&self, ids: &[&str]) -> StoreResult<Vec<EntityDocument>> {
        let mut by_collection: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (collection, key) in ids.iter().filter_map(|id| vertex(id)) {
            by_collection.entry(collection).or_default().push(key);
        }
        let mut found: HashMap<(&str, &str), EntityDocument> = HashMap::new();
        for (collection, mut keys) in by_collection {
            keys.sort_unstable();
            keys.dedup();
            let documents: Vec<Option<EntityDocument>> = self.read(collection, &keys).await?;
            found.extend(keys.into_iter().zip(documents).filter_map(|(key, d)| Some(((collection, key), d?))));
        }
        Ok(ids.iter().filter_map(|id| found.get(&vertex(id)?).cloned()).collect())
    }

    pub(super) async fn neighbours(
        &self,
        ids: &[&str],
        direction: Direction,
        kinds: &[EdgeKind],
        limit: usize,
    ) -> StoreResult<Vec<EdgeDocument>> {
        let text = match direction {
            Direction::Out => aql::EDGES_OUT,
            Direction::In => aql::EDGES_IN,
        };
        let kinds =
            if kinds.is_empty() { Value::Null } else { kinds.iter().map(|kind| Value::from(kind.as_str())).collect() };
        let mut found = Vec::new();
        for ids in ids.chunks(VERTICES) {
            let left = limit.saturating_sub(found.len());
            if left == 0 {
                break;
            }
            let mut asked: Vec<&str> = ids.iter().copied().filter(|id| vertex(id).is_some()).collect();
            asked.sort_unstable();
            asked.dedup();
            let bind = json!({ "vertices": asked, "kinds": kinds, "limit": rows(left) });
            let edges: Vec<EdgeDocument> = if asked.is_empty() { Vec::new() } else { self.query(text, &bind).await? };
            let mut by_end: HashMap<String, Vec<EdgeDocument>> = HashMap::new();
            for edge in edges {
                let near = if direction == Direction::Out { &edge.from } else { &edge.to };
                by_end.entry(near.clone()).or_default().push(edge);
            }
            for edges in by_end.values_mut() {
                edges.sort_unstable_by(|a, b| {
                    let far = if direction == Direction::Out { a.to.cmp(&b.to) } else { a.from.cmp(&b.from) };
                    a.kind.collection().cmp(b.kind.collection()).then(far)
                });
            }
            for edges in ids.iter().filter_map(|id| by_end.get(*id)) {
                let left = limit.saturating_sub(found.len());
                found.extend(edges.iter().take(left).cloned());
            }
        }
        Ok(found)
    }

    /// One page of a collection behind a key, of one repository or of all.
    pub(super) async fn page(&self, collection: &str, repo: Option<&str>, after: &str) -> StoreResult<Vec<Line>> {
        let page: Vec<Value> = match repo {
            Some(repo) => {
                let bind = json!({ "@collection": collection, "repo": repo, "after": after, "limit": PAGE });
                self.query(aql::REPO_PAGE, &bind).await?
            }
            None => {
                let bind = json!({ "@collection": collection, "after": after, "limit": PAGE });
                self.query(aql::PAGE, &bind).await?
            }
        };
        let is_edge = EdgeKind::collections().contains(&collection);
        page.into_iter()
            .map(|value| {
                let key = value.get("_key").and_then(Value::as_str).unwrap_or_default().to_owned();
                if value.get("gantry").is_none() {
                    return Ok(Line { key, json: None });
                }
                // Through the types: what is remembered beside the graph falls off, and the order is theirs.
                let json = if is_edge {
                    serde_json::to_string(&self.document::<EdgeDocument>(value)?)
                } else {
                    serde_json::to_string(&self.document::<EntityDocument>(value)?)
                };
                Ok(Line { key, json: Some(json.map_err(|e| self.nonsense(&e.to_string()))?) })
            })
            .collect()
    }
}

/// Collection and key, if the id can be that of an entity.
fn vertex(id: &str) -> Option<(&str, &str)> {
    let (collection, key) = id.split_once('/')?;
    let plain = !key.is_empty() && key.len() < 255 && key.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && EntityKind::collections().contains(&collection)).then_some((collection, key))
}

/// As many as the server's numbers hold exactly.
fn rows(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}
