//! What the running month brings and costs, as the game's budget has it: by category, then by resource.

use std::{borrow::Cow, collections::BTreeMap};

use save_parsing::{RawBlock, RawField};

use crate::model::Model;

/// The resources that are always told of, in their order.
pub(super) const TRACKED: [&str; 18] = [
    "energy",
    "minerals",
    "food",
    "consumer_goods",
    "alloys",
    "physics_research",
    "society_research",
    "engineering_research",
    "influence",
    "unity",
    "volatile_motes",
    "exotic_gases",
    "rare_crystals",
    "sr_living_metal",
    "sr_zro",
    "sr_dark_matter",
    "minor_artifacts",
    "astral_threads",
];

/// A resource; the tracked ones come first and in their order, the others by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource<'s> {
    place: usize,
    /// As written.
    pub(super) name: Cow<'s, str>,
}

impl<'s> Resource<'s> {
    pub(super) fn named(name: impl Into<Cow<'s, str>>) -> Self {
        let name = name.into();
        let place = TRACKED.iter().position(|tracked| *tracked == name).unwrap_or(TRACKED.len());
        Self { place, name }
    }
}

/// A sum with what it is made of.
#[derive(Debug, Default)]
pub(super) struct Sum<'s> {
    /// The sum.
    pub(super) amount: f64,
    /// What was added: a part of the month (`income`), a category, an amount.
    pub(super) parts: Vec<(&'static str, Cow<'s, str>, f64)>,
}

/// Sums by resource.
pub(super) type Flow<'s> = BTreeMap<Resource<'s>, Sum<'s>>;

/// The running month; on the first of a month the one just closed.
#[derive(Debug, Default)]
pub(super) struct Month<'s> {
    /// What comes in.
    pub(super) income: Flow<'s>,
    /// What goes out, as positive amounts.
    pub(super) expenses: Flow<'s>,
    /// What remains of each category.
    pub(super) by_category: BTreeMap<Cow<'s, str>, BTreeMap<Resource<'s>, f64>>,
}

impl<'s> Month<'s> {
    /// The player's; none if the country has no budget.
    pub(super) fn of(model: &Model<'s>) -> Option<Self> {
        let mut month = Self::default();
        model.own.block_at("budget.current_month")?.each(|RawField { key, value }| {
            let Some(block) = value.block() else { return };
            match key.unwrap_or_default() {
                b"income" => add(&mut month.income, "income", block),
                b"extra_income" => add(&mut month.income, "extra_income", block),
                b"trade_income" => add(&mut month.income, "trade_income", block),
                b"expenses" => add(&mut month.expenses, "expenses", block),
                b"extra_expenses" => add(&mut month.expenses, "extra_expenses", block),
                b"trade_expenses" => add(&mut month.expenses, "trade_expenses", block),
                b"balance" | b"extra_balance" | b"trade_balance" => {
                    each_amount(block, |category, resource, amount| {
                        *month.by_category.entry(category).or_default().entry(resource).or_default() += amount;
                    });
                }
                _ => {}
            }
        });
        Some(month)
    }

    /// Income less expenses of a resource; nothing where there is neither.
    pub(super) fn net(&self, resource: &str) -> f64 {
        let resource = Resource::named(resource);
        let amount = |flow: &Flow<'s>| flow.get(&resource).map_or(0.0, |sum| sum.amount);
        amount(&self.income) - amount(&self.expenses)
    }
}

fn add<'s>(flow: &mut Flow<'s>, part: &'static str, block: RawBlock<'s>) {
    each_amount(block, |category, resource, amount| {
        let sum = flow.entry(resource).or_default();
        sum.amount += amount;
        sum.parts.push((part, category, amount));
    });
}

/// Tells of each amount: its category, its resource.
fn each_amount<'s>(block: RawBlock<'s>, mut tell: impl FnMut(Cow<'s, str>, Resource<'s>, f64)) {
    block.each(|member| {
        let (Some(category), Some(amounts)) = (key_text(&member), member.value.block()) else { return };
        each_resource(amounts, |resource, amount| tell(category.clone(), resource, amount));
    });
}

/// Tells of each resource and its amount.
pub(super) fn each_resource<'s>(block: RawBlock<'s>, mut tell: impl FnMut(Resource<'s>, f64)) {
    block.each(|member| {
        if let (Some(name), Some(amount)) = (key_text(&member), member.value.number()) {
            tell(Resource::named(name), amount);
        }
    });
}

fn key_text<'s>(member: &RawField<'s>) -> Option<Cow<'s, str>> {
    member.key.map(|_| member.name())
}
