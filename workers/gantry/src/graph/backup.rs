//! Backups of the embedded graph. A server has tools of its own for that.

use std::path::{Path, PathBuf};

use graph_store::{GraphUrl, SqliteGraph};

use super::{
    arguments::{BackupOptions, RestoreOptions},
    nothing_at,
};
use crate::{places::Places, problem::Problem, report};

pub(super) fn backup(places: &Places, options: &BackupOptions) -> Result<(), Problem> {
    let (url, path) = embedded(places)?;
    if !path.exists() {
        return Err(nothing_at(&url));
    }
    let bytes = SqliteGraph::open_existing(&path)?.backup(&options.file)?;
    told(&options.file, bytes, &format!("a backup of {url}"))
}

pub(super) fn restore(places: &Places, options: &RestoreOptions) -> Result<(), Problem> {
    let (url, path) = embedded(places)?;
    let bytes = SqliteGraph::restore(&path, &options.file)?;
    told(&path, bytes, &format!("{url} is what {} holds", options.file.display()))
}

fn embedded(places: &Places) -> Result<(GraphUrl, PathBuf), Problem> {
    let url = places.graph()?.url;
    match &url {
        GraphUrl::Sqlite(path) => Ok((url.clone(), path.clone())),
        _ => Err(Problem::input(format!("{url} is on a server")).hint(
            "back it up with the server's own tools (arangodump, pg_dump), or write it as text: gantry graph export",
        )),
    }
}

fn told(file: &Path, bytes: u64, what: &str) -> Result<(), Problem> {
    report::data(&format!("{what}: {:.1} MB in {}", report::megabytes(bytes), file.display()))
}
