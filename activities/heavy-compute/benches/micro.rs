//! The parts of a run, one by one: `make bench-micro`. For whole runs `make bench-heavy` is the measure.
#![allow(missing_docs, reason = "the macros of the harness make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a measurement of something broken may end")]

use std::{fmt::Write, fs, hint::black_box};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use graph_store::{FileGraph, Repository, entity_hash};
use heavy_compute::{
    facts::FileFacts,
    file::Content,
    graph::{self, Detail},
    link::{Manifests, link},
    syntax::{Grammar, Options, extract},
    workspace::scan,
};
use kit::Job;
use tree_sitter::{Language, Parser};

/// Bytes of the sources that are parsed.
const LARGE: usize = 50_000;
/// Files of the project that is linked and scanned.
const FILES: usize = 1_000;

/// So often the same declarations under other names that they have the size.
fn repeated(head: &str, part: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    let mut n = 0;
    while text.len() < LARGE {
        text.push_str(&part(n));
        n += 1;
    }
    text
}

fn typescript() -> String {
    repeated("import { Base, load } from './base';\n", |n| {
        format!(
            "/** Number {n}. */\nexport interface Row{n} {{ id: string; amount?: number }}\n\
             export class Table{n}<T extends Row{n}> extends Base<T> {{\n  private rows = new Map<string, T>();\n\
             \x20 constructor(private readonly path: string, public size = {n}) {{\n    super();\n  }}\n\
             \x20 async find(id: string): Promise<T | undefined> {{\n    if (!this.rows.has(id) && this.size > 0) {{\n\
             \x20     const rows = await load(this.path, (row: T) => row.id === id ? [row] : []);\n\
             \x20     rows.forEach((row) => this.add(row));\n    }}\n    return this.rows.get(id);\n  }}\n\
             \x20 add(row: T): void {{ this.rows.set(row.id, row); }}\n}}\n\
             export const make{n} = (path: string) => new Table{n}(path);\n\n"
        )
    })
}

fn python() -> String {
    repeated("import os\nfrom base import Base, load\n\n", |n| {
        format!(
            "class Table{n}(Base):\n    \"\"\"Number {n}.\"\"\"\n\n    def __init__(self, path: str, size=None):\n\
             \x20       super().__init__()\n        self.path = os.path.join(path, 'x')\n        self.rows = {{}}\n\n\
             \x20   def find(self, key: str, *, default=None):\n        if key not in self.rows and self.path:\n\
             \x20           for row in load(self.path, lambda row: row.key == key):\n                self.add(row)\n\
             \x20       return self.rows.get(key, default)\n\n    def add(self, row):\n        self.rows[row.key] = row\n\n\n\
             def make{n}(path: str) -> Table{n}:\n    table = Table{n}(path)\n    return table.find(path) or table\n\n\n"
        )
    })
}

fn go() -> String {
    repeated("package table\n\nimport (\n\t\"fmt\"\n\t\"sync\"\n)\n\n", |n| {
        format!(
            "// Table{n} is number {n}.\ntype Table{n} struct {{\n\tmu   sync.Mutex\n\trows map[string]*Row{n}\n}}\n\n\
             type Row{n} struct {{ ID string; Amount int }}\n\n\
             func (t *Table{n}) Find(id string, load func(string) (*Row{n}, error)) (*Row{n}, error) {{\n\
             \tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tif row, ok := t.rows[id]; ok && row != nil {{\n\t\treturn row, nil\n\t}}\n\
             \trow, err := load(id)\n\tif err != nil {{\n\t\treturn nil, fmt.Errorf(\"row %s: %w\", id, err)\n\t}}\n\
             \tt.add(row)\n\treturn row, nil\n}}\n\nfunc (t *Table{n}) add(row *Row{n}) {{ t.rows[row.ID] = row }}\n\n\
             func New{n}() *Table{n} {{ return &Table{n}{{rows: map[string]*Row{n}{{}}}} }}\n\n"
        )
    })
}

