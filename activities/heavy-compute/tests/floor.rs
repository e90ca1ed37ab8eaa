//! A floor under the extraction: patterns over single lines, which know nothing of the language, find nothing rightly
//! that we do not. What they find wrongly is listed, with the reason.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]
#![allow(clippy::print_stdout, reason = "the counts are half of what this is for")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use heavy_compute::syntax::{Definition, Grammar, Kind, Options, extract};
use regex::{Regex, RegexSet};

const CALLABLE: &[Kind] = &[Kind::Function, Kind::Method];
/// What stands behind `class`, `struct`, `record` and the like, in languages where it takes more than a line to tell.
const TYPES: &[Kind] = &[Kind::Class, Kind::Struct, Kind::Interface, Kind::Type];

/// Kinds that a definition may have, and a pattern for its line with the `name`.
type Rule = (&'static [Kind], &'static str);

const TYPESCRIPT: &[Rule] = &[
    (
        &[Kind::Function],
        r"^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?function\b\s*\*?\s*(?<name>[\w$]+)",
    ),
    (&[Kind::Class], r"^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?class\s+(?<name>[\w$]+)[^:=]*$"),
    (&[Kind::Interface], r"^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?interface\s+(?<name>[\w$]+)"),
    (&[Kind::Type], r"^\s*(?:export\s+)?(?:declare\s+)?type\s+(?<name>[\w$]+)\s*[<=]"),
    (&[Kind::Enum], r"^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+(?<name>[\w$]+)"),
    // One that holds a function is a function, and one that holds the result of a call with a function a variable.
    (
        &[Kind::Function, Kind::Variable],
        r"^(?:export\s+)?(?:const|let|var)\s+(?<name>[\w$]+)[^=]*=.*(?:=>|\bfunction\b)",
    ),
];
/// Only in a class or an interface, and only as deep as its first line.
const TYPESCRIPT_MEMBER: &str = r"^\s+(?:(?:public|private|protected|static|abstract|async|override|get|set)\s+)*\*?\s*(?<name>#?[\w$]+)\s*(?:<[^(]*>)?\((?:.*\{|.*\)(?::.*)?;)\s*$";
/// Opens such a place.
const TYPESCRIPT_OWNER: &str =
    r"^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface)\s+[\w$]+.*\{\s*$";

const PYTHON: &[Rule] = &[
    (&[Kind::Class], r"^\s*class\s+(?<name>\w+)\s*[(:\[]"),
    (CALLABLE, r"^\s*(?:async\s+)?def\s+(?<name>\w+)\s*[(\[]"),
];

const GO: &[Rule] = &[
    (&[Kind::Function], r"^func\s+(?<name>\w+)\s*[\[(]"),
    (&[Kind::Method], r"^func\s*\([^)]*\)\s*(?<name>\w+)\s*[\[(]"),
    (&[Kind::Struct], r"^\s*type\s+(?<name>\w+)(?:\[.*\])?\s+struct\b"),
    (&[Kind::Interface], r"^\s*type\s+(?<name>\w+)(?:\[.*\])?\s+interface\b"),
    (&[Kind::Type], r"^\s*type\s+(?<name>\w+)\s+=?\s*(?:func|map|int|uint|string|float|chan|\[\])\b"),
];

const JAVA: &[Rule] = &[
    (
        TYPES,
        r"^\s*(?:(?:public|private|protected|static|final|abstract|sealed)\s+)*(?:class|interface|record|@interface)\s+(?<name>\w+)",
    ),
    (&[Kind::Enum], r"^\s*(?:(?:public|private|protected|static)\s+)*enum\s+(?<name>\w+)"),
    (
        CALLABLE,
        r"^\s*(?:(?:public|private|protected|static|final|abstract|synchronized)\s+)+(?:<[^>]*>\s+)?(?:[\w.]+(?:<.*>)?(?:\[\])*\s+)?(?<name>\w+)\s*\([^=]*$",
    ),
];

