//! From what each file says of names to the edges between files.
//!
//! A pure function of the facts of all files of a scan and of the manifests among them: that is why a full run and an
//! incremental one end in the same graph. [`modules`] finds the file or package behind the name of a module, [`resolve`]
//! follows a path of names through files, [`edges`] turns the answers into documents.

mod edges;
mod fuel;
mod go;
mod indexed;
mod inheritance;
mod manifests;
mod modules;
mod python;
mod resolve;
mod standard;
mod typescript;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use contracts::heavy_compute::CallSites;
use graph_store::{EntityDocument, EntityKind, FileLinks, Repository};
use kit::{Job, WorkResult};
use rayon::prelude::*;

use crate::{facts::FileFacts, linking::LinkSummary};

pub use manifests::Manifests;

/// Files whose links are made together.
const CHUNK: usize = 64;
/// As soon as so many edges are made, they are written.
const MANY_EDGES: usize = 50_000;

/// A file by its position among the files that are linked.
type FileId = u32;

/// How a file's modules and scopes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// TypeScript and JavaScript.
    TypeScript,
    /// Python.
    Python,
    /// Go.
    Go,
    /// Languages of which only the file itself is known.
    Other,
}

impl Family {
    fn of(path: &str) -> Self {
        match crate::language::of_path(path) {
            Some("typescript" | "javascript") => Self::TypeScript,
            Some("python") => Self::Python,
            Some("go") => Self::Go,
            _ => Self::Other,
        }
    }
}

/// A file to be linked.
struct File {
    path: String,
    family: Family,
    facts: FileFacts,
    /// Members of definitions by name; of several the last one, as at run time.
    members: HashMap<(u32, String), u32>,
    /// What can be imported, by name.
    exports: HashMap<String, u32>,
    /// Types by definition and member.
    types: HashMap<(u32, Option<u32>), u32>,
    /// The type that has the name of a value, and the other way round (TypeScript).
    namesakes: HashMap<u32, u32>,
}

fn add_calls(to: &mut CallSites, from: &CallSites) {
    to.total += from.total;
    to.same_file += from.same_file;
    to.other_file += from.other_file;
    to.package += from.package;
    for (reason, n) in &from.unresolved {
        *to.unresolved.entry(reason.clone()).or_default() += n;
    }
}

/// The links of some files, in the order of the files, and the packages that they point to, ordered by key.
pub struct Linked {
    /// The links.
    pub files: Vec<FileLinks>,
    /// The packages.
    pub packages: Vec<EntityDocument>,
}

/// A package outside of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Package {
    /// Its name as its manager knows it, as far as the import tells.
    name: String,
    /// Who brings it: `npm`, `node`, `pypi`, `python`, `go`, or what an index says.
    manager: Cow<'static, str>,
}

impl Package {
    fn document(&self, repository: &Repository) -> EntityDocument {
        EntityDocument::new(
            repository,
            "",
            EntityKind::Package,
            &self.name,
            Some(self.manager.clone().into_owned()),
            graph_store::Origin::Syntax,
        )
    }
}

/// All files of a repository, ready to be asked what a name means.
struct Linker<'a> {
    files: Vec<File>,
    by_path: HashMap<String, FileId>,
    manifests: &'a Manifests,
    python: python::Roots,
    go: go::Packages,
    /// What the module of each import is, by file.
    modules: Vec<Vec<resolve::Meaning>>,
    /// Methods of types of other files (Go), by the type.
    methods: HashMap<(FileId, u32), HashMap<String, (FileId, u32)>>,
    /// What indexes define.
    symbols: indexed::Symbols,
}

