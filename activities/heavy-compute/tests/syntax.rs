//! What is extracted from small sources, one for each topic, against reviewed snapshots.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fmt::Write;
use std::path::Path;

use heavy_compute::syntax::links::{Imported, NamePath, Root, Step};
use heavy_compute::syntax::{Definition, FileSyntax, Grammar, Options, extract};

const NEVER: &dyn Fn() -> bool = &|| false;

fn extract_all(grammar: Grammar, source: &[u8], include_members: bool) -> FileSyntax {
    extract(grammar, source, Options { include_members, places: false }, NEVER).unwrap()
}

fn line(definition: &Definition, all: &[Definition]) -> String {
    let mut line = format!("{}-{} {} {}", definition.start_line, definition.end_line, definition.kind, definition.name);
    if let Some(signature) = &definition.signature {
        write!(line, " `{signature}`").unwrap();
    }
    if let Some(parent) = definition.parent {
        write!(line, " in {}", all[parent].name).unwrap();
    }
    if definition.exported {
        line.push_str(" exported");
    }
    if definition.is_async == Some(true) {
        line.push_str(" async");
    }
    if let Some(count) = definition.parameter_count {
        write!(line, " params={count}").unwrap();
    }
    if let Some(return_type) = &definition.return_type {
        write!(line, " returns=`{return_type}`").unwrap();
    }
    if let Some(complexity) = definition.complexity {
        write!(line, " complexity={complexity}").unwrap();
    }
    for place in &definition.also {
        write!(line, " also={}-{}", place.start_line, place.end_line).unwrap();
    }
    if let Some(doc) = &definition.doc {
        write!(line, " doc={doc:?}").unwrap();
    }
    line
}

fn render(found: &FileSyntax) -> String {
    let mut out = String::new();
    for definition in &found.entities {
        writeln!(out, "{}", line(definition, &found.entities)).unwrap();
    }
    render_links(&mut out, found);
    if found.has_errors {
        out.push_str("has errors\n");
    }
    out
}

fn render_links(out: &mut String, found: &FileSyntax) {
    let links = &found.links;
    let place = |index: u32| {
        let definition = &found.entities[index as usize];
        format!("{}:{}", definition.name, definition.start_line)
    };
    let path = |path: &NamePath| {
        let root = match path.root {
            Root::Definition(index) => place(index),
            Root::BaseOf(index) => format!("super({})", place(index)),
            Root::Import(index) => {
                let import = &links.imports[index as usize];
                let module = links.name(import.module);
                match import.imported {
                    Imported::Name(name) => format!("{module:?}.{}", links.name(name)),
                    other => format!("{module:?}.{other:?}"),
                }
            }
            Root::Unbound(name) => format!("?{}", links.name(name)),
        };
        let steps = path.steps.iter().map(|step| match step {
            Step::Member(name) => format!(".{}", links.name(*name)),
            Step::Result => "()".to_owned(),
        });
        root + &steps.collect::<String>()
    };
    let mut lines: Vec<String> = Vec::new();
    for used in &links.uses {
        let source = used.source.map_or("file".to_owned(), place);
        let role = format!("{:?}", used.role).to_lowercase();
        lines.push(format!("{role} {source} -> {} ({:?})", path(&used.path), used.evidence));
    }
    for import in links.imports.iter().filter(|import| import.stated) {
        let name = match import.imported {
            Imported::Name(name) => links.name(name).to_owned(),
            other => format!("{other:?}"),
        };
        let word = if import.reexport { "reexport" } else { "import" };
        lines.push(format!("{word} {:?} {name}", links.name(import.module)));
    }
    for export in &links.exports {
        lines.push(format!("export {} = {}", export.name.map_or("*", |name| links.name(name)), path(&export.path)));
    }
    for known in &links.types {
        let member = known.member.map_or(String::new(), |name| format!(".{}", links.name(name)));
        lines.push(format!("type {}{member} = {}", place(known.definition), path(&known.path)));
    }
    for (why, sites) in &links.unresolved {
        lines.push(format!("unresolved {} {sites}", why.as_str()));
    }
    lines.sort();
    for line in lines {
        writeln!(out, "{line}").unwrap();
    }
}

fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax").join(file);
    let source = std::fs::read(path).unwrap();
    let grammar = Grammar::for_path(file).unwrap();
    let base = extract_all(grammar, &source, false);
    let with_members = extract_all(grammar, &source, true);

    // Asking for members adds lines and changes none: neither keys nor calls.
    let members = render(&with_members);
    let mut rest = members.lines();
    for line in render(&base).lines() {
        assert!(rest.any(|other| other == line), "{file}: not the same with members: {line}");
    }

    let mut text = render(&base);
    let is_new = |line: &&str| matches!(line.split(' ').nth(1), Some("property" | "constant"));
    let new: Vec<&str> = members.lines().filter(is_new).collect();
    if !new.is_empty() {
        writeln!(text, "with members:\n{}", new.join("\n")).unwrap();
    }
    insta::with_settings!({ snapshot_path => "syntax/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(file, text);
    });
}

macro_rules! fixtures {
    ($($name:ident: $file:literal,)*) => {
        $(#[test] fn $name() { check($file); })*
    };
}

fixtures! {
    typescript_functions: "functions.ts",
    typescript_signatures: "signatures.ts",
    typescript_classes: "classes.ts",
    typescript_types: "types.ts",
    typescript_literals_and_variables: "literals.ts",
    typescript_scopes: "scopes.ts",
    typescript_components: "components.tsx",
    typescript_healed: "healed.ts",
    typescript_broken: "broken.ts",
    default_function: "default_function.ts",
    default_object: "default_object.ts",
    default_class: "default_class.ts",
    javascript_commonjs: "commonjs.js",
    python_functions: "functions.py",
    python_classes: "classes.py",
    python_module: "module.py",
    python_scopes: "scopes.py",
    go_functions: "functions.go",
    go_types: "types.go",
    go_methods: "methods.go",
    go_variables: "variables.go",
    go_scopes: "scopes.go",
    go_cgo: "cgo.go",
    go_tests: "package_test.go",
    go_broken: "broken.go",
    rust_items: "items.rs",
    java_shapes: "Shapes.java",
    c_list: "list.c",
    c_header: "api.h",
    cpp_shapes: "shapes.cpp",
    cpp_header: "shapes.h",
    csharp_shapes: "Shapes.cs",
    csharp_blocks: "Blocks.cs",
    php_shop: "shop.php",
    ruby_shop: "shop.rb",
}
