//! What an attempt wrote that had been replaced before it arrived.

use std::collections::HashMap;

use super::{
    books::{FACTS, FileBook, Owner, PACKAGES},
    fence::Right,
    held::{Removals, all_collections, is_edge},
};
use crate::error::StoreResult;

/// Files that are looked at together.
const FILES_AT_ONCE: usize = 200;

/// Looks through the contested files of a repository for documents of another run than the one that their book names.
/// What is found is removed, and the file's book opened again: something of it may have been replaced. Answers how many were
/// opened. Links that are open are left alone: whoever links the file writes all of them anew, and a file that nobody links any
/// more is removed.
pub(super) async fn settle(right: &Right<'_>) -> StoreResult<usize> {
    let books: Vec<FileBook> = right.client.file_books(&right.repo).await?;
    let contested: HashMap<String, FileBook> = books
        .into_iter()
        .filter(|book| !book.gone && book.path != PACKAGES && (book.contested || has_contested_links(book)))
        .map(|book| (book.key.clone(), book))
        .collect();
    let keys: Vec<String> = contested.keys().cloned().collect();
    let mut opened = 0;
    let mut collections = all_collections();
    collections.push(FACTS);
    for keys in keys.chunks(FILES_AT_ONCE) {
        let held = right.client.held(&collections, keys).await?;
        let mut removals = Removals::default();
        let mut late_facts = Vec::new();
        let mut touched: HashMap<String, Option<&str>> = HashMap::new();
        for (collection, key, held) in held.iter() {
            if contested.get(&held.owner.file).is_none_or(|book| belongs(book, &held.owner)) {
                continue;
            }
            touched.insert(held.owner.file.clone(), None);
            if collection == FACTS {
                late_facts.push((key.to_owned(), held.rev.clone()));
            } else if is_edge(collection) {
                removals.edges.insert((collection, key.to_owned()), held.rev.clone());
            } else {
                removals.entities.insert((collection, key.to_owned()), held.rev.clone());
            }
        }
        opened += touched.len();
        right
            .take(|book| {
                if !touched.is_empty() {
                    book.link_summary = None;
                }
            })
            .await?;
        right
            .change_files(touched.clone().into_iter().collect(), |book, _| {
                book.content = None;
                book.links = None;
                Ok(true)
            })
            .await?;
        removals.add_incident(right.client).await?;
        removals.carry_out(right).await?;
        right.client.remove(FACTS, &late_facts).await?;
    }
    if keys.is_empty() {
        right.take(|book| book.contested = false).await?;
    }
    Ok(opened)
}

/// Whether a document is of the run that wrote the file, or the file is not contested in that respect.
fn belongs(book: &FileBook, owner: &Owner) -> bool {
    if owner.linked {
        !has_contested_links(book) || book.linked_by == Some(owner.epoch)
    } else {
        !book.contested || book.gantry.epoch == owner.epoch
    }
}

fn has_contested_links(book: &FileBook) -> bool {
    book.links_contested && !book.linking
}
