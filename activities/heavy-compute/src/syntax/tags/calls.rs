//! Which definition of the file a call means, as far as names tell.

use std::collections::{BTreeMap, HashMap};

use super::super::flat_tree::NONE;
use super::super::links::{Evidence, Links, NamePath, Role, Root, Unresolved, Use};
use super::super::model::{Kind, Said, Site};
use super::super::uses::Places;
use super::item::{Call, CallForm, What, simple_name};
use super::language::Language;
use super::nesting::Placed;

/// Functions and methods by name.
struct Names<'s> {
    /// The only one of its name, or [`NONE`].
    in_file: HashMap<&'s [u8], u32>,
    /// The only one of its name in a class, or [`NONE`].
    in_class: HashMap<(&'s [u8], &'s [u8]), u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Callable {
    Function,
    Method,
    Macro,
}

/// The links of a file, and the places of its calls if they are wanted.
pub(super) fn resolve(
    language: Language,
    source: &[u8],
    items: &[Placed],
    calls: &[Call],
    drafts: &[u32],
    places: bool,
) -> (Links, Vec<Site>) {
    let mut places = Places::new(places);
    let draft_of = |item: u32| drafts.get(item as usize).copied().filter(|draft| *draft != NONE);
    let mut names = Names { in_file: HashMap::new(), in_class: HashMap::new() };
    let mut forms: HashMap<u32, Callable> = HashMap::new();
    for (placed, draft) in items.iter().zip(drafts) {
        let (Some(kind), Some(name)) = (placed.kind, placed.item.name) else { continue };
        if *draft == NONE || !matches!(kind, Kind::Function | Kind::Method) {
            continue;
        }
        let name = name.bytes(source);
        let callable = match (placed.item.what, kind) {
            // A macro of C is called as a function is.
            (What::Macro, _) if language == Language::Rust => Callable::Macro,
            (_, Kind::Method) => Callable::Method,
            _ => Callable::Function,
        };
        forms.insert(*draft, callable);
        let only = |slot: &mut u32| *slot = if *slot == *draft { *draft } else { NONE };
        names.in_file.entry(name).and_modify(only).or_insert(*draft);
        if let Some(class) = owner(source, items, placed) {
            names.in_class.entry((class, name)).and_modify(only).or_insert(*draft);
        }
    }
    let mut resolved: BTreeMap<(Option<u32>, u32), (Evidence, u32, u32)> = BTreeMap::new();
    let mut unresolved: BTreeMap<Unresolved, u32> = BTreeMap::new();
    for call in calls {
        let Some((callee, evidence)) = target(language, source, items, call, &names, &forms) else {
            let why = if call.receiver.is_some() { Unresolved::UntypedReceiver } else { Unresolved::NotInFile };
            *unresolved.entry(why).or_default() += 1;
            places.add(call.name.start, draft_of(call.caller), Role::Call, Said::Unresolved(why));
            continue;
        };
        let ordinal = u32::try_from(resolved.len()).unwrap_or(NONE);
        let known = resolved.entry((draft_of(call.caller), callee)).or_insert((evidence, 0, ordinal));
        places.add(call.name.start, draft_of(call.caller), Role::Call, Said::Use(known.2));
        known.0 = known.0.min(evidence);
        known.1 = known.1.saturating_add(1);
    }
    let ordinals: Vec<u32> = resolved.values().map(|(_, _, ordinal)| *ordinal).collect();
    let sites = places.ordered(ordinals.into_iter());
    let uses = resolved.into_iter().map(|((source, callee), (evidence, sites, _))| {
        let path = NamePath { root: Root::Definition(callee), steps: Vec::new() };
        Use { source, role: Role::Call, path, evidence, sites }
    });
    (Links { uses: uses.collect(), unresolved: unresolved.into_iter().collect(), ..Links::default() }, sites)
}

/// The name of the class a method belongs to.
fn owner<'s>(source: &'s [u8], items: &[Placed], placed: &Placed) -> Option<&'s [u8]> {
    if let Some(owner) = placed.item.owner {
        return Some(owner.bytes(source));
    }
    class_name(source, items, placed.class).filter(|_| placed.kind == Some(Kind::Method))
}

fn class_name<'s>(source: &'s [u8], items: &[Placed], class: u32) -> Option<&'s [u8]> {
    let class = items.get(class as usize)?;
    let name = match class.item.owner {
        Some(owner) if class.item.what == What::Implementation || class.item.is_callable() => owner,
        _ => class.item.name?,
    };
    Some(name.bytes(source))
}

fn target(
    language: Language,
    source: &[u8],
    items: &[Placed],
    call: &Call,
    names: &Names<'_>,
    forms: &HashMap<u32, Callable>,
) -> Option<(u32, Evidence)> {
    let name = call.name.bytes(source);
    let only = |slot: Option<&u32>| slot.copied().filter(|draft| *draft != NONE);
    let class = class_name(source, items, call.class);
    let own = |class: Option<&[u8]>| only(names.in_class.get(&(class?, name)));
    if let Some(receiver) = call.receiver {
        if language.is_self(receiver.bytes(source)) {
            if let Some(method) = own(class) {
                return Some((method, Evidence::Receiver));
            }
        } else {
            let receiver = simple_name(receiver, source);
            if let Some(method) = own(Some(receiver.bytes(source))) {
                return Some((method, Evidence::Receiver));
            }
        }
    } else if call.form == CallForm::Bare
        && language.bare_calls_reach_methods()
        && let Some(method) = own(class)
    {
        return Some((method, Evidence::Receiver));
    }
    let found = only(names.in_file.get(name))?;
    let fits = match (call.form, forms.get(&found)?) {
        (CallForm::Macro, form) => *form == Callable::Macro,
        (_, Callable::Macro) => false,
        (CallForm::Bare, Callable::Method) => language.bare_calls_reach_methods(),
        (CallForm::Bare, Callable::Function) | (CallForm::Path, _) | (CallForm::Send, Callable::Method) => true,
        (CallForm::Send, Callable::Function) => false,
    };
    fits.then_some((found, Evidence::UniqueName))
}
