//! One document of an index, joined with the syntax tree of its file.
//!
//! The tree says what a thing is and where it ends; the index says what every name means. They meet at the places of names.

use std::collections::{HashMap, HashSet};

use graph_store::EntityKind;
use scip_index::{DocumentView, Range, Symbol, position::Convention, wire::WireError};

use super::{
    alone::{self, SymbolEntity},
    facts::{Context, Implementation, IndexFacts, SymbolDefinition, SymbolForm, SymbolReference},
    places::{Extents, Places},
    symbols::{Known, Symbols},
};
use crate::{
    graph,
    syntax::{FileSyntax, Said, Site, StatementForm, links::Role},
};

/// Of a hundred places, so many may lie outside of the text before index and source count as two different states.
const OUTSIDE_PERCENT: u64 = 1;

/// The source of a document.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its tree, with places; an empty one where there is no grammar.
    pub syntax: &'a FileSyntax,
    /// Whether a grammar has read it.
    pub has_grammar: bool,
}

/// Where a document stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its path in the repository.
    pub path: &'a str,
    /// The folder that its index was made in.
    pub root: &'a str,
    /// The indexer.
    pub tool: &'a str,
}

/// A document and its file as one.
#[derive(Debug, Default)]
pub struct Joined {
    /// What the index says of the file.
    pub facts: IndexFacts,
    /// Entities that only the index knows; they come behind those of the tree.
    pub entities: Vec<SymbolEntity>,
    /// Occurrences in the document.
    pub occurrences: u64,
}

/// Why a document says nothing of its file.
#[derive(Debug, thiserror::Error)]
pub enum NotJoined {
    /// Its places are not those of the text.
    #[error("{outside} of its {all} places are not in the file: the index was made of another state of it")]
    OtherText {
        /// Places that the text does not have.
        outside: u64,
        /// All places.
        all: u64,
    },
    /// It cannot be read to its end.
    #[error(transparent)]
    Damaged(#[from] WireError),
}

/// Joins a document with its source; without one, its symbols are all there is.
///
/// # Errors
/// When the document is damaged, or is of another text.
pub fn join<'d>(
    document: &DocumentView<'d>,
    place: Place<'d>,
    source: Option<Source<'_>>,
) -> Result<Joined, NotJoined> {
    let mut join = Join::new(document, place, source);
    let seen = join.occurrences(document)?;
    join.definitions(&seen);
    join.only_in_index(document)?;
    join.references(&seen);
    let (all, outside) = (join.all, join.outside);
    if outside * 100 > all * OUTSIDE_PERCENT {
        return Err(NotJoined::OtherText { outside, all });
    }
    join.implementations(document)?;
    Ok(join.finish())
}

struct Join<'d, 's> {
    source: Option<Source<'s>>,
    places: Places<'s>,
    symbols: Symbols<'d>,
    /// Entities by the place of a name of theirs.
    names: HashMap<u64, u32, foldhash::fast::RandomState>,
    extents: Extents,
    /// What this document defines, by symbol.
    defined: HashMap<u64, Option<u32>, foldhash::fast::RandomState>,
    definitions: Vec<SymbolDefinition>,
    own_packages: HashSet<u32>,
    /// Definitions without an entity that may get one.
    missing: Vec<Missing<'d>>,
    entities: Vec<SymbolEntity>,
    references: HashMap<SymbolReference, u32, foldhash::fast::RandomState>,
    implementations: HashSet<Implementation>,
    own_scope: u32,
    all: u64,
    outside: u64,
}

/// An occurrence of a symbol that can be read.
#[derive(Clone, Copy)]
struct Seen<'d> {
    text: &'d str,
    known: Known,
    /// Where it is; none if the text has no such place.
    span: Option<(u64, u64)>,
    is_definition: bool,
    range: Range,
    /// Of a definition, as far as the index tells.
    around: Option<Range>,
}

struct Missing<'d> {
    text: &'d str,
    known: Known,
    start: u64,
    range: Range,
    around: Option<Range>,
}

