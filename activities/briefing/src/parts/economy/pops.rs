//! Who lives on the player's planets. Up to 3.x each pop is an entry; from 4.0 on there are groups of pops that are alike, of
//! whom about a hundred stand for one pop of before.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, PopGroup, Table},
};

/// What the pops of the player are counted by.
#[derive(Debug, Default)]
struct Count<'s> {
    total: i64,
    /// Of those, by planet.
    planets: BTreeMap<u32, i64>,
    species: BTreeMap<u32, i64>,
    strata: BTreeMap<Cow<'s, str>, i64>,
    /// Up to 3.x; from 4.0 on jobs have entries of their own.
    jobs: BTreeMap<Cow<'s, str>, i64>,
    unemployed: i64,
    /// Of those who have a happiness: its sum, and how many they are.
    happiness: (f64, i64),
}

/// Pops that are alike.
struct Alike<'s> {
    planet: u32,
    size: i64,
    species: Option<u32>,
    category: Cow<'s, str>,
    happiness: Option<f64>,
    unemployed: bool,
}

/// Where the pops come from, in the words of the save.
struct Written {
    section: &'static str,
    /// How many of them are one pop of the versions up to 3.x.
    unit: u32,
    total: &'static str,
    species: &'static str,
    category: &'static str,
    /// Where the category stands in an entry.
    category_field: &'static str,
    happiness: &'static str,
    unemployed: &'static str,
    /// The game's own total.
    check: &'static str,
}

