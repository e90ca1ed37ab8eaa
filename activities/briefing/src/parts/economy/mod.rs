//! Stocks, income, expenses, pops.

mod budget;
mod pops;
mod resources;

use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

/// Stocks, income, expenses, pops.
pub fn economy(model: &Model<'_>) -> Object {
    let mut economy = Object::new();
    for key in ["economy_power", "tech_power"] {
        let power = model.own.number(key);
        economy.known_or(key, power, format!("the country does not state its {key}")).why(model.explaining, || {
            Why::rule("The game's own figure").from(model.own_path(key), power.unwrap_or_default())
        });
    }
    let resources = resources::resources(model);
    let net = resources.named("net_monthly").cloned();
    let key_resources = resources.get("summary").and_then(Fact::object).map(key_resources);
    economy.put("resources", resources);
    economy.copy("net_monthly", net.as_ref());
    economy.known_or("key_resources", key_resources, resources::NO_BUDGET);
    economy.put("pop_statistics", pops::pop_statistics(model));
    economy
}

/// The nets that an empire lives by, as the summary has them.
fn key_resources(summary: &Object) -> Object {
    let mut key_resources = Object::new();
    for (name, of) in [
        ("energy", "energy_net"),
        ("minerals", "minerals_net"),
        ("alloys", "alloys_net"),
        ("consumer_goods", "consumer_goods_net"),
        ("research_total", "research_total"),
    ] {
        key_resources.copy(name, summary.named(of));
    }
    key_resources
}
