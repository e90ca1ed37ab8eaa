//! What is on the disk: a line for each transaction. A last line without its end is that of a transaction that never was.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use serde_json::{Map, Value, json};

use crate::database::{Collection, Databases};

/// A step of a transaction.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    CreateDatabase(String),
    DropDatabase(String),
    CreateCollection { database: String, name: String, kind: u64 },
    DropCollection { database: String, name: String },
    CreateIndex { database: String, name: String, index: Value },
    Put { database: String, collection: String, document: Map<String, Value> },
    Remove { database: String, collection: String, key: String },
}

pub(crate) struct Log {
    file: File,
}

impl Log {
    /// Opens the file and makes of it what was there.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Databases)> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut databases = Databases::new();
        let mut whole = 0;
        let mut reader = BufReader::new(&mut file);
        let mut line = String::new();
        loop {
            line.clear();
            let read = reader.read_line(&mut line)?;
            if read == 0 || !line.ends_with('\n') {
                break;
            }
            let Ok(Value::Array(steps)) = serde_json::from_str(&line) else { break };
            for step in steps.iter().filter_map(Step::read) {
                step.apply(&mut databases);
            }
            whole += u64::try_from(read).unwrap_or_default();
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self { file }, databases))
    }

    /// Writes a transaction; it is one from then on, whatever happens to the process.
    pub(crate) fn commit(&mut self, steps: Vec<Step>, to: &mut Databases) -> io::Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let mut line = Value::from(steps.iter().map(Step::write).collect::<Vec<_>>()).to_string();
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        for step in steps {
            step.apply(to);
        }
        Ok(())
    }
}

impl Step {
    fn write(&self) -> Value {
        match self {
            Self::CreateDatabase(name) => json!(["create database", name]),
            Self::DropDatabase(name) => json!(["drop database", name]),
            Self::CreateCollection { database, name, kind } => json!(["create collection", database, name, kind]),
            Self::DropCollection { database, name } => json!(["drop collection", database, name]),
            Self::CreateIndex { database, name, index } => json!(["create index", database, name, index]),
            Self::Put { database, collection, document } => json!(["put", database, collection, document]),
            Self::Remove { database, collection, key } => json!(["remove", database, collection, key]),
        }
    }

    fn read(line: &Value) -> Option<Self> {
        let text = |at: usize| line.get(at).and_then(Value::as_str).map(str::to_owned);
        Some(match text(0)?.as_str() {
            "create database" => Self::CreateDatabase(text(1)?),
            "drop database" => Self::DropDatabase(text(1)?),
            "create collection" => {
                Self::CreateCollection { database: text(1)?, name: text(2)?, kind: line.get(3)?.as_u64()? }
            }
            "drop collection" => Self::DropCollection { database: text(1)?, name: text(2)? },
            "create index" => Self::CreateIndex { database: text(1)?, name: text(2)?, index: line.get(3)?.clone() },
            "put" => {
                Self::Put { database: text(1)?, collection: text(2)?, document: line.get(3)?.as_object()?.clone() }
            }
            "remove" => Self::Remove { database: text(1)?, collection: text(2)?, key: text(3)? },
            _ => return None,
        })
    }

    fn apply(self, to: &mut Databases) {
        match self {
            Self::CreateDatabase(name) => to.create(name),
            Self::DropDatabase(name) => to.drop(&name),
            Self::CreateCollection { database, name, kind } => to.add(&database, Collection::new(name, kind)),
            Self::DropCollection { database, name } => to.remove(&database, &name),
            Self::CreateIndex { database, name, index } => {
                if let Some(collection) = to.collection_mut(&database, &name) {
                    collection.indexes.push(index);
                }
            }
            Self::Put { database, collection, document } => to.put(&database, &collection, document),
            Self::Remove { database, collection, key } => {
                if let Some(collection) = to.collection_mut(&database, &collection) {
                    collection.documents.remove(&key);
                }
            }
        }
    }
}
