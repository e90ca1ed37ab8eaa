//! Running the query of a language over a tree.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use tree_sitter::{
    Node, Query, QueryCursor, QueryCursorOptions, QueryCursorState, QueryMatch, StreamingIterator, Tree, TreeCursor,
};

use super::super::model::{Error, Kind};
use super::item::{Call, CallForm, Found, Item, What};
use super::language::Language;
use super::nesting::EventKind;
use super::{Span, declarator, heading, item, parameters};

/// Unfinished matches at one time. The patterns finish at a name or earlier, so real sources need a handful; what waits
/// is compared with each other at every node.
const MATCH_LIMIT: u32 = 64;

/// Below this depth of the tree nothing is looked for: the library keeps depths of matches in 16 bits, and beyond them
/// matches are not given up when their node ends.
const MAX_DEPTH: u32 = 60_000;

/// What a capture stands for in its match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Definition(What),
    Reference(CallForm),
    Comment,
    Attribute,
    Branch,
    /// A branch if its operator is one of logic.
    Operator,
    Wrapper,
    Hidden,
    Access,
    Name,
    /// What is called, with its name and receiver as fields.
    Callee,
    Parameters,
    ReturnType,
    Owner,
    Trait,
    Declarator,
    Struct,
    /// For predicates only.
    Unused,
}

impl Role {
    fn of(capture: &str) -> Option<Self> {
        let definition = |kind| Self::Definition(What::Definition(kind));
        Some(match capture {
            "definition.function" => definition(Kind::Function),
            "definition.method" => definition(Kind::Method),
            "definition.class" => definition(Kind::Class),
            "definition.struct" => definition(Kind::Struct),
            "definition.trait" => definition(Kind::Trait),
            "definition.interface" => definition(Kind::Interface),
            "definition.enum" => definition(Kind::Enum),
            "definition.type" => definition(Kind::Type),
            "definition.namespace" => definition(Kind::Namespace),
            "definition.module" => definition(Kind::Module),
            "definition.variable" => definition(Kind::Variable),
            "definition.property" => definition(Kind::Property),
            "definition.constant" => definition(Kind::Constant),
            "definition.macro" => Self::Definition(What::Macro),
            "definition.declaration" => Self::Definition(What::Declaration),
            "definition.typedef" => Self::Definition(What::Typedef),
            "scope.implementation" => Self::Definition(What::Implementation),
            "scope.anonymous" => Self::Definition(What::Anonymous),
            "scope.closure" => Self::Definition(What::Closure),
            "scope.hidden" => Self::Definition(What::Hidden),
            "scope.friend" => Self::Definition(What::Friend),
            "scope.unnamed" => Self::Definition(What::Unnamed),
            "reference.call" => Self::Reference(CallForm::Bare),
            "reference.send" => Self::Reference(CallForm::Send),
            "reference.path" => Self::Reference(CallForm::Path),
            "reference.macro" => Self::Reference(CallForm::Macro),
            "comment" => Self::Comment,
            "attribute" => Self::Attribute,
            "branch" => Self::Branch,
            "branch.operator" => Self::Operator,
            "wrapper" => Self::Wrapper,
            "hidden" => Self::Hidden,
            "access" => Self::Access,
            "name" => Self::Name,
            "callee" => Self::Callee,
            "parameters" => Self::Parameters,
            "return_type" => Self::ReturnType,
            "owner" => Self::Owner,
            "trait" => Self::Trait,
            "declarator" => Self::Declarator,
            "struct" => Self::Struct,
            _ if capture.starts_with('_') => Self::Unused,
            _ => return None,
        })
    }
}

/// What `#set!` says for a pattern.
#[derive(Debug, Default)]
struct Settings {
    /// Stands before the name.
    name: String,
    /// Stands before the name in the signature.
    signature: String,
}

struct Compiled {
    query: Query,
    roles: Vec<Role>,
    settings: Vec<Settings>,
    fields: Fields,
}

/// Fields that the grammars name differently.
struct Fields {
    callee_name: Vec<u16>,
    receiver: Vec<u16>,
    operator: Vec<u16>,
}

impl Fields {
    fn of(language: &tree_sitter::Language) -> Self {
        let ids = |names: &[&str]| {
            names.iter().filter_map(|name| language.field_id_for_name(name)).map(std::num::NonZero::get).collect()
        };
        Self {
            callee_name: ids(&["name", "field", "method"]),
            receiver: ids(&["object", "receiver", "value", "argument", "expression", "scope", "path"]),
            operator: ids(&["operator"]),
        }
    }
}

fn child<'t>(node: Node<'t>, fields: &[u16]) -> Option<Node<'t>> {
    fields.iter().find_map(|field| node.child_by_field_id(*field))
}

