//! How far a file of jobs has been submitted, kept beside it.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::lines::Mark;
use crate::problem::Problem;

const VERSION: u32 = 1;

/// All jobs of the first `offset` bytes are at the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    version: u32,
    /// Whose they are.
    pub(crate) target: Target,
    pub(crate) offset: u64,
    pub(crate) newlines: u64,
    /// Of those bytes; another file, or a changed one, has another.
    pub(crate) sha256: String,
    /// Length of the file of rejected lines at that point.
    pub(crate) rejects_bytes: u64,
}

/// What the lines of a file become, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    /// The namespace's own id, which no other namespace of any server has.
    pub(crate) namespace_id: String,
    /// The activity whose inputs the lines are; absent when each line says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) activity: Option<String>,
}

impl Progress {
    pub(crate) fn new(target: Target, mark: &Mark, rejects_bytes: u64) -> Self {
        Self {
            version: VERSION,
            target,
            offset: mark.offset,
            newlines: mark.newlines,
            sha256: mark.sha256(),
            rejects_bytes,
        }
    }

    /// What an earlier run left, if there was one.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, Problem> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Problem::io(&format!("reading {}", path.display()), &error)),
        };
        let progress = serde_json::from_slice::<Self>(&text).map_err(|error| error.to_string());
        let known = |progress: Self| {
            let version = progress.version;
            if version == VERSION { Ok(progress) } else { Err(format!("it is of version {version}")) }
        };
        progress.and_then(known).map(Some).map_err(|reason| {
            Problem::input(format!("{} does not tell how far an earlier run was: {reason}", path.display()))
                .hint("--restart begins with the first line; what is there already is not submitted twice")
        })
    }

    /// Replaces what is there; at no time half of it is.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Problem> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_data()?;
            fs::rename(&beside, path)
        };
        write().map_err(|error: io::Error| {
            Problem::io(&format!("writing {}", path.display()), &error).hint("--progress PATH keeps it elsewhere")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::job::lines::Lines;

    fn progress(bytes: &[u8]) -> Progress {
        let target = Target { namespace_id: "n".into(), activity: None };
        let mut lines = Lines::new(BufReader::new(bytes), 100);
        let mark = lines.next().unwrap().unwrap().after;
        Progress::new(target, &mark, 7)
    }

    #[test]
    fn progress_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.ndjson.progress");
        assert_eq!(Progress::load(&path).unwrap(), None);
        let first = progress(b"one\ntwo\n");
        first.save(&path).unwrap();
        assert_eq!(Progress::load(&path).unwrap(), Some(first.clone()));
        assert_eq!((first.offset, first.newlines, first.rejects_bytes), (4, 1, 7));
        progress(b"other\n").save(&path).unwrap();
        assert_ne!(Progress::load(&path).unwrap(), Some(first));
    }

    #[test]
    fn what_is_no_progress_is_refused_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p");
        let later = serde_json::to_string(&progress(b"x")).unwrap().replace("\"version\":1", "\"version\":2");
        for text in ["", "{}", "{\"version\":1}", "[]", "\u{0}", later.as_str()] {
            fs::write(&path, text).unwrap();
            let problem = Progress::load(&path).unwrap_err();
            assert_eq!(problem.code, 1, "{text}");
            assert!(problem.hint.unwrap().contains("--restart"));
        }
    }
}
