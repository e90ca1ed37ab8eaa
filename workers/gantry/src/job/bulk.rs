//! Doing something to many jobs: which ones, whether that is meant, and in what order.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, IsTerminal},
};

use futures::{StreamExt, stream};
use temporalio_client::{ActivityListOptions, Client};

use super::{arguments::Which, list, look::State};
use crate::{problem::Problem, report};

/// Found by a query, more than this many are confirmed first.
const CONFIRM_ABOVE: usize = 10;
/// Requests at once.
const AT_ONCE: usize = 16;

/// The jobs, by id, so that the order does not depend on how they were found. Each with the runs that a query found; named
/// by its id, with none: the last one is meant.
pub(crate) type Chosen = BTreeMap<String, BTreeSet<String>>;

/// Refuses a query that says nothing.
pub(crate) fn check(which: &Which) -> Result<(), Problem> {
    if which.query.as_deref().is_none_or(|query| !query.trim().is_empty()) {
        return Ok(());
    }
    let hint = "say which, for example --query \"ActivityType = 'parseRest'\"; if all are meant: --query \"ActivityType != ''\"";
    Err(Problem::input("an empty query would be all jobs").hint(hint))
}

/// The jobs that were named, or those found by the query that are in one of these states.
pub(crate) async fn choose(
    client: &Client,
    which: &Which,
    states: &[(State, &str)],
    verb: &str,
) -> Result<Chosen, Problem> {
    let Some(query) = &which.query else {
        return Ok(which.ids.iter().map(|id| (id.clone(), BTreeSet::new())).collect());
    };
    let names: Vec<String> = states.iter().map(|(_, name)| list::quoted(name)).collect();
    let query = format!("({query}) AND ExecutionStatus IN ({})", names.join(", "));
    let mut found = client.list_activities(query, ActivityListOptions::default());
    let mut chosen = Chosen::new();
    while let Some(job) = found.next().await {
        let job = job.map_err(|error| list::problem(&error))?;
        let job = job.raw_info();
        // Whatever the query's brackets made of the condition.
        if states.iter().any(|(state, _)| *state == State::of_status(job.status())) {
            chosen.entry(job.activity_id.clone()).or_default().insert(job.run_id.clone());
        }
    }
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    match decide(chosen.len(), which.yes, terminal) {
        Decision::Go => Ok(chosen),
        Decision::Ask if report::asked(&format!("{verb} {} jobs?", chosen.len()))? => Ok(chosen),
        Decision::Ask => Err(Problem::input("nothing was done")),
        Decision::Refuse => Err(Problem::input(format!("the query finds {} jobs; nothing was done", chosen.len()))
            .hint(format!("`gantry job list --query ..` shows them; to {verb} them all, say --yes"))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Go,
    Ask,
    Refuse,
}

fn decide(jobs: usize, yes: bool, terminal: bool) -> Decision {
    match (jobs > CONFIRM_ABOVE && !yes, terminal) {
        (false, _) => Decision::Go,
        (true, true) => Decision::Ask,
        (true, false) => Decision::Refuse,
    }
}

/// What became of the jobs, counted by what happened, and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) counts: BTreeMap<&'static str, u64>,
    problem: Option<Problem>,
}

impl Account {
    pub(crate) fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// ` (3 completed, 1 gone)`, of those that there are.
    pub(crate) fn others(&self, words: &[(&str, &str)]) -> String {
        let told = words.iter().filter(|(what, _)| self.of(what) > 0);
        let told: Vec<String> = told.map(|(what, words)| format!("{} {words}", self.of(what))).collect();
        if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
    }

    /// Every problem is told; the first one decides how the command ends.
    fn add(&mut self, done: Result<&'static str, (&'static str, Problem)>) {
        match done {
            Ok(what) => *self.counts.entry(what).or_default() += 1,
            Err((what, problem)) => {
                *self.counts.entry(what).or_default() += 1;
                match &self.problem {
                    None => self.problem = Some(problem),
                    Some(_) => report::note(&problem.message),
                }
            }
        }
    }

    pub(crate) fn end(self) -> Result<(), Problem> {
        self.problem.map_or(Ok(()), Err)
    }
}

/// Does something to each of the jobs, a few at once, and tells in the order of their ids.
pub(crate) async fn each<F>(chosen: Chosen, work: impl Fn(String, BTreeSet<String>) -> F) -> Account
where
    F: Future<Output = Result<&'static str, (&'static str, Problem)>>,
{
    let mut account = Account::default();
    let mut doing = stream::iter(chosen).map(|(id, runs)| work(id, runs)).buffered(AT_ONCE);
    while let Some(done) = doing.next().await {
        account.add(done);
    }
    account
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_jobs_are_confirmed_on_a_terminal_and_refused_elsewhere() {
        assert_eq!(decide(0, false, false), Decision::Go);
        assert_eq!(decide(CONFIRM_ABOVE, false, false), Decision::Go);
        assert_eq!(decide(CONFIRM_ABOVE + 1, false, false), Decision::Refuse);
        assert_eq!(decide(CONFIRM_ABOVE + 1, false, true), Decision::Ask);
        assert_eq!(decide(CONFIRM_ABOVE + 1, true, false), Decision::Go);
    }
}
