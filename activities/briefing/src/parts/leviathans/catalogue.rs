//! The guardians and the fauna that the game knows: what they are to whoever meets them. Game knowledge, in no save.

/// A kind of guardian or fauna.
#[derive(Debug)]
pub(super) struct Kind {
    /// The types of the countries that stand for it; none where the name of a fleet tells it.
    pub(super) countries: &'static [&'static str],
    /// As the briefing calls it.
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    /// What one gets for it, where it is known.
    pub(super) reward: Option<&'static str>,
    /// How dangerous it is, where it is known.
    pub(super) threat: Option<&'static str>,
    /// The `X` of the system flag `guardians_X_system` and of the country flag `killed_X`.
    pub(super) flag: Option<&'static str>,
    /// It comes into the galaxy only when it is found, not with the galaxy.
    pub(super) comes_later: bool,
}

/// A type of country that stands for one kind, or for another if its fleet bears that one's name.
pub(super) const DRAGONS: &str = "guardian_dragon";
/// The other kind of dragon.
pub(super) const SHARD: &str = "shard";
/// The kind that can be disabled without being killed.
pub(super) const FORTRESS: &str = "enigmatic_fortress";

const fn kind(countries: &'static [&'static str], kind: &'static str, name: &'static str) -> Kind {
    Kind { countries, kind, name, reward: None, threat: None, flag: None, comes_later: false }
}

impl Kind {
    const fn worth(self, reward: &'static str, threat: &'static str) -> Self {
        Self { reward: Some(reward), threat: Some(threat), ..self }
    }

    const fn flagged(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn later(self) -> Self {
        Self { comes_later: true, ..self }
    }
}

/// All kinds, guardians first.
pub(super) const KINDS: [Kind; 19] = [
    kind(&[DRAGONS], "ether_drake", "Ether Drake").worth("dragon armor, trophy", "very high").flagged("dragon"),
    kind(&[], SHARD, "Shard").worth("dragon armor, trophy", "very high"),
    kind(&["guardian_horror"], "dimensional_horror", "Dimensional Horror")
        .worth("dark matter, jump drive insight", "very high")
        .flagged("horror"),
    kind(&["guardian_dreadnought"], "automated_dreadnought", "Automated Dreadnought")
        .worth("can be captured", "very high")
        .flagged("dreadnought"),
    kind(&["guardian_stellarite"], "stellarite", "Stellarite Devourer")
        .worth("stellar energy", "very high")
        .flagged("stellarite")
        .later(),
    kind(&["guardian_fortress"], FORTRESS, "Enigmatic Fortress")
        .worth("rare technology", "high, a puzzle")
        .flagged("fortress"),
    kind(&["guardian_wraith"], "wraith", "Spectral Wraith")
        .worth("psionic technology", "high")
        .flagged("wraith")
        .later(),
    kind(&["guardian_hatchling"], "voidspawn", "Voidspawn").worth("unique", "very high").flagged("hatchling").later(),
    kind(&["guardian_sphere"], "infinity_machine", "Infinity Machine").flagged("technosphere"),
    kind(&["guardian_hiver"], "hive_asteroids", "Hive Asteroids").flagged("hive"),
    kind(&["guardian_scavenger_bot"], "scavenger_bot", "Scavenger Bot"),
    kind(&["guardian_elderly_tiyanki"], "elderly_tiyanki", "Elder Tiyanki"),
    kind(&["tiyanki", "tiyanki_garrison"], "tiyanki", "Tiyanki").worth("research", "low"),
    kind(&["amoeba", "amoeba_garrison"], "amoeba", "Space Amoeba").worth("flagella", "low to medium"),
    kind(&["crystal", "crystal_faction"], "crystal", "Crystalline Entities").worth("crystal armor", "medium"),
    kind(&["drone", "drone_faction"], "drone", "Mining Drones").worth("minerals", "low to medium"),
    kind(&["cloud"], "cloud", "Void Cloud").worth("cloud lightning", "medium"),
    kind(&["voidworms"], "voidworms", "Voidworms"),
    kind(&["cutholoids"], "cutholoids", "Cutholoids"),
];

/// The kind that a type of country stands for.
pub(super) fn of_country(country: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.countries.contains(&country))
}

/// The kind that the briefing calls so.
pub(super) fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.kind == name)
}
