//! What fallen empires are like by their ethic: knowledge of the game, which no save holds.

/// A kind of fallen empire.
pub(super) struct Archetype {
    /// Its ethic, without `ethic_` and `fanatic_`.
    ethic: &'static str,
    /// As it is called while it sleeps.
    pub(super) dormant: &'static str,
    /// As it is called once it has awakened.
    pub(super) awakened: &'static str,
    /// What to expect of it.
    pub(super) behavior: &'static str,
}

const ARCHETYPES: [Archetype; 5] = [
    Archetype {
        ethic: "xenophobe",
        dormant: "Militant Isolationists",
        awakened: "Jingoistic Reclaimers",
        behavior: "Hostile to colonies nearby",
    },
    Archetype {
        ethic: "xenophile",
        dormant: "Enigmatic Observers",
        awakened: "Benevolent Interventionists",
        behavior: "May awaken to steer the young",
    },
    Archetype {
        ethic: "spiritualist",
        dormant: "Holy Guardians",
        awakened: "Doctrinal Enforcers",
        behavior: "Guard holy worlds",
    },
    Archetype {
        ethic: "materialist",
        dormant: "Keepers of Knowledge",
        awakened: "Watchful Regulators",
        behavior: "Hostile to dangerous research",
    },
    Archetype {
        ethic: "gestalt_consciousness",
        dormant: "Ancient Caretakers",
        awakened: "Custodians",
        behavior: "Guard against synthetic threats",
    },
];

/// The ethic that makes the archetype, of those written: a fanatic one, else one that the table knows, else the first.
pub(super) fn leading<'e>(ethics: &[&'e str]) -> Option<&'e str> {
    let fanatic = ethics.iter().find(|ethic| ethic.starts_with("ethic_fanatic_"));
    let known = || ethics.iter().find(|ethic| archetype(ethic).is_some());
    fanatic.or_else(known).or(ethics.first()).copied()
}

/// The archetype of an ethic as written.
pub(super) fn archetype(ethic: &str) -> Option<&'static Archetype> {
    let plain = ethic.strip_prefix("ethic_").unwrap_or(ethic);
    let plain = plain.strip_prefix("fanatic_").unwrap_or(plain);
    ARCHETYPES.iter().find(|archetype| archetype.ethic == plain)
}
