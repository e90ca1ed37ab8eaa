//! What manifests of a repository say of the names of modules: package.json, tsconfig.json, go.mod, pyproject.toml.
//!
//! A manifest that cannot be read says nothing; imports that it would explain stay unresolved and are counted.

use std::{collections::BTreeMap, path::Path};

use kit::{Job, WorkResult};
use serde_json::Value;

use super::modules::{folder_of, join};
use crate::file;

/// How many configurations may extend each other.
const MAX_EXTENDS: usize = 8;
/// How many candidates one name of a manifest may have.
const MAX_CANDIDATES: usize = 16;

/// All manifests of a repository.
#[derive(Debug, Default)]
pub struct Manifests {
    packages: BTreeMap<String, PackageJson>,
    configurations: BTreeMap<String, Configuration>,
    go: Vec<GoModule>,
    python: Vec<String>,
}

/// A package.json.
#[derive(Debug, Default)]
pub(super) struct PackageJson {
    pub(super) folder: String,
    main: Vec<String>,
    exports: Option<Value>,
}

/// A tsconfig.json or jsconfig.json.
#[derive(Debug, Default)]
struct Configuration {
    base_url: Option<String>,
    /// Pattern, and its targets as paths of the repository.
    paths: Vec<(String, Vec<String>)>,
    extends: Vec<String>,
}

#[derive(Debug)]
struct GoModule {
    folder: String,
    name: String,
    requires: Vec<String>,
}

impl Manifests {
    /// Reads the manifests among the files of a workspace.
    ///
    /// # Errors
    /// When the work is interrupted.
    pub fn read<C: Send + Sync>(job: &Job<C>, root: &Path, files: &[String]) -> WorkResult<Self> {
        let mut manifests = Self::default();
        for path in files {
            let name = path.rsplit('/').next().unwrap_or(path);
            let is_configuration = (name.starts_with("tsconfig") || name == "jsconfig.json") && name.ends_with(".json");
            let known = is_configuration || matches!(name, "package.json" | "go.mod");
            if matches!(name, "pyproject.toml" | "setup.py" | "setup.cfg") {
                manifests.python.push(folder_of(path).to_owned());
            }
            if !known {
                continue;
            }
            job.proceed()?;
            let content = file::read(&root.join(path), &|| job.stopped().is_some());
            let Some(text) = content.ok().flatten().and_then(|content| content.text) else { continue };
            let text = String::from_utf8_lossy(&text);
            if name == "go.mod" {
                manifests.go.extend(go_module(folder_of(path), &text));
                continue;
            }
            let Some(json) = relaxed_json(&text) else { continue };
            if is_configuration {
                manifests.configurations.insert(path.clone(), Configuration::new(path, &json));
            } else if let Some(name) = json.get("name").and_then(Value::as_str) {
                manifests.packages.entry(name.to_owned()).or_insert_with(|| PackageJson::new(folder_of(path), &json));
            }
        }
        // Of nested modules the inner one has the longer name.
        manifests.go.sort_by(|a, b| (b.name.len(), &a.folder).cmp(&(a.name.len(), &b.folder)));
        manifests.python.sort_unstable();
        manifests.python.dedup();
        Ok(manifests)
    }

    pub(super) fn python_projects(&self) -> impl Iterator<Item = &str> {
        self.python.iter().map(String::as_str)
    }

    /// Paths that a specifier stands for by the configuration that is in force in a folder.
    pub(super) fn aliases(&self, folder: &str, specifier: &str) -> Vec<String> {
        let mut at = folder;
        let mut configuration = loop {
            let found = ["tsconfig.json", "jsconfig.json"].iter().find_map(|name| {
                let path = if at.is_empty() { (*name).to_owned() } else { format!("{at}/{name}") };
                self.configurations.get(&path)
            });
            match found {
                Some(found) => break found,
                None if at.is_empty() => return Vec::new(),
                None => at = folder_of(at),
            }
        };
        let mut found = Vec::new();
        for _ in 0..MAX_EXTENDS {
            found.extend(configuration.targets(specifier));
            if let Some(base) = configuration.base_url.as_ref() {
                found.extend(join(base, specifier));
            }
            // What is set in a configuration replaces what it extends.
            let settled = !configuration.paths.is_empty() || configuration.base_url.is_some();
            match configuration.extends.iter().find_map(|path| self.configurations.get(path)) {
                Some(next) if !settled => configuration = next,
                _ => break,
            }
        }
        found.truncate(MAX_CANDIDATES);
        found
    }

