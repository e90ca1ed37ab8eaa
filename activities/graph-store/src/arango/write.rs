//! Writing files.

use std::collections::{HashMap, HashSet};

use super::{
    batch::Outgoing,
    books::{Content, FileBook, Owner, file_key},
    client::Client,
    fence::Right,
    held::{Removals, all_collections, is_edge},
};
use crate::{
    document::{EdgeDocument, EntityDocument, FileGraph},
    error::{StoreError, StoreResult},
    store::{Run, Written},
};

/// Makes the graph of each file what is given here.
pub(super) async fn replace_files(client: &Client, run: &Run, files: &[FileGraph]) -> StoreResult<Written> {
    let right = Right::new(client, run);
    if files.is_empty() {
        right.take(|_| ()).await?;
        return Ok(Written::default());
    }
    right.take(|book| book.link_summary = None).await?;
    // Of a path that is given twice, the last one is what the file holds.
    let graphs: HashMap<&str, &FileGraph> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let opened = open(&right, graphs.keys().copied()).await?;
    if opened.iter().any(|(_, book)| book.contested) {
        right.take(|book| book.contested = true).await?;
    }
    let contested = opened.iter().filter(|(old, book)| book.contested || old.as_ref().is_some_and(|old| old.contested));
    let contested: HashSet<String> = contested.map(|(_, book)| book.key.clone()).collect();
    // Of a file without a book, there is nothing.
    let known: Vec<String> =
        opened.iter().filter(|(before, _)| before.is_some()).map(|(_, book)| book.key.clone()).collect();
    let held = client.held(&all_collections(), &known).await?;

    let owners: Vec<(&FileGraph, String, String)> = graphs.values().map(|graph| owned(&right, graph)).collect();
    let mut entities: HashMap<(&str, &str), (&EntityDocument, &str, bool)> = HashMap::new();
    let mut edges: HashMap<(&str, &str), (&EdgeDocument, &str, bool)> = HashMap::new();
    for (graph, key, owner) in &owners {
        let all = contested.contains(key.as_str());
        for entity in &graph.entities {
            entities.insert((entity.kind.collection(), &entity.key), (entity, owner, all));
        }
        for edge in &graph.edges {
            edges.insert((edge.kind.collection(), &edge.key), (edge, owner, all));
        }
    }

    let mut removals = Removals::default();
    for (collection, key, held) in held.iter() {
        let id = (collection, key.to_owned());
        if is_edge(collection) {
            if !held.owner.linked && !edges.contains_key(&(collection, key)) {
                removals.edges.insert(id, held.rev.clone());
            }
        } else if !entities.contains_key(&(collection, key)) {
            removals.entities.insert(id, held.rev.clone());
        }
    }
    removals.add_incident(client).await?;
    let removed: HashSet<(&str, &str)> = removals.edges.keys().map(|(c, key)| (*c, key.as_str())).collect();

    let mut written = 0;
    let (mut outgoing, mut outgoing_edges, mut facts) = Default::default();
    for ((collection, key), (entity, owner, all)) in entities {
        let differs = !held.get(collection, key).is_some_and(|held| held.is(entity));
        written += u64::from(differs);
        if differs || all {
            Outgoing::entity(&mut outgoing, entity, owner);
        }
    }
    for ((collection, key), (edge, owner, all)) in edges {
        let stays = held.get(collection, key).is_some_and(|held| !held.owner.linked && held.is(edge));
        let differs = !stays || removed.contains(&(collection, key));
        written += u64::from(differs);
        if differs || all {
            Outgoing::edge(&mut outgoing_edges, edge, owner);
        }
    }
    for (graph, _, owner) in &owners {
        Outgoing::facts(&mut facts, graph, owner);
    }
    drop(removed);
    let (gone_entities, gone_edges) = removals.carry_out(&right).await?;
    // An edge never comes before its ends.
    for documents in [outgoing, outgoing_edges, facts] {
        right.import(documents).await?;
    }
    close(&right, opened, &graphs).await?;
    Ok(Written { written, removed: gone_entities + gone_edges })
}

/// A file with its key and the text of what owns its documents.
fn owned<'g>(right: &Right<'_>, graph: &'g FileGraph) -> (&'g FileGraph, String, String) {
    let key = file_key(&right.run.repository.repo_id, &graph.path);
    let owner = Owner { repo: right.repo.clone(), file: key.clone(), epoch: right.run.epoch, ..Owner::default() };
    (graph, key, owner.text())
}

/// Opens the books: from now on, what is stored of these files may be incomplete.
async fn open<'p>(
    right: &Right<'_>,
    paths: impl IntoIterator<Item = &'p str>,
) -> StoreResult<Vec<(Option<FileBook>, FileBook)>> {
    let epoch = right.run.epoch;
    right
        .change_files(right.of_paths(paths), |book, is_there| {
            // Whoever left it open may still be writing. A run that comes after the one which found that writes it all
            // again, and that is the end of it.
            let left_open = is_there && book.content.is_none() && book.gantry.epoch != epoch;
            book.contested = left_open || book.contested && book.gantry.epoch == epoch;
            book.gantry.epoch = epoch;
            book.content = None;
            book.links = None;
            book.gone = false;
            Ok(true)
        })
        .await
}

/// Closes the books: all of it is stored.
async fn close(
    right: &Right<'_>,
    opened: Vec<(Option<FileBook>, FileBook)>,
    graphs: &HashMap<&str, &FileGraph>,
) -> StoreResult<()> {
    right.still().await?;
    let books = opened.into_iter().map(|(_, book)| (None, Some(book))).collect();
    right
        .change_books(books, |book, is_there| {
            if !is_there || book.gantry.epoch != right.run.epoch {
                return Err(lost(right, &book.path));
            }
            let Some(graph) = graphs.get(book.path.as_str()) else { return Ok(false) };
            book.content = Some(Content { sha256: graph.content_sha256.clone(), extractor: graph.extractor.clone() });
            Ok(true)
        })
        .await?;
    Ok(())
}

/// Somebody without the right changed a book.
pub(super) fn lost(right: &Right<'_>, path: &str) -> StoreError {
    StoreError::Unavailable {
        path: right.client.place(),
        reason: format!("{path:?} was changed by another run while it was written; run again"),
    }
}
