//! What the files of package managers and build tools declare as packages.

use quick_xml::{Reader, events::Event};
use serde::{Deserialize, de::DeserializeOwned};

/// So many patterns of one file are obeyed, none longer than so many bytes.
const MOST_PATTERNS: usize = 500;
const LONGEST_PATTERN: usize = 500;
/// No Maven project nests its elements deeper where modules stand.
const DEEPEST: usize = 64;

/// A file that declares packages, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `pnpm-workspace.yaml`.
    Pnpm,
    /// `package.json`, for npm, yarn, bun and turbo.
    Npm,
    /// `lerna.json`.
    Lerna,
    /// `nx.json`: what has a `project.json` is a project.
    Nx,
    /// `Cargo.toml`.
    Cargo,
    /// `go.work`.
    Go,
    /// `pyproject.toml`, for uv.
    Uv,
    /// `pom.xml`.
    Maven,
    /// `settings.gradle` and `settings.gradle.kts`.
    Gradle,
}

/// What a file declares, relative to its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// Patterns of packages; only folders with a manifest of the kind can be some.
    pub(super) members: Vec<String>,
    /// Patterns of what is none.
    pub(super) out: Vec<String>,
    /// Folders that are packages whatever they hold.
    pub(super) folders: Vec<String>,
}

impl Declared {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.out.is_empty() && self.folders.is_empty()
    }

    fn patterns(patterns: Vec<String>) -> Self {
        let mut declared = Self::default();
        for pattern in patterns {
            match pattern.strip_prefix('!') {
                Some(out) => declared.out.push(out.to_owned()),
                None => declared.members.push(pattern),
            }
        }
        declared
    }

    fn folders(folders: Vec<String>) -> Self {
        Self { folders, ..Self::default() }
    }
}

