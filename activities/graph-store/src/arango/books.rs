//! What is remembered of repositories and files, beside the graph and outside of every export.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    bulk::Written,
    client::Client,
    error::{CONFLICT, NOT_FOUND, UNIQUE},
    requests,
};
use crate::{
    error::StoreResult,
    key::{entity_hash, hash},
    store::Repository,
};

/// The collection of [`RepositoryBook`].
pub(super) const REPOSITORIES: &str = "gantry_repositories";
/// The collection of [`FileBook`].
pub(super) const FILES: &str = "gantry_files";
/// The collection of [`FactsBook`].
pub(super) const FACTS: &str = "gantry_facts";

/// The path of the file that packages belong to, which is no file of the repository.
pub(super) const PACKAGES: &str = "";

/// To whom a document belongs. Every document has one in its attribute `gantry`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// [`repository_key`].
    pub(super) repo: String,
    /// [`file_key`].
    pub(super) file: String,
    /// Of the run that wrote the document.
    #[serde(default)]
    pub(super) epoch: i64,
    /// Whether the edge is one of the file's links.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) linked: bool,
    /// Of an entity: its name in hexadecimal, its ASCII letters made small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

impl Owner {
    /// Its fields as JSON, without the braces; to be written into many documents, and an entity's name is still to come.
    pub(super) fn text(&self) -> String {
        let linked = if self.linked { ",\"linked\":true" } else { "" };
        // Keys are hexadecimal: nothing in them has to be escaped.
        format!("\"repo\":\"{}\",\"file\":\"{}\",\"epoch\":{}{linked}", self.repo, self.file, self.epoch)
    }
}

/// A repository. Its revision is what runs compete for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RepositoryBook {
    #[serde(rename = "_key")]
    pub(super) key: String,
    #[serde(rename = "_rev", default, skip_serializing_if = "Option::is_none")]
    rev: Option<String>,
    pub(super) org_id: String,
    pub(super) repo_id: String,
    /// Of the run that has the right to write.
    pub(super) epoch: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link_summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_commit: Option<String>,
    /// It is being removed; whoever comes next finishes that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) dropping: bool,
    /// Some of its files are contested.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) contested: bool,
}

impl RepositoryBook {
    pub(super) fn new(repository: &Repository, epoch: i64) -> Self {
        Self {
            key: repository_key(&repository.repo_id),
            rev: None,
            org_id: repository.org_id.clone(),
            repo_id: repository.repo_id.clone(),
            epoch,
            link_summary: None,
            last_commit: None,
            dropping: false,
            contested: false,
        }
    }
}

/// What of a file is stored completely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) sha256: String,
    pub(super) extractor: String,
}

/// A file. It is there before the first of its documents and goes after the last one, and says which of them are complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FileBook {
    #[serde(rename = "_key")]
    pub(super) key: String,
    #[serde(rename = "_rev", default, skip_serializing_if = "Option::is_none")]
    rev: Option<String>,
    /// `epoch` is that of the run that wrote the file last.
    pub(super) gantry: Owner,
    pub(super) path: String,
    /// None while the documents are being written: what is there may be half of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Content>,
    /// Digest of the links; none when they have to be made anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) links: Option<String>,
    /// The run that wrote the links last; none when there cannot be any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) linked_by: Option<i64>,
    /// The links are being written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) linking: bool,
    /// When it was written last, another run may still have been writing documents of it: that was cut off while it did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) contested: bool,
    /// The same of links.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) links_contested: bool,
    /// The file is no more; this only stays for what a run that was cut off may still write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) gone: bool,
}

impl FileBook {
    pub(super) fn new(repository: &str, repo_id: &str, path: &str, epoch: i64) -> Self {
        let key = file_key(repo_id, path);
        let gantry = Owner { repo: repository.to_owned(), file: key.clone(), epoch, ..Owner::default() };
        Self {
            key,
            rev: None,
            gantry,
            path: path.to_owned(),
            content: None,
            links: None,
            linked_by: None,
            linking: false,
            contested: false,
            links_contested: false,
            gone: false,
        }
    }

    /// Says that this run changes links of the file, or may. What another run was cut off in is contested.
    pub(super) fn touch_links(&mut self, epoch: i64) {
        self.links_contested |= self.linking && self.linked_by != Some(epoch);
        self.links = None;
        self.linked_by = Some(epoch);
        self.linking = true;
    }

