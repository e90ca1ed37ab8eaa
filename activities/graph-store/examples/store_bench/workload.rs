//! A graph of any size, made a batch at a time so that its own size is no part of what is measured.

use graph_store::{EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, Origin, Repository};

/// Entities of a file.
const OF_A_FILE: usize = 50;
/// Edges of an entity: one from its file, two to entities anywhere.
pub(crate) const EDGES: usize = 3;
/// Documents that are written together.
const BATCH: usize = 10_000;

/// How the documents of a second write differ from those of the first one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Not at all.
    Same,
    /// All of them.
    Changed,
}

pub(crate) struct Workload {
    pub(crate) repository: Repository,
    files: usize,
}

impl Workload {
    /// About `entities` entities.
    pub(crate) fn new(name: &str, entities: usize) -> Self {
        let repository = Repository { org_id: "default".into(), repo_id: name.into() };
        Self { repository, files: entities.div_ceil(OF_A_FILE) }
    }

    /// Id of one of the functions.
    pub(crate) fn id(&self, n: usize) -> String {
        let functions = self.files * (OF_A_FILE - 1);
        let n = n % functions;
        self.entity(n / (OF_A_FILE - 1), n % (OF_A_FILE - 1) + 1, Content::Same).id()
    }

    /// Name of one of the functions.
    pub(crate) fn name(&self, n: usize) -> String {
        name(n % self.files, n % (OF_A_FILE - 1) + 1)
    }

    /// The files, without edges, in batches.
    pub(crate) fn file_batches(&self, content: Content) -> impl Iterator<Item = Vec<FileGraph>> {
        batches(self.files, BATCH / OF_A_FILE).map(move |batch| batch.map(|file| self.file(file, content)).collect())
    }

    /// The edges, in batches.
    pub(crate) fn link_batches(&self, content: Content) -> impl Iterator<Item = Vec<FileLinks>> {
        batches(self.files, BATCH / (OF_A_FILE * EDGES))
            .map(move |batch| batch.map(|file| self.links(file, content)).collect())
    }

    fn file(&self, file: usize, content: Content) -> FileGraph {
        FileGraph {
            path: path(file),
            content_sha256: format!("{file}{}", suffix(content)),
            extractor: "1".into(),
            entities: (0..OF_A_FILE).map(|line| self.entity(file, line, content)).collect(),
            edges: Vec::new(),
            facts: vec![0; 200],
        }
    }

    /// The file's own entity in line 0, a function in each other one.
    fn entity(&self, file: usize, line: usize, content: Content) -> EntityDocument {
        let path = path(file);
        let mut entity = if line == 0 {
            EntityDocument::new(&self.repository, &path, EntityKind::File, &name(file, 0), None, Origin::Syntax)
        } else {
            let name = name(file, line);
            let signature = Some(format!("function {name}(first: string, second: number)"));
            EntityDocument::new(&self.repository, &path, EntityKind::Function, &name, signature, Origin::Syntax)
        };
        entity.start_line = u32::try_from(line).ok();
        entity.end_line = u32::try_from(line).ok();
        entity.language = Some("typescript".into());
        entity.exported = Some(content == Content::Same);
        entity.parameter_count = Some(2);
        entity
    }

    fn links(&self, file: usize, content: Content) -> FileLinks {
        let owner = self.entity(file, 0, Content::Same).id();
        let confidence = if content == Content::Same { 0.8 } else { 0.9 };
        let edge = |from: &str, to: String, kind| {
            EdgeDocument::new(&self.repository, from.to_owned(), to, kind, Origin::Syntax, confidence)
        };
        let mut edges = Vec::with_capacity(OF_A_FILE * EDGES);
        for line in 1..OF_A_FILE {
            let from = self.entity(file, line, Content::Same).id();
            let n = file * (OF_A_FILE - 1) + line - 1;
            edges.push(edge(&owner, from.clone(), EdgeKind::Contains));
            edges.push(edge(&from, self.id(n.wrapping_mul(7_919) + 17), EdgeKind::Calls));
            edges.push(edge(&from, self.id(n.wrapping_mul(104_729) + 5), EdgeKind::Calls));
        }
        FileLinks { path: path(file), digest: format!("{file}{}", suffix(content)), edges }
    }
}

fn batches(files: usize, size: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..files).step_by(size).map(move |begin| begin..files.min(begin + size))
}

fn path(file: usize) -> String {
    format!("src/folder{}/module{file}.ts", file % 97)
}

fn name(file: usize, line: usize) -> String {
    if line == 0 { format!("module{file}.ts") } else { format!("function{}", file * OF_A_FILE + line) }
}

fn suffix(content: Content) -> &'static str {
    if content == Content::Same { "" } else { "'" }
}
