//! The right to write a repository, and changing its books.
//!
//! There is no transaction over several collections, so a write is made of steps, and an attempt that was given up may be
//! in the middle of them. These hold:
//!
//! - A repository's book changes by compare-and-swap on its revision, and its epoch never becomes smaller. Whoever writes
//!   has read there, after its last own change of a file's book and before each batch, that no later run has written.
//! - A file's book is opened (by compare-and-swap, its `content` removed) before the first of its documents is touched and
//!   closed after the last one. So of an attempt that dies, the books that it left open are those that need writing again,
//!   and a file whose book is open does not count as indexed.
//! - What an attempt has sent before it was replaced may still arrive. The server is told to refuse what waits longer than
//!   the client does, which bounds it in time; it can only concern files whose books that attempt had opened. A run that
//!   finds such a book takes the file as contested: it writes all of its documents with its own epoch, so a removal that
//!   comes late meets another revision and is refused, and a document that comes late has another epoch. Those are looked
//!   for when links are finished ([`super::settle`]). What comes later still is undone by the next run, to which a contested
//!   file does not count as unchanged: it is written once more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use futures::future::try_join_all;

use super::{
    batch::Outgoing,
    books::{Book as _, FileBook, RepositoryBook, Swapped, file_key, repository_key},
    client::Client,
};
use crate::{
    error::{StoreError, StoreResult},
    store::{Repository, Run},
};

/// The right of one run.
pub(super) struct Right<'a> {
    pub(super) client: &'a Client,
    pub(super) run: &'a Run,
    /// Key of the repository's book.
    pub(super) repo: String,
}

impl Client {
    /// The book of a repository as this organisation sees it: none when there is none, or it is being removed.
    pub(super) async fn repository(&self, repository: &Repository) -> StoreResult<Option<RepositoryBook>> {
        let book = self.any_repository(&repository.repo_id).await?;
        Ok(book.filter(|book| book.org_id == repository.org_id && !book.dropping))
    }

    pub(super) async fn any_repository(&self, repo_id: &str) -> StoreResult<Option<RepositoryBook>> {
        let key = repository_key(repo_id);
        let book: Option<RepositoryBook> = self.read(RepositoryBook::COLLECTION, &[&key]).await?.pop().flatten();
        if let Some(other) = book.as_ref().filter(|book| book.repo_id != repo_id) {
            return Err(StoreError::Damaged {
                path: self.place(),
                reason: format!("the book of repository {repo_id} is that of {}", other.repo_id),
            });
        }
        Ok(book)
    }
}

impl<'a> Right<'a> {
    pub(super) fn new(client: &'a Client, run: &'a Run) -> Self {
        Self { client, run, repo: repository_key(&run.repository.repo_id) }
    }

    /// The repository's book, if this run may write it; none if there is none yet.
    pub(super) async fn check(&self) -> StoreResult<Option<RepositoryBook>> {
        let Repository { org_id, repo_id } = &self.run.repository;
        let Some(book) = self.client.any_repository(repo_id).await? else { return Ok(None) };
        if book.org_id != *org_id {
            let (repo_id, org_id, owner) = (repo_id.clone(), org_id.clone(), book.org_id);
            return Err(StoreError::OtherOrganisation { repo_id, org_id, owner });
        }
        if book.epoch > self.run.epoch {
            let repo_id = repo_id.clone();
            return Err(StoreError::Fenced { repo_id, epoch: self.run.epoch, current: book.epoch });
        }
        Ok(Some(book))
    }

    /// Fails unless this run has the right now; asked before each write.
    pub(super) async fn still(&self) -> StoreResult<()> {
        match self.check().await? {
            Some(book) if book.epoch == self.run.epoch && !book.dropping => Ok(()),
            _ => Err(StoreError::Unavailable {
                path: self.client.place(),
                reason: format!(
                    "repository {} was removed while it was written; run again",
                    self.run.repository.repo_id
                ),
            }),
        }
    }

