//! Edges that depend on more than one file, and the packages that they point to.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::{
    batch::Outgoing,
    books::{FileBook, Owner, PACKAGES, file_key},
    client::Client,
    fence::Right,
    held::Removals,
    requests::aql,
    settle,
    write::lost,
};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileLinks},
    error::{StoreError, StoreResult},
    store::{Run, Written},
};

/// Packages in one question.
const VERTICES: usize = 1_000;

/// Makes the links of each file what is given here.
pub(super) async fn link_files(
    client: &Client,
    run: &Run,
    files: &[FileLinks],
    packages: &[EntityDocument],
) -> StoreResult<Written> {
    let right = Right::new(client, run);
    right.take(|book| book.link_summary = None).await?;
    let links: HashMap<&str, &FileLinks> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let opened = open(&right, &links).await?;
    if opened.iter().any(|(_, book)| book.links_contested) {
        right.take(|book| book.contested = true).await?;
    }
    let contested =
        opened.iter().filter(|(old, book)| book.links_contested || old.as_ref().is_some_and(|old| old.links_contested));
    let contested: HashSet<&str> = contested.map(|(_, book)| book.key.as_str()).collect();
    let owner = package_owner(&right);
    let (mut new_packages, mut new_edges) = Default::default();
    let mut written = put_packages(&right, packages, &owner, &mut new_packages).await?;

    let linked_before = opened.iter().filter(|(old, _)| old.as_ref().is_some_and(|old| old.linked_by.is_some()));
    let linked_before: Vec<String> = linked_before.map(|(_, book)| book.key.clone()).collect();
    let held = client.held(&EdgeKind::collections(), &linked_before).await?;
    let owners: Vec<(&FileLinks, String, String)> = links.values().map(|file| owned(&right, file)).collect();
    let mut edges: HashMap<(&str, &str), (&EdgeDocument, &str, bool)> = HashMap::new();
    for (file, key, owner) in &owners {
        let all = contested.contains(key.as_str());
        for edge in &file.edges {
            edges.insert((edge.kind.collection(), &edge.key), (edge, owner, all));
        }
    }
    let mut removals = Removals::default();
    for (collection, key, held) in held.iter() {
        if held.owner.linked && !edges.contains_key(&(collection, key)) {
            removals.edges.insert((collection, key.to_owned()), held.rev.clone());
        }
    }
    for ((collection, key), (edge, owner, all)) in edges {
        let differs = !held.get(collection, key).is_some_and(|held| held.owner.linked && held.is(edge));
        written += u64::from(differs);
        if differs || all {
            Outgoing::edge(&mut new_edges, edge, owner);
        }
    }
    let (_, removed) = removals.carry_out(&right).await?;
    for documents in [new_packages, new_edges] {
        right.import(documents).await?;
    }
    close(&right, &links).await?;
    close_packages(&right).await?;
    Ok(Written { written, removed })
}

/// A file with its key and the text of what owns its links.
fn owned<'f>(right: &Right<'_>, file: &'f FileLinks) -> (&'f FileLinks, String, String) {
    let key = file_key(&right.run.repository.repo_id, &file.path);
    let (repo, epoch) = (right.repo.clone(), right.run.epoch);
    let owner = Owner { repo, file: key.clone(), epoch, linked: true, name: None };
    (file, key, owner.text())
}

fn package_owner(right: &Right<'_>) -> String {
    let file = file_key(&right.run.repository.repo_id, PACKAGES);
    Owner { repo: right.repo.clone(), file, epoch: right.run.epoch, ..Owner::default() }.text()
}

async fn open(right: &Right<'_>, links: &HashMap<&str, &FileLinks>) -> StoreResult<Vec<(Option<FileBook>, FileBook)>> {
    let epoch = right.run.epoch;
    right
        .change_files(right.of_paths(links.keys().copied()), |book, is_there| {
            if !is_there || book.gone {
                let reason = format!("the links of {:?} have no file; index it first", book.path);
                return Err(StoreError::Damaged { path: right.client.place(), reason });
            }
            book.rewrite_links(epoch);
            Ok(true)
        })
        .await
}

