//! The state folder, the graph store and the blob store.

use std::path::Path;

use graph_store::{GraphStore, GraphUrl, SqliteGraph};

use super::check::{Check, blocking};
use crate::{places::Places, problem::Problem};

/// Less free space than this is worth a word, in bytes.
const LITTLE: u64 = 1_000_000_000;

pub(super) async fn checks(places: &Places) -> Vec<Check> {
    let state = places.state.clone();
    let space = places.state.clone();
    let (graph_of, blobs_of) = (places.clone(), places.clone());
    let (folder, space, graph, blobs) = futures::join!(
        blocking("state folder", move || state_folder(&state)),
        blocking("free space", move || free_space(&space)),
        blocking("graph store", move || graph(&graph_of)),
        blocking("blob store", move || blob_store(&blobs_of)),
    );
    vec![folder, space, graph, blobs]
}

/// The folder itself, or the nearest one above it that is there.
fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|f| f.exists()).unwrap_or(folder)
}

fn can_be_written(folder: &Path) -> bool {
    let existing = existing(folder);
    existing.is_dir() && rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_ok()
}

fn state_folder(state: &Path) -> Check {
    const NAME: &str = "state folder";
    if can_be_written(state) {
        let note = if state.exists() { "" } else { " (made when it is needed)" };
        return Check::ok(NAME, format!("{}{note}", state.display()));
    }
    Check::failed(NAME, format!("{} cannot be written", state.display()), "set GANTRY_HOME to a folder that can")
}

fn free_space(state: &Path) -> Check {
    const NAME: &str = "free space";
    let folder = existing(state);
    match rustix::fs::statvfs(folder) {
        Ok(disk) => space(disk.f_bavail.saturating_mul(disk.f_frsize), folder),
        Err(error) => Check::warning(
            NAME,
            format!("{}: {error}", folder.display()),
            "the file system does not tell; look at it yourself",
        ),
    }
}

fn space(free: u64, folder: &Path) -> Check {
    const NAME: &str = "free space";
    let text = format!("{:.1} GB where {} is", crate::report::megabytes(free) / 1000.0, folder.display());
    if free >= LITTLE {
        return Check::ok(NAME, text);
    }
    Check::warning(NAME, text, "make room: graph, blobs and workspaces grow there, and a full disk fails activities")
}

fn graph(places: &Places) -> Check {
    const NAME: &str = "graph store";
    let place = match places.graph() {
        Ok(place) => place,
        Err(problem) => return Check::problem(NAME, problem),
    };
    let url = &place.url;
    let opened: Result<_, Problem> = match url {
        GraphUrl::Sqlite(path) if !path.exists() => return Check::ok(NAME, format!("{url} (made by the first run)")),
        GraphUrl::Sqlite(path) => {
            SqliteGraph::open_existing(path).and_then(|mut store| store.repositories()).map_err(Problem::from)
        }
        _ => place.open().map_err(Problem::from).and_then(|mut store| Ok(store.repositories()?)),
    };
    Check::of(NAME, opened, |all| format!("{url} with {} repositories", all.len()))
}

fn blob_store(places: &Places) -> Check {
    const NAME: &str = "blob store";
    let store = match places.blobs() {
        Ok(store) => store,
        Err(problem) => return Check::of::<()>(NAME, Err(problem), |()| String::new()),
    };
    let folder = store.url().to_file_path().ok();
    if let Some(folder) = folder.filter(|folder| !folder.exists() && can_be_written(folder)) {
        return Check::ok(NAME, format!("{} (made when it is needed)", folder.display()));
    }
    match store.probe() {
        Ok(()) => Check::ok(NAME, store.url().to_string()),
        Err(failure) => Check::failed(NAME, format!("{}: {}", failure.what, failure.place), failure.hint),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::check::Status, *};

    #[test]
    fn little_space_is_a_warning() {
        assert_eq!(space(LITTLE, Path::new("/s")).status, Status::Ok);
        let little = space(LITTLE - 1, Path::new("/s"));
        assert_eq!(little.status, Status::Warning);
        assert_eq!(little.detail, "1.0 GB where /s is");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_seen_before_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(state_folder(&file.join("folder")).status, Status::Failed);
        let check = state_folder(&folder.path().join("a/b"));
        assert!(check.status == Status::Ok && check.detail.contains("made when"), "{check:?}");
    }
}
