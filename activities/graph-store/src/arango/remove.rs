//! Removing files and repositories.

use std::{collections::HashSet, time::Instant};

use serde::Deserialize;
use serde_json::json;

use super::{
    books::{FACTS, FILES, FileBook, PACKAGES, REPOSITORIES, RepositoryBook},
    client::Client,
    fence::Right,
    held::{Removals, all_collections, count, is_edge},
    links,
};
use crate::{
    document::{EdgeKind, EntityKind},
    error::{StoreError, StoreResult},
    store::{Removed, Repository, Run},
};

/// Files that are removed together.
const FILES_AT_ONCE: usize = 200;
/// Documents of a repository that are removed together.
const PAGE: usize = 2_000;

/// Key and revision of a document.
#[derive(Deserialize)]
pub(super) struct Revision {
    #[serde(rename = "_key")]
    pub(super) key: String,
    #[serde(rename = "_rev")]
    pub(super) rev: String,
}

/// Removes the files that are not in `scanned`.
pub(super) async fn retain_files(
    client: &Client,
    run: &Run,
    scanned: &HashSet<String>,
    commit: Option<&str>,
) -> StoreResult<Removed> {
    let right = Right::new(client, run);
    let known = right.check().await?;
    let (mut gone, mut opened) = (Vec::new(), Vec::new());
    for book in client.file_books(&right.repo).await?.into_iter().filter(|book| book.path != PACKAGES) {
        if !scanned.contains(&book.path) {
            gone.push(book.path);
        } else if book.content.is_none() {
            opened.push(book.path);
        }
    }
    // Most runs find nothing to remove.
    if let Some(book) = known.filter(|book| !book.dropping)
        && gone.is_empty()
        && opened.is_empty()
        && book.last_commit.as_deref() == commit
    {
        return Ok(Removed::default());
    }
    let before = right.take(|_| ()).await?;
    let mut removed = Removed::default();
    let mut unlinked = false;
    for paths in gone.chunks(FILES_AT_ONCE) {
        let (one, lost_target) = remove_files(&right, paths).await?;
        removed.entities += one.entities;
        removed.edges += one.edges;
        if lost_target && !unlinked {
            unlinked = true;
            right.take(|book| book.link_summary = None).await?;
        }
    }
    // While links are being made, packages may be there whose edges are still to come.
    if !gone.is_empty() && before.link_summary.is_some() {
        removed.entities += links::remove_unused_packages(&right).await?;
    }
    if let Some(path) = opened.first() {
        // It was complete when this run looked at it, and what had been on the way then arrived.
        return Err(StoreError::Unavailable {
            path: client.place(),
            reason: format!(
                "{path:?} and {} other files are incomplete: an attempt that was given up went on; run again",
                opened.len() - 1
            ),
        });
    }
    right.take(|book| book.last_commit = commit.map(str::to_owned)).await?;
    Ok(removed)
}

/// Removes some files; whether others lost the target of an edge by that.
async fn remove_files(right: &Right<'_>, paths: &[String]) -> StoreResult<(Removed, bool)> {
    let (client, epoch) = (right.client, right.run.epoch);
    let opened = right
        .change_files(right.of_paths(paths.iter().map(String::as_str)), |book, is_there| {
            book.contested |= is_there && !book.gone && book.content.is_none() && book.gantry.epoch != epoch;
            book.contested |= book.linking && book.linked_by != Some(epoch);
            book.gantry.epoch = epoch;
            book.content = None;
            book.links = None;
            book.gone = true;
            Ok(true)
        })
        .await?;
    let keys: Vec<String> = opened.iter().map(|(_, book)| book.key.clone()).collect();
    let held = client.held(&all_collections(), &keys).await?;
    let mut removals = Removals::default();
    for (collection, key, held) in held.iter() {
        let of_kind = if is_edge(collection) { &mut removals.edges } else { &mut removals.entities };
        of_kind.insert((collection, key.to_owned()), held.rev.clone());
    }
    removals.add_incident(client).await?;
    let own: HashSet<&str> = keys.iter().map(String::as_str).collect();
    removals.owners.retain(|key| !own.contains(key.as_str()));
    let lost_target = !removals.owners.is_empty();
    let (entities, edges) = removals.carry_out(right).await?;
    let key_refs: Vec<&str> = keys.iter().map(String::as_str).collect();
    let facts: Vec<Option<Revision>> = client.read(FACTS, &key_refs).await?;
    let facts: Vec<(String, String)> = facts.into_iter().flatten().map(|r| (r.key, r.rev)).collect();
    right.still().await?;
    client.remove(FACTS, &facts).await?;
    // A contested one stays until a later run has found nothing there.
    let finished = opened.iter().filter(|(old, book)| {
        let found_before = old.as_ref().is_some_and(|old| old.gone && old.gantry.epoch < epoch);
        !book.contested || found_before && !held.iter().any(|(.., held)| held.owner.file == book.key)
    });
    let finished: Vec<(String, String)> = finished.map(|(_, book)| (book.key.clone(), book.rev().to_owned())).collect();
    client.remove(FILES, &finished).await?;
    Ok((Removed { entities, edges }, lost_target))
}