fn compile(language: Language) -> Result<Compiled, String> {
    let grammar = language.grammar().language();
    let query = Query::new(&grammar, language.query()).map_err(|error| error.to_string())?;
    let role = |name: &&str| Role::of(name).ok_or_else(|| format!("@{name} is unknown"));
    let roles = query.capture_names().iter().map(role).collect::<Result<_, _>>()?;
    let settings = (0..query.pattern_count())
        .map(|pattern| {
            let mut settings = Settings::default();
            for property in query.property_settings(pattern) {
                let value = property.value.as_deref().unwrap_or_default().to_owned();
                match &*property.key {
                    "name" => settings.name = value,
                    "signature" => settings.signature = value,
                    _ => {}
                }
            }
            settings
        })
        .collect();
    Ok(Compiled { query, roles, settings, fields: Fields::of(&grammar) })
}

fn compiled(language: Language) -> Result<&'static Compiled, Error> {
    type Slot = LazyLock<Result<Compiled, String>>;
    static RUST: Slot = LazyLock::new(|| compile(Language::Rust));
    static JAVA: Slot = LazyLock::new(|| compile(Language::Java));
    static C: Slot = LazyLock::new(|| compile(Language::C));
    static CPP: Slot = LazyLock::new(|| compile(Language::Cpp));
    static CSHARP: Slot = LazyLock::new(|| compile(Language::CSharp));
    static PHP: Slot = LazyLock::new(|| compile(Language::Php));
    static RUBY: Slot = LazyLock::new(|| compile(Language::Ruby));
    let slot: &'static Slot = match language {
        Language::Rust => &RUST,
        Language::Java => &JAVA,
        Language::C => &C,
        Language::Cpp => &CPP,
        Language::CSharp => &CSHARP,
        Language::Php => &PHP,
        Language::Ruby => &RUBY,
    };
    slot.as_ref().map_err(|error| Error::Query(error.clone()))
}

/// Everything the query finds, in no order.
pub(super) fn run(
    language: Language,
    tree: &Tree,
    source: &[u8],
    cancelled: &dyn Fn() -> bool,
) -> Result<Found, Error> {
    let compiled = compiled(language)?;
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MATCH_LIMIT);
    cursor.set_max_start_depth(Some(MAX_DEPTH));
    let mut stopped = false;
    let mut stop = |_: &QueryCursorState| {
        stopped = stopped || cancelled();
        if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = QueryCursorOptions::new().progress_callback(&mut stop);
    let mut reader = Reader { language, source, walker: tree.walk(), found: Found::default() };
    let mut matches = cursor.matches_with_options(&compiled.query, tree.root_node(), source, options);
    while let Some(found) = matches.next() {
        reader.read(compiled, found);
    }
    drop(matches);
    if stopped { Err(Error::Cancelled) } else { Ok(reader.found) }
}

#[derive(Default)]
struct Parts<'t> {
    main: Option<(Role, Node<'t>)>,
    access: Option<Node<'t>>,
    name: Option<Node<'t>>,
    parameters: Option<Node<'t>>,
    return_type: Option<Node<'t>>,
    callee: Option<Node<'t>>,
    owner: Option<Node<'t>>,
    of_trait: Option<Node<'t>>,
    declarator: Option<Node<'t>>,
    is_struct: bool,
}

struct Reader<'s, 't> {
    language: Language,
    source: &'s [u8],
    walker: TreeCursor<'t>,
    found: Found,
}

