//! What a query found, before anything is known of what encloses it.

use super::super::model::Kind;
use super::super::text::slice;
use super::Span;
use super::heading::Heading;
use super::nesting::{Event, EventKind};
use super::parameters::Parameters;

/// What a match of the query says it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Definition(Kind),
    /// A macro that is called like a function.
    Macro,
    /// A declaration of C or C++: its declarator and its place say of what.
    Declaration,
    Typedef,
    /// Rust's `impl`: what is inside belongs to a type that stands elsewhere.
    Implementation,
    /// The body of a class without a name.
    Anonymous,
    Closure,
    /// A namespace that other files cannot name.
    Hidden,
    Friend,
    /// `class << self`: a run of visibility of its own.
    Unnamed,
}

impl What {
    /// Whether it only encloses, and is no definition.
    pub(super) fn is_scope(self) -> bool {
        matches!(
            self,
            Self::Implementation | Self::Anonymous | Self::Closure | Self::Hidden | Self::Friend | Self::Unnamed
        )
    }
}

pub(super) struct Item {
    pub(super) what: What,
    pub(super) place: Span,
    pub(super) name: Option<Span>,
    pub(super) name_prefix: &'static str,
    pub(super) signature_prefix: &'static str,
    /// The type that a definition outside of it belongs to, as the last name of its path.
    pub(super) owner: Option<Span>,
    pub(super) of_trait: Option<Span>,
    /// Whether a declaration is one of a function.
    pub(super) is_function: bool,
    pub(super) has_initializer: bool,
    pub(super) has_body: bool,
    pub(super) parameters: Option<Parameters>,
    pub(super) return_type: Option<Span>,
    pub(super) heading: Heading,
}

impl Item {
    pub(super) fn new(what: What, place: Span) -> Self {
        Self {
            what,
            place,
            name: None,
            name_prefix: "",
            signature_prefix: "",
            owner: None,
            of_trait: None,
            is_function: false,
            has_initializer: false,
            has_body: false,
            parameters: None,
            return_type: None,
            heading: Heading::default(),
        }
    }

    pub(super) fn is_callable(&self) -> bool {
        match self.what {
            What::Definition(kind) => matches!(kind, Kind::Function | Kind::Method),
            What::Macro => true,
            What::Declaration => self.is_function,
            _ => false,
        }
    }
}

/// How a call names what it calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallForm {
    /// `f()`.
    Bare,
    /// `x.f()`.
    Send,
    /// `X::f()`.
    Path,
    /// `f!()`.
    Macro,
}

pub(super) struct Call {
    pub(super) name: Span,
    pub(super) form: CallForm,
    pub(super) receiver: Option<Span>,
    /// The innermost definition around it, as an item.
    pub(super) caller: u32,
    /// The innermost class or implementation around it, as an item.
    pub(super) class: u32,
}

impl Call {
    pub(super) fn new(name: Span, form: CallForm, receiver: Option<Span>) -> Self {
        Self { name, form, receiver, caller: u32::MAX, class: u32::MAX }
    }
}

/// All that a query found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) calls: Vec<Call>,
    pub(super) events: Vec<Event>,
}

impl Found {
    pub(super) fn add(&mut self, place: Span, kind: EventKind) {
        self.events.push(Event { place, kind });
    }

    pub(super) fn add_item(&mut self, item: Item) {
        let index = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.add(item.place, EventKind::Item(index));
        self.items.push(item);
    }

    pub(super) fn add_call(&mut self, place: Span, call: Call) {
        let index = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        self.add(place, EventKind::Call(index));
        self.calls.push(call);
    }
}

/// A name without the colon of a Ruby symbol.
pub(super) fn symbol(name: Span, source: &[u8]) -> Span {
    match name.bytes(source) {
        [b':', next, ..] if *next != b':' => Span { start: name.start.saturating_add(1), end: name.end },
        _ => name,
    }
}

/// How much of a type is looked at for its name.
const MAX_TYPE: u32 = 2048;

/// The last name of a path or type without its arguments: `Vec` of `&'a std::vec::Vec<T>`. A type that has no name stays
/// as it is written.
pub(super) fn simple_name(written: Span, source: &[u8]) -> Span {
    let end = written.end.min(written.start.saturating_add(MAX_TYPE));
    let text = slice(source, written.start, end);
    let head = text.iter().position(|byte| *byte == b'<').filter(|at| *at > 0).unwrap_or(text.len());
    let head = text.get(..head).unwrap_or_default().trim_ascii_end();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
    let length = head.iter().rev().take_while(|byte| is_name(byte)).count();
    if length == 0 {
        return Span { start: written.start, end };
    }
    let offset = |at: usize| written.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    Span { start: offset(head.len() - length), end: offset(head.len()) }
}
