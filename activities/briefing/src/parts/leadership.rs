//! The leaders of the empire.

use std::{borrow::Cow, collections::BTreeMap};

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::{Date, Model, id_of, ids},
};

/// A leader's entry, read once.
#[derive(Default)]
struct Leader<'s> {
    name: Option<Raw<'s>>,
    class: Cow<'s, str>,
    level: i64,
    age: i64,
    experience: Option<f64>,
    traits: Vec<Cow<'s, str>>,
    roles: Option<RawBlock<'s>>,
    /// The day for which the age is written.
    date: Option<Raw<'s>>,
    date_added: Option<Raw<'s>>,
    recruited: Option<Raw<'s>>,
    pre_ruler: Option<Raw<'s>>,
    death: Option<Raw<'s>>,
}

impl<'s> Leader<'s> {
    fn of(block: RawBlock<'s>) -> Self {
        let mut leader = Self::default();
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"name" => leader.name = Some(value),
            b"class" => leader.class = value.text().unwrap_or_default(),
            b"level" => leader.level = value.integer().unwrap_or_default(),
            b"age" => leader.age = value.integer().unwrap_or_default(),
            b"experience" => leader.experience = value.number(),
            b"traits" => leader.traits.extend(value.text()),
            b"roles" => leader.roles = value.block(),
            b"date" => leader.date = Some(value),
            b"date_added" => leader.date_added = Some(value),
            b"recruitment_date" => leader.recruited = Some(value),
            b"pre_ruler_date" => leader.pre_ruler = Some(value),
            b"death_date" => leader.death = Some(value),
            _ => {}
        });
        // Before 3.14 the traits stand under the role that the leader has.
        if leader.traits.is_empty() {
            let role = leader.roles.and_then(|roles| roles.block(&leader.class));
            let traits = role.map(|role| role.all("trait")).unwrap_or_default();
            leader.traits = traits.into_iter().filter_map(Raw::text).collect();
        }
        leader
    }

    /// `full_names` from 3.6 on, before that `first_name` and `second_name`, texts or keys.
    fn name(&self, model: &Model<'s>) -> Option<String> {
        let Some(block) = self.name?.block() else {
            return Some(model.name(self.name, "")).filter(|name| !name.is_empty());
        };
        let (mut full, mut first, mut second) = (None, None, None);
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"full_names" => full = Some(value),
            b"first_name" => first = Some(value),
            b"second_name" => second = Some(value),
            b"key" => full = self.name,
            _ => {}
        });
        let parts = if full.is_some() { [full, None] } else { [first, second] };
        let parts = parts.map(|part| model.name(part, ""));
        let name = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then_some(name)
    }

    /// The age that is written holds for `date`; years have passed since.
    fn age(&self, now: Option<Date>) -> Option<i64> {
        let passed = self.date.and_then(Date::of).zip(now).map_or(0, |(then, now)| now.years_since(then).max(0));
        (self.age > 0).then(|| self.age + i64::from(passed))
    }

    fn row(&self, id: u32, model: &Model<'s>, ruler: Option<u32>) -> Object {
        let mut row = Object::new();
        row.put("id", id.to_string());
        row.put("class", self.class.clone());
        row.known_or("name", self.name(model), "the leader has no name in the save");
        row.put("level", self.level);
        let age = row.known_or("age", self.age(model.date), "the save does not tell the leader's age");
        age.why(model.explaining, || {
            let path = |field: &str| format!("leaders.{id}.{field}");
            let date = self.date.and_then(Raw::text).unwrap_or_default();
            Why::rule("the age written, plus the whole years from its `date` to that of the save")
                .from(path("age"), self.age)
                .from(path("date"), date)
        });
        if !self.traits.is_empty() {
            row.put("traits", self.traits.clone());
        }
        if let Some(experience) = self.experience {
            row.put("experience", experience);
        }
        let recruited = [self.recruited, self.pre_ruler, self.date].into_iter().find_map(dated);
        let dates = [
            ("death_date", dated(self.death)),
            ("date_added", dated(self.date_added)),
            ("recruitment_date", recruited),
        ];
        for (name, date) in dates {
            if let Some(date) = date {
                row.put(name, date);
            }
        }
        row.put("is_ruler", ruler == Some(id));
        row
    }
}

/// A date as written, unless it is what the game writes for "never".
fn dated(value: Option<Raw<'_>>) -> Option<Cow<'_, str>> {
    let value = value?;
    Date::of(value)?;
    value.text()
}

/// The leaders of the empire.
pub fn leadership(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    match leaders(model) {
        Ok(leaders) => put_leaders(model, &leaders, &mut out),
        Err(reason) => {
            for name in ["leaders", "count", "by_class"] {
                out.unknown(name, reason.clone());
            }
        }
    }
    let pool = model.own.block_at("modules.standard_leader_module").map(|module| module.block("leaders").map(ids));
    let pool = pool.map(|pool| pool.unwrap_or_default().len());
    out.known_or("pool_count", pool, "the country has no standard_leader_module").why(model.explaining, || {
        let path = model.own_path("modules.standard_leader_module.leaders");
        Why::rule("leaders who can be hired").from(path, pool.unwrap_or_default())
    });
    out
}

/// The leaders that the country owns by their ids, without those who can only be hired.
fn leaders<'s>(model: &Model<'s>) -> Result<BTreeMap<u32, Leader<'s>>, String> {
    let owned = model.own.block("owned_leaders").map(ids).ok_or("the country has no list of its leaders")?;
    let owned: std::collections::HashSet<u32> = owned.into_iter().collect();
    let section = model.section("leaders").ok_or_else(|| model.absent("leaders"))?;
    let mut leaders = BTreeMap::new();
    section.each_numbered(|id, value| {
        if let Some(block) = value.block().filter(|_| owned.contains(&id)) {
            leaders.insert(id, Leader::of(block));
        }
    });
    Ok(leaders)
}

fn put_leaders<'s>(model: &Model<'s>, leaders: &BTreeMap<u32, Leader<'s>>, out: &mut Object) {
    let explaining = model.explaining;
    let ruler = model.own_country().and_then(|country| id_of(country.block, "ruler"));
    let rows: Vec<_> = leaders.iter().map(|(id, leader)| leader.row(*id, model, ruler)).collect();
    let owned = || model.own_path("owned_leaders");
    out.put("leaders", rows).why(explaining, || {
        Why::rule(
            "the country's own leaders by id: class, level, experience, traits and dates as their entries have them, the \
             recruitment of those who never were from pre_ruler_date or date",
        )
        .from_all(leaders.keys().map(|id| (format!("leaders.{id}"), "")))
    });
    out.put("count", leaders.len())
        .why(explaining, || Why::rule("the country's own leaders").from(owned(), leaders.len()));
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for leader in leaders.values() {
        *classes.entry(&leader.class).or_default() += 1;
    }
    let by_class: Object = classes.iter().map(|(class, count)| ((*class).to_owned(), *count)).collect();
    out.put("by_class", by_class).why(explaining, || {
        Why::rule("leaders by `class`")
            .from_all(leaders.iter().map(|(id, leader)| (format!("leaders.{id}.class"), &leader.class)))
    });
}

#[cfg(test)]
mod tests;
