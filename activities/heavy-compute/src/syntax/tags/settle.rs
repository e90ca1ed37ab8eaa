//! From nested items to definitions: owners, folding, signatures, documentation.

use std::collections::{HashMap, HashSet};

use super::super::containers::ContainerName;
use super::super::entities::{Builder, Export, Fold, Found, Inside};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::model::{FileSyntax, Kind, Options};
use super::super::node_kind::NodeKind;
use super::super::text::{MAX_REPEATED_NAME, collapse, lossy, prefix};
use super::super::uses::Rules;
use super::item::{What, simple_name};
use super::language::Language;
use super::nesting::{Nested, Placed};
use super::{Span, calls, comments};

/// The longest name; longer ones are cut.
const MAX_NAME: usize = 1024;
/// How much of the source is looked at for a name.
const MAX_NAME_SOURCE: u32 = 2048;

/// These files are not linked: calls are found in the file alone, and the scopes stay empty.
const RULES: Rules = Rules { everything_is_exported: false, unbound_may_be_elsewhere: false };

pub(super) fn settle(
    language: Language,
    source: &[u8],
    nested: Nested,
    options: Options,
    has_errors: bool,
) -> FileSyntax {
    let Nested { items, order, calls, comments, hidden } = nested;
    let tokens = Tokens::of(&items);
    let tree = FlatTree::of_tokens(source, tokens.list.iter().copied());
    let mut settler = Settler {
        language,
        source,
        items: &items,
        comments: &comments,
        tokens: &tokens,
        types: types(&items, source),
        unique_types: unique_types(&items, source),
        namespaces: namespaces(&items, source),
        builder: Builder::new(&tree, options),
        drafts: vec![NONE; items.len()],
        implementations: HashMap::new(),
        groups: HashMap::new(),
        methods: HashMap::new(),
    };
    for index in order {
        settler.add(index);
    }
    for (inside, name) in hidden {
        settler.hide(inside, name);
    }
    let drafts = settler.drafts;
    let mut found = settler.builder.finish(RULES, has_errors);
    (found.links, found.sites) = calls::resolve(language, source, &items, &calls, &drafts, options.places);
    found
}

/// Name tokens of the items, as nodes.
#[derive(Default)]
struct Tokens {
    list: Vec<(NodeKind, u32, u32)>,
    /// Of each item: the name, the owner, the trait.
    of_item: Vec<[NodeId; 3]>,
}

impl Tokens {
    fn of(items: &[Placed]) -> Self {
        let mut tokens = Self::default();
        for placed in items {
            let item = &placed.item;
            let name = tokens.add(item.name, NodeKind::Identifier);
            let owner = tokens.add(item.owner, NodeKind::NestedIdentifier);
            let of_trait = tokens.add(item.of_trait, NodeKind::NestedIdentifier);
            tokens.of_item.push([name, owner, of_trait]);
        }
        tokens
    }

    fn add(&mut self, token: Option<Span>, kind: NodeKind) -> NodeId {
        let Some(token) = token else { return NONE };
        let id = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.list.push((kind, token.start, token.end));
        id
    }

    fn get(&self, index: usize) -> [Option<NodeId>; 3] {
        let some = |id: NodeId| (id != NONE).then_some(id);
        self.of_item.get(index).map_or([None; 3], |ids| ids.map(some))
    }
}

/// Types and modules by the definition they stand in and their name; the first of several counts.
fn types<'s>(items: &[Placed], source: &'s [u8]) -> HashMap<(u32, &'s [u8]), usize> {
    let mut types = HashMap::new();
    for (index, placed) in items.iter().enumerate() {
        if let (Some(kind), Some(name), None) = (placed.kind, placed.item.name, placed.item.owner)
            && is_owner(kind)
        {
            types.entry((placed.outer, name.bytes(source))).or_insert(index);
        }
    }
    types
}

/// Types by name alone, if one has it.
fn unique_types<'s>(items: &[Placed], source: &'s [u8]) -> HashMap<&'s [u8], Option<usize>> {
    let mut unique = HashMap::new();
    for (index, placed) in items.iter().enumerate() {
        if let (Some(kind), Some(name)) = (placed.kind, placed.item.name)
            && is_owner(kind)
        {
            unique.entry(name.bytes(source)).and_modify(|slot| *slot = None).or_insert(Some(index));
        }
    }
    unique
}

