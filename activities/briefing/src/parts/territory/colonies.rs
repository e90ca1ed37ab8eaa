//! How many the player's colonies are, and how many live on them.

use super::planets::Row;
use crate::{
    fact::{Fact, Object, Why, round},
    model::Model,
};

/// Counts of all colonies, of the habitats and of the other planets.
pub(super) fn colonies(model: &Model<'_>, rows: &[Row]) -> Object {
    let (habitats, planets): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.kind.starts_with("habitat"));
    let all: Vec<&Row> = rows.iter().collect();
    let mut colonies = Object::new();
    put_counts(model, &mut colonies, ["total_count", "total_population", "avg_pops_per_colony"], &all);
    colonies.put("_note", "These are colonized worlds with population, not all celestial bodies");
    for (name, rows) in [("habitats", &habitats), ("planets", &planets)] {
        let mut counts = Object::new();
        put_counts(model, &mut counts, ["count", "population", "avg_pops"], rows);
        colonies.put(name, counts);
    }
    colonies
}

fn put_counts(model: &Model<'_>, into: &mut Object, [count, population, average]: [&'static str; 3], rows: &[&Row]) {
    let pops = rows.iter().map(|row| row.population).sum::<Option<i64>>();
    into.put(count, rows.len()).why(model.explaining, || {
        Why::rule("Planets with the player as owner; those of a class that begins with habitat are habitats")
            .from_all(rows.iter().map(|row| (format!("planets.planet.{}.planet_class", row.planet), row.kind.clone())))
    });
    into.known_or(population, pops, model.absent("pop_groups")).why(model.explaining, || {
        let known = rows.iter().filter_map(|row| Some((format!("planets.planet.{}", row.planet), row.population?)));
        Why::rule("Sum of the planets' populations").from_all(known)
    });
    let mean = pops.map(|pops| mean(pops, rows.len()));
    into.known_or(average, mean.map(|mean| Fact::from(round(mean, 1))), model.absent("pop_groups")).why(
        model.explaining,
        || {
            Why::rule("Population by count, one decimal; 0 where there is none")
                .from("planets.planet.*.owner", format!("{} pops on {} planets", pops.unwrap_or_default(), rows.len()))
        },
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts of pops and planets are far below 2^53")]
fn mean(sum: i64, of: usize) -> f64 {
    if of == 0 { 0.0 } else { sum as f64 / of as f64 }
}
