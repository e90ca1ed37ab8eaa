//! What a symbol is when no syntax tree says it: by its descriptors and the first block of its documentation.

use std::collections::HashSet;

use graph_store::EntityKind;
use scip_index::symbol::{DescriptorKind, GlobalSymbol};

/// An entity that only an index knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolEntity {
    /// What it is.
    pub kind: EntityKind,
    /// Its simple name.
    pub name: String,
    /// As far as the documentation tells it.
    pub signature: Option<String>,
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, inclusive.
    pub end_line: u32,
    /// What encloses it, by index among all entities of the file.
    pub parent: Option<u32>,
}

/// Parameters longer than this are left out of a signature.
const LONGEST_PARAMETERS: usize = 2048;

/// The kind of a symbol, if it is one that gets an entity. `block` is what the indexer shows to people.
pub(super) fn kind_of(symbol: &GlobalSymbol<'_>, block: &str) -> Option<EntityKind> {
    let mut of_type = false;
    let mut before_last = None;
    for descriptor in symbol.descriptors() {
        if let Some(kind) = before_last.replace(descriptor.kind) {
            of_type = kind == DescriptorKind::Type;
            if !matches!(kind, DescriptorKind::Namespace | DescriptorKind::Type | DescriptorKind::Method) {
                return None;
            }
        }
    }
    let words = || declaration(block).split_whitespace().take(6);
    match symbol.last().kind {
        DescriptorKind::Namespace => Some(EntityKind::Namespace),
        DescriptorKind::Type => Some(
            words()
                .find_map(|word| match word {
                    "interface" => Some(EntityKind::Interface),
                    "enum" => Some(EntityKind::Enum),
                    "type" => Some(EntityKind::Type),
                    "struct" => Some(EntityKind::Struct),
                    "trait" => Some(EntityKind::Trait),
                    _ => None,
                })
                .unwrap_or(EntityKind::Class),
        ),
        DescriptorKind::Method | DescriptorKind::Macro if of_type => Some(EntityKind::Method),
        DescriptorKind::Method | DescriptorKind::Macro => Some(EntityKind::Function),
        // A member of a type is none.
        DescriptorKind::Term if symbol.is_base() => Some(EntityKind::Variable),
        _ => None,
    }
}

/// The signature of a callable as the documentation writes it, in the form that the syntax would give it.
pub(super) fn signature(kind: EntityKind, owner: Option<&str>, name: &str, block: &str) -> Option<String> {
    let prefix = match (kind, owner) {
        (EntityKind::Method, Some(owner)) => format!("{owner}."),
        (EntityKind::Function, _) if block.starts_with("```python") => "def ".to_owned(),
        (EntityKind::Function, _) if block.starts_with("```go") => "func ".to_owned(),
        (EntityKind::Function, _) => "function ".to_owned(),
        _ => return None,
    };
    let text = declaration(block);
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(name)).map(|at| at + from) {
        let behind = text.get(at + name.len()..).unwrap_or_default();
        if let Some(parameters) = parameters(behind) {
            return Some(format!("{prefix}{name}({})", collapsed(parameters)));
        }
        from = at + name.len().max(1);
    }
    None
}

/// The code of the first block, without the fences around it.
fn declaration(block: &str) -> &str {
    let Some(fenced) = block.strip_prefix("```") else { return block };
    let code = fenced.split_once('\n').map_or(fenced, |(_, code)| code);
    code.split("\n```").next().unwrap_or(code)
}

/// What stands between the parentheses at the start, behind type parameters.
fn parameters(text: &str) -> Option<&str> {
    let mut depth = 0_i32;
    let mut opened = None;
    for (at, found) in text.char_indices().take(LONGEST_PARAMETERS) {
        match found {
            '(' if depth == 0 => {
                opened = Some(at + 1);
                depth = 1;
            }
            '<' | '[' if opened.is_none() => depth += 1,
            '>' | ']' if opened.is_none() => depth -= 1,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return text.get(opened?..at);
                }
            }
            _ if depth == 0 && opened.is_none() => return None,
            _ => {}
        }
    }
    None
}

fn collapsed(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.strip_suffix(',').unwrap_or(&text).to_owned()
}

/// Makes (kind, name, signature) unique among `taken` and themselves, in the order in which they come.
pub(super) fn tell_apart(entities: &mut [SymbolEntity], mut taken: HashSet<(EntityKind, String, Option<String>)>) {
    for entity in entities {
        let plain = entity.signature.clone();
        let mut number = 1;
        while !taken.insert((entity.kind, entity.name.clone(), entity.signature.clone())) {
            number += 1;
            entity.signature = Some(format!("{}#{number}", plain.as_deref().unwrap_or_default()));
        }
    }
}

#[cfg(test)]
mod tests {
    use graph_store::EntityKind;
    use scip_index::Symbol;

    use super::{kind_of, signature};

    fn kind(symbol: &str, block: &str) -> Option<EntityKind> {
        let parsed = Symbol::parse(symbol).unwrap();
        kind_of(parsed.global().unwrap(), block)
    }

    #[test]
    fn descriptors_and_documentation_tell_the_kind() {
        let of = |descriptors: &str, block: &str| kind(&format!("s npm p 1 `a.ts`/{descriptors}"), block);
        assert_eq!(of("A#", "```ts\ninterface A\n```"), Some(EntityKind::Interface));
        assert_eq!(of("A#", "```ts\nexport enum A\n```"), Some(EntityKind::Enum));
        assert_eq!(of("A#", ""), Some(EntityKind::Class));
        assert_eq!(of("A#m().", ""), Some(EntityKind::Method));
        assert_eq!(of("m().", ""), Some(EntityKind::Function));
        assert_eq!(of("f().g().", ""), Some(EntityKind::Function));
        assert_eq!(of("x.", ""), Some(EntityKind::Variable));
        assert_eq!(of("N/x.", ""), Some(EntityKind::Variable));
        for none in ["A#x.", "f().(p)", "A#[T]", "x.y.", "x:", "f().(p)typeLiteral3:m()."] {
            assert_eq!(of(none, ""), None, "{none}");
        }
    }

    #[test]
    fn documentation_tells_the_parameters() {
        let function = |block: &str| signature(EntityKind::Function, None, "f", block);
        assert_eq!(
            function("```ts\nfunction f(a: (x: number) => void, b?: string): void\n```").as_deref(),
            Some("function f(a: (x: number) => void, b?: string)")
        );
        assert_eq!(
            function("```ts\nfunction f<T extends Map<string, T>>(a: T): T\n```").as_deref(),
            Some("function f(a: T)")
        );
        assert_eq!(
            function("```python\ndef f(\n  a: int,\n  b: str,\n) -> int:\n```").as_deref(),
            Some("def f(a: int, b: str)")
        );
        assert_eq!(function("no code"), None);
        assert_eq!(
            signature(EntityKind::Method, Some("A"), "m", "```ts\n(method) m(): void\n```").as_deref(),
            Some("A.m()")
        );
        assert_eq!(signature(EntityKind::Class, None, "A", "```ts\nclass A\n```"), None);
    }
}
