//! `GET /api/stats`.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

/// What to count. Empty texts count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatsFilter {
    /// Exactly this type of agent.
    pub agent_type: Option<String>,
    /// Stored at or after; as SQLite's `datetime()` reads it. What it cannot read matches nothing.
    pub since: Option<String>,
}

/// The body of `GET /api/stats`; its JSON has the fields in this order.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub struct Stats {
    pub total_events: u64,
    pub active_sessions: u64,
    pub total_sessions: u64,
    pub live_sessions: u64,
    pub active_agents: u64,
    pub total_tokens_in: u64,
    pub total_tokens_out: u64,
    #[serde(serialize_with = "as_number")]
    pub total_cost_usd: f64,
    #[serde(serialize_with = "as_object")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, u64>"))]
    pub tool_breakdown: Vec<(String, u64)>,
    #[serde(serialize_with = "as_object")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, u64>"))]
    pub agent_breakdown: Vec<(String, u64)>,
    #[serde(serialize_with = "as_object")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, u64>"))]
    pub model_breakdown: Vec<(String, u64)>,
    pub branches: Vec<String>,
    pub quota_monitor: Vec<Quota>,
    pub usage_monitor: Vec<Quota>,
}

/// A whole number without a fraction, as JavaScript prints it.
pub(super) fn as_number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && (0.0..9e15).contains(number) {
        serializer.serialize_u64(super::rows::whole(*number))
    } else {
        serializer.serialize_f64(*number)
    }
}

fn as_object<S: Serializer>(pairs: &[(String, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pairs.len()))?;
    for (name, count) in pairs {
        map.serialize_entry(name, count)?;
    }
    map.end()
}

/// What is known of a provider's quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub struct Quota {
    /// `claude` or `codex`.
    pub provider: String,
    pub agent_type: String,
    /// `available`, `unavailable` or `error`.
    pub status: String,
    pub source: Option<String>,
    pub updated_at: Option<String>,
    pub account_label: Option<String>,
    pub plan_type: Option<String>,
    pub limit_id: Option<String>,
    pub limit_name: Option<String>,
    pub error_message: Option<String>,
    pub primary: Option<QuotaWindow>,
    pub secondary: Option<QuotaWindow>,
    pub credits: Option<QuotaCredits>,
}

/// One window of a quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub struct QuotaWindow {
    pub used_percent: f64,
    pub remaining_percent: f64,
    pub resets_at: Option<String>,
    pub window_minutes: Option<u64>,
}

/// Credits of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub struct QuotaCredits {
    pub has_credits: bool,
    pub unlimited: bool,
    pub balance: Option<String>,
}
