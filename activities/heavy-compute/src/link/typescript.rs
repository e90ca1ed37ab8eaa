//! Modules of TypeScript and JavaScript: relative paths, aliases of tsconfig.json, packages of the workspace, npm.

use super::{
    Linker, Package,
    manifests::PackageJson,
    modules::{folder_of, join},
    resolve::Meaning,
    standard,
};

/// What a specifier may leave out, in the order in which compilers look for it.
const EXTENSIONS: [&str; 11] = [".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".json", ".vue"];
/// A specifier names what is emitted; the source beside it is what is meant.
const EMITTED: [(&str, &[&str]); 4] = [
    (".js", &[".ts", ".tsx", ".d.ts", ".jsx"]),
    (".jsx", &[".tsx"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

impl Linker<'_> {
    pub(super) fn typescript_module(&self, importer: &str, name: &str) -> Meaning {
        // Loaders take queries and prefixes: `./x.svg?raw`.
        let name = name.split(['?', '#']).next().filter(|plain| !plain.is_empty()).unwrap_or(name);
        let folder = folder_of(importer);
        if name == "." || name == ".." || name.starts_with("./") || name.starts_with("../") {
            return join(folder, name).and_then(|path| self.source(&path)).unwrap_or(Meaning::Missing);
        }
        if let Some(path) = name.strip_prefix('/') {
            return self.source(path).unwrap_or(Meaning::Missing);
        }
        if let Some(plain) = name.strip_prefix("node:") {
            return node(plain);
        }
        if let Some(found) = self.manifests.aliases(folder, name).iter().find_map(|path| self.source(path)) {
            return found;
        }
        if let Some((package, inside)) = self.manifests.workspace_package(name) {
            return self.entry(package, inside).unwrap_or(Meaning::Missing);
        }
        if standard::is_node(name) {
            return node(name);
        }
        match npm_name(name) {
            Some(name) => Meaning::Package(Package { name: name.to_owned(), manager: "npm".into() }),
            // An alias that no manifest explains: `@/x`, `~/x`, `#x`.
            None => Meaning::Missing,
        }
    }

    /// A path without its extension, or of a folder.
    fn source(&self, path: &str) -> Option<Meaning> {
        let exact = self.file(path);
        let emitted = || {
            EMITTED.iter().find_map(|(emitted, sources)| {
                let stem = path.strip_suffix(emitted)?;
                sources.iter().find_map(|source| self.file(&format!("{stem}{source}")))
            })
        };
        let with_extension = || EXTENSIONS.iter().find_map(|extension| self.file(&format!("{path}{extension}")));
        let index = || {
            let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
            EXTENSIONS.iter().find_map(|extension| self.file(&format!("{folder}index{extension}")))
        };
        exact.or_else(emitted).or_else(with_extension).or_else(index).map(Meaning::Module)
    }

    /// The file that a package of the workspace is imported as.
    fn entry(&self, package: &PackageJson, inside: &str) -> Option<Meaning> {
        let in_package = |path: &str| join(&package.folder, path);
        let candidates = package.entries(inside);
        // What is built is not in the repository; its source mostly stands where `src` stands for `dist`.
        candidates
            .iter()
            .flat_map(|entry| {
                let source = ["dist/", "lib/", "build/", "out/"]
                    .iter()
                    .find_map(|built| entry.trim_start_matches("./").strip_prefix(built))
                    .map(|rest| format!("src/{rest}"));
                [Some(entry.clone()), source]
            })
            .flatten()
            .find_map(|entry| self.source(&in_package(&entry)?))
    }
}

fn node(module: &str) -> Meaning {
    let top = module.split('/').next().unwrap_or(module);
    Meaning::Package(Package { name: top.to_owned(), manager: "node".into() })
}

/// The package of a specifier; nothing if npm would not take such a name.
fn npm_name(specifier: &str) -> Option<&str> {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    let name = specifier.get(..end.unwrap_or(specifier.len()))?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '@' | '/');
    let scoped_well = match name.strip_prefix('@') {
        Some(rest) => rest.split_once('/').is_some_and(|(scope, name)| !scope.is_empty() && !name.is_empty()),
        None => name.starts_with(|c: char| c.is_ascii_alphanumeric()),
    };
    (scoped_well && name.len() <= 214 && name.chars().all(allowed)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::npm_name;

    #[test]
    fn a_specifier_names_a_package_or_nothing() {
        assert_eq!(npm_name("react"), Some("react"));
        assert_eq!(npm_name("lodash/fp"), Some("lodash"));
        assert_eq!(npm_name("@scope/name/deep/path"), Some("@scope/name"));
        for name in ["@/lib/x", "~/x", "#x", "@scope", "", "a b", "virtual:x"] {
            assert_eq!(npm_name(name), None, "{name}");
        }
    }
}
