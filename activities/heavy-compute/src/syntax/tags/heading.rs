//! What stands before the name of a definition: visibility, `async`, `static`.

use tree_sitter::{Node, TreeCursor};

use super::Span;
use super::item::Item;
use super::query::span;

/// What a keyword says about who can name something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Public,
    Private,
}

#[derive(Debug, Default)]
pub(super) struct Heading {
    pub(super) access: Option<Access>,
    /// `static` of C: only this file can name it.
    pub(super) is_static: bool,
    pub(super) is_extern: bool,
    pub(super) is_async: bool,
    pub(super) is_partial: bool,
}

/// The access an access specifier of C++ or a bare word of Ruby starts.
pub(super) fn access(word: &[u8]) -> Option<Access> {
    match word.trim_ascii_end() {
        b"public" | b"protected" | b"module_function" => Some(Access::Public),
        b"private" | b"private_class_method" => Some(Access::Private),
        _ => None,
    }
}

/// How many children of a definition, and of its list of modifiers, are looked at. All declarators of one declaration
/// stand behind the same heading, which is read for each.
const MAX_CHILDREN: usize = 64;

/// Reads the direct children of a definition up to its name.
pub(super) fn read<'t>(
    definition: Node<'t>,
    name_start: u32,
    source: &[u8],
    walker: &mut TreeCursor<'t>,
    item: &mut Item,
) {
    walker.reset(definition);
    if !walker.goto_first_child() {
        return;
    }
    for _ in 0..MAX_CHILDREN {
        let node = walker.node();
        let place = span(node);
        if place.start >= name_start {
            break;
        }
        match node.kind() {
            "visibility_modifier" => item.heading.set_access(visibility(place.bytes(source))),
            "function_modifiers" => {
                let words = place.bytes(source);
                item.heading.is_async = words.split(u8::is_ascii_whitespace).any(|word| word == b"async");
            }
            "storage_class_specifier" => match place.bytes(source) {
                b"static" => item.heading.is_static = true,
                b"extern" => item.heading.is_extern = true,
                _ => {}
            },
            "modifier" => item.heading.modifier(place.bytes(source)),
            // C keeps `const` beside the type it belongs to.
            "type_qualifier" => {
                if matches!(place.bytes(source), b"const" | b"volatile")
                    && let Some(written) = item.return_type.as_mut()
                    && place.start < written.start
                {
                    written.start = place.start;
                }
            }
            "modifiers" if walker.goto_first_child() => {
                for _ in 0..MAX_CHILDREN {
                    item.heading.modifier(span(walker.node()).bytes(source));
                    if !walker.goto_next_sibling() {
                        break;
                    }
                }
                walker.goto_parent();
            }
            _ => {}
        }
        if !walker.goto_next_sibling() {
            break;
        }
    }
}

impl Heading {
    fn set_access(&mut self, access: Access) {
        self.access.get_or_insert(access);
    }

    fn modifier(&mut self, word: &[u8]) {
        match word {
            b"public" | b"protected" => self.set_access(Access::Public),
            b"private" | b"file" => self.set_access(Access::Private),
            b"async" => self.is_async = true,
            b"partial" => self.is_partial = true,
            _ => {}
        }
    }
}

/// `pub` and its forms in Rust, a word in PHP.
fn visibility(text: &[u8]) -> Access {
    let squeezed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(16).collect();
    match squeezed.as_slice() {
        b"private" | b"pub(self)" | b"pub(inself)" => Access::Private,
        _ => Access::Public,
    }
}

impl Item {
    /// The span of the return type without what surrounds it.
    pub(super) fn return_type_text(&self, source: &[u8]) -> Option<String> {
        let Span { start, end } = self.return_type?;
        let text = super::super::text::collapse(&super::super::text::lossy(source, start, end));
        // Declarators around a function that returns a function are no type.
        let is_type = !text.is_empty() && text.matches('(').count() == text.matches(')').count();
        is_type.then_some(text)
    }
}
