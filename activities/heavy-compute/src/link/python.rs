//! Modules of Python: files and folders under the folders that are searched for them.

use std::collections::{BTreeSet, HashMap};

use super::{
    Family, File, Linker, Package,
    manifests::Manifests,
    modules::{folder_of, join},
    resolve::Meaning,
    standard,
};

/// Where modules are looked for.
#[derive(Default)]
pub(super) struct Roots {
    /// Folders of the repository that are probably on the path, shortest first; the top is the empty one.
    folders: Vec<String>,
    /// Folders that hold modules, at any depth: packages without `__init__.py`.
    packages: HashMap<String, u32>,
    names: Vec<String>,
}

impl Roots {
    pub(super) fn new(files: &[File], manifests: &Manifests) -> Self {
        let python = || files.iter().filter(|file| file.family == Family::Python).map(|file| file.path.as_str());
        let mut packages = BTreeSet::new();
        let mut initialised = BTreeSet::new();
        for path in python() {
            let mut folder = folder_of(path);
            if path.ends_with("/__init__.py") {
                initialised.insert(folder);
            }
            while !folder.is_empty() && packages.insert(folder) {
                folder = folder_of(folder);
            }
        }
        let mut folders: BTreeSet<String> = BTreeSet::from([String::new(), "src".to_owned()]);
        for folder in manifests.python_projects() {
            folders.insert(folder.to_owned());
            folders.extend(join(folder, "src"));
        }
        // What holds the outermost folder with an `__init__.py` is on the path when the package is used at all.
        for folder in &initialised {
            if !initialised.contains(folder_of(folder)) {
                folders.insert(folder_of(folder).to_owned());
            }
        }
        let mut folders: Vec<String> = folders.into_iter().collect();
        folders.sort_by(|a, b| (a.matches('/').count(), a.len(), a).cmp(&(b.matches('/').count(), b.len(), b)));
        let names: Vec<String> = packages.into_iter().map(str::to_owned).collect();
        let packages = names.iter().cloned().zip(0..).collect();
        Self { folders, packages, names }
    }

    pub(super) fn folder(&self, folder: u32) -> Option<&str> {
        self.names.get(folder as usize).map(String::as_str)
    }
}

impl Linker<'_> {
    /// `a.b`, `.a`, `..`: the module that an import in `importer` names.
    pub(super) fn python_module(&self, importer: &str, name: &str) -> Meaning {
        let dots = name.bytes().take_while(|byte| *byte == b'.').count();
        let rest = name.get(dots..).unwrap_or_default();
        let parts: Vec<&str> = rest.split('.').map(str::trim).filter(|part| !part.is_empty()).collect();
        if dots > 0 {
            let mut folder = folder_of(importer);
            for _ in 1..dots {
                if folder.is_empty() {
                    return Meaning::Missing;
                }
                folder = folder_of(folder);
            }
            return self.python_path(folder, &parts).unwrap_or(Meaning::Missing);
        }
        let Some(top) = parts.first() else { return Meaning::Missing };
        // A script sees its own folder first.
        let own = folder_of(importer);
        let own_is_package = self.file(&format!("{own}/__init__.py")).is_some();
        let own_first = (!own_is_package).then_some(own);
        let roots = own_first.into_iter().chain(self.python.folders.iter().map(String::as_str));
        let mut known = false;
        for root in roots {
            if let Some(found) = self.python_path(root, &parts) {
                return found;
            }
            known |= self.python_path(root, parts.get(..1).unwrap_or_default()).is_some();
        }
        if standard::is_python(top) {
            return Meaning::Package(Package { name: (*top).to_owned(), manager: "python".into() });
        }
        if known {
            return Meaning::Missing;
        }
        Meaning::Package(Package { name: (*top).to_owned(), manager: "pypi".into() })
    }

    fn python_path(&self, root: &str, parts: &[&str]) -> Option<Meaning> {
        let path = join(root, &parts.join("/"))?;
        self.python_file(&path)
    }

    /// A module by its path without extension.
    fn python_file(&self, path: &str) -> Option<Meaning> {
        let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let candidates = [format!("{path}.py"), inside("__init__.py"), format!("{path}.pyi"), inside("__init__.pyi")];
        let file = candidates.iter().find_map(|candidate| self.file(candidate));
        file.map(Meaning::Module).or_else(|| self.python.packages.get(path).copied().map(Meaning::Folder))
    }

    pub(super) fn python_submodule(&self, folder: &str, name: &str) -> Option<Meaning> {
        self.python_file(&join(folder, name)?)
    }
}