/// The last names of the namespaces.
fn namespaces<'s>(items: &[Placed], source: &'s [u8]) -> HashSet<&'s [u8]> {
    let namespaces = items.iter().filter(|placed| placed.kind == Some(Kind::Namespace));
    namespaces.filter_map(|placed| Some(simple_name(placed.item.name?, source).bytes(source))).collect()
}

fn is_owner(kind: Kind) -> bool {
    matches!(kind, Kind::Class | Kind::Struct | Kind::Trait | Kind::Interface | Kind::Enum | Kind::Type | Kind::Module)
}

struct Settler<'a, 's> {
    language: Language,
    source: &'s [u8],
    items: &'a [Placed],
    comments: &'a [Span],
    tokens: &'a Tokens,
    types: HashMap<(u32, &'s [u8]), usize>,
    unique_types: HashMap<&'s [u8], Option<usize>>,
    namespaces: HashSet<&'s [u8]>,
    builder: Builder<'a, 's>,
    /// The draft of each item, or [`NONE`].
    drafts: Vec<u32>,
    /// What encloses the items of an implementation, and the name of its type.
    implementations: HashMap<usize, (Inside, String)>,
    /// Definitions that are one if they share owner and parameter types.
    groups: HashMap<(u32, String), u32>,
    /// Methods by what they stand in and their name, for what is hidden later.
    methods: HashMap<(u32, &'s [u8]), u32>,
}

impl<'s> Settler<'_, 's> {
    fn draft(&self, item: u32) -> u32 {
        self.drafts.get(item as usize).copied().unwrap_or(NONE)
    }

    /// What the items inside of a definition are enclosed by.
    fn inside(&self, item: u32) -> Inside {
        self.builder.inside(self.draft(item), Inside { parent: NONE, container: NONE })
    }

    fn add(&mut self, index: usize) {
        let Some(placed) = self.items.get(index) else { return };
        let (Some(kind), Some(name)) = (placed.kind, placed.item.name) else { return };
        if self.draft(u32::try_from(index).unwrap_or(NONE)) != NONE {
            return;
        }
        let [name_token, _, _] = self.tokens.get(index);
        let text = self.name(name, placed.item.name_prefix);
        let (mut inside, mut owner) = self.owner(index, kind);
        let mut kind = kind;
        if kind == Kind::Method && owner.is_none() && placed.item.owner.is_some() {
            // The scope before the name is a namespace.
            kind = Kind::Function;
        }
        if kind == Kind::Method && owner.is_none() {
            owner = Some(self.builder.owner_prefix(inside.parent).trim_end_matches('.').to_owned());
        }
        if inside.parent == NONE && inside.container == NONE && placed.item.owner.is_none() {
            inside = self.inside(placed.outer);
        }
        let signature = self.signature(placed, kind, &text, owner.as_deref());
        let fold = self.fold(placed, kind, owner.as_deref(), inside);
        let (group, fold) = fold.unwrap_or((NONE, Fold::Function));
        let id = name_token.map(|token| self.builder.name_id(token));
        let folds = group != NONE && id.is_some_and(|id| self.builder.is_folded(group, id, fold));
        // The first declaration says who can name it.
        let exported = placed.exported && (!folds || matches!(fold, Fold::Merged(_)));
        let found = Found {
            kind,
            name: text,
            name_node: name_token,
            signature,
            start: placed.start,
            end: placed.item.place.end,
            export: if exported { Export::Yes } else { Export::No },
            scope: group,
            has_body: placed.item.has_body,
        };
        let known = self.builder.drafts.len();
        let added = if group == NONE {
            self.builder.add(found, inside)
        } else {
            self.builder.add_or_fold(found, inside, group, fold)
        };
        let Some(draft) = added else { return };
        if let Some(slot) = self.drafts.get_mut(index) {
            *slot = draft;
        }
        let is_new = self.builder.drafts.len() > known;
        if is_new
            && placed.exported
            && let Some(draft) = self.builder.drafts.get_mut(draft as usize)
        {
            draft.export = Export::Yes;
        }
        self.describe(draft, placed, kind, !is_new);
        if kind == Kind::Method {
            self.methods.insert((placed.outer, name.bytes(self.source)), draft);
        }
    }

    fn name(&self, name: Span, name_prefix: &str) -> String {
        let text = lossy(self.source, name.start, name.end.min(name.start.saturating_add(MAX_NAME_SOURCE)));
        let text = format!("{name_prefix}{}", collapse(&text));
        prefix(&text, MAX_NAME).to_owned()
    }

    /// What encloses an item, and the name of the type that a method outside of its type belongs to.
    fn owner(&mut self, index: usize, kind: Kind) -> (Inside, Option<String>) {
        let nothing = Inside { parent: NONE, container: NONE };
        let Some(placed) = self.items.get(index) else { return (nothing, None) };
        if let Some(owner) = placed.item.owner {
            let is_callable = matches!(kind, Kind::Function | Kind::Method);
            return match self.type_at(placed.outer, owner) {
                Some(found) => {
                    if is_callable {
                        self.add(found);
                    }
                    let inside = self.inside(u32::try_from(found).unwrap_or(NONE));
                    let inside = if inside.parent == NONE { self.inside(placed.outer) } else { inside };
                    (inside, Some(self.owner_name(owner)))
                }
                None if is_callable && self.known_type(owner).is_some() => {
                    let inside = self.inside(self.known_type(owner).unwrap_or(NONE));
                    (inside, Some(self.owner_name(owner)))
                }
                None if self.is_namespace(owner) => (self.inside(placed.outer), None),
                None => (self.elsewhere(placed.outer, index), Some(self.owner_name(owner))),
            };
        }
        let class = placed.class as usize;
        // A type in an implementation is an error of the source, and could be the very type that is implemented.
        let around = self.items.get(class).filter(|_| !is_owner(kind));
        if let Some(implementation) = around.filter(|around| around.item.what == What::Implementation)
            && placed.outer == implementation.outer
        {
            if let Some((inside, name)) = self.implementations.get(&class) {
                return (*inside, Some(name.clone()));
            }
            let found = self.implementation(class);
            self.implementations.insert(class, found.clone());
            return (found.0, Some(found.1));
        }
        (self.inside(placed.outer), None)
    }

    /// The type an implementation is for, also if it stands further down.
    fn implementation(&mut self, index: usize) -> (Inside, String) {
        let nothing = Inside { parent: NONE, container: NONE };
        let Some(placed) = self.items.get(index) else { return (nothing, String::new()) };
        let Some(owner) = placed.item.owner else { return (nothing, String::new()) };
        let mut inside = match self.type_at(placed.outer, owner) {
            Some(found) => {
                self.add(found);
                self.inside(u32::try_from(found).unwrap_or(NONE))
            }
            None => self.elsewhere(placed.outer, index),
        };
        if let [_, _, Some(of_trait)] = self.tokens.get(index) {
            inside.container = self.builder.containers.add(inside.container, ContainerName::Token(of_trait));
        }
        (inside, self.owner_name(owner))
    }

    /// A type by its name, beside what needs it or at the top of the file.
    fn type_at(&self, outer: u32, name: Span) -> Option<usize> {
        let name = name.bytes(self.source);
        self.types.get(&(outer, name)).or_else(|| self.types.get(&(NONE, name))).copied()
    }

    /// A type further up, wherever it stands, if its name is the only one.
    fn known_type(&self, name: Span) -> Option<u32> {
        let index = self.unique_types.get(name.bytes(self.source)).copied().flatten()?;
        u32::try_from(index).ok().filter(|item| self.draft(*item) != NONE)
    }

    fn is_namespace(&self, name: Span) -> bool {
        self.namespaces.contains(name.bytes(self.source))
    }

    fn elsewhere(&mut self, outer: u32, index: usize) -> Inside {
        let mut inside = self.inside(outer);
        if let [_, Some(owner), _] = self.tokens.get(index) {
            inside.container = self.builder.containers.add(inside.container, ContainerName::Token(owner));
        }
        inside
    }

    fn owner_name(&self, owner: Span) -> String {
        let text =
            collapse(&lossy(self.source, owner.start, owner.end.min(owner.start.saturating_add(MAX_NAME_SOURCE))));
        prefix(&text, MAX_REPEATED_NAME).to_owned()
    }

    fn signature(&self, placed: &Placed, kind: Kind, name: &str, owner: Option<&str>) -> Option<String> {
        let item = &placed.item;
        let parameters = item.parameters.as_ref().map_or("", |parameters| parameters.text.as_str());
        match kind {
            Kind::Function if item.what == What::Macro && item.parameters.is_none() => {
                Some(format!("{}{name}", item.signature_prefix))
            }
            Kind::Function if item.what == What::Macro => {
                Some(format!("{}{name}({parameters})", item.signature_prefix))
            }
            Kind::Function => Some(format!("{}{name}({parameters})", self.language.function_prefix())),
            Kind::Method => {
                let owner =
                    owner.filter(|owner| !owner.is_empty()).map(|owner| format!("{owner}.")).unwrap_or_default();
                Some(format!("{owner}{name}({parameters})"))
            }
            _ => None,
        }
    }

    /// What a definition may be one with.
    fn fold(&mut self, placed: &Placed, kind: Kind, owner: Option<&str>, inside: Inside) -> Option<(u32, Fold)> {
        let language = self.language;
        let parent = inside.parent;
        match (language, kind) {
            (Language::C | Language::Cpp, Kind::Function | Kind::Method) if placed.item.what != What::Macro => {
                let parameters = placed.item.parameters.as_ref();
                let types = parameters.and_then(|parameters| parameters.types.as_deref()).unwrap_or_default();
                let key = format!("{}({types})", owner.unwrap_or_default());
                let scope = if owner.is_some() || language == Language::C { NONE } else { parent };
                let fold = if kind == Kind::Method { Fold::Method } else { Fold::Function };
                Some((self.group(scope, key), fold))
            }
            (Language::Cpp | Language::CSharp | Language::Php, Kind::Namespace)
            | (Language::Ruby, Kind::Class | Kind::Module) => {
                Some((self.group(parent, "merged".to_owned()), Fold::Merged(kind)))
            }
            (Language::CSharp, _) if placed.item.heading.is_partial && is_owner(kind) => {
                Some((self.group(parent, "partial".to_owned()), Fold::Merged(kind)))
            }
            _ => None,
        }
    }

    fn group(&mut self, scope: u32, key: String) -> u32 {
        let next = u32::try_from(self.groups.len()).unwrap_or(NONE);
        *self.groups.entry((scope, key)).or_insert(next)
    }

    fn describe(&mut self, draft: u32, placed: &Placed, kind: Kind, folded: bool) {
        let doc = self.comments.get(placed.comments.clone()).and_then(|list| comments::clean(list, self.source));
        let return_type = placed.item.return_type_text(self.source);
        let has_async = self.language.has_async();
        let modules_take_none = placed.item.what == What::Macro && placed.item.parameters.is_none();
        let Some(definition) = self.builder.definition(draft) else { return };
        let item = &placed.item;
        if definition.doc.is_none() || (folded && item.has_body && doc.is_some()) {
            definition.doc = doc;
        }
        if !matches!(kind, Kind::Function | Kind::Method) || (folded && !item.has_body) {
            return;
        }
        definition.is_async = has_async.then_some(item.heading.is_async);
        definition.parameter_count = match &item.parameters {
            Some(parameters) => Some(parameters.count),
            None => (!modules_take_none).then_some(0),
        };
        definition.return_type = return_type;
        definition.complexity = (item.has_body && item.what != What::Macro).then(|| placed.branches.saturating_add(1));
    }

    fn hide(&mut self, inside: u32, name: Span) {
        if let Some(draft) = self.methods.get(&(inside, name.bytes(self.source)))
            && let Some(draft) = self.builder.drafts.get_mut(*draft as usize)
        {
            draft.export = Export::No;
        }
    }
}