impl Kind {
    /// Manifests that only a declaration makes count.
    pub(super) const MARKERS: &[&str] = &["project.json"];

    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "pnpm-workspace.yaml" => Self::Pnpm,
            "package.json" => Self::Npm,
            "lerna.json" => Self::Lerna,
            "nx.json" => Self::Nx,
            "Cargo.toml" => Self::Cargo,
            "go.work" => Self::Go,
            "pyproject.toml" => Self::Uv,
            "pom.xml" => Self::Maven,
            "settings.gradle" | "settings.gradle.kts" => Self::Gradle,
            _ => return None,
        })
    }

    /// What a folder has to hold to be a package of this kind by a pattern.
    pub(super) fn manifests(self) -> &'static [&'static str] {
        match self {
            Self::Pnpm | Self::Npm | Self::Lerna => &["package.json"],
            Self::Nx => &["package.json", "project.json"],
            Self::Cargo => &["Cargo.toml"],
            Self::Uv => &["pyproject.toml"],
            Self::Go | Self::Maven | Self::Gradle => &[],
        }
    }

    /// What a file of this kind declares; why it could not be understood.
    ///
    /// Of Cargo and uv `exclude` is not asked for: what it names is a package all the same, built by itself.
    pub(super) fn declared(self, text: &[u8]) -> Result<Declared, String> {
        let text = std::str::from_utf8(text).map_err(|e| format!("it is no UTF-8: {e}"))?;
        let text = text.trim_start_matches('\u{feff}');
        let mut declared = match self {
            Self::Pnpm => {
                let read = serde_saphyr::from_str::<Option<Packages>>(text);
                let packages = read.map_err(|e| first_line(&e.to_string()))?.unwrap_or_default();
                Declared::patterns(packages.packages.unwrap_or_default())
            }
            // Most files of these names declare nothing, and a fixture among them may be broken on purpose.
            Self::Npm if text.contains("\"workspaces\"") => match json::<PackageJson>(text)?.workspaces {
                Some(Workspaces::List(list)) => Declared::patterns(list),
                Some(Workspaces::Object(object)) => Declared::patterns(object.packages.unwrap_or_default()),
                None => Declared::default(),
            },
            Self::Lerna => Declared::patterns(json::<Packages>(text)?.packages.unwrap_or_default()),
            Self::Nx => Declared::patterns(vec!["**".to_owned()]),
            Self::Cargo if text.contains("workspace") => {
                let workspace = toml::from_str::<CargoToml>(text).map_err(|e| first_line(e.message()))?.workspace;
                Declared::patterns(workspace.and_then(|w| w.members).unwrap_or_default())
            }
            Self::Uv if text.contains("workspace") => {
                let tool = toml::from_str::<PyProject>(text).map_err(|e| first_line(e.message()))?.tool;
                let workspace = tool.and_then(|tool| tool.uv).and_then(|uv| uv.workspace);
                Declared::patterns(workspace.and_then(|w| w.members).unwrap_or_default())
            }
            Self::Go => Declared::folders(go_uses(text)),
            Self::Maven if text.contains("<module") => Declared::folders(maven_modules(text)?),
            Self::Gradle => Declared::folders(gradle_includes(text)),
            Self::Npm | Self::Cargo | Self::Uv | Self::Maven => Declared::default(),
        };
        for patterns in [&mut declared.members, &mut declared.out, &mut declared.folders] {
            if patterns.len() > MOST_PATTERNS || patterns.iter().any(|pattern| pattern.len() > LONGEST_PATTERN) {
                return Err(format!("it has over {MOST_PATTERNS} patterns, or one over {LONGEST_PATTERN} bytes"));
            }
        }
        Ok(declared)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Packages {
    packages: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct PackageJson {
    workspaces: Option<Workspaces>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Workspaces {
    List(Vec<String>),
    Object(Packages),
}

#[derive(Debug, Deserialize)]
struct CargoToml {
    workspace: Option<Members>,
}

#[derive(Debug, Deserialize)]
struct PyProject {
    tool: Option<Tool>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    uv: Option<Uv>,
}

#[derive(Debug, Deserialize)]
struct Uv {
    workspace: Option<Members>,
}

#[derive(Debug, Deserialize)]
struct Members {
    members: Option<Vec<String>>,
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

/// What a parser says may go on for lines with the file's own text.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// `use ./a` and `use ( ... )`.
fn go_uses(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut folders = Vec::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let named = match line.strip_prefix("use").filter(|rest| rest.starts_with([' ', '\t', '('])) {
            Some(rest) if !inside => {
                let rest = rest.trim();
                inside = rest.starts_with('(') && !rest.ends_with(')');
                rest.trim_start_matches('(')
            }
            _ if inside => {
                inside = !line.ends_with(')');
                line
            }
            _ => continue,
        };
        let named = named.trim_end_matches(')').trim().trim_matches(['"', '`']);
        if !named.is_empty() {
            folders.push(named.to_owned());
        }
    }
    folders
}

/// `project/modules/module`, also in profiles. A module is a folder, or a file with another name than `pom.xml`.
fn maven_modules(text: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Vec<u8>> = Vec::new();
    let mut modules = Vec::new();
    loop {
        match reader.read_event().map_err(|e| format!("byte {}: {e}", reader.error_position()))? {
            Event::Start(element) if open.len() < DEEPEST => open.push(element.local_name().as_ref().to_vec()),
            Event::Start(_) => return Err(format!("its elements are nested deeper than {DEEPEST}")),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                let path: Vec<&[u8]> = open.iter().map(Vec::as_slice).collect();
                let here = matches!(
                    path.as_slice(),
                    [b"project", b"modules", b"module"] | [b"project", b"profiles", b"profile", b"modules", b"module"]
                );
                if here {
                    let text = text.decode().map_err(|e| e.to_string())?;
                    let module = text.trim();
                    let folder =
                        if module.ends_with(".xml") { module.rsplit_once('/').map_or(".", |(f, _)| f) } else { module };
                    if !folder.is_empty() {
                        modules.push(folder.to_owned());
                    }
                }
            }
            Event::Eof if open.is_empty() => return Ok(modules),
            Event::Eof => return Err("it ends inside of an element".to_owned()),
            _ => {}
        }
    }
}

/// `include("a", ":b:c")`, with or without parentheses: names of projects, whose folders are called like them. A name that
/// is computed is not known.
fn gradle_includes(text: &str) -> Vec<String> {
    let mut folders = Vec::new();
    let mut including = false;
    // A name stands after `include`, `(` or `,`.
    let mut expected = false;
    for token in tokens(text) {
        match token {
            Token::Word("include") => (including, expected) = (true, true),
            Token::Sign('(' | ',') if including => expected = true,
            Token::Text(name) if including && expected => {
                expected = false;
                let folder = name.trim_matches(':').replace(':', "/");
                if !folder.is_empty() && !folder.contains('$') {
                    folders.push(folder);
                }
            }
            _ => including = false,
        }
    }
    folders
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
    Sign(char),
}

/// The tokens of a Groovy or Kotlin script, as far as an `include` needs them; without white space and comments.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            let first = rest.chars().next()?;
            if rest.starts_with("//") {
                rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default();
            } else if rest.starts_with("/*") {
                rest = rest.find("*/").and_then(|end| rest.get(end + 2..)).unwrap_or_default();
            } else if first == '"' || first == '\'' {
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.find([first, '\n']).unwrap_or(inside.len());
                rest = inside.get(end + 1..).unwrap_or_default();
                return inside.get(..end).map(Token::Text);
            } else if first.is_alphanumeric() || first == '_' {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                rest = after;
                return Some(Token::Word(word));
            } else {
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
                return Some(Token::Sign(first));
            }
        }
    })
}
