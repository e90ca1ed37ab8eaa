//! What encloses what: one sweep over everything the query found, in the order of the source.

use std::cmp::Reverse;
use std::ops::Range;

use super::super::flat_tree::NONE;
use super::super::model::{Error, Kind, Options};
use super::super::text::slice;
use super::Span;
use super::comments::Lead;
use super::heading::Access;
use super::item::{Call, Found, Item, What};
use super::language::Language;

const EVENTS_PER_CHECK: usize = 16_384;

/// Something at a place of the source.
pub(super) struct Event {
    pub(super) place: Span,
    pub(super) kind: EventKind,
}

#[derive(Clone, Copy)]
pub(super) enum EventKind {
    Item(u32),
    Call(u32),
    Branch,
    Comment,
    Attribute,
    /// What belongs to the definition inside, as `template <..>` does, perhaps with its visibility.
    Wrapper(Option<Access>),
    /// From here on, members are visible or not.
    Access(Access),
    /// A definition above is not visible, by its name.
    Hide(Span),
}

/// What kind of body something stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The file, a namespace or a module.
    Outside,
    Class,
    /// A trait, an interface or an enum: its members are visible with it.
    Open,
    Friend,
    Function,
}

#[derive(Clone, Copy)]
struct Frame {
    end: u32,
    place: Place,
    /// The innermost definition, or [`NONE`].
    item: u32,
    /// The innermost class or implementation.
    class: u32,
    /// Whose branches are counted.
    counter: u32,
    /// For members without a word of their own.
    access: Access,
    /// Inside of a namespace that only this file can name.
    hidden: bool,
    /// Directly in Rust's `impl`.
    implementation: bool,
    /// What a wrapper hands to the definition inside.
    wrapper: Option<Wrapper>,
}

#[derive(Clone, Copy)]
struct Wrapper {
    start: u32,
    access: Option<Access>,
    comments: (usize, usize),
}

/// An item with what its place says.
pub(super) struct Placed {
    pub(super) item: Item,
    /// None for a scope, or for what is no definition here.
    pub(super) kind: Option<Kind>,
    /// The first byte, attributes and wrappers included.
    pub(super) start: u32,
    /// The enclosing item that is a definition, or [`NONE`].
    pub(super) outer: u32,
    /// The innermost class or implementation around it.
    pub(super) class: u32,
    /// The comments before it, in [`Nested::comments`].
    pub(super) comments: Range<usize>,
    pub(super) exported: bool,
    pub(super) branches: u32,
}

/// The whole file, nested.
pub(super) struct Nested {
    pub(super) items: Vec<Placed>,
    /// The definitions in the order of the source.
    pub(super) order: Vec<usize>,
    pub(super) calls: Vec<Call>,
    pub(super) comments: Vec<Span>,
    /// Names that a later word hides, with the item they stand in.
    pub(super) hidden: Vec<(u32, Span)>,
}

pub(super) fn nest(
    language: Language,
    source: &[u8],
    found: Found,
    options: Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<Nested, Error> {
    let Found { items, calls, mut events } = found;
    events.sort_by_key(|event| (event.place.start, Reverse(event.place.end), event.kind.rank()));
    let items = items
        .into_iter()
        .map(|item| Placed {
            start: item.place.start,
            item,
            kind: None,
            outer: NONE,
            class: NONE,
            comments: 0..0,
            exported: false,
            branches: 0,
        })
        .collect();
    let nested = Nested { items, order: Vec::new(), calls, comments: Vec::new(), hidden: Vec::new() };
    let mut sweep =
        Sweep { language, source, options, nested, frames: Vec::new(), lead: Lead::default(), last: (NONE, 0..0) };
    for chunk in events.chunks(EVENTS_PER_CHECK) {
        if cancelled() {
            return Err(Error::Cancelled);
        }
        for event in chunk {
            sweep.event(event);
        }
    }
    Ok(sweep.nested)
}

impl EventKind {
    fn rank(self) -> u8 {
        match self {
            Self::Wrapper(_) => 0,
            Self::Item(_) => 1,
            _ => 2,
        }
    }
}

struct Sweep<'s> {
    language: Language,
    source: &'s [u8],
    options: Options,
    nested: Nested,
    frames: Vec<Frame>,
    lead: Lead,
    /// Where the last definition began and its comments: several declarators share them.
    last: (u32, Range<usize>),
}

