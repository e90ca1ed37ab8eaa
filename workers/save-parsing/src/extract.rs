//! `extract-save` and `extract-gamestate`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use save_parsing::{Limits, Save, SaveError, SaveErrorKind};

use crate::{arguments::ExtractOptions, ending::Ending, pretty::write_pretty};

/// What the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A save, which has a `meta` entry.
    Save,
    /// The text of one, which has none.
    Gamestate,
}

/// # Errors
/// That of the arguments, the save or the output.
pub(crate) fn run(options: &ExtractOptions, kind: Kind) -> Result<(), Ending> {
    let schema = options.shape.schema()?;
    let failed = |error| Ending::Save { error, schema };
    let save = Save::open(&options.path, &Limits::default()).map_err(failed)?;
    let names = options.sections.split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    match kind {
        Kind::Save if names.iter().any(|name| name == "meta") => check_meta(&save, &options.path).map_err(failed)?,
        Kind::Save => {}
        // Also of a save that is not unpacked, only the gamestate is meant.
        Kind::Gamestate => names.retain(|name| name != "meta" || save.sections_named(name).next().is_some()),
    }
    let mut object = Vec::new();
    save.write_sections(&names, false, schema, &mut object).map_err(failed)?;
    // Nothing is written before the answer is there: what was in the file stays if there is none.
    if options.output == Path::new("-") {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let written = write_pretty(&object, &mut out).and_then(|()| out.flush());
        return written.map_err(|error| Ending::stdout(&error));
    }
    let write = || {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(&options.output)?);
        write_pretty(&object, &mut out)?;
        out.flush()
    };
    write().map_err(|error| Ending::Other(format!("writing {}: {error}", options.output.display())))
}

fn check_meta(save: &Save, path: &Path) -> Result<(), SaveError> {
    if save.meta_text().is_some() || save.sections_named("meta").next().is_some() {
        return Ok(());
    }
    Err(SaveError::new(
        SaveErrorKind::ParseError { section: Some("meta".to_owned()), position: None },
        "the save has no `meta` entry",
        path.display().to_string(),
        "leave meta out of --sections",
    ))
}