const C: &[Rule] = &[
    (&[Kind::Struct], r"^(?:struct|union)\s+(?<name>\w+)\s*\{"),
    (&[Kind::Enum], r"^enum\s+(?<name>\w+)\s*\{"),
    (
        &[Kind::Function],
        r"^(?:(?:static|inline|extern|const|unsigned|struct)\s+)*\w+\s+\**(?<name>\w+)\s*\([^;=]*\)\s*\{",
    ),
];

const CPP: &[Rule] = &[
    (TYPES, r"^\s*(?:struct|union|class)\s+(?<name>\w+)\s*(?:final\s*)?(?::[^:;][^;]*)?\{"),
    (&[Kind::Enum], r"^\s*enum\s+(?:class\s+)?(?<name>\w+)\s*(?::[^;]*)?\{"),
    (
        CALLABLE,
        r"^(?:(?:static|inline|constexpr|const|unsigned|struct)\s+)*[\w:]+\s+[*&]*(?:\w+::)*(?<name>\w+)\s*\([^;=]*\)\s*(?:const\s*)?\{",
    ),
];

const CSHARP: &[Rule] = &[
    (
        TYPES,
        r"^\s*(?:(?:public|private|protected|internal|static|sealed|abstract|partial|readonly)\s+)*(?:class|interface|struct|record(?:\s+(?:struct|class))?)\s+(?<name>\w+)",
    ),
    (&[Kind::Enum], r"^\s*(?:(?:public|private|protected|internal)\s+)*enum\s+(?<name>\w+)"),
    (
        CALLABLE,
        r"^\s*(?:(?:public|private|protected|internal|static|virtual|override|abstract|async|sealed)\s+)+(?:[\w.]+(?:<[^(]*>)?\??(?:\[\])*\s+)?(?<name>\w+)(?:<\w+>)?\s*\([^=]*(?:=>.*)?$",
    ),
];

const PHP: &[Rule] = &[
    (&[Kind::Class], r"^\s*(?:(?:final|abstract|readonly)\s+)*class\s+(?<name>\w+)"),
    (&[Kind::Interface], r"^\s*interface\s+(?<name>\w+)"),
    (&[Kind::Trait], r"^\s*trait\s+(?<name>\w+)"),
    (&[Kind::Enum], r"^\s*enum\s+(?<name>\w+)"),
    (CALLABLE, r"^\s*(?:(?:public|private|protected|static|final|abstract)\s+)*function\s+&?(?<name>\w+)\s*\("),
];

const RUBY: &[Rule] = &[
    (&[Kind::Class], r"^\s*class\s+(?:\w+::)*(?<name>[A-Z]\w*)"),
    (&[Kind::Module], r"^\s*module\s+(?:\w+::)*(?<name>[A-Z]\w*)"),
    (CALLABLE, r"^\s*(?:private\s+|protected\s+)?def\s+(?:self\.)?(?<name>\w+[?!=]?)(?:\s|\(|$|;)"),
];

