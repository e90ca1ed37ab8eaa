//! What `gantry top` knows, and what keys do to it. Nothing here draws or talks to the server.

use std::{
    cmp::Reverse,
    time::{Duration, SystemTime},
};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::queue::{
    names::Kind,
    view::{Paused, View},
    worker::Seen,
};

/// What the rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Name,
    Waiting,
    Oldest,
    Running,
}

impl Sort {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Waiting => "waiting",
            Self::Oldest => "oldest",
            Self::Running => "running",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Name => Self::Waiting,
            Self::Waiting => Self::Oldest,
            Self::Oldest => Self::Running,
            Self::Running => Self::Name,
        }
    }
}

/// One look at the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) views: Vec<View>,
    /// Single activities that wait or run.
    pub(crate) jobs: Option<u64>,
    pub(crate) taken: SystemTime,
}

/// Why there is no newer look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) why: String,
    pub(crate) since: SystemTime,
}

/// A question that waits for y or n.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) queue: String,
    /// To pause it, else to resume it.
    pub(crate) pause: bool,
    pub(crate) text: Vec<String>,
}

/// What a key asks the rest of the program to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    None,
    Quit,
    Pause(String),
    Resume(String),
}

/// Everything that is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    /// Address and namespace.
    pub(crate) server: String,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) sort: Sort,
    /// The selected queue, so that it stays selected when the rows move.
    pub(crate) selected: Option<String>,
    pub(crate) question: Option<Question>,
    /// What became of the last action.
    pub(crate) message: Option<String>,
    pub(crate) colour: bool,
}

/// A row: a queue, and whether it is a host queue.
pub(crate) struct Row<'a> {
    pub(crate) view: &'a View,
    pub(crate) paused: Paused,
}

impl Model {
    pub(crate) fn new(server: String, colour: bool) -> Self {
        Self {
            server,
            snapshot: None,
            trouble: None,
            sort: Sort::Name,
            selected: None,
            question: None,
            message: None,
            colour,
        }
    }

    /// Takes in a look at the server.
    pub(crate) fn look(&mut self, snapshot: Snapshot) {
        self.trouble = None;
        self.snapshot = Some(snapshot);
    }

    /// Takes in that there was no answer. What is known stays.
    pub(crate) fn fail(&mut self, why: String, now: SystemTime) {
        let last = self.snapshot.as_ref().map_or(now, |snapshot| snapshot.taken);
        let since = self.trouble.as_ref().map_or(last, |trouble| trouble.since);
        self.trouble = Some(Trouble { why, since });
    }

    /// Queues and host queues in the order of the screen.
    pub(crate) fn rows(&self, now: SystemTime) -> Vec<Row<'_>> {
        let views = self.snapshot.iter().flat_map(|snapshot| &snapshot.views);
        let mut rows: Vec<Row<'_>> = views
            .flat_map(|view| {
                let hosts = view.hosts.iter().map(|host| Row { paused: host.paused(), view: host });
                [Row { paused: view.paused(), view }].into_iter().chain(hosts)
            })
            .collect();
        match self.sort {
            Sort::Name => {}
            Sort::Waiting => rows.sort_by_key(|row| Reverse(row.view.dispatch.backlog)),
            Sort::Oldest => rows.sort_by_key(|row| Reverse(waiting_for(row.view))),
            Sort::Running => rows.sort_by_key(|row| Reverse(row.view.slots(now).map(|slots| slots.used))),
        }
        rows
    }

    /// Index of the selected row.
    pub(crate) fn selected_row(&self, rows: &[Row<'_>]) -> Option<usize> {
        if rows.is_empty() {
            return None;
        }
        let name = self.selected.as_deref();
        Some(rows.iter().position(|row| Some(row.view.queue()) == name).unwrap_or(0))
    }

    /// All workers, of the selected queue first.
    pub(crate) fn workers(&self) -> Vec<&Seen> {
        let views = self.snapshot.iter().flat_map(|snapshot| &snapshot.views);
        let mut workers: Vec<&Seen> = views.flat_map(View::family).flat_map(|view| &view.workers).collect();
        workers.sort_by_key(|worker| Some(&worker.queue) != self.selected.as_ref());
        workers
    }

    pub(crate) fn key(&mut self, key: KeyEvent, now: SystemTime) -> Action {
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return Action::Quit;
        }
        if let Some(question) = self.question.take() {
            return match key.code {
                KeyCode::Char('y' | 'Y') | KeyCode::Enter if question.pause => Action::Pause(question.queue),
                KeyCode::Char('y' | 'Y') | KeyCode::Enter => Action::Resume(question.queue),
                _ => Action::None,
            };
        }
        self.message = None;
        match key.code {
            KeyCode::Char('q') => return Action::Quit,
            KeyCode::Char('s') => self.sort = self.sort.next(),
            KeyCode::Char('p') => self.ask(now),
            KeyCode::Down | KeyCode::Char('j') => self.step(1, now),
            KeyCode::Up | KeyCode::Char('k') => self.step(-1, now),
            KeyCode::Home => self.step(isize::MIN, now),
            KeyCode::End => self.step(isize::MAX, now),
            _ => {}
        }
        Action::None
    }

    fn step(&mut self, by: isize, now: SystemTime) {
        let rows = self.rows(now);
        let Some(at) = self.selected_row(&rows) else { return };
        let to = at.saturating_add_signed(by).min(rows.len() - 1);
        self.selected = rows.get(to).map(|row| row.view.queue().to_owned());
    }

    fn ask(&mut self, now: SystemTime) {
        let rows = self.rows(now);
        let Some(row) = self.selected_row(&rows).and_then(|at| rows.get(at)) else { return };
        let (queue, view) = (row.view.queue().to_owned(), row.view);
        if view.kind() == Kind::Workflow {
            self.message = Some("the server cannot hold back workflow tasks; pause the activity queues".to_owned());
            return;
        }
        let hosts = match view.hosts.len() {
            0 => String::new(),
            1 => " and its host queue".to_owned(),
            n => format!(" and its {n} host queues"),
        };
        let pause = row.paused != Paused::Yes;
        let waiting = view.waiting();
        let text = if pause {
            let running =
                view.running(now).map_or_else(|| "what runs goes on".to_owned(), |n| format!("{n} run and go on"));
            vec![
                format!("Pause {queue}{hosts}?"),
                format!("About {waiting} wait and stay, {running}."),
                "Time-outs of what waits keep running.".to_owned(),
            ]
        } else {
            vec![format!("Resume {queue}{hosts}?"), format!("About {waiting} wait.")]
        };
        self.question = Some(Question { queue, pause, text });
    }
}

fn waiting_for(view: &View) -> Duration {
    if view.dispatch.backlog == 0 { Duration::ZERO } else { view.dispatch.backlog_age }
}
