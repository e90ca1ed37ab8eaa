//! Which folders are packages.

use std::fs;

use heavy_compute::workspace::package_roots;
use kit::{Job, Warnings};

/// The roots of a tree of these files, and the codes and places of the warnings.
fn roots(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (path, text) in files {
        let place = root.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
        paths.push((*path).to_owned());
    }
    paths.sort();
    let mut warnings = Warnings::default();
    let roots = package_roots(&Job::<()>::detached(), root.path(), &paths, &mut warnings).unwrap();
    (roots, warnings.into_list().into_iter().map(|w| format!("{} {}", w.code, w.message)).collect())
}

/// What it is about, the files, and the roots.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

#[test]
fn what_is_declared_and_what_has_a_manifest_is_a_root() {
    let cases: &[Case] = &[
        ("nothing", &[("x.py", "")], &["."]),
        ("no manifest in the root", &[("a/package.json", "{}"), ("b/c/go.mod", ""), ("b/x.go", "")], &["a", "b/c"]),
        ("the root comes first", &[("+a/go.mod", ""), ("package.json", "{}")], &[".", "+a"]),
        (
            "pnpm",
            &[
                ("package.json", "{}"),
                (
                    "pnpm-workspace.yaml",
                    "packages:\n  - 'packages/*'\n  - apps/**\n  - '!**/fixtures/**'\ncatalog:\n  x: 1\n",
                ),
                ("packages/a/package.json", "{}"),
                ("packages/a/fixtures/x/package.json", "{}"),
                ("apps/web/admin/package.json", "{}"),
                ("tools/own/package.json", "{}"),
                ("packages/none/x.ts", ""),
            ],
            &[".", "apps/web/admin", "packages/a", "tools/own"],
        ),
        (
            "npm and yarn, a list",
            &[
                ("package.json", r#"{ "workspaces": ["packages/*", "!packages/old", "./single/"] }"#),
                ("packages/a/package.json", "{}"),
                ("packages/old/package.json", "{}"),
                ("single/package.json", "{}"),
            ],
            &[".", "packages/a", "single"],
        ),
        (
            "yarn, an object, in a folder",
            &[
                ("web/package.json", r#"{ "workspaces": { "packages": ["{a,b}/*", "!a/x"], "nohoist": ["**"] } }"#),
                ("web/a/x/package.json", "{}"),
                ("web/b/y/package.json", "{}"),
                ("a/x/package.json", "{}"),
            ],
            &["a/x", "web", "web/b/y"],
        ),
        (
            "turbo takes the package manager's",
            &[
                ("turbo.json", "{}"),
                ("package.json", r#"{ "workspaces": ["p/*", "!p/b"] }"#),
                ("p/a/package.json", "{}"),
                ("p/b/package.json", "{}"),
            ],
            &[".", "p/a"],
        ),
        (
            "what one takes out and another declares stays",
            &[
                ("pnpm-workspace.yaml", "packages: ['!b']\n"),
                ("b/package.json", "{}"),
                ("lerna.json", r#"{ "packages": ["b"] }"#),
            ],
            &["b"],
        ),
        (
            "lerna",
            &[
                ("lerna.json", r#"{ "packages": ["modules/*", "!modules/b"] }"#),
                ("modules/a/package.json", "{}"),
                ("modules/b/package.json", "{}"),
            ],
            &["modules/a"],
        ),
        (
            "nx",
            &[
                ("nx.json", "{}"),
                ("apps/a/project.json", "{}"),
                ("libs/deep/b/package.json", "{}"),
                ("libs/c/x.ts", ""),
            ],
            &["apps/a", "libs/deep/b"],
        ),
        ("a project.json alone is none", &[("apps/a/project.json", "{}")], &["."]),
        (
            "cargo: what is excluded is a package by itself",
            &[
                ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"fuzz\"]\n"),
                ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
                ("fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n"),
            ],
            &[".", "crates/a", "fuzz"],
        ),
        (
            "go",
            &[
                (
                    "go.work",
                    "go 1.22\nuse ./one // the first\nuse (\n\t./two\n\t\"./three\"\n\t// ./four\n)\nreplace x => ./five\n",
                ),
                ("one/x.go", ""),
                ("two/x.go", ""),
                ("three/x.go", ""),
                ("four/x.go", ""),
                ("five/x.go", ""),
            ],
            &["one", "three", "two"],
        ),
        (
            "uv",
            &[
                ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"packages/*\"]\nexclude = [\"packages/b\"]\n"),
                ("packages/a/pyproject.toml", ""),
                ("packages/b/pyproject.toml", ""),
                ("packages/c/x.py", ""),
            ],
            &[".", "packages/a", "packages/b"],
        ),
        (
            "maven, nested, in a profile, and with a file of another name",
            &[
                (
                    "pom.xml",
                    "<?xml version=\"1.0\"?><project xmlns=\"http://maven.apache.org/POM/4.0.0\"><!-- <modules><module>no</module></modules> --><modules>\n<module> core </module><module>other/build.xml</module></modules><profiles><profile><modules><module>extra</module></modules></profile></profiles></project>",
                ),
                (
                    "core/pom.xml",
                    "<project><modules><module>../side</module><module>inner</module></modules></project>",
                ),
                ("core/inner/pom.xml", "<project/>"),
                ("side/x.java", ""),
                ("extra/x.java", ""),
                ("other/build.xml", ""),
                ("no/x.java", ""),
            ],
            &[".", "core", "core/inner", "extra", "other", "side"],
        ),
        (
            "gradle",
            &[
                (
                    "settings.gradle",
                    "rootProject.name = 'x'\ninclude 'app', ':lib:core' // , 'no'\n/* include 'no' */\nincludeBuild 'no'\ninclude(\n  \"more\",\n)\nprintln('no')\n",
                ),
                ("app/x.java", ""),
                ("lib/core/x.java", ""),
                ("more/x.java", ""),
                ("no/x.java", ""),
            ],
            &[".", "app", "lib/core", "more"],
        ),
        (
            "gradle in Kotlin",
            &[
                ("j/settings.gradle.kts", "include(\":app\", \"b:c\")\ninclude(\"$computed\")\n"),
                ("j/app/x.kt", ""),
                ("j/b/c/x.kt", ""),
            ],
            &["j", "j/app", "j/b/c"],
        ),
        (
            "what leads out or is not there is none",
            &[("go.work", "use ../../etc\nuse ./missing\nuse .\n"), ("x.go", "")],
            &["."],
        ),
        (
            "signs in names are no patterns",
            &[
                ("[a]*/package.json", r#"{ "workspaces": ["*", "!out"] }"#),
                ("[a]*/in/package.json", "{}"),
                ("[a]*/out/package.json", "{}"),
                ("ab/out/package.json", "{}"),
            ],
            &["[a]*", "[a]*/in", "ab/out"],
        ),
    ];
    for (what, files, expected) in cases {
        let (roots, warnings) = roots(files);
        assert_eq!(roots, *expected, "{what}");
        assert_eq!(warnings, Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_broken_manifest_is_a_warning_with_its_path() {
    let deep = format!("<project>{}<modules>", "<a>".repeat(100));
    let nested = format!("{{ \"workspaces\": {} }}", "[".repeat(100_000));
    let aliases = "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n\
                   d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\n\
                   g: &g [*f,*f,*f,*f,*f,*f,*f,*f]\npackages: [*g]\n";
    let many = format!("packages: [{}]", "a,".repeat(1000));
    let large = format!("// {}\n", "x".repeat(2 << 20));
    let cases: &[(&str, &str)] = &[
        ("package.json", r#"{ "workspaces": "#),
        ("package.json", r#"{ "workspaces": 7 }"#),
        ("package.json", &nested),
        ("pnpm-workspace.yaml", "packages: [\n"),
        ("pnpm-workspace.yaml", "packages: 1\n"),
        ("pnpm-workspace.yaml", aliases),
        ("pnpm-workspace.yaml", &many),
        ("pnpm-workspace.yaml", "packages: ['a[']\n"),
        ("lerna.json", "\u{0}"),
        ("Cargo.toml", "[workspace\n"),
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = 1\n"),
        ("pom.xml", "<project><modules><module>x</modules>"),
        ("pom.xml", "<project><modules><module>x</module>"),
        ("pom.xml", &deep),
        ("go.work", &large),
    ];
    for (path, text) in cases {
        let place = format!("sub/{path}");
        let (roots, warnings) = roots(&[(&place, text), ("other/package.json", "{}")]);
        assert!(roots.contains(&"other".to_owned()), "{place} {roots:?}");
        let [warning] = warnings.as_slice() else { panic!("{path}: {warnings:?}") };
        assert!(warning.starts_with(&format!("brokenManifest {place}: ")) && warning.len() < 300, "{warning}");
    }
}

#[test]
fn many_declarations_take_no_time_that_grows_with_their_square() {
    let text = r#"{ "workspaces": ["**"] }"#;
    let names: Vec<String> = (0..1000).map(|n| format!("p{n}/package.json")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), text)).collect();
    let (roots, warnings) = roots(&files);
    assert_eq!(roots.len(), 1000);
    assert!(warnings[0].starts_with("manyManifests "), "{warnings:?}");
}
