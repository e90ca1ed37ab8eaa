//! Python's protobuf and this crate read the same from an index, in every field.

use std::{
    env,
    fmt::{Display, Write},
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
};

use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use prost::Message;
use scip_index::{IndexReader, Part, proto};

use crate::{
    agreement::{document, information, with_unknown_fields},
    encode::Encoder,
    same::{assert_same, assert_same_symbol},
};

/// What a script of ours fetches, or a note that it is not there, which in CI is an error.
fn fetched(tool: &str, target: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(tool);
    if path.join("fetched").is_file() {
        return Some(path.canonicalize().unwrap());
    }
    assert!(env::var_os("CI").is_none(), "{tool} is not there; fetch it with `make {target}`");
    eprintln!("SKIPPED: nothing is held against {tool}, since it is not there; fetch it: make {target}");
    None
}

/// What Python's protobuf reads, a line for each message.
fn by_python(protobuf: &Path, folder: &Path, indexes: &[PathBuf]) -> String {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let descriptors = folder.join("descriptors");
    fs::write(&descriptors, protox::compile(["scip.proto"], [proto]).unwrap().encode_to_vec()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scip/dump.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(descriptors)
        .args(indexes)
        .env("PYTHONPATH", protobuf)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(value: impl AsRef<[u8]>) -> String {
    value.as_ref().iter().fold("'".to_owned(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn list<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    format!("[{}]", values.join(","))
}

/// What this crate reads, by the same lines; of each document and symbol, the borrowed look is held against the message.
fn by_reader(index: &[u8], lines: &mut Vec<String>) {
    let mut reader = IndexReader::new(Cursor::new(index)).unwrap();
    let mut metadata = None;
    let (mut documents, mut external) = (Vec::new(), Vec::new());
    while let Some(part) = reader.next_part().unwrap() {
        match part {
            Part::Metadata(block) => metadata = Some(block.message().unwrap()),
            Part::Document(block) => {
                let message = block.message().unwrap();
                assert_same(&block.checked_document().unwrap(), &message);
                of_document(&message, &mut documents);
            }
            Part::ExternalSymbol(block) => {
                let message = block.message().unwrap();
                assert_same_symbol(&block.symbol().unwrap(), &message);
                of_symbol("external", &message, &mut external);
            }
            Part::Damaged(damage) => panic!("{damage:?}"),
        }
    }
    lines.push(format!("index {}", u8::from(metadata.is_some())));
    if let Some(proto::Metadata { version, tool_info, project_root, text_document_encoding }) = metadata {
        lines.push(format!("metadata {version} {} {text_document_encoding}", text(project_root)));
        if let Some(proto::ToolInfo { name, version, arguments }) = tool_info {
            lines.push(format!("tool {} {} {}", text(name), text(version), list(arguments.iter().map(text))));
        }
    }
    lines.append(&mut documents);
    lines.append(&mut external);
}

fn of_document(document: &proto::Document, lines: &mut Vec<String>) {
    let proto::Document { relative_path, occurrences, symbols, language, text: content, position_encoding } = document;
    lines.push(format!("document {} {} {} {position_encoding}", text(relative_path), text(language), text(content)));
    for occurrence in occurrences {
        let proto::Occurrence {
            range,
            symbol,
            symbol_roles,
            override_documentation,
            syntax_kind,
            diagnostics,
            enclosing_range,
        } = occurrence;
        lines.push(format!("occurrence {} {} {symbol_roles} {syntax_kind}", list(range), text(symbol)));
        lines.push(format!("more {} {}", list(override_documentation.iter().map(text)), list(enclosing_range)));
        for proto::Diagnostic { severity, code, message, source, tags } in diagnostics {
            lines.push(format!(
                "diagnostic {severity} {} {} {} {}",
                text(code),
                text(message),
                text(source),
                list(tags)
            ));
        }
    }
    for symbol in symbols {
        of_symbol("symbol", symbol, lines);
    }
}

fn of_symbol(kind: &str, information: &proto::SymbolInformation, lines: &mut Vec<String>) {
    let proto::SymbolInformation {
        symbol,
        documentation,
        relationships,
        kind: number,
        display_name,
        signature_documentation,
        enclosing_symbol,
    } = information;
    let documentation = list(documentation.iter().map(text));
    lines.push(format!(
        "{kind} {} {number} {} {} {documentation}",
        text(symbol),
        text(display_name),
        text(enclosing_symbol)
    ));
    if let Some(proto::Signature { language, text: signature }) = signature_documentation {
        lines.push(format!("signature {} {}", text(language), text(signature)));
    }
    for other in relationships {
        let flags = [other.is_reference, other.is_implementation, other.is_type_definition, other.is_definition];
        let flags: Vec<String> = flags.into_iter().map(|flag| u8::from(flag).to_string()).collect();
        lines.push(format!("relationship {} {}", text(&other.symbol), flags.join(" ")));
    }
}

fn assert_read_the_same(folder: &Path, protobuf: &Path, indexes: &[PathBuf]) -> usize {
    let mut lines = Vec::new();
    for index in indexes {
        by_reader(&fs::read(index).unwrap(), &mut lines);
    }
    let python = by_python(protobuf, folder, indexes);
    for (at, (found, expected)) in lines.iter().zip(python.lines()).enumerate() {
        assert_eq!(found, expected, "line {at}");
    }
    assert_eq!(lines.len(), python.lines().count());
    lines.len()
}

#[test]
fn generated_indexes_are_read_the_same() {
    let Some(protobuf) = fetched("protobuf", "ci-setup") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let mut draw = |number: usize| {
        let (documents, external) = (vec(document(), 0..6), vec(information(), 0..3));
        let (documents, external) = (documents, external).new_tree(&mut runner).unwrap().current();
        let mut index = Encoder::new().unknown();
        if !number.is_multiple_of(3) {
            let tool = Encoder::new().text(1, "tool").text(3, "--a").text(3, "");
            index = index.message(1, &Encoder::new().varint(1, 7).message(2, &tool).text(3, "file:///é").varint(4, 1));
        }
        for (at, document) in documents.iter().enumerate() {
            // External symbols may stand anywhere.
            if let Some(symbol) = external.get(at) {
                index = index.bytes(3, &symbol.encode_to_vec());
            }
            let bytes = if number.is_multiple_of(2) { document.encode_to_vec() } else { with_unknown_fields(document) };
            index = index.bytes(2, &bytes);
        }
        let path = folder.path().join(format!("{number}.scip"));
        fs::write(&path, index.0).unwrap();
        path
    };
    let indexes: Vec<PathBuf> = (0..200).map(&mut draw).collect();
    let lines = assert_read_the_same(folder.path(), &protobuf, &indexes);
    assert!(lines > 2_000, "only {lines}");
}

#[test]
fn indexes_that_indexers_made_are_read_the_same() {
    let Some(protobuf) = fetched("protobuf", "ci-setup") else { return };
    let Some(indexers) = fetched("indexers", "indexers") else { return };
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("shop");
    fs::create_dir(&project).unwrap();
    let files = [
        ("tsconfig.json", "{}"),
        (
            "a.ts",
            "export interface Priced { price(): number }\n/** Sells. */\nexport class Till implements Priced { price() { return '🛒'.length } }\n",
        ),
        ("b.ts", "import { Till } from './a';\nexport const [x, y = 1] = [new Till().price()];\n"),
        (
            "c.py",
            "import os\nclass A:\n    \"\"\"Says é.\"\"\"\n    def f(self): return os.path\nclass B(A):\n    def f(self): return super().f()\n",
        ),
        ("environment.json", "[]"),
    ];
    for (path, text) in files {
        fs::write(project.join(path), text).unwrap();
    }
    let run = |indexer: &str, arguments: &[&str]| {
        let output = folder.path().join(format!("{indexer}.scip"));
        let ran = Command::new(indexers.join("node_modules/.bin").join(indexer))
            .args(["index", "--cwd"])
            .arg(&project)
            .arg("--output")
            .arg(&output)
            .args(arguments)
            .current_dir(&project)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
        output
    };
    let python = ["--project-name=shop", "--project-version=0", "--environment", "environment.json", "--quiet"];
    let indexes = [run("scip-typescript", &[]), run("scip-python", &python)];
    let lines = assert_read_the_same(folder.path(), &protobuf, &indexes);
    assert!(lines > 60, "only {lines}");
}
