//! Compares the extraction with the bare parser over a folder of sources, on one thread:
//!
//! ```text
//! cargo run --release --example syntax_bench -- FOLDER [ROUNDS]
//! ```
//!
//! Files above 1 MiB are left out, as they are in a run of the worker. Also fails if two definitions of one file share
//! their key, so a run over a large folder checks the extraction as well.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, error::Error, fs, io};

use heavy_compute::syntax::{Grammar, Options, extract};
use tree_sitter::{Language, Parser};

const LARGEST: usize = 1024 * 1024;

struct Source {
    path: PathBuf,
    grammar: Grammar,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Totals {
    entities: usize,
    uses: usize,
    with_errors: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("usage: syntax_bench FOLDER [ROUNDS]")?;
    let rounds: u32 = arguments.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let mut sources = Vec::new();
    collect(Path::new(&folder), &mut sources)?;
    let bytes: usize = sources.iter().map(|source| source.bytes.len()).sum();

    // The best of several rounds, taken in turns so that a busy machine slows both alike.
    let (mut bare, mut full) = (Duration::MAX, Duration::MAX);
    let mut totals = Totals::default();
    for _ in 0..rounds.max(1) {
        bare = bare.min(parse_all(&sources)?);
        let start = Instant::now();
        totals = extract_all(&sources)?;
        full = full.min(start.elapsed());
    }
    check_keys(&sources)?;

    println!("files     {}", sources.len());
    println!("bytes     {bytes}");
    println!("bare      {:.3} s", bare.as_secs_f64());
    println!("extract   {:.3} s", full.as_secs_f64());
    println!("ratio     {:.3}", full.as_secs_f64() / bare.as_secs_f64());
    println!("entities  {}", totals.entities);
    println!("uses      {}", totals.uses);
    println!("errors    {} files", totals.with_errors);
    Ok(())
}

fn collect(folder: &Path, sources: &mut Vec<Source>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            collect(&path, sources)?;
        } else if kind.is_file()
            && let Some(grammar) = Grammar::for_path(&path.to_string_lossy())
        {
            let bytes = fs::read(&path)?;
            if bytes.len() <= LARGEST {
                sources.push(Source { path, grammar, bytes });
            }
        }
    }
    Ok(())
}

fn language(grammar: Grammar) -> Language {
    match grammar {
        Grammar::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Grammar::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Grammar::Python => tree_sitter_python::LANGUAGE.into(),
        Grammar::Go => tree_sitter_go::LANGUAGE.into(),
        Grammar::Rust => tree_sitter_rust::LANGUAGE.into(),
        Grammar::Java => tree_sitter_java::LANGUAGE.into(),
        // The extraction may read a header as C++; the difference is that of the parsers.
        Grammar::C | Grammar::Header => tree_sitter_c::LANGUAGE.into(),
        Grammar::Cpp => tree_sitter_cpp::LANGUAGE.into(),
        Grammar::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
        Grammar::Php => tree_sitter_php::LANGUAGE_PHP.into(),
        Grammar::Ruby => tree_sitter_ruby::LANGUAGE.into(),
    }
}

fn parse_all(sources: &[Source]) -> Result<Duration, Box<dyn Error>> {
    let mut parser = Parser::new();
    let mut loaded = None;
    let start = Instant::now();
    for source in sources {
        if loaded != Some(source.grammar) {
            parser.set_language(&language(source.grammar))?;
            loaded = Some(source.grammar);
        }
        parser.parse(&source.bytes, None).ok_or("the parser gave up")?;
    }
    Ok(start.elapsed())
}

fn extract_all(sources: &[Source]) -> Result<Totals, Box<dyn Error>> {
    let mut totals = Totals::default();
    for source in sources {
        let found = extract(source.grammar, &source.bytes, Options::default(), &|| false)?;
        totals.entities += found.entities.len();
        totals.uses += found.links.uses.len();
        totals.with_errors += usize::from(found.has_errors);
    }
    Ok(totals)
}

fn check_keys(sources: &[Source]) -> Result<(), Box<dyn Error>> {
    for source in sources {
        let found =
            extract(source.grammar, &source.bytes, Options { include_members: true, places: false }, &|| false)?;
        let mut keys = HashSet::new();
        for (index, entity) in found.entities.iter().enumerate() {
            let is_new = keys.insert((entity.kind, &entity.name, &entity.signature));
            let parent_first = entity.parent.is_none_or(|parent| parent < index);
            if !is_new || !parent_first || entity.start_line > entity.end_line {
                return Err(format!("{}: {entity:?}", source.path.display()).into());
            }
        }
    }
    Ok(())
}
