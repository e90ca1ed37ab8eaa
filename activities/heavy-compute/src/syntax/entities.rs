//! Collecting the definitions and uses of one file while a language walks its tree.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::containers::{ContainerName, Containers};
use super::doc_comment;
use super::flat_tree::{FlatTree, NONE, NodeId};
use super::model::{Definition, FileSyntax, Kind, Options, Place};
use super::node_kind::NodeKind;
use super::scope::{NameId, ScopeId, Scopes};
use super::text::{LineTable, collapse, lossy, prefix, slice};
use super::tie_breaker;
use super::uses::{Classes, Rules, Uses};

/// Computed names can hold whole functions, and nest.
const MAX_NAME: usize = 1024;
/// How much of the source is looked at for a name.
const MAX_NAME_SOURCE: u32 = 2048;

/// A definition under construction.
pub(super) struct Draft {
    pub(super) definition: Definition,
    /// The container the definition stands in, for the tie-breaker.
    pub(super) container: u32,
    /// How many definitions and object keys enclose it.
    pub(super) depth: u32,
    /// The definition as a container.
    pub(super) own_container: u32,
    /// The scope its name belongs to, where lists of exported names can find it.
    pub(super) scope: ScopeId,
    pub(super) name_id: NameId,
    /// Where the members of merged declarations meet.
    pub(super) member_scope: ScopeId,
    /// The class, for methods and bases.
    pub(super) class: u32,
    pub(super) export: Export,
    pub(super) has_body: bool,
}

/// What the place of a definition says about its visibility.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Export {
    /// Exported by a keyword or a rule, as far as what encloses it is.
    Yes,
    /// Only if a list of exported names has it.
    Listed,
    /// Never.
    No,
}

/// What a language says about a definition; the rest is found here.
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) name_node: Option<NodeId>,
    pub(super) signature: Option<String>,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) export: Export,
    pub(super) scope: ScopeId,
    pub(super) has_body: bool,
}

/// The enclosing definition and container of the place the walk has reached.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    pub(super) parent: u32,
    pub(super) container: u32,
}

/// What a repeated declaration can be folded into.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fold {
    Function,
    Method,
    Getter,
    Setter,
    Merged(Kind),
}

pub(super) struct Builder<'t, 's> {
    pub(super) tree: &'t FlatTree<'s>,
    pub(super) options: Options,
    pub(super) scopes: Scopes<'s>,
    pub(super) drafts: Vec<Draft>,
    pub(super) containers: Containers,
    pub(super) classes: Classes,
    pub(super) uses: Uses,
    lines: LineTable<'s>,
    folds: HashMap<(ScopeId, NameId, Fold), u32>,
    exported: HashSet<(ScopeId, NameId)>,
    /// The last documentation block seen; it belongs to what starts right behind it.
    last_doc: Option<NodeId>,
}

impl<'t, 's> Builder<'t, 's> {
    pub(super) fn new(tree: &'t FlatTree<'s>, options: Options) -> Self {
        Self {
            tree,
            options,
            scopes: Scopes::default(),
            drafts: Vec::new(),
            containers: Containers::default(),
            classes: Classes::default(),
            uses: Uses::default(),
            lines: LineTable::new(tree.source()),
            folds: HashMap::new(),
            exported: HashSet::new(),
            last_doc: None,
        }
    }

    pub(super) fn name_id(&mut self, node: NodeId) -> NameId {
        let token = self.tree.node(node);
        let end = token.end.min(token.start.saturating_add(MAX_NAME_SOURCE));
        self.scopes.name(slice(self.tree.source(), token.start, end))
    }

    pub(super) fn saw_comment(&mut self, node: NodeId) {
        if doc_comment::is_doc_block(self.tree.bytes(node)) {
            self.last_doc = Some(node);
        }
    }

    /// Adds a definition; nothing if it has no name, as in a broken place.
    pub(super) fn add(&mut self, found: Found, inside: Inside) -> Option<u32> {
        if found.name.is_empty() {
            return None;
        }
        let index = u32::try_from(self.drafts.len()).ok().filter(|index| *index != NONE)?;
        let own_container = self.containers.add(inside.container, ContainerName::Definition(index));
        let name_id = found.name_node.map_or(NONE, |node| self.name_id(node));
        let place = self.place(found.start, found.end, found.name_node);
        let doc = self.doc_before(found.start);
        self.drafts.push(Draft {
            definition: Definition {
                kind: found.kind,
                name: found.name,
                signature: found.signature,
                start_line: place.start_line,
                end_line: place.end_line,
                start_byte: found.start,
                end_byte: found.end,
                name_byte: place.name_byte,
                exported: false,
                doc,
                parent: (inside.parent != NONE).then_some(inside.parent as usize),
                is_async: None,
                parameter_count: None,
                return_type: None,
                complexity: None,
                also: Vec::new(),
            },
            container: inside.container,
            depth: self.containers.depth(inside.container),
            own_container,
            scope: found.scope,
            name_id,
            member_scope: NONE,
            class: NONE,
            export: found.export,
            has_body: found.has_body,
        });
        Some(index)
    }