/// Links all files of a repository. What is found is handed to `done` some files at a time, so that memory does not hold all
/// edges at once; `is_known` says which files need not be handed over, by path and digest.
///
/// # Errors
/// When the work is interrupted, or what `done` says.
pub fn link<C: Send + Sync>(
    job: &Job<C>,
    repository: &Repository,
    files: Vec<(String, FileFacts)>,
    manifests: &Manifests,
    is_known: &(dyn Fn(&str, &str) -> bool + Sync),
    done: &mut dyn FnMut(Linked) -> WorkResult<()>,
) -> WorkResult<LinkSummary> {
    let files: Vec<File> = files.into_par_iter().map(|(path, facts)| File::new(path, facts)).collect();
    job.proceed()?;
    let ids: Vec<FileId> = (0..files.len()).filter_map(|id| u32::try_from(id).ok()).collect();
    let mut linker = Linker {
        by_path: files.iter().zip(0..).map(|(file, id)| (file.path.clone(), id)).collect(),
        python: python::Roots::new(&files, manifests),
        go: go::Packages::new(&files),
        files,
        manifests,
        modules: Vec::new(),
        methods: HashMap::new(),
        symbols: indexed::Symbols::default(),
    };
    linker.symbols = indexed::Symbols::new(&linker.files);
    linker.modules = ids.par_iter().map(|id| linker.modules_of(*id)).collect();
    linker.methods = linker.methods_of_other_files();
    let mut summary = LinkSummary::default();
    let mut covered_packages: BTreeSet<Package> = BTreeSet::new();
    let mut packages: BTreeMap<String, EntityDocument> = BTreeMap::new();
    let (mut files, mut edges) = (Vec::new(), 0);
    for ids in ids.chunks(CHUNK) {
        let linked: Option<Vec<edges::OfFile>> =
            ids.par_iter().map(|id| job.proceed().is_ok().then(|| linker.edges_of(repository, *id))).collect();
        job.proceed()?;
        for (one, id) in linked.into_iter().flatten().zip(ids) {
            add_calls(&mut summary.calls, &one.calls);
            let index = linker.files.get(*id as usize).and_then(|file| Some((file, file.facts.index.as_ref()?)));
            if let Some((file, index)) = index {
                indexed::add_file(&mut summary, file, index, &one);
                covered_packages.extend(one.packages.iter().cloned());
            }
            if is_known(&one.links.path, &one.links.digest) {
                continue;
            }
            for package in one.packages {
                let document = package.document(repository);
                packages.entry(document.key.clone()).or_insert(document);
            }
            edges += one.links.edges.len();
            files.push(one.links);
        }
        if edges >= MANY_EDGES {
            let packages = std::mem::take(&mut packages).into_values().collect();
            done(Linked { files: std::mem::take(&mut files), packages })?;
            edges = 0;
        }
    }
    done(Linked { files, packages: packages.into_values().collect() })?;
    summary.covered_packages = u64::try_from(covered_packages.len()).unwrap_or(u64::MAX);
    Ok(summary)
}

/// Whether a kind of definition is gone when the program runs.
fn is_type_only(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::Interface | EntityKind::Type)
}

/// Types and values of one name and place.
fn namesakes(facts: &FileFacts) -> HashMap<u32, u32> {
    let mut types: HashMap<(Option<u32>, &str), u32> = HashMap::new();
    for (entity, index) in facts.entities.iter().zip(0..).filter(|(entity, _)| is_type_only(entity.kind)) {
        types.insert((entity.parent, &entity.name), index);
    }
    let mut namesakes = HashMap::new();
    if types.is_empty() {
        return namesakes;
    }
    for (entity, index) in facts.entities.iter().zip(0..) {
        let is_value = matches!(entity.kind, EntityKind::Variable | EntityKind::Function | EntityKind::Class);
        if let Some(of) = types.get(&(entity.parent, entity.name.as_str())).filter(|_| is_value) {
            namesakes.insert(index, *of);
            namesakes.insert(*of, index);
        }
        // A namespace of a type's name is no type, and gives way to it where one is asked for.
        if entity.kind == EntityKind::Namespace
            && let Some(of) = types.get(&(entity.parent, entity.name.as_str()))
        {
            namesakes.insert(index, *of);
        }
    }
    namesakes
}

impl File {
    fn new(path: String, facts: FileFacts) -> Self {
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let mut members = HashMap::new();
        for (index, entity) in facts.entities.iter().enumerate() {
            if let Some(parent) = entity.parent {
                members.insert((parent, entity.name.clone()), number(index));
            }
        }
        let mut exports = HashMap::new();
        for (index, export) in facts.links.exports.iter().enumerate() {
            if let Some(name) = export.name {
                exports.entry(facts.links.name(name).to_owned()).or_insert(number(index));
            }
        }
        let mut types = HashMap::new();
        for (index, known) in facts.links.types.iter().enumerate() {
            types.entry((known.definition, known.member)).or_insert(number(index));
        }
        let family = Family::of(&path);
        let namesakes = if family == Family::TypeScript { namesakes(&facts) } else { HashMap::new() };
        Self { family, path, facts, members, exports, types, namesakes }
    }

    /// What stands for the definition where a type is asked for, or where a value is.
    fn as_asked(&self, entity: u32, asks_for_type: bool) -> u32 {
        let is_type = self.kind(entity).is_some_and(is_type_only);
        if is_type == asks_for_type { entity } else { self.namesakes.get(&entity).copied().unwrap_or(entity) }
    }

    fn entity_id(&self, entity: u32) -> Option<(EntityKind, u64)> {
        self.facts.entities.get(entity as usize).map(|entity| (entity.kind, entity.key))
    }

    fn kind(&self, entity: u32) -> Option<EntityKind> {
        self.facts.entities.get(entity as usize).map(|entity| entity.kind)
    }

    /// Whether `inner` is `outer` or lies in it.
    fn encloses(&self, outer: u32, inner: u32) -> bool {
        let mut at = Some(inner);
        while let Some(entity) = at {
            if entity == outer {
                return true;
            }
            // Parents come before what they enclose.
            at = self
                .facts
                .entities
                .get(entity as usize)
                .and_then(|known| known.parent)
                .filter(|parent| *parent < entity);
        }
        false
    }
}
