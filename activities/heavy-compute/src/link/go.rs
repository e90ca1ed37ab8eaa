//! Packages of Go: all files of a folder share their names; an import names a folder below a module.

use std::collections::HashMap;

use super::{Family, File, FileId, Linker, Package, modules::folder_of, resolve::Meaning};

/// Folders are numbered from here, so that they are not taken for those of Python.
const FIRST: u32 = 1 << 30;

/// The packages of a repository.
#[derive(Default)]
pub(super) struct Packages {
    by_folder: HashMap<String, u32>,
    list: Vec<OfFolder>,
    /// The package of each file.
    of_file: HashMap<FileId, (u32, String)>,
}

#[derive(Default)]
struct OfFolder {
    files: Vec<FileId>,
    /// Names by package clause and name: a folder may hold `x` and its outside tests `x_test`.
    names: HashMap<(String, String), (FileId, u32)>,
}

impl Packages {
    pub(super) fn new(files: &[File]) -> Self {
        let mut packages = Self::default();
        for (file, id) in files.iter().zip(0..).filter(|(file, _)| file.family == Family::Go) {
            let links = &file.facts.links;
            let clause = links.package.map(|name| links.name(name)).unwrap_or_default().to_owned();
            let next = FIRST + u32::try_from(packages.list.len()).unwrap_or_default();
            let folder = *packages.by_folder.entry(folder_of(&file.path).to_owned()).or_insert(next);
            if folder == next {
                packages.list.push(OfFolder::default());
            }
            let Some(of_folder) = packages.list.get_mut((folder - FIRST) as usize) else { continue };
            of_folder.files.push(id);
            for (entity, index) in file.facts.entities.iter().zip(0..) {
                let top = entity.parent.is_none() && entity.kind != graph_store::EntityKind::Method;
                if top {
                    of_folder.names.entry((clause.clone(), entity.name.clone())).or_insert((id, index));
                }
            }
            packages.of_file.insert(id, (folder, clause));
        }
        packages
    }

    /// A name that all files of the package of `file` see.
    pub(super) fn name(&self, file: FileId, name: &str) -> Option<(FileId, u32)> {
        let (folder, clause) = self.of_file.get(&file)?;
        let of_folder = self.list.get(folder.checked_sub(FIRST)? as usize)?;
        of_folder.names.get(&(clause.clone(), name.to_owned())).copied()
    }

    /// A name of a package that is imported: exported, and not of its tests.
    pub(super) fn member(&self, folder: u32, name: &str) -> Option<(FileId, u32)> {
        let of_folder = self.list.get(folder.checked_sub(FIRST)? as usize)?;
        let mut found: Vec<_> = of_folder
            .names
            .iter()
            .filter(|((clause, known), _)| known == name && !clause.ends_with("_test"))
            .map(|(_, at)| *at)
            .collect();
        found.sort_unstable();
        found.into_iter().next()
    }

    /// The files of a package, tests left out.
    pub(super) fn files<'a>(&'a self, folder: u32, files: &'a [File]) -> impl Iterator<Item = FileId> + 'a {
        let of_folder = folder.checked_sub(FIRST).and_then(|folder| self.list.get(folder as usize));
        of_folder
            .into_iter()
            .flat_map(|of_folder| of_folder.files.iter().copied())
            .filter(|id| files.get(*id as usize).is_some_and(|file| !file.path.ends_with("_test.go")))
    }
}

impl Linker<'_> {
    pub(super) fn go_package(&self, importer: &str, name: &str) -> Meaning {
        if let Some(folder) = self.manifests.go_folder(name) {
            return match self.go.by_folder.get(&folder) {
                Some(folder) => Meaning::Folder(*folder),
                None => Meaning::Missing,
            };
        }
        let name = match name.split('/').next() {
            // The standard library has no dot in its first part.
            Some(first) if !first.contains('.') => name,
            _ => self.manifests.go_module(importer, name),
        };
        Meaning::Package(Package { name: name.to_owned(), manager: "go".into() })
    }
}