    /// Adds a definition or folds it into one that was there: overload heads into the implementation, whichever
    /// comes first, and merged declarations into the first.
    pub(super) fn add_or_fold(&mut self, found: Found, inside: Inside, scope: ScopeId, fold: Fold) -> Option<u32> {
        let Some(name) = found.name_node.map(|node| self.name_id(node)) else {
            return self.add(found, inside);
        };
        let Some(first) = self.folds.get(&(scope, name, fold)).copied() else {
            let added = self.add(found, inside)?;
            self.folds.insert((scope, name, fold), added);
            return Some(added);
        };
        let place = self.place(found.start, found.end, found.name_node);
        let doc = self.doc_before(found.start);
        let draft = self.drafts.get_mut(first as usize)?;
        let overloads = !matches!(fold, Fold::Merged(_));
        if overloads && draft.has_body && found.has_body {
            let added = self.add(found, inside)?;
            self.folds.insert((scope, name, fold), added);
            return Some(added);
        }
        let definition = &mut draft.definition;
        definition.doc = match (overloads && found.has_body, definition.doc.take(), doc) {
            (true, old, new) => new.or(old),
            (false, old, new) => old.or(new),
        };
        if found.export == Export::Yes {
            draft.export = Export::Yes;
        }
        if overloads && found.has_body {
            let head = Place {
                start_line: definition.start_line,
                end_line: definition.end_line,
                name_byte: definition.name_byte,
            };
            definition.also.insert(0, head);
            definition.signature = found.signature;
            definition.start_line = place.start_line;
            definition.end_line = place.end_line;
            definition.start_byte = found.start;
            definition.end_byte = found.end;
            definition.name_byte = place.name_byte;
            draft.has_body = true;
        } else {
            definition.also.push(place);
        }
        Some(first)
    }

    pub(super) fn inside(&self, index: u32, otherwise: Inside) -> Inside {
        self.drafts
            .get(index as usize)
            .map_or(otherwise, |draft| Inside { parent: index, container: draft.own_container })
    }

    pub(super) fn definition(&mut self, index: u32) -> Option<&mut Definition> {
        self.drafts.get_mut(index as usize).map(|draft| &mut draft.definition)
    }

    /// `OWNER.` for the signatures of members; empty at the top of the file.
    pub(super) fn owner_prefix(&self, index: u32) -> String {
        self.drafts.get(index as usize).map_or_else(String::new, |draft| {
            format!("{}.", prefix(&draft.definition.name, super::text::MAX_REPEATED_NAME))
        })
    }

    pub(super) fn decision(&mut self, index: u32) {
        if let Some(complexity) = self.definition(index).and_then(|definition| definition.complexity.as_mut()) {
            *complexity = complexity.saturating_add(1);
        }
    }

    /// Marks a name as exported by a list elsewhere in the file.
    pub(super) fn export_name(&mut self, scope: ScopeId, node: NodeId) {
        let name = self.name_id(node);
        self.exported.insert((scope, name));
    }

    pub(super) fn export_name_id(&mut self, scope: ScopeId, name: NameId) {
        self.exported.insert((scope, name));
    }

    pub(super) fn is_folded(&self, scope: ScopeId, name: NameId, fold: Fold) -> bool {
        self.folds.contains_key(&(scope, name, fold))
    }

    fn place(&self, start: u32, end: u32, name_node: Option<NodeId>) -> Place {
        let last = end.saturating_sub(1).max(start);
        Place {
            start_line: self.lines.line(start),
            end_line: self.lines.line(last),
            name_byte: name_node.map(|node| self.tree.node(node).start),
        }
    }

    fn doc_before(&self, start: u32) -> Option<String> {
        let comment = self.last_doc?;
        let end = self.tree.node(comment).end;
        // Stops at the first other byte: the comment may be far up in the file.
        let is_next = end <= start && slice(self.tree.source(), end, start).iter().all(u8::is_ascii_whitespace);
        if !is_next {
            return None;
        }
        doc_comment::clean_block(&self.tree.text(comment))
    }

    pub(super) fn finish(mut self, rules: Rules, has_errors: bool) -> FileSyntax {
        for index in 0..self.drafts.len() {
            let exported = self.is_exported(index);
            if let Some(draft) = self.drafts.get_mut(index) {
                draft.definition.exported = exported;
            }
        }
        tie_breaker::break_ties(self.tree, &mut self.drafts, &self.containers);
        let places = self.options.places;
        let linked = self.uses.finish(&mut self.scopes, &self.classes, &self.drafts, rules, places);
        let entities = self.drafts.into_iter().map(|draft| draft.definition).collect();
        let super::uses::Linked { links, sites, statements } = linked;
        FileSyntax { entities, links, sites, statements, has_errors }
    }

    /// Parents come first, so theirs is known by now.
    fn is_exported(&self, index: usize) -> bool {
        let Some(draft) = self.drafts.get(index) else { return false };
        let named = match draft.export {
            Export::Yes => true,
            Export::Listed => self.exported.contains(&(draft.scope, draft.name_id)),
            Export::No => false,
        };
        let parent = draft.definition.parent.and_then(|parent| self.drafts.get(parent));
        named
            && parent.is_none_or(|parent| {
                parent.definition.exported && !matches!(parent.definition.kind, Kind::Function | Kind::Method)
            })
    }
}

/// The text of a name token, without the quotes of a string key; a computed name as written.
pub(super) fn property_name(tree: &FlatTree<'_>, node: NodeId) -> String {
    let token = tree.node(node);
    let (start, end) = match token.kind {
        NodeKind::String => (token.start.saturating_add(1), token.end.saturating_sub(1)),
        _ => (token.start, token.end),
    };
    let text = lossy(tree.source(), start, end.min(start.saturating_add(MAX_NAME_SOURCE)));
    let name = match token.kind {
        NodeKind::ComputedPropertyName | NodeKind::NestedIdentifier => Cow::Owned(collapse(&text)),
        _ => text,
    };
    prefix(&name, MAX_NAME).to_owned()
}
