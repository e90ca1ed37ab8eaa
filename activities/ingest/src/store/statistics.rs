//! `GET /api/stats`: from the counters, or from the rows while there are none.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Stats, StatsFilter, StoreError, quotas,
    rows::whole,
    tally::{self, Snapshot},
};

/// What the rows add up to.
#[derive(Default)]
struct Sum {
    events: i64,
    tokens_in: f64,
    tokens_out: f64,
    cost_usd: f64,
    tools: HashMap<String, i64>,
    agents: HashMap<String, i64>,
    models: HashMap<String, i64>,
}

/// A point in time as SQLite reads it, in whole seconds. Outside: whether one was given; inside: whether it could be read.
pub(super) fn point(connection: &Connection, text: Option<&str>) -> Result<Option<Option<i64>>, StoreError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let mut statement = connection.prepare_cached("SELECT unixepoch(datetime(?1))")?;
    Ok(Some(statement.query_row([text], |row| row.get(0))?))
}

pub(super) fn stats(connection: &Connection, snapshot: &Snapshot, filter: &StatsFilter) -> Result<Stats, StoreError> {
    let agent = filter.agent_type.as_deref().filter(|agent| !agent.is_empty());
    let mut sum = Sum::default();
    let since = point(connection, filter.since.as_deref())?;
    if since != Some(None) {
        let counted = tally::each(connection, snapshot, since.flatten(), |key, sums| {
            if agent.is_some_and(|agent| agent != key.agent_type) {
                return;
            }
            sum.events += sums.events;
            #[expect(clippy::cast_precision_loss, reason = "JSON has no more than 53 bits either")]
            let (tokens_in, tokens_out) = (sums.tokens_in as f64, sums.tokens_out as f64);
            sum.tokens_in += tokens_in;
            sum.tokens_out += tokens_out;
            sum.cost_usd = (sum.cost_usd + sums.cost_usd).min(f64::MAX);
            for (names, name) in
                [(&mut sum.tools, &key.tool_name), (&mut sum.agents, &key.agent_type), (&mut sum.models, &key.model)]
            {
                match names.get_mut(name) {
                    Some(count) => *count += sums.events,
                    None if name.is_empty() => {}
                    None => {
                        names.insert(name.clone(), sums.events);
                    }
                }
            }
        })?;
        if !counted {
            sum = of_rows(connection, agent, filter.since.as_deref().filter(|since| !since.is_empty()))?;
        }
    }
    let mut stats = Stats {
        total_events: unsigned(sum.events),
        total_tokens_in: whole(sum.tokens_in),
        total_tokens_out: whole(sum.tokens_out),
        // What was taken back can leave a rest of rounding.
        total_cost_usd: if sum.cost_usd < 1e-12 { 0.0 } else { sum.cost_usd },
        tool_breakdown: descending(sum.tools),
        agent_breakdown: descending(sum.agents),
        model_breakdown: descending(sum.models),
        ..Stats::default()
    };
    sessions(connection, &mut stats)?;
    stats.quota_monitor = quotas::read(connection)?;
    stats.usage_monitor.clone_from(&stats.quota_monitor);
    Ok(stats)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn descending(names: HashMap<String, i64>) -> Vec<(String, u64)> {
    let mut names: Vec<_> =
        names.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name, unsigned(count))).collect();
    names.sort_by(|(left, left_count), (right, right_count)| right_count.cmp(left_count).then_with(|| left.cmp(right)));
    names
}

/// The same of the rows themselves; as long as the counters are built.
fn of_rows(connection: &Connection, agent: Option<&str>, since: Option<&str>) -> Result<Sum, StoreError> {
    const FILTER: &str = "(?1 IS NULL OR e.agent_type = ?1) AND (?2 IS NULL OR e.created_at >= datetime(?2))";
    const USAGE: &str = "(COALESCE(X.cost_usd, 0) > 0 OR COALESCE(X.tokens_in, 0) > 0 OR COALESCE(X.tokens_out, 0) > 0
        OR COALESCE(X.cache_read_tokens, 0) > 0 OR COALESCE(X.cache_write_tokens, 0) > 0)";
    let live = USAGE.replace('X', "e");
    let imported = USAGE.replace('X', "i");
    let twice = format!(
        "e.agent_type = 'codex' AND e.source = 'otel' AND {live} AND EXISTS (
           SELECT 1 FROM events i WHERE i.session_id = e.session_id AND i.agent_type = 'codex' AND i.source = 'import'
             AND {imported} AND datetime(COALESCE(i.client_timestamp, i.created_at))
               >= datetime(COALESCE(e.client_timestamp, e.created_at)))"
    );
    let sql = format!(
        "SELECT agent_type, tool_name, model, COUNT(*), TOTAL(CASE WHEN twice THEN 0 ELSE tokens_in END),
           TOTAL(CASE WHEN twice THEN 0 ELSE tokens_out END), TOTAL(CASE WHEN twice THEN 0 ELSE cost_usd END)
         FROM (SELECT e.agent_type, e.tool_name, e.model, e.tokens_in, e.tokens_out, e.cost_usd, {twice} AS twice
               FROM events e WHERE {FILTER})
         GROUP BY agent_type, tool_name, model"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![agent, since])?;
    let mut sum = Sum::default();
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(3)?;
        sum.events += count;
        sum.tokens_in += row.get::<_, f64>(4)?;
        sum.tokens_out += row.get::<_, f64>(5)?;
        sum.cost_usd = (sum.cost_usd + row.get::<_, f64>(6)?).min(f64::MAX);
        for (names, column) in [(&mut sum.agents, 0), (&mut sum.tools, 1), (&mut sum.models, 2)] {
            if let Some(name) = row.get::<_, Option<String>>(column)?.filter(|name| !name.is_empty()) {
                *names.entry(name).or_default() += count;
            }
        }
    }
    Ok(sum)
}

fn sessions(connection: &Connection, stats: &mut Stats) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("SELECT status, COUNT(*) FROM sessions GROUP BY status")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (status, count): (String, i64) = (row.get(0)?, row.get(1)?);
        let count = unsigned(count);
        stats.total_sessions += count;
        stats.active_sessions += if status == "active" { count } else { 0 };
        stats.live_sessions += if status == "ended" { 0 } else { count };
    }
    let agents = "SELECT COUNT(DISTINCT agent_type) FROM sessions WHERE status != 'ended'";
    stats.active_agents =
        connection.prepare_cached(agents)?.query_row([], |row| row.get(0)).optional()?.map_or(0, unsigned);
    let branches =
        "SELECT branch FROM sessions WHERE branch IS NOT NULL GROUP BY branch ORDER BY MAX(last_event_at) DESC";
    let mut statement = connection.prepare_cached(branches)?;
    stats.branches = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(())
}
