//! Who owns what: everything that several sections have to agree on.

use super::{SampleCounts, SampleSave};

/// Numbers that look random and are not: SplitMix64.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// One for a place of its own, so that sections do not depend on each other's order.
    pub(super) fn of(seed: u64, place: u64) -> Self {
        let mut random = Self(seed ^ place.wrapping_mul(0xd6e8_feb8_6659_fd93));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    pub(super) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }

    pub(super) fn coordinate(&mut self) -> i64 {
        i64::try_from(self.below(900)).unwrap_or(0) - 450
    }
}

/// The number of a thing with the generation that the game puts into its high byte.
pub(super) fn id(number: usize, generation: usize) -> u32 {
    u32::try_from(number + (generation << 24)).unwrap_or(u32::MAX)
}

/// None of them.
pub(super) const NOBODY: u32 = u32::MAX;

pub(super) struct Empire {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) fallen: bool,
    pub(super) species: u32,
    pub(super) systems: Vec<usize>,
    pub(super) planets: Vec<usize>,
    pub(super) fleets: Vec<usize>,
    pub(super) leaders: Vec<u32>,
    pub(super) capital: usize,
}

pub(super) struct System {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) owner: Option<usize>,
    pub(super) planets: std::ops::Range<usize>,
    /// The fleet of its starbase.
    pub(super) starbase: Option<usize>,
}

pub(super) struct Planet {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) system: usize,
    pub(super) owner: Option<usize>,
    pub(super) pop_groups: std::ops::Range<usize>,
    pub(super) jobs: std::ops::Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Starbase,
    Science,
    Construction,
    Transport,
    War,
}

pub(super) struct Fleet {
    pub(super) id: u32,
    pub(super) system: usize,
    pub(super) role: Role,
    pub(super) ships: std::ops::Range<usize>,
}

pub(super) struct War {
    pub(super) id: u32,
    pub(super) attackers: Vec<usize>,
    pub(super) defenders: Vec<usize>,
}

pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) empires: Vec<Empire>,
    pub(super) systems: Vec<System>,
    pub(super) planets: Vec<Planet>,
    pub(super) fleets: Vec<Fleet>,
    pub(super) wars: Vec<War>,
    pub(super) ships: usize,
    pub(super) pop_groups: usize,
    pub(super) jobs: usize,
    pub(super) player: usize,
}

/// What one system brings with it in all sections together, in bytes; measured.
const BYTES_PER_SYSTEM: u64 = 38_700;

const STARTS: &[&str] = &["Zar", "Kel", "Vo", "Cha", "Bil", "Ôn", "Xe", "Mün", "Tal", "Ish", "Ćor", "Ny", "Qua", "Ær"];
const ENDS: &[&str] = &["noc", "ûn", "brid", "thar", "mek", "zen", "ilax", "öth", "ara", "dox", "vir", "ssa", "kan"];
const STATES: &[&str] = &["Imperium", "Commonwealth", "Autocracy", "Hegemony", "Union", "Choir", "Republic", "Mandate"];

fn word(random: &mut Random) -> String {
    let (start, end) = (random.pick(STARTS), random.pick(ENDS));
    if random.below(3) == 0 { format!("{start}{end}{}", random.pick(ENDS)) } else { format!("{start}{end}") }
}

impl Plan {
    pub(super) fn new(sample: SampleSave) -> Self {
        let count = usize::try_from(sample.text_bytes / BYTES_PER_SYSTEM).unwrap_or(usize::MAX).clamp(4, 100_000);
        let mut random = Random::of(sample.seed, 0);
        let mut plan = Self {
            seed: sample.seed,
            empires: Vec::new(),
            systems: Vec::new(),
            planets: Vec::new(),
            fleets: Vec::new(),
            wars: Vec::new(),
            ships: 0,
            pop_groups: 0,
            jobs: 0,
            player: 1,
        };
        plan.add_empires((count / 30).clamp(4, 60), &mut random);
        for at in 0..count {
            plan.add_system(at, count, &mut random);
        }
        plan.add_fleets(&mut random);
        plan.add_wars();
        plan
    }

    pub(super) fn counts(&self) -> SampleCounts {
        SampleCounts {
            countries: self.empires.len(),
            systems: self.systems.len(),
            planets: self.planets.len(),
            fleets: self.fleets.len(),
            ships: self.ships,
            leaders: self.empires.iter().map(|empire| empire.leaders.len()).sum(),
            wars: self.wars.len(),
            player: self.empires.get(self.player).map_or(0, |empire| empire.id),
        }
    }

