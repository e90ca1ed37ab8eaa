//! What is in store, what comes in and what goes out.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::{Flow, Month, Resource, TRACKED, each_resource};
use crate::{
    fact::{Fact, Object, Why, round},
    model::Model,
};

/// Why nothing is known of income and expenses.
pub(super) const NO_BUDGET: &str = "the country has no budget of the running month";
const NO_STOCK: &str = "the country has no economy module";
/// More resources than any version of the game has: they are told without an explanation for each.
const MOST_EXPLAINED: usize = 200;
/// Where the budget stands in the country.
const MONTH: &str = "budget.current_month";
const FLOW: &str = "Sum over all categories of the month";
const NET: &str = "Income less expenses of the month; a resource without either is 0";
const STOCK: &str = "modules.standard_economy_module.resources";

/// The nets of the summary: its name for each, and the resources that it adds.
const NETS: [(&str, &[&str]); 12] = [
    ("energy_net", &["energy"]),
    ("minerals_net", &["minerals"]),
    ("food_net", &["food"]),
    ("alloys_net", &["alloys"]),
    ("consumer_goods_net", &["consumer_goods"]),
    ("research_total", &["physics_research", "society_research", "engineering_research"]),
    ("volatile_motes_net", &["volatile_motes"]),
    ("exotic_gases_net", &["exotic_gases"]),
    ("rare_crystals_net", &["rare_crystals"]),
    ("living_metal_net", &["sr_living_metal"]),
    ("zro_net", &["sr_zro"]),
    ("dark_matter_net", &["sr_dark_matter"]),
];
const STRATEGIC: [(&str, &str); 3] =
    [("living_metal", "sr_living_metal"), ("zro", "sr_zro"), ("dark_matter", "sr_dark_matter")];

/// Stocks and flows of the player, by resource.
pub(super) fn resources(model: &Model<'_>) -> Object {
    let mut resources = Object::new();
    let stock = stock(model);
    let month = Month::of(model);

    match &stock {
        Some(stock) => {
            let amounts: Object = stock.iter().map(|(resource, amount)| (resource.name.to_string(), *amount)).collect();
            resources.put("stockpiles", amounts).why(model.explaining, || {
                Why::rule("Every resource in store; a tracked one that is not written is 0, for the game omits zeros")
                    .from_all(
                        stock
                            .iter()
                            .map(|(resource, amount)| (model.own_path(&format!("{STOCK}.{}", resource.name)), *amount)),
                    )
            });
        }
        None => resources.unknown("stockpiles", NO_STOCK),
    }
    match &month {
        Some(month) => {
            for (name, side, of) in
                [("monthly_income", "income", &month.income), ("monthly_expenses", "expenses", &month.expenses)]
            {
                resources.put(name, flow(model, of)).why(model.explaining, || {
                    Why::rule(FLOW).from(model.own_path(&format!("{MONTH}.{side}")), "all categories")
                });
            }
            resources
                .put("net_monthly", net_monthly(model, month))
                .why(model.explaining, || Why::rule(NET).from(model.own_path(MONTH), "income and expenses"));
            resources.put("summary", summary(model, month, stock.as_ref()));
        }
        None => {
            for name in ["monthly_income", "monthly_expenses", "net_monthly", "summary"] {
                resources.unknown(name, NO_BUDGET);
            }
        }
    }
    if let Some(strategic) = stock.as_ref().and_then(strategic) {
        resources.put("strategic_stockpiles", strategic).why(model.explaining, || {
            Why::rule("Stocks above 0 of sr_living_metal, sr_zro and sr_dark_matter")
                .from(model.own_path(STOCK), "sr_*")
        });
    }
    match &month {
        Some(month) => {
            resources.put("by_category", by_category(month)).why(model.explaining, || {
                Why::rule("What remains of each category of the month, resource by resource, as the game writes it")
                    .from(model.own_path(&format!("{MONTH}.balance")), "by category")
            });
        }
        None => resources.unknown("by_category", NO_BUDGET),
    }
    resources
}

