//! The save as the parts of the briefing see it: tables of what several of them need, each section opened once, every text
//! borrowed. What only one part needs it reads itself from [`Model::section`] or from the `block` of an entry.
//!
//! Which version of the game wrote the save is told from what is there, never from its number.

mod country;
mod date;
mod fleet;
mod id;
mod planet;
mod population;
mod species;
mod system;
mod table;

use std::{borrow::Cow, collections::HashMap, sync::OnceLock, thread};

use save_parsing::{Raw, RawBlock, RawField, Save};

pub use country::{Country, holds_opinions};
pub use date::Date;
pub use fleet::{Fleet, FleetClass, Ship};
pub use id::{id, id_of, ids, ids_of};
pub use planet::{Planet, PopGroup};
pub use population::{Jobs, Pop};
pub use species::Species;
pub use system::{Starbase, System};
pub use table::Table;

use crate::{BriefError, Options, names::Names};

/// Everything that the parts share.
#[derive(Debug)]
pub struct Model<'s> {
    /// The save.
    pub save: &'s Save,
    /// Whether each fact shall say why it is so; see [`crate::fact::Put::why`].
    pub explaining: bool,
    /// The country that is briefed.
    pub player: u32,
    /// Its entry, with the fields ready to be looked up.
    pub own: Fields<'s>,
    /// The people who play: name and country, in the order of the file.
    pub players: Vec<(Cow<'s, str>, u32)>,
    /// The day of the save; none if it is not written.
    pub date: Option<Date>,
    /// All countries.
    pub countries: Table<Country<'s>>,
    /// All fleets.
    pub fleets: Table<Fleet<'s>>,
    /// All ships.
    pub ships: Table<Ship<'s>>,
    /// All systems.
    pub systems: Table<System<'s>>,
    /// All starbases.
    pub starbases: Table<Starbase<'s>>,
    /// All planets.
    pub planets: Table<Planet<'s>>,
    /// All groups of pops; none before 4.0, or if the section is damaged.
    pub pop_groups: Option<Table<PopGroup<'s>>>,
    /// All species.
    pub species: Table<Species<'s>>,
    pops: OnceLock<Option<Vec<Pop<'s>>>>,
    jobs: OnceLock<Option<Jobs<'s>>>,
    names: Names,
}

impl<'s> Model<'s> {
    /// Reads the tables, several sections at once.
    ///
    /// # Errors
    /// [`BriefError::NoPlayer`] and [`BriefError::NoCountry`] when the save does not say whose briefing it would be.
    pub fn open(save: &'s Save, options: &Options) -> Result<Self, BriefError> {
        let section = |name: &str| container(save, name);
        let first = |names: &[&str]| names.iter().find_map(|name| container(save, name));
        let (countries, mut fleets, ships, designs, mut systems, mut starbases, planets, species) =
            thread::scope(|scope| {
                let ships = scope.spawn(|| section("ships").or_else(|| section("ship")).map(fleet::ships));
                let fleets = scope.spawn(|| section("fleet").map(fleet::fleets));
                let planets = scope.spawn(|| section("planets").map(planet::planets));
                let designs = scope.spawn(|| section("ship_design").map(fleet::designs));
                let countries = section("country").map(country::countries);
                let systems = section("galactic_object").map(system::systems);
                // `starbase_mgr={ starbases={ ... } }`, before 3.0 `starbases={ ... }`.
                let manager = section("starbase_mgr").and_then(|manager| manager.block("starbases"));
                let starbases = manager.or_else(|| section("starbases")).map(system::starbases);
                let species = first(&["species_db", "species"]).map(species::species);
                (
                    countries,
                    joined(fleets),
                    joined(ships),
                    joined(designs),
                    systems,
                    starbases,
                    joined(planets),
                    species,
                )
            });
        let countries = countries.unwrap_or_default();
        let ships = fleet::with_classes(ships.unwrap_or_default(), &designs.unwrap_or_default());
        let (mut fleet_table, mut system_table, mut starbase_table) = (
            fleets.take().unwrap_or_default(),
            systems.take().unwrap_or_default(),
            starbases.take().unwrap_or_default(),
        );
        fleet::own(&mut fleet_table, &countries);
        system::control(&mut system_table, &mut starbase_table, &ships, &fleet_table);

        let players = players(save);
        let player =
            options.player.or_else(|| players.first().map(|(_, country)| *country)).ok_or(BriefError::NoPlayer)?;
        let own = countries
            .get(player)
            .ok_or_else(|| BriefError::NoCountry { country: player, reason: absent(save, "country") })?;
        let literal = own.name.is_some_and(|name| name.scalar().is_some());
        Ok(Self {
            save,
            explaining: options.explain,
            player,
            own: Fields::of(own.block),
            players,
            date: save.stated("date").and_then(|date| Date::parse(&date)),
            countries,
            fleets: fleet_table,
            ships,
            systems: system_table,
            starbases: starbase_table,
            planets: planets.unwrap_or_default(),
            pop_groups: section("pop_groups").map(planet::pop_groups),
            species: species.unwrap_or_default(),
            pops: OnceLock::new(),
            jobs: OnceLock::new(),
            names: Names::new(options.localisation.clone()).with_literal_texts(literal),
        })
    }