    /// The package of the workspace that a specifier names, and what it names inside of it.
    pub(super) fn workspace_package<'a>(&self, specifier: &'a str) -> Option<(&PackageJson, &'a str)> {
        let mut end = specifier.len();
        loop {
            let (name, inside) = specifier.split_at_checked(end)?;
            if let Some(package) = self.packages.get(name) {
                return Some((package, inside.trim_start_matches('/')));
            }
            end = name.rfind('/')?;
        }
    }

    /// The folder of a package by its import path, if one of the modules here holds it.
    pub(super) fn go_folder(&self, import: &str) -> Option<String> {
        self.go.iter().find_map(|module| {
            let rest = import.strip_prefix(module.name.as_str())?;
            let inside = if rest.is_empty() { "" } else { rest.strip_prefix('/')? };
            join(&module.folder, inside)
        })
    }

    /// The module that an import path belongs to, by the nearest go.mod or else by custom.
    pub(super) fn go_module<'a>(&'a self, importer: &str, import: &'a str) -> &'a str {
        let near = self.go.iter().filter(|module| importer.starts_with(module.folder.as_str()));
        let required = near.flat_map(|module| module.requires.iter()).filter(|required| {
            import.strip_prefix(required.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if let Some(required) = required.max_by_key(|required| required.len()) {
            return required;
        }
        let parts = if import.starts_with("gopkg.in/") { 2 } else { 3 };
        let end = import.match_indices('/').map(|(at, _)| at).nth(parts - 1).unwrap_or(import.len());
        import.get(..end).unwrap_or(import)
    }
}

impl PackageJson {
    fn new(folder: &str, json: &Value) -> Self {
        let fields = ["types", "typings", "source", "module", "main"];
        let main = fields.iter().filter_map(|field| json.get(field)?.as_str().map(str::to_owned)).collect();
        Self { folder: folder.to_owned(), main, exports: json.get("exports").cloned() }
    }

    /// Paths below the folder that the package, or something inside of it, may be imported as.
    pub(super) fn entries(&self, inside: &str) -> Vec<String> {
        let mut entries = Vec::new();
        let key = if inside.is_empty() { ".".to_owned() } else { format!("./{inside}") };
        match &self.exports {
            Some(Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => {
                if let Some(value) = map.get(&key) {
                    collect_strings(value, None, &mut entries);
                }
                for (pattern, value) in map {
                    if let Some(star) = star_of(pattern, &key) {
                        collect_strings(value, Some(star), &mut entries);
                    }
                }
            }
            Some(value) if inside.is_empty() => collect_strings(value, None, &mut entries),
            _ => {}
        }
        if inside.is_empty() {
            entries.extend(self.main.iter().cloned());
            entries.extend(["src/index".to_owned(), "index".to_owned(), "src/main".to_owned()]);
        } else {
            entries.extend([inside.to_owned(), format!("src/{inside}")]);
        }
        entries
    }
}

impl Configuration {
    fn new(path: &str, json: &Value) -> Self {
        let folder = folder_of(path);
        let options = json.get("compilerOptions");
        let option = |name: &str| options.and_then(|options| options.get(name));
        let base_url = option("baseUrl").and_then(Value::as_str).and_then(|base| join(folder, base));
        let base = base_url.as_deref().unwrap_or(folder);
        let paths = option("paths").and_then(Value::as_object).map(|paths| {
            let targets = |value: &Value| -> Vec<String> {
                let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
                list.iter().filter_map(|target| join(base, target.as_str()?)).take(MAX_CANDIDATES).collect()
            };
            let mut paths: Vec<_> = paths.iter().map(|(pattern, value)| (pattern.clone(), targets(value))).collect();
            // The longest pattern says most.
            paths.sort_by(|a, b| (b.0.len(), &a.0).cmp(&(a.0.len(), &b.0)));
            paths
        });
        let extends = match json.get("extends") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(several)) => several.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        let extends = extends.iter().filter(|path| path.starts_with('.')).filter_map(|path| {
            let path = join(folder, path)?;
            Some(if path.ends_with(".json") { path } else { format!("{path}.json") })
        });
        Self { base_url, paths: paths.unwrap_or_default(), extends: extends.collect() }
    }

    fn targets(&self, specifier: &str) -> Vec<String> {
        let Some((star, targets)) = self.paths.iter().find_map(|(pattern, targets)| {
            if pattern == specifier { Some(("", targets)) } else { Some((star_of(pattern, specifier)?, targets)) }
        }) else {
            return Vec::new();
        };
        targets.iter().map(|target| target.replacen('*', star, 1)).collect()
    }
}

/// What the one `*` of a pattern stands for.
fn star_of<'a>(pattern: &str, text: &'a str) -> Option<&'a str> {
    let (before, after) = pattern.split_once('*')?;
    let rest = text.strip_prefix(before)?;
    rest.strip_suffix(after)
}

/// The strings of conditional exports, in their order.
fn collect_strings(value: &Value, star: Option<&str>, to: &mut Vec<String>) {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        if to.len() >= MAX_CANDIDATES {
            return;
        }
        match value {
            Value::String(path) => to.push(match star {
                Some(star) => path.replacen('*', star, 1),
                None => path.clone(),
            }),
            Value::Array(list) => waiting.extend(list.iter().rev().take(MAX_CANDIDATES)),
            Value::Object(map) => waiting.extend(map.values().rev().take(MAX_CANDIDATES)),
            _ => {}
        }
    }
}

/// JSON with comments and trailing commas, as configurations are written.
fn relaxed_json(text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    jsonc_parser::parse_to_serde_value(text, &jsonc_parser::ParseOptions::default()).ok()
}

fn go_module(folder: &str, text: &str) -> Option<GoModule> {
    let mut module = GoModule { folder: folder.to_owned(), name: String::new(), requires: Vec::new() };
    let mut in_requires = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("module"), Some(name)) => module.name = name.trim_matches('"').to_owned(),
            (Some("require"), Some("(")) => in_requires = true,
            (Some("require"), Some(name)) => module.requires.push(name.to_owned()),
            (Some(")"), None) => in_requires = false,
            (Some(name), Some(_)) if in_requires => module.requires.push(name.to_owned()),
            _ => {}
        }
    }
    (!module.name.is_empty()).then_some(module)
}
