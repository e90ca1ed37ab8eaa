//! Databases, collections, documents; and what a transaction sees of them.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::{
    envelope::{Error, Result},
    log::Step,
};

pub(crate) type Document = Map<String, Value>;

pub(crate) struct Collection {
    pub(crate) name: String,
    /// 2 for documents, 3 for edges.
    pub(crate) kind: u64,
    /// With `_key` and `_rev`, without `_id`.
    pub(crate) documents: BTreeMap<String, Document>,
    pub(crate) indexes: Vec<Value>,
}

impl Collection {
    pub(crate) fn new(name: String, kind: u64) -> Self {
        Self { name, kind, documents: BTreeMap::new(), indexes: Vec::new() }
    }

    /// As it is handed out.
    pub(crate) fn with_id(&self, document: &Document) -> Value {
        let mut document = document.clone();
        let key = document.get("_key").and_then(Value::as_str).unwrap_or_default();
        let id = format!("{}/{key}", self.name);
        document.insert("_id".into(), id.into());
        Value::Object(document)
    }
}

pub(crate) type Database = BTreeMap<String, Collection>;

/// All there is.
pub(crate) struct Databases {
    by_name: BTreeMap<String, Database>,
    /// The last revision and the last key that were given out.
    last: u64,
}

impl Databases {
    pub(crate) fn new() -> Self {
        Self { by_name: BTreeMap::from([("_system".to_owned(), Database::new())]), last: 0 }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.by_name.keys().map(String::as_str).collect()
    }

    pub(crate) fn database(&self, name: &str) -> Result<&Database> {
        self.by_name.get(name).ok_or_else(|| Error::numbered(1228))
    }

    pub(crate) fn collection(&self, database: &str, name: &str) -> Result<&Collection> {
        self.database(database)?.get(name).ok_or_else(|| Error::numbered(1203))
    }

    pub(crate) fn collection_mut(&mut self, database: &str, name: &str) -> Option<&mut Collection> {
        self.by_name.get_mut(database)?.get_mut(name)
    }

    pub(crate) fn create(&mut self, name: String) {
        self.by_name.entry(name).or_default();
    }

    pub(crate) fn drop(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    pub(crate) fn add(&mut self, database: &str, collection: Collection) {
        if let Some(database) = self.by_name.get_mut(database) {
            database.insert(collection.name.clone(), collection);
        }
    }

    pub(crate) fn remove(&mut self, database: &str, collection: &str) {
        if let Some(database) = self.by_name.get_mut(database) {
            database.remove(collection);
        }
    }

    pub(crate) fn put(&mut self, database: &str, collection: &str, document: Document) {
        let text = |field: &str| document.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (key, rev) = (text("_key"), text("_rev"));
        let number = u64::from_str_radix(rev.trim_start_matches('_'), 16).unwrap_or_default();
        self.last = self.last.max(number);
        if let Some(collection) = self.collection_mut(database, collection) {
            collection.documents.insert(key, document);
        }
    }

    /// A number that was never given out before.
    pub(crate) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

/// What a request writes into one collection, all or nothing.
pub(crate) struct Transaction<'a> {
    databases: &'a mut Databases,
    database: &'a str,
    name: &'a str,
    kind: u64,
    written: HashMap<String, Option<Document>>,
    steps: Vec<Step>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn begin(databases: &'a mut Databases, database: &'a str, name: &'a str) -> Result<Self> {
        let kind = databases.collection(database, name)?.kind;
        Ok(Self { databases, database, name, kind, written: HashMap::new(), steps: Vec::new() })
    }

    pub(crate) fn is_edges(&self) -> bool {
        self.kind == 3
    }

    pub(crate) fn id(&self, key: &str) -> String {
        format!("{}/{key}", self.name)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Document> {
        match self.written.get(key) {
            Some(written) => written.clone(),
            None => self.databases.collection(self.database, self.name).ok()?.documents.get(key).cloned(),
        }
    }

    pub(crate) fn next_key(&mut self) -> String {
        self.databases.next().to_string()
    }

    /// Stores a document with a new revision, which is answered.
    pub(crate) fn put(&mut self, key: &str, mut document: Document) -> String {
        let rev = format!("_{:x}", self.databases.next());
        document.remove("_id");
        document.insert("_key".into(), key.into());
        document.insert("_rev".into(), rev.clone().into());
        self.written.insert(key.to_owned(), Some(document.clone()));
        let (database, collection) = (self.database.to_owned(), self.name.to_owned());
        self.steps.push(Step::Put { database, collection, document });
        rev
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.written.insert(key.to_owned(), None);
        let (database, collection) = (self.database.to_owned(), self.name.to_owned());
        self.steps.push(Step::Remove { database, collection, key: key.to_owned() });
    }

    /// Removes everything that is there.
    pub(crate) fn truncate(&mut self) {
        let there = self.databases.collection(self.database, self.name).map(|c| c.documents.keys().cloned().collect());
        let there: Vec<String> = there.unwrap_or_default();
        for key in there {
            self.remove(&key);
        }
    }

    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

/// Puts `patch` over `document`, objects into objects.
pub(crate) fn merge(document: &mut Document, patch: Document, merge_objects: bool, keep_null: bool) {
    // Depth is bounded by the parser, which gives up at 128.
    for (field, value) in patch {
        match (document.get_mut(&field), value) {
            (_, Value::Null) if !keep_null => {
                document.remove(&field);
            }
            (Some(Value::Object(old)), Value::Object(new)) if merge_objects => {
                merge(old, new, merge_objects, keep_null);
            }
            (_, value) => {
                document.insert(field, value);
            }
        }
    }
}