    /// A section that is a container; none if it is not there or is damaged, for which see [`Self::absent`].
    pub fn section(&self, name: &str) -> Option<RawBlock<'s>> {
        container(self.save, name)
    }

    /// The sections of one name, where the game writes one for each object.
    pub fn sections(&self, name: &str) -> Vec<RawBlock<'s>> {
        self.save.sections_named(name).filter_map(|section| section.block().ok().flatten()).collect()
    }

    /// Why a section cannot be read: it is not there, or it is damaged.
    pub fn absent(&self, section: &str) -> String {
        absent(self.save, section)
    }

    /// The player's country.
    pub fn own_country(&self) -> Option<&Country<'s>> {
        self.countries.get(self.player)
    }

    /// The path of a field of the player's country, for explanations.
    pub fn own_path(&self, field: &str) -> String {
        format!("country.{}.{field}", self.player)
    }

    /// A name as people read it; `default` if there is none.
    pub fn name(&self, name: Option<Raw<'s>>, default: &str) -> String {
        self.names.resolve(name, default).display
    }

    /// The rules of names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The name of a country; `Empire ID` if it has none.
    pub fn country_name(&self, country: u32) -> String {
        self.name(self.countries.get(country).and_then(|row| row.name), &format!("Empire {country}"))
    }

    /// The name of a system; `System #ID` if it has none.
    pub fn system_name(&self, system: u32) -> String {
        self.name(self.systems.get(system).and_then(|row| row.name), &format!("System #{system}"))
    }

    /// The name of a species; `Species ID` if it has none.
    pub fn species_name(&self, species: u32) -> String {
        self.name(self.species.get(species).and_then(|row| row.name), &format!("Species {species}"))
    }

    /// The name of a planet; `Planet ID` if it has none.
    pub fn planet_name(&self, planet: u32) -> String {
        self.name(self.planets.get(planet).and_then(|row| row.name), &format!("Planet {planet}"))
    }

    /// The systems that the player controls, the lowest id first.
    pub fn own_systems(&self) -> impl Iterator<Item = (u32, &System<'s>)> {
        self.systems.iter().filter(|(_, system)| system.controller == Some(self.player))
    }

    /// The planets that the player owns, the lowest id first.
    pub fn own_planets(&self) -> impl Iterator<Item = (u32, &Planet<'s>)> {
        self.planets.iter().filter(|(_, planet)| planet.owner == Some(self.player))
    }

    /// The fleets that the player owns, the lowest id first.
    pub fn own_fleets(&self) -> impl Iterator<Item = (u32, &Fleet<'s>)> {
        self.fleets.iter().filter(|(_, fleet)| fleet.owner == Some(self.player))
    }
}

/// The fields of a container, read once to be looked up often.
#[derive(Debug, Clone)]
pub struct Fields<'s> {
    members: Vec<RawField<'s>>,
    places: HashMap<&'s [u8], usize>,
}

impl<'s> Fields<'s> {
    /// Reads the members of a container.
    pub fn of(block: RawBlock<'s>) -> Self {
        let members = block.members();
        // The last one of several with one key wins.
        let places = members.iter().enumerate().filter_map(|(at, member)| Some((member.key?, at))).collect();
        Self { members, places }
    }

    /// The value of the last field named `key`.
    pub fn get(&self, key: &str) -> Option<Raw<'s>> {
        self.places.get(key.as_bytes()).and_then(|at| self.members.get(*at)).map(|member| member.value)
    }

    /// The values of the fields named `key`, in the order of the file.
    pub fn all(&self, key: &str) -> impl Iterator<Item = Raw<'s>> {
        self.members.iter().filter(move |member| member.key == Some(key.as_bytes())).map(|member| member.value)
    }

    /// The container that the last field named `key` is.
    pub fn block(&self, key: &str) -> Option<RawBlock<'s>> {
        self.get(key)?.block()
    }

    /// The container at a path of fields, as `modules.standard_economy_module.resources`.
    pub fn block_at(&self, path: &str) -> Option<RawBlock<'s>> {
        let mut steps = path.split('.');
        let first = self.block(steps.next()?)?;
        steps.try_fold(first, |block, step| block.block(step))
    }

    /// The text of the last field named `key`.
    pub fn text(&self, key: &str) -> Option<Cow<'s, str>> {
        self.get(key)?.text()
    }

    /// The number that the last field named `key` is.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.number()
    }

    /// The whole number that the last field named `key` is; one with decimals loses them.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.integer()
    }

    /// Whether the last field named `key` is `yes`.
    pub fn is_yes(&self, key: &str) -> bool {
        self.get(key).is_some_and(Raw::is_yes)
    }
}

fn container<'s>(save: &'s Save, name: &str) -> Option<RawBlock<'s>> {
    save.section(name)?.block().ok().flatten()
}

fn absent(save: &Save, name: &str) -> String {
    match save.section(name).and_then(save_parsing::SectionView::damage) {
        Some(damage) => format!("the section `{name}` is damaged: {damage}"),
        None => format!("the save has no section `{name}`"),
    }
}

fn players(save: &Save) -> Vec<(Cow<'_, str>, u32)> {
    let items = container(save, "player").map(RawBlock::items).unwrap_or_default();
    let player = |item: Raw<'_>| item.block().and_then(|block| id_of(block, "country"));
    items.into_iter().filter_map(|item| Some((item.block()?.text("name").unwrap_or_default(), player(item)?))).collect()
}

/// The result of a thread; a panic in it goes on here.
fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