impl Written {
    /// Where the species stands in an entry.
    fn species_field(&self, model: &Model<'_>) -> &'static str {
        match self.section {
            "pop_groups" => "key.species",
            _ if model.save.section("species_db").is_some() => "species",
            _ => "species_index",
        }
    }
}

const SINGLE: Written = Written {
    section: "pop",
    unit: 1,
    total: "Entries of `pop` on planets of the player",
    species: "Pops by their species (species_index before 3.0), under the name of the species",
    category: "Pops by their category",
    category_field: "category",
    happiness: "Mean of happiness, in percent, of the pops that have one",
    unemployed: "Pops without a job",
    check: "employable_pops",
};

const GROUPS: Written = Written {
    section: "pop_groups",
    unit: 100,
    total: "Sum of the sizes of `pop_groups` on planets of the player",
    species: "Sizes of the groups by key.species, under the name of the species",
    category: "Sizes of the groups by key.category",
    category_field: "key.category",
    happiness: "Mean of happiness, in percent, of the groups that have one, weighted by their sizes",
    unemployed: "Sizes of the groups whose category ends in _unemployment; civilians are a stratum of their own",
    check: "num_sapient_pops",
};

/// Counts of the pops on the player's planets.
pub(super) fn pop_statistics(model: &Model<'_>) -> Object {
    let planets: HashSet<u32> = model.own_planets().map(|(planet, _)| planet).collect();
    let counted = if model.section("planets").is_none() {
        Err("planets")
    } else if let Some(groups) = &model.pop_groups {
        Ok((&GROUPS, grouped(groups, &planets)))
    } else if ["pop_groups", "pop_jobs"].iter().any(|name| model.save.section(name).is_some()) {
        // A save of 4.x that has lost its groups is no earlier one.
        Err("pop_groups")
    } else {
        single(model).map(|count| (&SINGLE, count)).ok_or("pop")
    };
    match counted {
        Ok((written, count)) => statistics(model, written, &count),
        Err(section) => {
            let mut unknown = Object::new();
            for name in [
                "total_pops",
                "pop_unit",
                "by_species",
                "by_stratum",
                "by_job_category",
                "by_job",
                "happiness_avg",
                "employed_pops",
                "unemployed_pops",
            ] {
                unknown.unknown(name, model.absent(section));
            }
            unknown
        }
    }
}

fn statistics(model: &Model<'_>, written: &'static Written, count: &Count<'_>) -> Object {
    let section = |field: &str| format!("{}.*.{field}", written.section);
    let chosen = |condition: &str| format!("{}.*[{condition}]", written.section);
    let mut object = Object::new();
    object.put("total_pops", count.total).why(model.explaining, || {
        let why = Why::rule(written.total)
            .from_all(count.planets.iter().map(|(planet, pops)| (chosen(&format!("planet={planet}")), *pops)));
        match model.own.text(written.check) {
            Some(check) => why.from(model.own_path(written.check), check),
            None => why,
        }
    });
    object.put("pop_unit", written.unit).why(model.explaining, || {
        Why::heuristic("From 4.0 on about 100 pops are what one pop was before").from(written.section, "is in the save")
    });
    object.put("by_species", by_species(model, &count.species)).why(model.explaining, || {
        Why::rule(written.species).from_all(
            count
                .species
                .iter()
                .map(|(species, pops)| (chosen(&format!("{}={species}", written.species_field(model))), *pops)),
        )
    });
    let strata = || count.strata.iter().map(|(stratum, pops)| (stratum.to_string(), *pops)).collect::<Object>();
    for name in ["by_stratum", "by_job_category"] {
        object
            .put(name, strata())
            .why(model.explaining, || Why::rule(written.category).from(section(written.category_field), "by category"));
    }
    by_job(model, written, count, &mut object);
    let (sum, of) = count.happiness;
    object
        .known_or("happiness_avg", mean(sum, of).map(|mean| Fact::rounded(mean * 100.0, 1)), "no pop has a happiness")
        .why(model.explaining, || Why::rule(written.happiness).from(section("happiness"), format!("{of} pops")));
    object.put("employed_pops", count.total - count.unemployed).why(model.explaining, || {
        Why::rule("All pops less the unemployed")
            .from(written.section, format!("{} less {}", count.total, count.unemployed))
    });
    object.put("unemployed_pops", count.unemployed).why(model.explaining, || {
        Why::rule(written.unemployed)
            .from(section(if written.unit == 1 { "job" } else { written.category_field }), count.unemployed)
    });
    object
}

fn by_job(model: &Model<'_>, written: &Written, count: &Count<'_>, object: &mut Object) {
    let groups = written.unit != 1;
    let jobs: Option<Object> = if groups {
        let named = |(job, done): (&Cow<'_, str>, &f64)| (job.to_string(), Fact::rounded(*done, 2));
        model.jobs().ok().map(|jobs| jobs.by_type.iter().map(named).collect())
    } else {
        Some(count.jobs.iter().map(|(job, pops)| (job.to_string(), *pops)).collect())
    };
    object.known_or("by_job", jobs, model.absent("pop_jobs")).why(model.explaining, || {
        if groups {
            Why::rule("Workforce of the jobs on planets of the player, by type, where it is not 0; 100 fill one job")
                .from("pop_jobs.*.workforce", "by type")
        } else {
            Why::rule("Pops by their job; the unemployed have none").from("pop.*.job", "by job")
        }
    });
}

#[expect(clippy::cast_precision_loss, reason = "counts of pops are far below 2^53")]
fn mean(sum: f64, of: i64) -> Option<f64> {
    (of > 0).then(|| sum / of as f64)
}

impl<'s> Count<'s> {
    #[expect(clippy::cast_precision_loss, reason = "counts of pops are far below 2^53")]
    fn add(&mut self, alike: Alike<'s>) {
        let size = alike.size;
        self.total += size;
        *self.planets.entry(alike.planet).or_default() += size;
        if let Some(species) = alike.species {
            *self.species.entry(species).or_default() += size;
        }
        if size != 0 {
            *self.strata.entry(alike.category).or_default() += size;
        }
        if alike.unemployed {
            self.unemployed += size;
        }
        if let Some(happiness) = alike.happiness {
            self.happiness.0 += happiness * size as f64;
            self.happiness.1 += size;
        }
    }
}

/// 4.x.
fn grouped<'s>(groups: &Table<PopGroup<'s>>, planets: &HashSet<u32>) -> Count<'s> {
    let mut count = Count::default();
    for (_, group) in groups.iter() {
        let Some(planet) = group.planet.filter(|planet| planets.contains(planet)) else { continue };
        count.add(Alike {
            planet,
            size: group.size,
            species: group.species,
            unemployed: group.category.ends_with("_unemployment"),
            category: group.category.clone(),
            happiness: group.happiness,
        });
    }
    count
}

/// 2.x and 3.x.
fn single<'s>(model: &Model<'s>) -> Option<Count<'s>> {
    let mut count = Count::default();
    for pop in model.pops()? {
        if let Some(job) = &pop.job {
            *count.jobs.entry(job.clone()).or_default() += 1;
        }
        count.add(Alike {
            planet: pop.planet,
            size: 1,
            species: pop.species,
            category: pop.category.clone().unwrap_or(Cow::Borrowed("unknown")),
            happiness: pop.happiness,
            unemployed: pop.job.is_none(),
        });
    }
    Some(count)
}

/// Counts by the name of the species; of several with one name each has its id behind.
fn by_species(model: &Model<'_>, species: &BTreeMap<u32, i64>) -> Object {
    let names: Vec<(u32, String, i64)> =
        species.iter().map(|(species, pops)| (*species, model.species_name(*species), *pops)).collect();
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for (_, name, _) in &names {
        *bearers.entry(name).or_default() += 1;
    }
    let named = |(species, name, pops): &(u32, String, i64)| match bearers.get(name.as_str()) {
        Some(1) => (name.clone(), *pops),
        _ => (format!("{name} ({species})"), *pops),
    };
    names.iter().map(named).collect()
}