    /// Takes the right from earlier runs, and changes the book. Answers it as it was before (but for the epoch).
    pub(super) async fn take(&self, change: impl Fn(&mut RepositoryBook)) -> StoreResult<RepositoryBook> {
        let begin = Instant::now();
        let mut tries = 0;
        loop {
            let before = self.check().await?;
            if let Some(book) = before.as_ref().filter(|book| book.dropping) {
                super::remove::finish_drop(self.client, book).await?;
                continue;
            }
            let is_new = before.is_none();
            let before = before.unwrap_or_else(|| RepositoryBook::new(&self.run.repository, self.run.epoch));
            let mut after = before.clone();
            after.epoch = self.run.epoch;
            change(&mut after);
            if after == before && !is_new {
                return Ok(before);
            }
            if self.client.swap(vec![after]).await?.taken.is_empty() {
                return Ok(before);
            }
            tries += 1;
            self.client.wait(begin, tries, "another run writes the repository").await?;
        }
    }

    /// Writes documents, several batches at a time.
    pub(super) async fn import(&self, documents: Outgoing<'_>) -> StoreResult<()> {
        let options = self.client.options();
        let batches = documents.into_batches(&self.run.repository.repo_id, options.batch_bytes);
        let batches = Mutex::new(batches);
        let next = || batches.lock().unwrap_or_else(PoisonError::into_inner).next().transpose();
        let lanes = (0..options.concurrency.clamp(1, 16)).map(|_| async {
            while let Some(batch) = next().map_err(|e| self.client.nonsense(&e.to_string()))? {
                self.still().await?;
                self.client.import(&batch).await?;
            }
            Ok(())
        });
        try_join_all(lanes.collect::<Vec<_>>()).await.map(drop)
    }

    /// The books of the files with these paths, to be changed, also where they are not there yet.
    pub(super) fn of_paths<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Vec<(String, Option<&'p str>)> {
        let repo_id = &self.run.repository.repo_id;
        paths.into_iter().map(|path| (file_key(repo_id, path), Some(path))).collect()
    }

    /// Changes the books of these files (key, and path if one is to be made where there is none), each one whatever else is
    /// changed meanwhile. `change` gets a book as it is, or as it would begin, with whether it is there; it answers whether
    /// it has to be written. Answers each book before and after, in no order; without those that neither were there nor
    /// were written.
    pub(super) async fn change_files(
        &self,
        files: Vec<(String, Option<&str>)>,
        change: impl Fn(&mut FileBook, bool) -> StoreResult<bool>,
    ) -> StoreResult<Vec<(Option<FileBook>, FileBook)>> {
        let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
        let now: Vec<Option<FileBook>> = self.client.read(FileBook::COLLECTION, &keys).await?;
        self.change_books(files.iter().map(|(_, path)| *path).zip(now).collect(), change).await
    }

    /// The same with books that were read already, which others may have changed since.
    pub(super) async fn change_books(
        &self,
        mut asked: Vec<(Option<&str>, Option<FileBook>)>,
        change: impl Fn(&mut FileBook, bool) -> StoreResult<bool>,
    ) -> StoreResult<Vec<(Option<FileBook>, FileBook)>> {
        let begin = Instant::now();
        let mut tries = 0;
        let mut changed = Vec::with_capacity(asked.len());
        while !asked.is_empty() {
            let (mut wanted, mut before) = (Vec::new(), HashMap::new());
            for (path, old) in asked {
                let mut book = match (&old, path) {
                    (Some(old), _) => old.clone(),
                    (None, Some(path)) => FileBook::new(&self.repo, &self.run.repository.repo_id, path, self.run.epoch),
                    (None, None) => continue,
                };
                if path.is_some_and(|path| path != book.path) || book.gantry.repo != self.repo {
                    let reason = format!("the book of {path:?} is that of {:?}", book.path);
                    return Err(StoreError::Damaged { path: self.client.place(), reason });
                }
                if change(&mut book, old.is_some())? {
                    before.insert(book.key.clone(), (path, old));
                    wanted.push(book);
                } else if let Some(old) = old {
                    changed.push((Some(old), book));
                }
            }
            let Swapped { done, taken } = self.client.swap(wanted).await?;
            for book in done {
                let old = before.remove(&book.key).and_then(|(_, old)| old);
                changed.push((old, book));
            }
            asked = taken.into_iter().filter_map(|(key, now)| Some((before.remove(&key)?.0, now))).collect();
            if !asked.is_empty() {
                // Whoever was faster may be a later run.
                self.still().await?;
                tries += 1;
                self.client.wait(begin, tries, "another run writes the same files").await?;
            }
        }
        Ok(changed)
    }
}
