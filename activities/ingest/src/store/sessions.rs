//! What the events of a transaction make of their sessions and agents: kept in memory and written once for each session,
//! however many events it had.

use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

use crate::{event::NewEvent, lifecycle::State, timestamp};

/// Sessions whose project and branch are remembered between transactions.
const REMEMBERED: usize = 4096;

type Map<V> = HashMap<String, V, foldhash::fast::RandomState>;

#[derive(Debug, Clone, Default)]
struct Session {
    project: Option<String>,
    branch: Option<String>,
    change: Option<Change>,
    /// The last request that touched it, for the way back.
    request: u64,
}

#[derive(Debug, Clone)]
struct Change {
    /// Of the first event; that of an existing session stays.
    agent_type: String,
    started_at: i64,
    last_event_at: i64,
    state: State,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    known: Map<Session>,
    changed: Vec<String>,
    /// When an agent of a type was seen last.
    agents: Map<i64>,
    request: u64,
    /// What the current request overwrote.
    undo: Vec<(String, Session)>,
    undo_agents: Vec<(String, Option<i64>)>,
}

impl Sessions {
    /// A request begins.
    pub(super) fn begin(&mut self) {
        self.request += 1;
        self.undo.clear();
        self.undo_agents.clear();
    }

    /// The current request failed: as if it had not been.
    pub(super) fn undo(&mut self) {
        for (id, session) in self.undo.drain(..) {
            if session.change.is_none() {
                self.changed.retain(|changed| *changed != id);
            }
            self.known.insert(id, session);
        }
        for (agent_type, seen) in self.undo_agents.drain(..) {
            match seen {
                Some(seen) => self.agents.insert(agent_type, seen),
                None => self.agents.remove(&agent_type),
            };
        }
    }

    /// The transaction failed: nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.changed.clear();
        self.agents.clear();
    }

    /// Fills in what the session knows and the event does not.
    pub(super) fn fill_in(&mut self, connection: &Connection, event: &mut NewEvent) -> rusqlite::Result<()> {
        if !self.known.contains_key(&event.session_id) {
            let mut statement = connection.prepare_cached("SELECT project, branch FROM sessions WHERE id = ?1")?;
            let found = statement
                .query_row([&event.session_id], |row| {
                    Ok(Session { project: row.get(0)?, branch: row.get(1)?, ..Session::default() })
                })
                .optional()?;
            self.known.insert(event.session_id.clone(), found.unwrap_or_default());
        }
        let Some(session) = self.known.get(&event.session_id) else { return Ok(()) };
        if event.project.is_none() {
            event.project.clone_from(&session.project);
        }
        if event.branch.is_none() {
            event.branch.clone_from(&session.branch);
        }
        Ok(())
    }

    /// An event was stored at `now`, seconds since 1970; `head` is the branch that the project is at.
    pub(super) fn touch(&mut self, event: &NewEvent, now: i64, state: State, head: Option<&String>) {
        let Some(session) = self.known.get_mut(&event.session_id) else { return };
        if session.request != self.request {
            self.undo.push((event.session_id.clone(), session.clone()));
            session.request = self.request;
        }
        if event.project != session.project {
            session.project.clone_from(&event.project);
        }
        let branch = head.or(event.branch.as_ref());
        if branch != session.branch.as_ref() {
            session.branch = branch.cloned();
        }
        match &mut session.change {
            Some(change) => {
                change.last_event_at = now;
                change.state = state;
            }
            None => {
                self.changed.push(event.session_id.clone());
                session.change =
                    Some(Change { agent_type: event.agent_type.clone(), started_at: now, last_event_at: now, state });
            }
        }
        match self.agents.get_mut(&event.agent_type) {
            Some(seen) if *seen == now => {}
            Some(seen) => {
                self.undo_agents.push((event.agent_type.clone(), Some(*seen)));
                *seen = now;
            }
            None => {
                self.undo_agents.push((event.agent_type.clone(), None));
                self.agents.insert(event.agent_type.clone(), now);
            }
        }
    }

    /// Writes what the transaction changed.
    pub(super) fn write(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut agents = connection.prepare_cached(
            "INSERT INTO agents (id, agent_type, registered_at, last_seen_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
        )?;
        for (agent_type, seen) in self.agents.drain() {
            agents.execute(params![agent_id(&agent_type), agent_type, timestamp::to_sqlite(seen)])?;
        }
        let mut sessions = connection.prepare_cached(
            "INSERT INTO sessions (id, agent_id, agent_type, project, branch, status, started_at, ended_at, last_event_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET
               project = COALESCE(excluded.project, project),
               branch = COALESCE(excluded.branch, branch),
               status = excluded.status,
               ended_at = excluded.ended_at,
               last_event_at = excluded.last_event_at",
        )?;
        for id in self.changed.drain(..) {
            let Some(session) = self.known.get_mut(&id) else { continue };
            let Some(change) = session.change.take() else { continue };
            let last_event_at = timestamp::to_sqlite(change.last_event_at);
            sessions.execute(params![
                id,
                agent_id(&change.agent_type),
                change.agent_type,
                session.project,
                session.branch,
                change.state.as_str(),
                timestamp::to_sqlite(change.started_at),
                (change.state == State::Ended).then_some(&last_event_at),
                last_event_at
            ])?;
        }
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        Ok(())
    }

    /// A branch was found for a session outside of a transaction.
    pub(super) fn set_branch(&mut self, session: &str, branch: &str) {
        if let Some(session) = self.known.get_mut(session) {
            session.branch = Some(branch.to_owned());
        }
    }
}

fn agent_id(agent_type: &str) -> String {
    format!("{agent_type}-default")
}