    pub(super) fn random(&self, section: u64, at: usize) -> Random {
        Random::of(self.seed, (section << 40) + u64::try_from(at).unwrap_or(0) + 1)
    }

    pub(super) fn owner_id(&self, owner: Option<usize>) -> u32 {
        owner.and_then(|owner| self.empires.get(owner)).map_or(NOBODY, |empire| empire.id)
    }

    fn add_empires(&mut self, count: usize, random: &mut Random) {
        for at in 0..count {
            let state = random.pick(STATES);
            let name = match at {
                // A name that has to be escaped.
                2 => format!("The \"Silent\" {state}"),
                _ => format!("{} {state}", word(random)),
            };
            let leaders = (0..6 + random.below(8)).map(|number| id(at * 20 + number, number % 3)).collect();
            self.empires.push(Empire {
                id: id(at, usize::from(at % 3 == 1)),
                name,
                fallen: count > 6 && at + 2 >= count,
                species: id(at + 1, 0),
                systems: Vec::new(),
                planets: Vec::new(),
                fleets: Vec::new(),
                leaders,
                capital: 0,
            });
        }
    }

    fn add_system(&mut self, at: usize, count: usize, random: &mut Random) {
        // Neighbours in number are neighbours in space; one in four is nobody's.
        let owner = (random.below(4) > 0 || at.is_multiple_of(count / self.empires.len().max(1)))
            .then_some(at * self.empires.len() / count);
        let first = self.planets.len();
        let name = word(random);
        for number in 0..3 + random.below(8) {
            let colony = number == 1 && owner.is_some() && (random.below(3) == 0 || !self.has_planets(owner));
            let (groups, jobs) =
                if colony { (3 + random.below(14), 40 + random.below(60)) } else { (0, random.below(30)) };
            self.planets.push(Planet {
                id: id(self.planets.len(), 0),
                name: format!("{name} {}", ["I", "II", "III", "IV", "V"].get(number % 5).copied().unwrap_or_default()),
                system: at,
                owner: owner.filter(|_| colony),
                pop_groups: self.pop_groups..self.pop_groups + groups,
                jobs: self.jobs..self.jobs + jobs,
            });
            self.pop_groups += groups;
            self.jobs += jobs;
            if let Some(empire) = owner.filter(|_| colony).and_then(|owner| self.empires.get_mut(owner)) {
                if empire.planets.is_empty() {
                    empire.capital = self.planets.len() - 1;
                }
                empire.planets.push(self.planets.len() - 1);
            }
        }
        if let Some(empire) = owner.and_then(|owner| self.empires.get_mut(owner)) {
            empire.systems.push(at);
        }
        let planets = first..self.planets.len();
        self.systems.push(System { id: id(at, usize::from(at % 5 == 4)), name, owner, planets, starbase: None });
    }

    fn has_planets(&self, owner: Option<usize>) -> bool {
        owner.and_then(|owner| self.empires.get(owner)).is_some_and(|empire| !empire.planets.is_empty())
    }

    fn add_fleet(&mut self, owner: usize, system: usize, role: Role, ships: usize) {
        let at = self.fleets.len();
        self.fleets.push(Fleet { id: id(at, at % 4), system, role, ships: self.ships..self.ships + ships });
        self.ships += ships;
        if let Some(empire) = self.empires.get_mut(owner) {
            empire.fleets.push(at);
        }
    }

    fn add_fleets(&mut self, random: &mut Random) {
        for owner in 0..self.empires.len() {
            let systems = self.empires.get(owner).map(|empire| empire.systems.clone()).unwrap_or_default();
            for system in systems {
                let starbase = self.fleets.len();
                self.add_fleet(owner, system, Role::Starbase, 1);
                if let Some(system) = self.systems.get_mut(system) {
                    system.starbase = Some(starbase);
                }
                let role = match random.below(6) {
                    0 => Role::Science,
                    1 => Role::Construction,
                    2 => Role::Transport,
                    _ => Role::War,
                };
                let ships = if matches!(role, Role::War | Role::Transport) { 1 + random.below(16) } else { 1 };
                self.add_fleet(owner, system, role, ships);
            }
        }
    }

    fn add_wars(&mut self) {
        // The player defends itself in the first.
        for at in 0..(self.empires.len() / 3).max(1) {
            let others =
                [at * 2, at * 2 + 2].into_iter().filter(|other| *other < self.empires.len() && *other != self.player);
            let defender = if at == 0 { self.player } else { at * 2 + 1 };
            let attackers = others.filter(|other| *other != defender).collect();
            self.wars.push(War { id: id(at, 3), attackers, defenders: vec![defender] });
        }
    }
}
