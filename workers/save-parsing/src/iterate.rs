//! `iter-save`.

use std::io::{self, BufWriter, Write};

use save_parsing::{GAME, Limits, Save, Schema, TOOL_VERSION};

use crate::{arguments::IterOptions, ending::Ending};

/// # Errors
/// That of the arguments, the save or the output.
pub(crate) fn run(options: &IterOptions) -> Result<(), Ending> {
    let schema = options.shape.schema()?;
    if options.format != "jsonl" {
        return Err(Ending::argument(format!("Unsupported format: {} (it is jsonl)", options.format)));
    }
    let failed = |error| Ending::Save { error, schema };
    let save = Save::open(&options.path, &Limits::default()).map_err(failed)?;
    let mut entries = save.iter_section(&options.section, false, schema).map_err(failed)?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    let mut first = true;
    while entries.write_next(&mut line).map_err(failed)? {
        line.push(b'\n');
        if first {
            line.splice(..1, opening(&options.section, schema));
            first = false;
        }
        out.write_all(&line).map_err(|error| Ending::stdout(&error))?;
        line.clear();
    }
    out.flush().map_err(|error| Ending::stdout(&error))
}

/// What the first line begins with in the place of its brace.
fn opening(section: &str, schema: Schema) -> Vec<u8> {
    let section = serde_json::Value::from(section);
    let versions = format!(
        "{{\"schema_version\":{},\"tool_version\":\"{TOOL_VERSION}\",\"game\":\"{GAME}\",\"section\":{section},",
        schema.version()
    );
    versions.into_bytes()
}
