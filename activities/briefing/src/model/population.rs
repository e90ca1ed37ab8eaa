//! Pops and jobs of the player's planets. No section of a save is bigger, so each is read once, whoever asks first.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use save_parsing::{RawBlock, RawField};

use super::{Model, id, ids};

/// A pop, as the versions up to 3.x write each of them.
#[derive(Debug, Clone)]
pub struct Pop<'s> {
    /// The planet that it lives on, one of the player's.
    pub planet: u32,
    /// Its species.
    pub species: Option<u32>,
    /// Its stratum.
    pub category: Option<Cow<'s, str>>,
    /// From 0 to 1.
    pub happiness: Option<f64>,
    /// Its job; none if it has none.
    pub job: Option<Cow<'s, str>>,
}

/// How much of each job is done.
#[derive(Debug, Clone, Default)]
pub struct Jobs<'s> {
    /// So much of it is one job: 100 of workforce from 4.0 on, before that one pop.
    pub unit: f64,
    /// By type, those that are done at all.
    pub by_type: BTreeMap<Cow<'s, str>, f64>,
}

impl<'s> Model<'s> {
    /// The pops of the player's planets; none from 4.0 on, and where the section is damaged.
    pub fn pops(&self) -> Option<&[Pop<'s>]> {
        self.pops.get_or_init(|| self.section("pop").map(|section| read_pops(self, section))).as_deref()
    }

    /// The jobs of the player's planets.
    ///
    /// # Errors
    /// The section that should tell of them and cannot be read.
    pub fn jobs(&self) -> Result<&Jobs<'s>, &'static str> {
        // A section that is damaged, or was lost, makes no save of before 4.0 out of it.
        let groups = ["pop_jobs", "pop_groups"].iter().any(|name| self.save.section(name).is_some());
        let written = if groups { "pop_jobs" } else { "pop" };
        if self.section("planets").is_none() {
            return Err("planets");
        }
        let read = || match written {
            "pop_jobs" => self.section("pop_jobs").map(|section| read_jobs(self, section)),
            _ => self.pops().map(count_jobs),
        };
        self.jobs.get_or_init(read).as_ref().ok_or(written)
    }
}

fn read_pops<'s>(model: &Model<'s>, section: RawBlock<'s>) -> Vec<Pop<'s>> {
    let planets: HashSet<u32> = model.own_planets().map(|(planet, _)| planet).collect();
    let mut rows = BTreeMap::new();
    section.each_numbered(|number, value| {
        let Some(block) = value.block() else { return };
        let (mut planet, mut species, mut category, mut happiness, mut job) = (None, None, None, None, None);
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"planet" => planet = id(value),
            b"species" | b"species_index" => species = id(value),
            b"category" => category = value.text(),
            b"happiness" => happiness = value.number(),
            b"job" => job = value.text(),
            _ => {}
        });
        if let Some(planet) = planet.filter(|planet| planets.contains(planet)) {
            rows.insert(number, Pop { planet, species, category, happiness, job });
        }
    });
    rows.into_values().collect()
}

fn count_jobs<'s>(pops: &[Pop<'s>]) -> Jobs<'s> {
    let mut by_type = BTreeMap::new();
    for job in pops.iter().filter_map(|pop| pop.job.as_ref()) {
        *by_type.entry(job.clone()).or_default() += 1.0;
    }
    Jobs { unit: 1.0, by_type }
}

/// The jobs that the player's planets list: the pass looks into no others.
fn read_jobs<'s>(model: &Model<'s>, section: RawBlock<'s>) -> Jobs<'s> {
    let listed = model.own_planets().filter_map(|(_, planet)| planet.block.block("pop_jobs").map(ids));
    let wanted: HashSet<u32> = listed.flatten().collect();
    // By number first: of several entries with one number the last counts.
    let mut found = BTreeMap::new();
    section.each_numbered(|number, value| {
        let Some(block) = value.block().filter(|_| wanted.contains(&number)) else { return };
        let (mut job, mut workforce) = (None, 0.0);
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"type" => job = value.text(),
            b"workforce" => workforce = value.number().unwrap_or_default(),
            _ => {}
        });
        found.insert(number, job.filter(|_| workforce != 0.0).map(|job| (job, workforce)));
    });
    let mut by_type = BTreeMap::new();
    for (job, workforce) in found.into_values().flatten() {
        *by_type.entry(job).or_default() += workforce;
    }
    Jobs { unit: 100.0, by_type }
}