/// Removes all of a repository.
pub(super) async fn drop_repository(client: &Client, repository: &Repository) -> StoreResult<Removed> {
    let begin = Instant::now();
    let mut tries = 0;
    loop {
        let Some(mut book) = client.any_repository(&repository.repo_id).await? else { return Ok(Removed::default()) };
        if book.org_id != repository.org_id {
            return Ok(Removed::default());
        }
        if book.dropping {
            return finish_drop(client, &book).await;
        }
        book.dropping = true;
        if let Some(book) = client.swap(vec![book]).await?.done.pop() {
            return finish_drop(client, &book).await;
        }
        tries += 1;
        client.wait(begin, tries, "a run writes the repository").await?;
    }
}

/// Removes what is left of a repository whose book says that it goes; its book last.
pub(super) async fn finish_drop(client: &Client, book: &RepositoryBook) -> StoreResult<Removed> {
    let mut removed = Removed::default();
    for collection in EdgeKind::collections() {
        removed.edges += drop_collection(client, &book.key, collection).await?;
    }
    for collection in EntityKind::collections() {
        removed.entities += drop_collection(client, &book.key, collection).await?;
    }
    for collection in [FACTS, FILES] {
        drop_collection(client, &book.key, collection).await?;
    }
    let now: Vec<Option<Revision>> = client.read(REPOSITORIES, &[&book.key]).await?;
    let now: Vec<(String, String)> = now.into_iter().flatten().map(|r| (r.key, r.rev)).collect();
    client.remove(REPOSITORIES, &now).await?;
    Ok(removed)
}

async fn drop_collection(client: &Client, repo: &str, collection: &str) -> StoreResult<u64> {
    let mut removed = 0;
    let mut after = String::new();
    loop {
        let bind = json!({ "@collection": collection, "repo": repo, "after": after, "limit": PAGE });
        let page: Vec<Revision> = client.query(super::requests::aql::REPO_PAGE, &bind).await?;
        let is_last = page.len() < PAGE;
        if let Some(last) = page.last() {
            after.clone_from(&last.key);
        }
        let documents: Vec<(String, String)> = page.into_iter().map(|r| (r.key, r.rev)).collect();
        client.remove(collection, &documents).await?;
        removed += count(documents.len());
        if is_last {
            return Ok(removed);
        }
    }
}

impl Client {
    /// The books of all files of a repository.
    pub(super) async fn file_books(&self, repo: &str) -> StoreResult<Vec<FileBook>> {
        let mut books: Vec<FileBook> = Vec::new();
        loop {
            let after = books.last().map(|book| book.key.as_str()).unwrap_or_default();
            let bind = json!({ "@collection": FILES, "repo": repo, "after": after, "limit": PAGE });
            let page: Vec<FileBook> = self.query(super::requests::aql::REPO_PAGE, &bind).await?;
            let is_last = page.len() < PAGE;
            books.extend(page);
            if is_last {
                return Ok(books);
            }
        }
    }
}