impl Sweep<'_> {
    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame {
            end: NONE,
            place: Place::Outside,
            item: NONE,
            class: NONE,
            counter: NONE,
            access: Access::Public,
            hidden: false,
            implementation: false,
            wrapper: None,
        })
    }

    fn event(&mut self, event: &Event) {
        let Span { start, end } = event.place;
        while self.frames.last().is_some_and(|frame| frame.end <= start) {
            self.frames.pop();
        }
        match event.kind {
            EventKind::Comment => {
                if let Some(comment) = self.lead.comment(self.language, self.source, event.place) {
                    self.nested.comments.push(comment);
                }
                self.lead.settle(self.nested.comments.len());
            }
            EventKind::Attribute => self.lead.attribute(self.source, event.place, self.nested.comments.len()),
            EventKind::Branch => {
                let counter = self.frame().counter;
                if let Some(placed) = self.nested.items.get_mut(counter as usize) {
                    placed.branches = placed.branches.saturating_add(1);
                }
            }
            EventKind::Call(call) => {
                let frame = self.frame();
                if let Some(call) = self.nested.calls.get_mut(call as usize) {
                    call.caller = frame.item;
                    call.class = frame.class;
                }
            }
            EventKind::Access(access) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.access = access;
                }
            }
            EventKind::Hide(name) => {
                let inside = self.frame().item;
                self.nested.hidden.push((inside, name));
            }
            EventKind::Wrapper(access) => {
                let (start, comments, outer_access) = self.beginning(start);
                let wrapper =
                    Wrapper { start, access: access.or(outer_access), comments: (comments.start, comments.end) };
                let frame = Frame { end, wrapper: Some(wrapper), ..self.frame() };
                self.frames.push(frame);
            }
            EventKind::Item(index) => self.item(index, start, end),
        }
    }

    /// Where a definition that starts here begins, the comments before it, and what a wrapper says.
    fn beginning(&mut self, start: u32) -> (u32, Range<usize>, Option<Access>) {
        if let Some(wrapper) = self.frames.last_mut().and_then(|frame| frame.wrapper.take()) {
            return (wrapper.start, wrapper.comments.0..wrapper.comments.1, wrapper.access);
        }
        if self.last.0 == start {
            return (start, self.last.1.clone(), None);
        }
        let (first, comments) = self.lead.take(self.language, self.source, start, self.nested.comments.len());
        self.last = (start, comments.clone());
        (first, comments, None)
    }

    fn item(&mut self, index: u32, start: u32, end: u32) {
        let frame = self.frame();
        let Some(placed) = self.nested.items.get(index as usize) else { return };
        let what = placed.item.what;
        if what.is_scope() {
            self.scope(index, what, end);
            return;
        }
        let Some(kind) = self.kind(&frame, &placed.item) else { return };
        let (start, comments, wrapper_access) = self.beginning(start);
        let exported = match self.nested.items.get(index as usize) {
            Some(placed) => self.exported(&frame, &placed.item, kind, start, wrapper_access),
            None => false,
        };
        let Some(placed) = self.nested.items.get_mut(index as usize) else { return };
        if !self.options.include_members && matches!(kind, Kind::Property | Kind::Constant) {
            return;
        }
        placed.kind = Some(kind);
        self.nested.order.push(index as usize);
        placed.start = start;
        placed.comments = comments;
        placed.exported = exported;
        placed.outer = frame.item;
        placed.class = frame.class;
        let is_callable = matches!(kind, Kind::Function | Kind::Method);
        if matches!(kind, Kind::Variable | Kind::Type | Kind::Property | Kind::Constant)
            || (is_callable && placed.item.what == What::Macro)
        {
            return;
        }
        let has_owner = placed.item.owner.is_some();
        let has_block = self.has_block(kind, end);
        let place = match kind {
            Kind::Namespace => Place::Outside,
            Kind::Module if !self.language.modules_own_methods() => Place::Outside,
            Kind::Function | Kind::Method => Place::Function,
            Kind::Interface | Kind::Trait | Kind::Enum => Place::Open,
            _ => Place::Class,
        };
        if !has_block {
            // It holds to the end of the file, or to the next one.
            self.frames.clear();
        }
        self.frames.push(Frame {
            end: if has_block { end } else { NONE },
            place,
            item: index,
            class: if matches!(place, Place::Class | Place::Open) || (is_callable && has_owner) {
                index
            } else {
                frame.class
            },
            counter: if is_callable { index } else { NONE },
            access: if self.language == Language::Cpp && kind == Kind::Class {
                Access::Private
            } else {
                Access::Public
            },
            hidden: frame.hidden && has_block,
            implementation: false,
            wrapper: None,
        });
    }

    /// `namespace A;` of C# and PHP has no block of its own.
    fn has_block(&self, kind: Kind, end: u32) -> bool {
        !matches!(self.language, Language::CSharp | Language::Php)
            || kind != Kind::Namespace
            || slice(self.source, end.saturating_sub(1), end) == b"}"
    }

    fn scope(&mut self, index: u32, what: What, end: u32) {
        let mut frame = Frame { end, implementation: false, wrapper: None, ..self.frame() };
        match what {
            What::Implementation => {
                if let Some(placed) = self.nested.items.get_mut(index as usize) {
                    placed.outer = frame.item;
                    frame.place = if placed.item.of_trait.is_some() { Place::Open } else { Place::Class };
                }
                frame.class = index;
                frame.implementation = true;
                // What stands before an `impl` documents none of its items.
                self.lead = Lead::default();
            }
            What::Anonymous => {
                frame.place = Place::Class;
                frame.class = NONE;
                frame.counter = NONE;
            }
            What::Closure => frame.counter = NONE,
            What::Hidden => frame.hidden = true,
            What::Friend => frame.place = Place::Friend,
            _ => frame.access = Access::Public,
        }
        self.frames.push(frame);
    }

    /// What an item is at its place; nothing if it is no definition there.
    fn kind(&self, frame: &Frame, item: &Item) -> Option<Kind> {
        let in_class = matches!(frame.place, Place::Class | Place::Open);
        match item.what {
            What::Macro => Some(Kind::Function),
            What::Definition(Kind::Function) => {
                Some(if in_class || item.owner.is_some() { Kind::Method } else { Kind::Function })
            }
            What::Definition(Kind::Variable) => match frame.place {
                Place::Outside => Some(Kind::Variable),
                Place::Class | Place::Open => Some(Kind::Constant),
                Place::Friend | Place::Function => None,
            },
            What::Definition(kind @ (Kind::Property | Kind::Constant)) => in_class.then_some(kind),
            What::Definition(Kind::Type) if frame.implementation => None,
            What::Definition(kind) => Some(kind),
            What::Declaration => match (frame.place, item.is_function) {
                (Place::Outside, true) => Some(if item.owner.is_some() { Kind::Method } else { Kind::Function }),
                (Place::Class | Place::Open, true) => Some(Kind::Method),
                (Place::Class | Place::Open, false) => Some(Kind::Property),
                (Place::Outside, false) => {
                    let only_declared = item.heading.is_extern && !item.has_initializer;
                    (item.owner.is_none() && !only_declared).then_some(Kind::Variable)
                }
                (Place::Friend | Place::Function, _) => None,
            },
            _ => None,
        }
    }

    fn exported(&self, frame: &Frame, item: &Item, kind: Kind, start: u32, wrapper: Option<Access>) -> bool {
        let word = wrapper.or(item.heading.access);
        let is_public = word == Some(Access::Public);
        let is_member = matches!(frame.place, Place::Class | Place::Open);
        match self.language {
            Language::Rust if item.what == What::Macro => {
                let attributes = slice(self.source, start, item.place.start);
                attributes.windows(b"macro_export".len()).any(|window| window == b"macro_export")
            }
            Language::Rust => is_public || frame.place == Place::Open,
            Language::Java | Language::CSharp => {
                is_public || kind == Kind::Namespace || (word.is_none() && frame.place == Place::Open)
            }
            Language::C => !item.heading.is_static,
            Language::Cpp => {
                !frame.hidden && if is_member { frame.access == Access::Public } else { !item.heading.is_static }
            }
            Language::Php => word != Some(Access::Private),
            Language::Ruby => {
                // Constants and types are visible whatever stands above them.
                let access = if matches!(kind, Kind::Method | Kind::Function) { frame.access } else { Access::Public };
                word.unwrap_or(access) == Access::Public
            }
        }
    }
}