const RUST: &[Rule] = &[
    (
        CALLABLE,
        r#"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|async|unsafe|extern\s+"[^"]*")\s+)*fn\s+(?<name>\w+)\s*[<(]"#,
    ),
    (&[Kind::Struct], r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:struct|union)\s+(?<name>\w+)\s*[<{(;]"),
    (&[Kind::Enum], r"^\s*(?:pub(?:\([^)]*\))?\s+)?enum\s+(?<name>\w+)\s*[<{]"),
    (&[Kind::Trait], r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?trait\s+(?<name>\w+)"),
    (&[Kind::Module], r"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(?<name>\w+)\s*\{"),
    (&[Kind::Type], r"^(?:pub(?:\([^)]*\))?\s+)?type\s+(?<name>\w+)\s*[<=]"),
];

/// What no definition is called, though it stands where the name of one would.
const WORDS: &[&str] = &[
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "return",
    "super",
    "function",
    "new",
    "else",
    "in",
    "extends",
    "implements",
    "with",
];

/// A definition as the patterns see it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    line: u32,
    name: String,
    kinds: &'static [Kind],
}

/// The patterns of one language.
struct Patterns {
    kinds: Vec<&'static [Kind]>,
    all: RegexSet,
    each: Vec<Regex>,
    member: Option<(Regex, Regex)>,
}

impl Patterns {
    fn of(grammar: Grammar) -> Self {
        let rules = match grammar {
            Grammar::TypeScript | Grammar::Tsx => TYPESCRIPT,
            Grammar::Python => PYTHON,
            Grammar::Go => GO,
            Grammar::Rust => RUST,
            Grammar::Java => JAVA,
            Grammar::C => C,
            Grammar::Cpp | Grammar::Header => CPP,
            Grammar::CSharp => CSHARP,
            Grammar::Php => PHP,
            Grammar::Ruby => RUBY,
        };
        let is_typescript = matches!(grammar, Grammar::TypeScript | Grammar::Tsx);
        let compiled = |pattern: &str| Regex::new(pattern).unwrap();
        Self {
            kinds: rules.iter().map(|(kinds, _)| *kinds).collect(),
            all: RegexSet::new(rules.iter().map(|(_, pattern)| pattern)).unwrap(),
            each: rules.iter().map(|(_, pattern)| compiled(pattern)).collect(),
            member: is_typescript.then(|| (compiled(TYPESCRIPT_OWNER), compiled(TYPESCRIPT_MEMBER))),
        }
    }

    fn claims(&self, text: &str) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut add = |line: u32, name: &str, kinds| {
            if !WORDS.contains(&name) {
                claims.push(Claim { line, name: name.to_owned(), kinds });
            }
        };
        let indent = |line: &str| line.len() - line.trim_start().len();
        // Depth of the class or interface, and of its members once the first is seen.
        let mut owner: Option<(usize, Option<usize>)> = None;
        // As the grammars count lines, and editors do.
        for (line, number) in text.split('\n').map(|line| line.trim_end_matches('\r')).zip(1..) {
            for rule in self.all.matches(line) {
                add(number, &self.each[rule].captures(line).unwrap()["name"], self.kinds[rule]);
            }
            let Some((opens, member)) = &self.member else { continue };
            if line.trim().is_empty() {
                continue;
            }
            let depth = indent(line);
            if opens.is_match(line) {
                owner = Some((depth, None));
                continue;
            }
            if owner.is_some_and(|(outer, _)| depth <= outer) {
                owner = None;
            }
            let Some((_, inner)) = &mut owner else { continue };
            if *inner.get_or_insert(depth) == depth
                && let Some(found) = member.captures(line)
            {
                add(number, &found["name"], &[Kind::Method]);
            }
        }
        claims
    }
}

/// What the patterns claim and how many of it there are, and which of it we do not find.
fn compare(grammar: Grammar, patterns: &Patterns, source: &[u8]) -> (usize, usize, Vec<Claim>) {
    let text = String::from_utf8_lossy(source);
    let claims = patterns.claims(&text);
    let found = extract(grammar, source, Options::default(), &|| false).unwrap();
    let starts: Vec<usize> = source.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let line_of = |byte: u32| u32::try_from(starts.partition_point(|start| *start < byte as usize) + 1).unwrap();
    let mut ours: BTreeMap<(&str, u32), Vec<Kind>> = BTreeMap::new();
    let lines = |definition: &Definition| -> Vec<u32> {
        let also = definition.also.iter().flat_map(|place| [Some(place.start_line), place.name_byte.map(line_of)]);
        let own = [Some(definition.start_line), definition.name_byte.map(line_of)];
        // Decorators, `export` and the type in front belong to the definition and may stand on lines before its name.
        also.chain(own).flatten().collect()
    };
    for definition in &found.entities {
        for line in lines(definition) {
            ours.entry((&definition.name, line)).or_default().push(definition.kind);
        }
    }
    let count = claims.len();
    let missed = claims.into_iter().filter(|claim| {
        let known = ours.get(&(claim.name.as_str(), claim.line));
        !known.is_some_and(|kinds| kinds.iter().any(|kind| claim.kinds.contains(kind)))
    });
    (count, found.entities.len(), missed.collect())
}

/// What the patterns find wrongly: file, line, name, reason.
const WRONG: &[(&str, u32, &str, &str)] = &[
    ("Shapes.cs", 68, "Point", "a record with parameters, taken for a method; as a type it is found"),
    ("functions.go", 86, "_", "nothing can name it"),
    ("functions.go", 97, "inRawString", "in a string"),
    ("inventory.ts", 109, "inTemplate", "in a string"),
    ("inventory.ts", 110, "InTemplate", "in a string"),
    ("inventory.ts", 133, "commentedOut", "in a comment"),
    ("ledger.py", 3, "in_docstring", "in a docstring"),
    ("ledger.py", 15, "InString", "in a string"),
    ("ledger.py", 16, "method", "in a string"),
    ("methods.go", 30, "_", "nothing can name it"),
    ("router.go", 15, "inUsage", "in a string"),
    ("router.go", 16, "InUsage", "in a string"),
    ("router.go", 118, "commentedOut", "in a comment"),
    ("types.go", 65, "_", "nothing can name it"),
];

/// What the patterns find rightly and we do not, since the grammar gives up between a syntax error and these.
const BEHIND_ERRORS: &[(&str, u32, &str, &str)] = &[
    ("broken.go", 14, "After", "behind a string and a parameter list without an end"),
    ("broken.go", 16, "Broken", "read as a type, since the struct has no end"),
    ("broken.go", 19, "Method", "in the struct without an end"),
    ("broken.go", 21, "helper", "in the struct without an end"),
];

#[test]
fn what_patterns_over_lines_find_rightly_is_found() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files: Vec<PathBuf> = ["syntax", "floor"]
        .iter()
        .flat_map(|folder| fs::read_dir(tests.join(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    let mut missed = Vec::new();
    let mut sums: BTreeMap<Grammar, (usize, usize)> = BTreeMap::new();
    for path in &files {
        let file = path.file_name().unwrap().to_str().unwrap();
        let Some(grammar) = Grammar::for_path(file) else { continue };
        let (claimed, found, not_found) = compare(grammar, &Patterns::of(grammar), &fs::read(path).unwrap());
        let sum = sums.entry(grammar).or_default();
        *sum = (sum.0 + claimed, sum.1 + found);
        missed.extend(not_found.into_iter().map(|claim| (file.to_owned(), claim.line, claim.name)));
    }
    for (grammar, (claimed, found)) in &sums {
        println!("{grammar:?}: the patterns find {claimed}, we {found}");
    }
    missed.sort();
    let mut wrong: Vec<_> = WRONG
        .iter()
        .chain(BEHIND_ERRORS)
        .map(|(file, line, name, _)| ((*file).to_owned(), *line, (*name).to_owned()))
        .collect();
    wrong.sort();
    assert_eq!(missed, wrong, "what the patterns find and we do not is not what is listed as wrong");
}

/// Over real code, to be read by hand: `FLOOR=FOLDER cargo test --release --test floor -- --ignored --nocapture`.
#[test]
#[ignore = "prints what is to be judged by hand, of the folder that FLOOR names"]
fn over_a_folder() {
    let mut folders = vec![PathBuf::from(std::env::var_os("FLOOR").unwrap())];
    let mut known: BTreeMap<Grammar, (Patterns, [usize; 4])> = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            let Some(grammar) = Grammar::for_path(&path.to_string_lossy()).filter(|_| kind.is_file()) else { continue };
            let source = fs::read(&path).unwrap();
            if source.len() > heavy_compute::file::LARGEST_PARSED || source.contains(&0) {
                continue;
            }
            let (patterns, sums) = known.entry(grammar).or_insert_with(|| (Patterns::of(grammar), [0; 4]));
            let (claimed, found, missed) = compare(grammar, patterns, &source);
            for (sum, n) in sums.iter_mut().zip([1, claimed, found, missed.len()]) {
                *sum += n;
            }
            let text = String::from_utf8_lossy(&source);
            let lines: Vec<&str> = text.split('\n').collect();
            for claim in missed {
                let line = lines[claim.line as usize - 1].trim();
                println!("{grammar:?}\t{}:{}\t{:?} {}\t{line}", path.display(), claim.line, claim.kinds, claim.name);
            }
        }
    }
    for (grammar, (_, [files, claimed, found, missed])) in &known {
        println!("{grammar:?}: {files} files; the patterns find {claimed}, we {found}; not found by us {missed}");
    }
}