fn sources() -> [(&'static str, Grammar, Language, String); 3] {
    [
        ("a.ts", Grammar::TypeScript, tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), typescript()),
        ("a.py", Grammar::Python, tree_sitter_python::LANGUAGE.into(), python()),
        ("a.go", Grammar::Go, tree_sitter_go::LANGUAGE.into(), go()),
    ]
}

fn read(path: &str, text: &str) -> (FileGraph, FileFacts) {
    let syntax = extract(Grammar::for_path(path).unwrap(), text.as_bytes(), Options::default(), &|| false).unwrap();
    let content = Content {
        sha256: "0".repeat(64),
        bytes: text.len().try_into().unwrap(),
        lines: Some(text.lines().count().try_into().unwrap()),
        text: Some(text.as_bytes().to_vec()),
    };
    let detail = Detail { bodies: false, members: false };
    graph::of_file(&repository(), path, &content, Some(&syntax), detail, graph::Coverage::None)
}

fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "bench".into() }
}

/// Files that import and call each other and a package.
fn project() -> Vec<(String, String)> {
    (0..FILES)
        .map(|n| {
            let mut text = "import lodash from 'lodash';\n".to_owned();
            let others = [(n + 1) % FILES, (n * 7 + 3) % FILES, (n * 31 + 11) % FILES];
            for (at, other) in others.iter().enumerate() {
                let folder = other % 20;
                writeln!(text, "import {{ C{other} as D{at}, f{other} as g{at} }} from '../d{folder}/m{other}';").unwrap();
            }
            writeln!(text, "export class C{n} extends D0 {{\n  run(d: D1) {{ d.run(this); return this.own() + g1(); }}\n  own() {{ return lodash.map(new D2().own()); }}\n}}").unwrap();
            writeln!(text, "export function f{n}() {{ g0(); g2(); return new C{n}().run(new D1()); }}").unwrap();
            (format!("d{}/m{n}.ts", n % 20), text)
        })
        .collect()
}

fn parsing(criterion: &mut Criterion) {
    for (path, grammar, language, text) in sources() {
        let mut group = criterion.benchmark_group(path);
        group.throughput(Throughput::Bytes(text.len().try_into().unwrap()));
        let mut parser = Parser::new();
        parser.set_language(&language).unwrap();
        group.bench_function("bare parse", |b| b.iter(|| parser.parse(black_box(&text), None).unwrap()));
        group.bench_function("extract", |b| {
            b.iter(|| extract(grammar, black_box(text.as_bytes()), Options::default(), &|| false).unwrap());
        });
        group.finish();
    }
}

fn keys_and_facts(criterion: &mut Criterion) {
    criterion.bench_function("entity key", |b| {
        b.iter(|| entity_hash(black_box("repository"), "src/a/file.ts", "method", "find", "Table.find(id: string)"));
    });
    let (_, facts) = read("a.ts", &typescript());
    let bytes = facts.to_bytes();
    let mut group = criterion.benchmark_group("facts of a.ts");
    group.throughput(Throughput::Bytes(bytes.len().try_into().unwrap()));
    group.bench_function("encode", |b| b.iter(|| black_box(&facts).to_bytes()));
    group.bench_function("decode", |b| b.iter(|| FileFacts::from_bytes(black_box(&bytes)).unwrap()));
    group.finish();
}

fn whole_projects(criterion: &mut Criterion) {
    let project = project();
    let facts: Vec<_> = project.iter().map(|(path, text)| (path.clone(), read(path, text).1)).collect();
    let manifests = Manifests::default();
    let mut group = criterion.benchmark_group("1,000 files");
    group.sample_size(20).throughput(Throughput::Elements(FILES.try_into().unwrap()));
    group.bench_function("link", |b| {
        b.iter_batched(
            || facts.clone(),
            |facts| {
                link(&Job::<()>::detached(), &repository(), facts, &manifests, &|_, _| false, &mut |_| Ok(())).unwrap()
            },
            BatchSize::LargeInput,
        );
    });
    // No repository, so that git is asked for its answer and not for the list.
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &project {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    group.bench_function("scan", |b| b.iter(|| scan(&Job::<()>::detached(), folder.path()).unwrap()));
    group.finish();
}

criterion_group!(benches, parsing, keys_and_facts, whole_projects);
criterion_main!(benches);