impl<'d, 's> Join<'d, 's> {
    fn new(document: &DocumentView<'d>, place: Place<'d>, source: Option<Source<'s>>) -> Self {
        let convention = Convention::of(document.position_encoding, place.tool);
        let definitions = || source.iter().flat_map(|source| source.syntax.entities.iter().zip(0_u32..));
        let names = definitions().flat_map(|(definition, entity)| {
            let others = definition.also.iter().filter_map(|place| place.name_byte);
            definition.name_byte.into_iter().chain(others).map(move |byte| (u64::from(byte), entity))
        });
        let extents = definitions()
            .map(|(definition, entity)| (u64::from(definition.start_byte), u64::from(definition.end_byte), entity));
        Self {
            source,
            places: source.map_or(Places::Lines, |source| Places::of_text(source.text, convention)),
            symbols: Symbols::new(place.path, place.root),
            names: names.collect(),
            extents: Extents::new(extents),
            defined: HashMap::default(),
            definitions: Vec::new(),
            own_packages: HashSet::new(),
            missing: Vec::new(),
            entities: Vec::new(),
            references: HashMap::default(),
            implementations: HashSet::new(),
            own_scope: 0,
            all: 0,
            outside: 0,
        }
    }

    fn tree_entities(&self) -> usize {
        self.source.map_or(0, |source| source.syntax.entities.len())
    }

    /// Whether the index may know definitions that the tree should have and has not.
    fn tree_has_gaps(&self) -> bool {
        self.source.is_none_or(|source| source.syntax.has_errors || !source.has_grammar)
    }

    fn define(&mut self, known: Known, entity: Option<u32>) {
        let definition = entity.and_then(|entity| self.source?.syntax.entities.get(entity as usize));
        let has_body = definition.is_some_and(|definition| definition.complexity.is_some());
        self.definitions.push(SymbolDefinition { symbol: known.hash, rank: u8::from(!has_body), entity });
        self.defined.entry(known.hash).or_insert(entity);
        if known.form != SymbolForm::Local {
            self.own_packages.insert(known.package);
        }
    }

