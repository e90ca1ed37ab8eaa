//! What is known of the quotas of providers: ours, else what the existing system left in the file.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Quota, QuotaCredits, QuotaWindow, StoreError};

/// Always these two, in this order.
const PROVIDERS: [(&str, &str); 2] = [("claude", "claude_code"), ("codex", "codex")];

pub(super) fn read(connection: &Connection) -> Result<Vec<Quota>, StoreError> {
    PROVIDERS.iter().map(|(provider, agent_type)| of(connection, provider, agent_type)).collect()
}

fn of(connection: &Connection, provider: &str, agent_type: &str) -> Result<Quota, StoreError> {
    let mut statement = connection.prepare_cached("SELECT quota FROM gantry_quotas WHERE provider = ?1")?;
    let ours: Option<String> = statement.query_row([provider], |row| row.get(0)).optional()?;
    let ours = ours.and_then(|json| serde_json::from_str(&json).ok());
    Ok(ours.or_else(|| foreign(connection, provider)).unwrap_or_else(|| nothing(provider, agent_type)))
}

fn nothing(provider: &str, agent_type: &str) -> Quota {
    Quota {
        provider: provider.to_owned(),
        agent_type: agent_type.to_owned(),
        status: "unavailable".to_owned(),
        source: None,
        updated_at: None,
        account_label: None,
        plan_type: None,
        limit_id: None,
        limit_name: None,
        error_message: None,
        primary: None,
        secondary: None,
        credits: None,
    }
}

/// A file that never saw the existing system has no such table, an old one not all columns: then nothing is known.
fn foreign(connection: &Connection, provider: &str) -> Option<Quota> {
    let sql = "SELECT provider, agent_type, status, source, updated_at, account_label, plan_type, limit_id, limit_name,
        error_message, primary_used_percent, primary_resets_at, primary_window_minutes, secondary_used_percent,
        secondary_resets_at, secondary_window_minutes, credits_has_credits, credits_unlimited, credits_balance
        FROM provider_quotas WHERE provider = ?1";
    connection.prepare_cached(sql).ok()?.query_row([provider], foreign_row).ok()
}

fn foreign_row(row: &Row<'_>) -> rusqlite::Result<Quota> {
    let window = |first: usize| -> rusqlite::Result<Option<QuotaWindow>> {
        let Some(used_percent) = row.get::<_, Option<f64>>(first)? else { return Ok(None) };
        Ok(Some(QuotaWindow {
            used_percent,
            remaining_percent: (100.0 - used_percent).clamp(0.0, 100.0),
            resets_at: row.get(first + 1)?,
            window_minutes: row.get::<_, Option<i64>>(first + 2)?.and_then(|minutes| u64::try_from(minutes).ok()),
        }))
    };
    let credits = match row.get::<_, Option<bool>>(16)? {
        None => None,
        Some(has_credits) => Some(QuotaCredits {
            has_credits,
            unlimited: row.get::<_, Option<bool>>(17)?.unwrap_or_default(),
            balance: row.get(18)?,
        }),
    };
    Ok(Quota {
        provider: row.get(0)?,
        agent_type: row.get(1)?,
        status: row.get(2)?,
        source: row.get(3)?,
        updated_at: row.get(4)?,
        account_label: row.get(5)?,
        plan_type: row.get(6)?,
        limit_id: row.get(7)?,
        limit_name: row.get(8)?,
        error_message: row.get(9)?,
        primary: window(10)?,
        secondary: window(13)?,
        credits,
    })
}

pub(super) fn write(connection: &Connection, quota: &Quota) -> Result<(), StoreError> {
    let json = serde_json::to_string(quota).map_err(|error| StoreError::Failed(error.to_string()))?;
    connection.execute(
        "INSERT INTO gantry_quotas (provider, quota) VALUES (?1, ?2)
         ON CONFLICT (provider) DO UPDATE SET quota = excluded.quota",
        params![quota.provider, json],
    )?;
    Ok(())
}