    /// The same, all of them: what an earlier run found contested is written once more by that, and is no longer.
    pub(super) fn rewrite_links(&mut self, epoch: i64) {
        self.links_contested &= self.linked_by == Some(epoch);
        self.touch_links(epoch);
    }

    pub(super) fn rev(&self) -> &str {
        self.rev.as_deref().unwrap_or_default()
    }
}

/// What the indexer remembers of a file, in base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FactsBook {
    #[serde(rename = "_key")]
    pub(super) key: String,
    pub(super) path: String,
    pub(super) facts: String,
}

/// Key of a repository's book.
pub(super) fn repository_key(repo_id: &str) -> String {
    hash(&["repository", repo_id])
}

/// Key of a file's book: that of its entity.
pub(super) fn file_key(repo_id: &str, path: &str) -> String {
    entity_hash(repo_id, path, "file", path, "")
}

/// A document that several writers may want to change at once.
pub(super) trait Book: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync {
    const COLLECTION: &'static str;
    fn key(&self) -> &str;
    fn rev_mut(&mut self) -> &mut Option<String>;

    /// Whether it is the same, whatever the revision.
    fn is_same(&self, other: &Self) -> bool {
        let (mut one, mut two) = (self.clone(), other.clone());
        *one.rev_mut() = None;
        *two.rev_mut() = None;
        one == two
    }
}

impl Book for RepositoryBook {
    const COLLECTION: &'static str = REPOSITORIES;
    fn key(&self) -> &str {
        &self.key
    }
    fn rev_mut(&mut self) -> &mut Option<String> {
        &mut self.rev
    }
}

impl Book for FileBook {
    const COLLECTION: &'static str = FILES;
    fn key(&self) -> &str {
        &self.key
    }
    fn rev_mut(&mut self) -> &mut Option<String> {
        &mut self.rev
    }
}

/// What became of books that were to be changed.
pub(super) struct Swapped<B> {
    /// With their new revisions.
    pub(super) done: Vec<B>,
    /// Those that somebody else changed first, as they are now; with the key of each.
    pub(super) taken: Vec<(String, Option<B>)>,
}

impl Client {
    /// Writes each book if it still has the revision with which it was read; one without a revision must not be there. A
    /// book that turns out to be what it was to become counts as written: the answer to that was lost.
    pub(super) async fn swap<B: Book>(&self, books: Vec<B>) -> StoreResult<Swapped<B>> {
        let mut swapped = Swapped { done: Vec::new(), taken: Vec::new() };
        let (mut known, mut new) = (Vec::new(), Vec::new());
        for mut book in books {
            if book.rev_mut().is_some() { known.push(book) } else { new.push(book) }
        }
        let mut unsure = Vec::new();
        for (books, is_new) in [(new, true), (known, false)] {
            let mut books = books.into_iter().peekable();
            while books.peek().is_some() {
                let some: Vec<B> = books.by_ref().take(1_000).collect();
                let array = serde_json::to_vec(&some).map_err(|e| self.nonsense(&e.to_string()))?;
                let request = if is_new { requests::create } else { requests::replace };
                let request = request(self.database(), B::COLLECTION, array.into());
                let outcomes: Vec<Written> = self.outcomes(&request, some.len()).await?;
                for (mut book, outcome) in some.into_iter().zip(outcomes) {
                    match outcome {
                        Ok(rev) => {
                            *book.rev_mut() = Some(rev);
                            swapped.done.push(book);
                        }
                        Err(e) if e.is_transient() || matches!(e.number, CONFLICT | UNIQUE | NOT_FOUND) => {
                            unsure.push(book);
                        }
                        Err(e) => return Err(self.refused(B::COLLECTION, &[(book.key().to_owned(), e)], 1)),
                    }
                }
            }
        }
        let keys: Vec<&str> = unsure.iter().map(Book::key).collect();
        let now: Vec<Option<B>> = self.read(B::COLLECTION, &keys).await?;
        for (wanted, now) in unsure.into_iter().zip(now) {
            match now {
                Some(now) if now.is_same(&wanted) => swapped.done.push(now),
                now => swapped.taken.push((wanted.key().to_owned(), now)),
            }
        }
        Ok(swapped)
    }
}