async fn close(right: &Right<'_>, links: &HashMap<&str, &FileLinks>) -> StoreResult<()> {
    right.still().await?;
    right
        .change_files(right.of_paths(links.keys().copied()), |book, is_there| {
            if !is_there || book.linked_by != Some(right.run.epoch) {
                return Err(lost(right, &book.path));
            }
            book.links = links.get(book.path.as_str()).map(|file| file.digest.clone());
            book.linking = false;
            Ok(true)
        })
        .await?;
    Ok(())
}

/// Says that packages are written or removed, as of links of the file that they belong to; whether another run was cut off
/// in that, so that what it sent may still arrive.
async fn open_packages(right: &Right<'_>) -> StoreResult<bool> {
    let epoch = right.run.epoch;
    let opened = right
        .change_files(right.of_paths([PACKAGES]), |book, _| {
            book.rewrite_links(epoch);
            Ok(true)
        })
        .await?;
    Ok(opened.iter().any(|(old, book)| book.links_contested || old.as_ref().is_some_and(|old| old.links_contested)))
}

async fn close_packages(right: &Right<'_>) -> StoreResult<()> {
    right
        .change_files(vec![(file_key(&right.run.repository.repo_id, PACKAGES), None)], |book, _| {
            Ok(std::mem::take(&mut book.linking))
        })
        .await?;
    Ok(())
}

/// Packages that are new or different; how many.
async fn put_packages<'p>(
    right: &Right<'_>,
    packages: &'p [EntityDocument],
    owner: &'p str,
    to: &mut Outgoing<'p>,
) -> StoreResult<u64> {
    if packages.is_empty() {
        return Ok(0);
    }
    let contested = open_packages(right).await?;
    let unique: HashMap<&str, &EntityDocument> = packages.iter().map(|p| (p.key.as_str(), p)).collect();
    let mut written = 0;
    let keys: Vec<&str> = unique.keys().copied().collect();
    let held: Vec<Option<EntityDocument>> = right.client.read(EntityKind::Package.collection(), &keys).await?;
    for (key, held) in keys.into_iter().zip(held) {
        let Some(package) = unique.get(key) else { continue };
        let differs = held.as_ref() != Some(*package);
        written += u64::from(differs);
        if differs || contested {
            to.entity(package, owner);
        }
    }
    Ok(written)
}

/// Says that every file is linked.
pub(super) async fn finish(client: &Client, run: &Run, summary: &str) -> StoreResult<Written> {
    let right = Right::new(client, run);
    let before = right.take(|_| ()).await?;
    if before.contested && settle::settle(&right).await? > 0 {
        return Err(StoreError::Unavailable {
            path: client.place(),
            reason: "an attempt that was given up has written after this run; what it wrote is removed, run again"
                .to_owned(),
        });
    }
    let removed = remove_unused_packages(&right).await?;
    right.take(|book| book.link_summary = Some(summary.to_owned())).await?;
    Ok(Written { written: 0, removed })
}

/// Removes the packages that nothing points to.
pub(super) async fn remove_unused_packages(right: &Right<'_>) -> StoreResult<u64> {
    let collection = EntityKind::Package.collection();
    let file = file_key(&right.run.repository.repo_id, PACKAGES);
    let held = right.client.held(&[collection], &[file]).await?;
    let mut packages: HashMap<&str, &str> = held.iter().map(|(_, key, held)| (key, held.rev.as_str())).collect();
    let ids: Vec<String> = packages.keys().map(|key| format!("{collection}/{key}")).collect();
    for ids in ids.chunks(VERTICES) {
        let bind = json!({ "vertices": ids, "kinds": null, "limit": 1 });
        for edge in right.client.query::<End>(aql::EDGES_IN, &bind).await? {
            if let Some((_, key)) = edge.to.split_once('/') {
                packages.remove(key);
            }
        }
    }
    if packages.is_empty() {
        return Ok(0);
    }
    open_packages(right).await?;
    let unused = packages.into_iter().map(|(key, rev)| ((collection, key.to_owned()), rev.to_owned())).collect();
    let (removed, _) = Removals { entities: unused, ..Removals::default() }.carry_out(right).await?;
    close_packages(right).await?;
    Ok(removed)
}

#[derive(serde::Deserialize)]
struct End {
    #[serde(rename = "_to")]
    to: String,
}