type Stock<'s> = BTreeMap<Resource<'s>, f64>;

/// What is in store, the tracked resources at least.
fn stock<'s>(model: &Model<'s>) -> Option<Stock<'s>> {
    let block = model.own.block_at(STOCK)?;
    let mut stock: Stock<'s> = TRACKED.iter().map(|name| (Resource::named(*name), 0.0)).collect();
    each_resource(block, |resource, amount| {
        stock.insert(resource, amount);
    });
    Some(stock)
}

/// Sums have the five decimals of the save: more would be noise of the adding.
fn flow(model: &Model<'_>, flow: &Flow<'_>) -> Object {
    if flow.len() > MOST_EXPLAINED {
        return flow.iter().map(|(resource, sum)| (resource.name.to_string(), round(sum.amount, 5))).collect();
    }
    let mut amounts = Object::new();
    for (resource, sum) in flow {
        amounts.put(resource.name.to_string(), round(sum.amount, 5)).why(model.explaining, || {
            Why::rule(FLOW).from_all(sum.parts.iter().map(|(part, category, amount)| {
                (model.own_path(&format!("{MONTH}.{part}.{category}.{}", resource.name)), *amount)
            }))
        });
    }
    amounts
}

fn net_monthly(model: &Model<'_>, month: &Month<'_>) -> Object {
    let named: BTreeSet<_> = month.income.keys().chain(month.expenses.keys()).collect();
    if named.len() > MOST_EXPLAINED {
        return named.iter().map(|resource| (resource.name.to_string(), round(month.net(&resource.name), 2))).collect();
    }
    let mut nets = Object::new();
    for resource in named {
        put_net(model, month, &mut nets, resource.name.to_string(), &[&resource.name]);
    }
    nets
}

/// Income less expenses of one resource, or of several together, with two decimals.
fn put_net(model: &Model<'_>, month: &Month<'_>, into: &mut Object, name: String, resources: &[&str]) {
    let net: f64 = resources.iter().map(|resource| month.net(resource)).sum();
    into.put(name, Fact::rounded(net, 2)).why(model.explaining, || {
        let sides = [("income", &month.income), ("expenses", &month.expenses)];
        Why::rule(NET).from_all(resources.iter().flat_map(|resource| {
            sides.map(|(side, flow)| {
                let amount = flow.get(&Resource::named(*resource)).map_or(0.0, |sum| sum.amount);
                (model.own_path(&format!("{MONTH}.{side}.*.{resource}")), round(amount, 5))
            })
        }))
    });
}

fn summary(model: &Model<'_>, month: &Month<'_>, stock: Option<&Stock<'_>>) -> Object {
    let mut summary = Object::new();
    for (name, resources) in NETS {
        put_net(model, month, &mut summary, name.to_owned(), resources);
    }
    let artifacts = stock.and_then(|stock| stock.get(&Resource::named("minor_artifacts")).copied());
    summary.known_or("minor_artifacts", artifacts, NO_STOCK).why(model.explaining, || {
        Why::rule("In store").from(model.own_path(&format!("{STOCK}.minor_artifacts")), artifacts.unwrap_or_default())
    });
    summary
}

fn strategic(stock: &Stock<'_>) -> Option<Object> {
    let amount = |resource: &str| stock.get(&Resource::named(resource)).copied().filter(|amount| *amount > 0.0);
    let found: Object = STRATEGIC.into_iter().filter_map(|(name, of)| Some((name, amount(of)?))).collect();
    (!found.is_empty()).then_some(found)
}

fn by_category(month: &Month<'_>) -> Object {
    let amounts = |balance: &BTreeMap<Resource<'_>, f64>| -> Object {
        balance.iter().map(|(resource, amount)| (resource.name.to_string(), round(*amount, 5))).collect()
    };
    month.by_category.iter().map(|(category, balance)| (category.to_string(), amounts(balance))).collect()
}