impl<'t> Reader<'_, 't> {
    fn read(&mut self, compiled: &'static Compiled, found: &QueryMatch<'_, 't>) {
        let mut parts = Parts::default();
        for capture in found.captures() {
            let index = usize::try_from(capture.index).unwrap_or(usize::MAX);
            let role = compiled.roles.get(index).copied().unwrap_or(Role::Unused);
            let node = Some(capture.node);
            match role {
                Role::Name => parts.name = node,
                Role::Callee => parts.callee = node,
                Role::Parameters => parts.parameters = node,
                Role::ReturnType => parts.return_type = node,
                Role::Owner => parts.owner = node,
                Role::Trait => parts.of_trait = node,
                Role::Declarator => parts.declarator = node,
                Role::Access => parts.access = node,
                Role::Struct => parts.is_struct = true,
                Role::Unused => {}
                _ => parts.main = Some((role, capture.node)),
            }
        }
        let main = parts.main.or(parts.access.map(|node| (Role::Access, node)));
        let Some((role, node)) = main else { return };
        let place = span(node);
        match role {
            Role::Branch => self.found.add(place, EventKind::Branch),
            Role::Comment => self.found.add(place, EventKind::Comment),
            Role::Attribute => self.found.add(place, EventKind::Attribute),
            Role::Wrapper => {
                let access = parts.access.and_then(|node| heading::access(span(node).bytes(self.source)));
                self.found.add(place, EventKind::Wrapper(access));
            }
            Role::Access => {
                if let Some(access) = heading::access(place.bytes(self.source)) {
                    self.found.add(place, EventKind::Access(access));
                }
            }
            Role::Hidden => {
                if let Some(name) = parts.name.map(span) {
                    self.found.add(place, EventKind::Hide(item::symbol(name, self.source)));
                }
            }
            Role::Operator => {
                let operator = child(node, &compiled.fields.operator).map(|operator| operator.kind());
                if matches!(operator, Some("&&" | "||" | "and" | "or" | "??")) {
                    self.found.add(place, EventKind::Branch);
                }
            }
            Role::Reference(form) => self.reference(form, place, &parts, &compiled.fields),
            Role::Definition(what) => {
                let settings = compiled.settings.get(found.pattern_index);
                self.definition(what, node, &parts, settings);
            }
            _ => {}
        }
    }

    fn reference(&mut self, form: CallForm, place: Span, parts: &Parts<'t>, fields: &Fields) {
        let Some(callee) = parts.callee else {
            if let Some(name) = parts.name.map(span) {
                self.found.add_call(place, Call::new(name, form, None));
            }
            return;
        };
        let Some(mut name) = child(callee, &fields.callee_name) else { return };
        // With type arguments, the name stands inside.
        if matches!(name.kind(), "generic_name" | "template_method" | "template_function") {
            let Some(inner) = name.named_child(0) else { return };
            name = inner;
        }
        if matches!(name.kind(), "identifier" | "field_identifier" | "name" | "constant") {
            let receiver = child(callee, &fields.receiver).map(span);
            let form = if receiver.is_none() { CallForm::Bare } else { form };
            self.found.add_call(place, Call::new(span(name), form, receiver));
        }
    }

    fn definition(&mut self, what: What, node: Node<'t>, parts: &Parts<'t>, settings: Option<&'static Settings>) {
        let mut item = Item::new(what, span(node));
        if what == What::Anonymous && node.kind() == "object_creation_expression" {
            // Only the body is a scope, the arguments before it are not.
            let last = u32::try_from(node.named_child_count()).ok().and_then(|count| count.checked_sub(1));
            match last.and_then(|last| node.named_child(last)).filter(|last| last.kind() == "class_body") {
                Some(body) => item.place = span(body),
                None => return,
            }
        }
        item.name = parts.name.map(|name| item::symbol(span(name), self.source));
        item.owner = parts.owner.map(|owner| item::simple_name(span(owner), self.source));
        item.of_trait = parts.of_trait.map(span);
        item.return_type = parts.return_type.map(span);
        if let Some(settings) = settings {
            item.name_prefix = &settings.name;
            item.signature_prefix = &settings.signature;
        }
        if parts.is_struct && what == What::Definition(Kind::Class) {
            item.what = What::Definition(Kind::Struct);
        }
        let mut parameters = parts.parameters;
        if let Some(declarator) = parts.declarator {
            match declarator::read(node, declarator, what, self.source) {
                declarator::Reading::Item(read) => {
                    read.fill(&mut item);
                    parameters = read.parameters;
                }
                declarator::Reading::Wrapper => {
                    self.found.add(span(node), EventKind::Wrapper(None));
                    return;
                }
                declarator::Reading::Nothing => return,
            }
        } else if let Some(name) = parts.name {
            declarator::qualified(name, &mut item);
        }
        if item.is_callable() {
            item.has_body = item.what != What::Declaration && has_body(self.language, node);
            if let Some(list) = parameters {
                let with_types = self.language == Language::Cpp;
                item.parameters = Some(parameters::read(list, self.source, &mut self.walker, with_types));
            }
        }
        if let Some(name) = item.name {
            heading::read(node, name.start, self.source, &mut self.walker, &mut item);
            self.found.add_item(item);
        } else if item.what.is_scope() {
            self.found.add_item(item);
        }
    }
}

/// Heads of traits, interfaces and abstract methods have none.
fn has_body(language: Language, node: Node<'_>) -> bool {
    match language {
        Language::C | Language::Cpp | Language::Ruby => true,
        _ => node.child_by_field_name("body").is_some(),
    }
}

pub(super) fn span(node: Node<'_>) -> Span {
    let offset = |byte| u32::try_from(byte).unwrap_or(u32::MAX);
    Span { start: offset(node.start_byte()), end: offset(node.end_byte()) }
}

#[cfg(test)]
mod tests {
    use super::{Language, compile};

    #[test]
    fn every_query_fits_its_grammar() {
        for language in Language::ALL {
            let compiled = compile(language).map(|compiled| compiled.settings.len());
            assert!(compiled.is_ok_and(|patterns| patterns > 10), "{language:?}: {:?}", compile(language).err());
        }
    }
}
