//! The `scip` command line, where it is installed, prints the documents that this crate reads.

use std::{collections::BTreeMap, env, fs, io::Cursor, path::PathBuf, process::Command};

use prost::Message;
use scip_index::{IndexReader, Part, proto};
use serde_json::Value;

fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder| folder.join("scip")).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: nothing is held against `scip`, since it is not on the PATH");
    }
    found
}

/// A field under the name that protobuf's JSON gives it, or under its own.
fn field<'v>(message: &'v Value, own: &str, json: &str) -> &'v Value {
    message.get(json).or_else(|| message.get(own)).unwrap_or(&Value::Null)
}

#[test]
fn the_command_line_prints_what_is_read() {
    let Some(scip) = installed() else { return };
    let occurrence = |line: i32, symbol: &str, roles: i32| proto::Occurrence {
        range: vec![line, 4, 9],
        symbol: symbol.to_owned(),
        symbol_roles: roles,
        ..proto::Occurrence::default()
    };
    let document = |path: &str| proto::Document {
        relative_path: path.to_owned(),
        occurrences: vec![
            occurrence(0, "scip-typescript npm shop 1.0.0 src/`a.ts`/f().", 1),
            occurrence(3, "scip-typescript npm shop 1.0.0 src/`b  c.ts`/`x y`#z.", 0),
            occurrence(4, "local 7", 0),
        ],
        ..proto::Document::default()
    };
    let metadata = Some(proto::Metadata { project_root: "file:///src".into(), ..proto::Metadata::default() });
    let documents = vec![document("src/a.ts"), document("src/b.ts")];
    let index = proto::Index { metadata, documents, ..proto::Index::default() }.encode_to_vec();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("index.scip");
    fs::write(&file, &index).unwrap();
    let printed = Command::new(scip).args(["print", "--json"]).arg(&file).output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let mut theirs = BTreeMap::new();
    for document in field(&printed, "documents", "documents").as_array().unwrap() {
        let path = field(document, "relative_path", "relativePath").as_str().unwrap().to_owned();
        let symbols = field(document, "occurrences", "occurrences").as_array().unwrap().iter();
        let symbols: Vec<(Value, String)> = symbols
            .map(|o| (field(o, "range", "range").clone(), field(o, "symbol", "symbol").as_str().unwrap().to_owned()))
            .collect();
        theirs.insert(path, symbols);
    }
    let mut ours = BTreeMap::new();
    let mut reader = IndexReader::new(Cursor::new(index)).unwrap();
    while let Some(part) = reader.next_part().unwrap() {
        if let Part::Document(block) = part {
            let view = block.document().unwrap();
            let symbols = view.occurrences().map(|o| o.unwrap());
            let symbols: Vec<(Value, String)> =
                symbols.map(|o| (Value::from(o.range.parts().to_vec()), o.symbol.to_owned())).collect();
            ours.insert(view.relative_path.to_owned(), symbols);
        }
    }
    assert_eq!(ours, theirs);
}
