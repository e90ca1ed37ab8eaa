//! From the name of a module, as an import writes it, to the file or package that it is.

use super::{Family, File, FileId, Linker, resolve::Meaning};

impl Linker<'_> {
    pub(super) fn module_of_import(&self, file: FileId, import: u32) -> Meaning {
        let known = self.modules.get(file as usize).and_then(|imports| imports.get(import as usize));
        known.cloned().unwrap_or(Meaning::Unknown)
    }

    /// What each import of a file names.
    pub(super) fn modules_of(&self, id: FileId) -> Vec<Meaning> {
        let Some(file) = self.files.get(id as usize) else { return Vec::new() };
        let links = &file.facts.links;
        links.imports.iter().map(|import| self.module(file, links.name(import.module))).collect()
    }

    fn module(&self, file: &File, name: &str) -> Meaning {
        match file.family {
            Family::TypeScript => self.typescript_module(&file.path, name),
            Family::Python => self.python_module(&file.path, name),
            Family::Go => self.go_package(&file.path, name),
            Family::Other => Meaning::Unknown,
        }
    }

    /// A module inside of another: `a.b` where `a` is a package of Python.
    pub(super) fn submodule(&self, module: FileId, name: &str) -> Option<Meaning> {
        let file = self.files.get(module as usize)?;
        if file.family != Family::Python {
            return None;
        }
        let folder = file.path.strip_suffix("/__init__.py").or_else(|| file.path.strip_suffix("/__init__.pyi"))?;
        self.python_submodule(folder, name)
    }

    pub(super) fn member_of_folder(&self, folder: u32, name: &str) -> Meaning {
        if let Some(found) = self.go.member(folder, name) {
            return Meaning::Entity(found.0, found.1);
        }
        match self.python.folder(folder) {
            Some(path) => self.python_submodule(path, name).unwrap_or(Meaning::Missing),
            None => Meaning::Missing,
        }
    }

    pub(super) fn file(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }
}

/// Joins a folder and a relative path with `.` and `..`; nothing if it leads out of the repository.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a file; empty for the top.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn a_path_is_joined_inside_of_the_repository() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", "./x").as_deref(), Some("x"));
        assert_eq!(join("a", "..").as_deref(), Some(""));
        assert_eq!(join("a", "../../x"), None);
    }
}
