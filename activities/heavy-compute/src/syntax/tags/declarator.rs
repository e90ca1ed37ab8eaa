//! Declarators of C and C++: which name a declaration declares, and whether as a function.

use tree_sitter::Node;

use super::super::model::Kind;
use super::Span;
use super::item::{Item, What};
use super::query::span;

/// Declarators nest with what they say (`int (*(*f)[3])(int)`); real ones stay far below this.
const MAX_DEPTH: usize = 64;

pub(super) enum Reading<'t> {
    Item(Read<'t>),
    /// A `typedef` of the type that is defined inside of it under the same name.
    Wrapper,
    Nothing,
}

pub(super) struct Read<'t> {
    what: What,
    name: Span,
    owner: Option<Span>,
    is_function: bool,
    has_initializer: bool,
    return_type: Option<Span>,
    pub(super) parameters: Option<Node<'t>>,
}

impl Read<'_> {
    pub(super) fn fill(&self, item: &mut Item) {
        item.what = self.what;
        item.name = Some(self.name);
        item.owner = self.owner;
        item.is_function = self.is_function;
        item.has_initializer = self.has_initializer;
        item.return_type = self.return_type;
    }
}

/// Reads one declarator of `definition`.
pub(super) fn read<'t>(definition: Node<'t>, declarator: Node<'t>, what: What, source: &[u8]) -> Reading<'t> {
    let Some(found) = descend(declarator) else { return Reading::Nothing };
    let mut name = found.name;
    let mut owner = None;
    for _ in 0..MAX_DEPTH {
        match name.kind() {
            "qualified_identifier" => {
                owner = name.child_by_field_name("scope").or(owner);
                match name.child_by_field_name("name") {
                    Some(inner) => name = inner,
                    None => return Reading::Nothing,
                }
            }
            "template_function" | "template_method" | "template_type" => match name.child_by_field_name("name") {
                Some(inner) => name = inner,
                None => return Reading::Nothing,
            },
            _ => break,
        }
    }
    let mut read = Read {
        what,
        name: span(name),
        owner: owner.map(|owner| super::item::simple_name(span(owner), source)),
        is_function: found.function.is_some(),
        has_initializer: found.has_initializer,
        return_type: None,
        parameters: found.function.and_then(|function| function.child_by_field_name("parameters")),
    };
    if name.kind() == "operator_cast" {
        // `operator bool() const`: the name ends where the parameters begin.
        let cast = name.child_by_field_name("declarator");
        read.is_function = true;
        read.parameters = cast.and_then(|cast| cast.child_by_field_name("parameters"));
        if let Some(cast) = cast {
            read.name.end = span(cast).start;
        }
    } else if let Some(function) = found.function {
        read.return_type = return_type(definition, function);
    }
    match what {
        What::Typedef => typedef(definition, &read, source).map_or(Reading::Wrapper, |kind| {
            read.what = What::Definition(kind);
            Reading::Item(read)
        }),
        // A function definition without the declarator of one is a macro in front of a block.
        What::Definition(_) if !read.is_function => Reading::Nothing,
        _ => Reading::Item(read),
    }
}

struct Declared<'t> {
    name: Node<'t>,
    function: Option<Node<'t>>,
    has_initializer: bool,
}

/// Goes down to the name. It is a function if nothing but parentheses stands between the name and a parameter list.
fn descend(declarator: Node<'_>) -> Option<Declared<'_>> {
    let mut at = declarator;
    let mut found = Declared { name: declarator, function: None, has_initializer: false };
    for _ in 0..MAX_DEPTH {
        let inner = match at.kind() {
            "function_declarator" => {
                found.function = Some(at);
                at.child_by_field_name("declarator")
            }
            "parenthesized_declarator" => at.named_child(0),
            "init_declarator" => {
                found.has_initializer = true;
                at.child_by_field_name("declarator")
            }
            "pointer_declarator" | "array_declarator" => {
                found.function = None;
                at.child_by_field_name("declarator")
            }
            "reference_declarator" | "attributed_declarator" => {
                found.function = None;
                at.named_child(0)
            }
            "identifier"
            | "field_identifier"
            | "type_identifier"
            | "qualified_identifier"
            | "operator_name"
            | "destructor_name"
            | "operator_cast"
            | "template_function"
            | "template_method"
            | "primitive_type" => {
                found.name = at;
                return Some(found);
            }
            _ => None,
        };
        at = inner?;
    }
    None
}

/// From the type to the declarator of the function, so with the stars of pointers; a trailing type goes first.
fn return_type(definition: Node<'_>, function: Node<'_>) -> Option<Span> {
    let last = function.named_child(u32::try_from(function.named_child_count()).ok()?.checked_sub(1)?);
    if let Some(trailing) = last.filter(|last| last.kind() == "trailing_return_type") {
        return trailing.named_child(0).map(span);
    }
    let start = span(definition.child_by_field_name("type")?).start;
    Some(Span { start, end: span(function).start })
}

/// What a `typedef` defines: nothing new if it repeats the name of the type inside.
fn typedef(definition: Node<'_>, read: &Read<'_>, source: &[u8]) -> Option<Kind> {
    let inner = definition.child_by_field_name("type").filter(|inner| inner.child_by_field_name("body").is_some());
    let Some(inner) = inner else { return Some(Kind::Type) };
    match inner.child_by_field_name("name") {
        Some(tag) if span(tag).bytes(source) == read.name.bytes(source) => None,
        Some(_) => Some(Kind::Type),
        None if inner.kind() == "enum_specifier" => Some(Kind::Enum),
        None => Some(Kind::Struct),
    }
}

/// A path as the name of a definition: the last part is its name, the one before its owner.
pub(super) fn qualified(name: Node<'_>, item: &mut Item) {
    let mut name = name;
    for _ in 0..MAX_DEPTH {
        match name.kind() {
            "scope_resolution" | "qualified_identifier" => {
                item.owner = name.child_by_field_name("scope").map(last_part).map(span).or(item.owner);
                match name.child_by_field_name("name") {
                    Some(inner) => name = inner,
                    None => return,
                }
            }
            "template_type" => match name.child_by_field_name("name") {
                Some(inner) => name = inner,
                None => return,
            },
            _ => break,
        }
        item.name = Some(span(name));
    }
}

fn last_part(scope: Node<'_>) -> Node<'_> {
    scope.child_by_field_name("name").unwrap_or(scope)
}
