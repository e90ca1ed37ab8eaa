//! Sensor links, which are terms of agreements between overlords and subjects.

use save_parsing::{RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::{Model, id},
};

/// Puts in `sensor_links`, the partners of those agreements of the player that share sensors.
pub(super) fn put(model: &Model<'_>, out: &mut Object) {
    let Some(agreements) = model.section("agreements") else {
        let reason = format!("{}: the game writes one from 3.4 on", model.absent("agreements"));
        out.unknown("sensor_links", reason);
        return;
    };
    let mut links = Vec::new();
    agreements.block("agreements").unwrap_or(agreements).each_numbered(|number, value| {
        let partner = value.block().and_then(|agreement| partner(model, agreement));
        links.extend(partner.map(|partner| (number, partner)));
    });
    links.sort_unstable();
    let named = links.iter().map(|(_, partner)| {
        let mut link = Object::new();
        link.put("id", *partner);
        link.put("name", model.country_name(*partner));
        link
    });
    out.put("sensor_links", named.collect::<Vec<_>>()).why(model.explaining, || {
        let sources =
            links.iter().map(|(number, _)| (format!("agreements.agreements.{number}.term_data.has_sensors"), "yes"));
        Why::rule(
            "partners of the agreements of ours, as overlord (`owner`) or subject (`target`), with has_sensors=yes",
        )
        .from_all(sources)
    });
}

fn partner(model: &Model<'_>, agreement: RawBlock<'_>) -> Option<u32> {
    let (mut owner, mut target, mut sensors) = (None, None, false);
    agreement.each(|RawField { key, value }| match key.unwrap_or_default() {
        b"owner" => owner = id(value),
        b"target" => target = id(value),
        b"term_data" => sensors = value.block().is_some_and(|terms| terms.is_yes("has_sensors")),
        _ => {}
    });
    let other = if owner == Some(model.player) {
        target
    } else if target == Some(model.player) {
        owner
    } else {
        None
    };
    other.filter(|_| sensors)
}
