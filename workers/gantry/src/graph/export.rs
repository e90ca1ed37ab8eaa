//! Writes the graph to a file or to stdout.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use graph_store::{GraphStore, Repository, StoreResult, graphml};

use super::{
    arguments::{ExportOptions, Format},
    known,
};
use crate::{problem::Problem, report};

pub(super) fn run(store: &mut dyn GraphStore, options: &ExportOptions) -> Result<(), Problem> {
    let all = store.repositories()?;
    let repository = known(options.repository.repository(), &all)?;
    let Some(path) = &options.output else {
        let mut stdout = BufWriter::new(io::stdout().lock());
        write(store, repository.as_ref(), options.format, &mut stdout)?;
        return Ok(());
    };
    let what = format!("writing {}", path.display());
    let failed = |e: io::Error| Problem::io(&what, &e);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let documents = write(store, repository.as_ref(), options.format, &mut file)?;
    file.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
    report::note(&format!("{documents} documents in {}", path.display()));
    Ok(())
}

fn write(
    store: &mut dyn GraphStore,
    repository: Option<&Repository>,
    format: Format,
    to: &mut dyn Write,
) -> StoreResult<u64> {
    match format {
        Format::Ndjson => store.export(repository, to),
        Format::GraphMl => graphml(store, repository, to),
    }
}