    /// The occurrences whose symbols can be read. Looked at once, since everything else asks for them again.
    fn occurrences(&mut self, document: &DocumentView<'d>) -> Result<Vec<Seen<'d>>, WireError> {
        let mut seen = Vec::new();
        for occurrence in document.occurrences() {
            let occurrence = occurrence?;
            self.all += 1;
            let Some(known) = self.symbols.get(occurrence.symbol) else { continue };
            let is_definition = occurrence.roles.is_definition();
            let range = occurrence.range.range().ok();
            seen.push(Seen {
                text: occurrence.symbol,
                known,
                span: range.and_then(|range| self.places.span(range)),
                is_definition,
                range: range.unwrap_or_default(),
                around: if is_definition { occurrence.enclosing_range.range().ok() } else { None },
            });
        }
        Ok(seen)
    }

    fn definitions(&mut self, seen: &[Seen<'d>]) {
        for &Seen { text, known, span, range, around, .. } in seen.iter().filter(|seen| seen.is_definition) {
            let Some((start, end)) = span else {
                self.outside += 1;
                continue;
            };
            // A file is defined at no name; a namespace inside of it has a symbol of the same shape.
            if known.form == SymbolForm::Module && (start == end || !self.names.contains_key(&start)) {
                self.define(known, None);
            } else if let Some(entity) = self.names.get(&start).copied() {
                self.define(known, Some(entity));
            } else if !known.in_literal && known.form != SymbolForm::Local && self.tree_has_gaps() {
                self.missing.push(Missing { text, known, start, range, around });
            } else if known.form != SymbolForm::Local {
                self.own_packages.insert(known.package);
            }
        }
    }

    /// Entities for definitions that the tree does not have.
    fn only_in_index(&mut self, document: &DocumentView<'d>) -> Result<(), WireError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let asked: HashSet<&str> = self.missing.iter().map(|missing| missing.text).collect();
        let mut blocks: HashMap<&str, String> = HashMap::new();
        for symbol in document.symbols() {
            let symbol = symbol?;
            if !asked.contains(symbol.symbol) {
                continue;
            }
            let block = match symbol.documentation().next() {
                _ if !symbol.signature.is_empty() => Some(symbol.signature),
                block => block.transpose()?,
            };
            if let Some(block) = block {
                blocks.insert(symbol.symbol, block.lossy().into_owned());
            }
        }
        let mut missing = std::mem::take(&mut self.missing);
        missing.sort_by_key(|missing| (missing.start, missing.text));
        let with_grammar = self.source.is_some_and(|source| source.has_grammar);
        let first = self.tree_entities();
        let mut extents = Vec::new();
        for found in missing {
            if self.defined.contains_key(&found.known.hash) {
                continue;
            }
            let Ok(Symbol::Global(symbol)) = Symbol::parse(found.text) else { continue };
            let block = blocks.get(found.text).map(String::as_str).unwrap_or_default();
            let kind = alone::kind_of(&symbol, block);
            // Where a tree is broken a variable may as well be a local one.
            let Some(kind) = kind.filter(|kind| !(with_grammar && *kind == EntityKind::Variable)) else { continue };
            let owner = symbol.owner().and_then(|owner| Symbol::parse(owner).ok());
            let owner = owner.as_ref().and_then(Symbol::global).filter(|owner| !owner.is_module());
            let parent = symbol
                .owner()
                .and_then(|owner| self.symbols.get(owner))
                .and_then(|owner| self.defined.get(&owner.hash).copied().flatten());
            let name = symbol.simple_name().to_owned();
            let signature = alone::signature(kind, owner.map(|owner| owner.simple_name()), &name, block);
            let entity = u32::try_from(first + self.entities.len()).unwrap_or(u32::MAX);
            let end = found.around.unwrap_or(found.range).end.line;
            let start_line = found.around.unwrap_or(found.range).start.line.saturating_add(1);
            if let Some((start, end)) = found.around.and_then(|around| self.places.span(around)) {
                extents.push((start, end, entity));
            }
            self.names.insert(found.start, entity);
            self.define(found.known, Some(entity));
            let end_line = end.saturating_add(1).max(start_line);
            self.entities.push(SymbolEntity { kind, name, signature, start_line, end_line, parent });
        }
        let tree = self.source.iter().flat_map(|source| source.syntax.entities.iter());
        let taken = tree.clone().map(|d| (graph::kind(d.kind), d.name.clone(), d.signature.clone())).collect();
        alone::tell_apart(&mut self.entities, taken);
        let known = tree.zip(0..).map(|(d, entity)| (u64::from(d.start_byte), u64::from(d.end_byte), entity));
        self.extents = Extents::new(known.chain(extents));
        Ok(())
    }

    fn references(&mut self, seen: &[Seen<'d>]) {
        let mut last = None;
        let mut counted: HashSet<u64, foldhash::fast::RandomState> = HashSet::default();
        for &Seen { known, span, .. } in seen.iter().filter(|seen| !seen.is_definition) {
            if known.form == SymbolForm::Local && !self.defined.contains_key(&known.hash) {
                continue;
            }
            let Some((start, _)) = span else {
                self.outside += 1;
                continue;
            };
            // At a name of an entity it is one more definition of it: an overload, a setter, a redefinition.
            if self.names.contains_key(&start) {
                continue;
            }
            // A name that several files of a library declare stands for all of them.
            let repeat = (span, known.package, known.behind_namespaces);
            if last.replace(repeat) == Some(repeat) {
                continue;
            }
            let sites = u32::from(counted.insert(start));
            self.reference(known, start, sites);
        }
    }

    fn reference(&mut self, known: Known, start: u64, sites: u32) {
        let syntax = self.source.map(|source| source.syntax);
        // A clause of names can stand in a statement; the outer one says what is done with them.
        let statement = syntax.and_then(|syntax| {
            let before = syntax.statements.partition_point(|statement| u64::from(statement.start) <= start);
            let last = syntax.statements.get(before.saturating_sub(2)..before)?;
            last.iter().find(|statement| u64::from(statement.end) > start)
        });
        match statement.map(|statement| statement.form) {
            Some(StatementForm::Export) => {}
            Some(StatementForm::Import) => self.add(known, None, Context::Import, Said::Nothing, sites),
            Some(StatementForm::Reexport) => self.add(known, None, Context::Reexport, Said::Nothing, sites),
            None => {
                let here = |site: &Site| u64::from(site.at).cmp(&start);
                let found = syntax.map_or(&[][..], |syntax| {
                    let from = syntax.sites.partition_point(|site| here(site).is_lt());
                    let rest = syntax.sites.get(from..).unwrap_or_default();
                    rest.get(..rest.partition_point(|site| here(site).is_eq())).unwrap_or_default()
                });
                if found.is_empty() {
                    let source = self.extents.innermost(start);
                    let call = self.source.is_none() && known.form == SymbolForm::Method;
                    let role = if call { Role::Call } else { Role::Read };
                    self.add(known, source, Context::Use(role), Said::Nothing, sites);
                }
                for site in found.iter().filter(|site| site.role != Role::MemberOf) {
                    self.add(known, site.source, Context::Use(site.role), site.said, sites);
                }
            }
        }
    }

    fn add(&mut self, known: Known, source: Option<u32>, context: Context, said: Said, sites: u32) {
        if self.is_own_part(known, source) {
            self.own_scope = self.own_scope.saturating_add(sites);
            return;
        }
        // A module that is called is called by what it exports, which the syntax knows better.
        let said = if known.form == SymbolForm::Module { Said::Nothing } else { said };
        let Known { hash: symbol, base, package, form, member, .. } = known;
        let reference = SymbolReference { source, context, symbol, base, package, form, member, said, sites: 0 };
        let known = self.references.entry(reference).or_default();
        *known = known.saturating_add(sites);
    }

    /// Whether a symbol without an entity belongs to something that the reference stands in.
    fn is_own_part(&self, known: Known, source: Option<u32>) -> bool {
        if known.base == 0 || self.defined.contains_key(&known.hash) {
            return false;
        }
        let Some(Some(owner)) = self.defined.get(&known.base) else { return false };
        let mut at = source;
        while let Some(entity) = at {
            if entity == *owner {
                return true;
            }
            // Parents come before what they enclose.
            at = self.parent(entity).filter(|parent| *parent < entity);
        }
        false
    }

    fn parent(&self, entity: u32) -> Option<u32> {
        let index = entity as usize;
        let first = self.tree_entities();
        match self.source.and_then(|source| source.syntax.entities.get(index)) {
            Some(definition) => definition.parent.and_then(|parent| u32::try_from(parent).ok()),
            None => self.entities.get(index.checked_sub(first)?)?.parent,
        }
    }

    fn implementations(&mut self, document: &DocumentView<'d>) -> Result<(), WireError> {
        for symbol in document.symbols() {
            let symbol = symbol?;
            for other in symbol.relationships() {
                let other = other?;
                if !other.is_implementation {
                    continue;
                }
                let (Some(own), Some(target)) = (self.symbols.get(symbol.symbol), self.symbols.get(other.symbol))
                else {
                    continue;
                };
                if let Some(Some(entity)) = self.defined.get(&own.hash) {
                    self.implementations.insert(Implementation { entity: *entity, symbol: target.hash });
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Joined {
        let tree = self.tree_entities();
        let joined: HashSet<u32> = self.definitions.iter().filter_map(|definition| definition.entity).collect();
        let joined = joined.into_iter().filter(|entity| (*entity as usize) < tree).count();
        let mut definitions = self.definitions;
        definitions.sort_unstable();
        definitions.dedup();
        let mut references: Vec<SymbolReference> =
            self.references.into_iter().map(|(reference, sites)| SymbolReference { sites, ..reference }).collect();
        references.sort_unstable_by_key(|r| (r.source, r.context, r.symbol, r.said, r.package));
        let mut implementations: Vec<Implementation> = self.implementations.into_iter().collect();
        implementations.sort_unstable();
        let mut own_packages: Vec<u32> = self.own_packages.into_iter().collect();
        own_packages.sort_unstable();
        let (packages, names) = self.symbols.into_lists();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let facts = IndexFacts {
            definitions,
            packages,
            own_packages,
            references,
            implementations,
            names,
            entities: count(tree),
            joined: count(joined),
            own_scope: self.own_scope,
            guessed: self.source.is_none(),
        };
        Joined { facts, entities: self.entities, occurrences: self.all }
    }
}
