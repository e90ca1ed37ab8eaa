//! The estimate of the limit, and how sure it is.

use super::{
    country::{self, Technologies},
    holdings, jobs, others,
    sources::{Addition, Sources},
};
use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

/// What every empire has.
const BASE: u32 = 50;

const FORMULA: &str = "(base + flat_additions) * (1 + multiplier_total)";

/// An estimate of the limit.
#[derive(Debug)]
pub(super) struct Estimate {
    sources: Sources,
    limit: f64,
    used: Option<f64>,
    /// Whether the save is of 4.x, whose values the tables hold.
    of_known_version: bool,
}

impl Estimate {
    /// Adds up what the save has, with how much of the capacity is used.
    pub(super) fn of(model: &Model<'_>, used: Option<f64>) -> Self {
        let technologies = Technologies::of(model);
        let mut sources = Sources::default();
        country::add(model, &technologies, &mut sources);
        holdings::add(model, &mut sources);
        jobs::add(model, &technologies, &mut sources);
        others::add(model, &mut sources);
        let limit = (f64::from(BASE) + sources.flat_total()) * (1.0 + sources.multiplier_total());
        // Pops in groups came with 4.0, and jobs of their own.
        let of_known_version = ["pop_groups", "pop_jobs"].iter().any(|name| model.save.section(name).is_some());
        Self { sources, limit: limit.round().max(0.0), used, of_known_version }
    }

    fn is_sure(&self) -> bool {
        self.of_known_version && self.used.is_some() && self.sources.unresolved.is_empty()
    }

    /// The limit, if it is sure enough to be claimed.
    pub(super) fn claimed(&self) -> Option<Fact> {
        self.is_sure().then(|| Fact::decimal(self.limit))
    }

    fn status(&self) -> Option<&'static str> {
        let used = self.used?;
        Some(if used > self.limit {
            "over"
        } else if used < self.limit {
            "under"
        } else {
            "at_limit"
        })
    }

    fn over_by(&self) -> Option<Fact> {
        self.used.filter(|used| *used > self.limit).map(|used| Fact::decimal(used - self.limit))
    }

    /// The facts of the analysis.
    pub(super) fn facts(&self, model: &Model<'_>) -> Object {
        const DOUBTS: &str = "the estimate is not sure enough: see `confidence` and `reasons`";
        const UNUSED: &str = "how much of the capacity is used is not known";
        const NOT_OVER: &str = "the use is not over the limit";
        let (sure, over) = (self.is_sure(), self.over_by().is_some());
        let only_sure = |fact: Option<Fact>| fact.filter(|_| sure);
        let mut facts = Object::new();
        let mut put = |name: &'static str, fact: Option<Fact>, reason: &'static str, rule: &'static str| {
            facts.known_or(name, fact, reason).why(model.explaining, || self.why(rule));
        };
        let confidence = if sure { "high_derived" } else { "estimated" };
        put(
            "confidence",
            Some(confidence.into()),
            "",
            "high_derived if the save is of 4.x and nothing unresolved was found, else estimated",
        );
        put("formula", Some(FORMULA.into()), "", "how the limit is estimated, rounded");
        put("limit", self.claimed(), DOUBTS, "derived_limit, only with the confidence high_derived");
        put("derived_limit", Some(Fact::decimal(self.limit)), "", FORMULA);
        let status = only_sure(self.status().map(Fact::from)).unwrap_or("unknown".into());
        put("status", Some(status), "", "derived_status, only with the confidence high_derived, else unknown");
        put("derived_status", self.status().map(Fact::from), UNUSED, "the capacity used against derived_limit");
        let not_over = if sure { NOT_OVER } else { DOUBTS };
        put("over_by", only_sure(self.over_by()), not_over, "derived_over_by, only with the confidence high_derived");
        put(
            "derived_over_by",
            self.over_by(),
            NOT_OVER,
            "the capacity used less derived_limit, if that is more than none",
        );
        put("upkeep_penalty_applies", only_sure(Some(over.into())), DOUBTS, "whether more is used than the limit");
        put("safe_to_claim_limit", Some(sure.into()), "", "whether the confidence is high_derived");
        put("safe_to_claim_over_cap", Some(sure.into()), "", "whether the confidence is high_derived");
        put(
            "safe_to_claim_penalty",
            Some((sure && over).into()),
            "",
            "whether the confidence is high_derived and more is used than the limit",
        );
        put(
            "modeled_source_families",
            Some(Fact::texts(self.sources.modeled.keys().copied())),
            "",
            "the families of sources that were added up",
        );
        let unresolved = || self.sources.unresolved.values().flatten().cloned();
        facts.put("unresolved_source_families", Fact::texts(self.sources.unresolved.keys().copied())).why(
            model.explaining,
            || {
                Why::heuristic("families of sources that were found and whose effect is not known")
                    .from_all(unresolved())
            },
        );
        facts.put("reasons", Fact::texts(self.reasons())).why(model.explaining, || self.why("the sources in words"));
        facts
            .put("breakdown", self.breakdown(model))
            .why(model.explaining, || self.why("the sources that were added up"));
        facts
    }

    fn why(&self, rule: &'static str) -> Why {
        let all = self.sources.flat.values().chain(self.sources.multipliers.values());
        Why::heuristic(rule).from_all(all.flat_map(|addition| addition.found.iter().cloned()))
    }

    fn reasons(&self) -> Vec<String> {
        let mut reasons = vec![format!("Base naval cap {BASE}.")];
        let flat = |(label, addition): (&String, &Addition)| {
            let ships = addition.amount;
            if ships.fract() == 0.0 {
                format!("{label}: {ships:+.0} flat.")
            } else {
                format!("{label}: {ships:+.2} flat.")
            }
        };
        reasons.extend(self.sources.flat.iter().map(flat));
        let multiplier =
            |(label, addition): (&String, &Addition)| format!("{label}: {:+.1}%.", addition.amount * 100.0);
        reasons.extend(self.sources.multipliers.iter().map(multiplier));
        if !self.of_known_version {
            reasons
                .push("Exact cap is not safe to claim because the values of the sources are those of 4.x.".to_owned());
        }
        let unresolved: Vec<_> = self.sources.unresolved.keys().copied().collect();
        reasons.push(if unresolved.is_empty() {
            "No unresolved naval-cap source families were detected.".to_owned()
        } else {
            let families = unresolved.join(", ");
            format!("Exact cap is not safe to claim because unresolved source families are active: {families}.")
        });
        reasons
    }

    fn breakdown(&self, model: &Model<'_>) -> Object {
        let additions = |additions: &std::collections::BTreeMap<String, Addition>| {
            let mut object = Object::new();
            for (label, addition) in additions {
                object.put(label.clone(), addition.amount).why(model.explaining, || {
                    Why::heuristic("what the table of naval capacity says of it")
                        .from_all(addition.found.iter().cloned())
                });
            }
            object
        };
        let mut breakdown = Object::new();
        breakdown.put("base", BASE).why(model.explaining, || Why::heuristic("what every empire has in 4.x"));
        breakdown.put("flat_additions", additions(&self.sources.flat));
        breakdown.put("multiplier_additions", additions(&self.sources.multipliers));
        breakdown.put("flat_additions_total", self.sources.flat_total());
        breakdown.put("multiplier_total", self.sources.multiplier_total());
        breakdown
    }
}
