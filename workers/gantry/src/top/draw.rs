//! Draws the model.

use std::time::SystemTime;

use ratatui::{
    Frame,
    layout::{Alignment, Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::{Block, Cell, Clear, Paragraph, Row as TableRow, Table, TableState},
};

use crate::{
    duration::short,
    queue::{
        describe::{limit_in_short, running},
        view::{Paused, View},
        worker::{Seen, contracts_of, short_identity},
    },
    top::model::{Model, Row, Trouble},
};

/// From this width on the workers' host names have room.
const WIDE: u16 = 100;

/// Colours, or only bold and reversed where colours are unwanted.
#[derive(Clone, Copy)]
struct Theme {
    colour: bool,
}

impl Theme {
    fn of(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    fn alarm(self) -> Style {
        if self.colour { Style::new().fg(Color::Red) } else { Style::new().add_modifier(Modifier::BOLD) }
    }

    fn head() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    fn bar() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, model: &Model, now: SystemTime) {
    let theme = Theme { colour: model.colour };
    let rows = model.rows(now);
    let workers = model.workers();
    let length = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    // The queues take what they need, but leave the workers a third.
    let for_queues = length(rows.len()).saturating_add(1).min(frame.area().height.saturating_sub(5) * 2 / 3).max(2);
    let [title, notice, queues, gap, people, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(for_queues),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(title_line(model, &rows, now), title);
    frame.render_widget(notice_line(model, theme, now), notice);
    draw_queues(frame, queues, model, &rows, theme, now);
    let live = workers.iter().filter(|worker| worker.is_live(now)).count();
    frame.render_widget(Line::styled(format!("workers: {live} live, {} known", workers.len()), Theme::head()), gap);
    draw_workers(frame, people, &workers, theme, now);
    let help = format!(" q quit   p pause/resume   \u{2191}\u{2193} select   s sort: {} ", model.sort.as_str());
    frame.render_widget(Line::styled(help, Theme::bar()).style(Theme::bar()), keys);
    if let Some(question) = &model.question {
        draw_question(frame, &question.text);
    }
}

fn title_line(model: &Model, rows: &[Row<'_>], now: SystemTime) -> Line<'static> {
    let waiting: u64 = rows.iter().map(|row| row.view.dispatch.backlog).sum();
    let mut text = format!("gantry top  {}  {waiting} tasks wait", model.server);
    if let Some(snapshot) = &model.snapshot {
        if let Some(jobs) = snapshot.jobs {
            text += &format!("  {jobs} jobs open");
        }
        let age = now.duration_since(snapshot.taken).unwrap_or_default();
        text += &format!("  {} ago", short(age));
    }
    Line::styled(text, Theme::head())
}

fn notice_line(model: &Model, theme: Theme, now: SystemTime) -> Line<'static> {
    match (&model.trouble, &model.message) {
        (Some(Trouble { why, since }), _) => {
            let silence = short(now.duration_since(*since).unwrap_or_default());
            Line::styled(format!("no answer for {silence}: {why}"), theme.alarm())
        }
        (None, Some(message)) => Line::raw(message.clone()),
        (None, None) if model.snapshot.is_none() => Line::raw("connecting"),
        (None, None) => Line::raw(""),
    }
}

fn draw_queues(frame: &mut Frame<'_>, area: Rect, model: &Model, rows: &[Row<'_>], theme: Theme, now: SystemTime) {
    let head = ["queue", "state", "waits", "oldest", "add/s", "out/s", "runs", "wkr", "limit"];
    let widths = [6, 6, 6, 5, 5, 6, 3, 7];
    let name = usize::from(area.width).saturating_sub(usize::from(widths.iter().sum::<u16>()) + widths.len());
    let mut constraints = vec![Constraint::Fill(1)];
    constraints.extend(widths.map(Constraint::Length));
    let lines = rows.iter().map(|row| queue_row(row, name, theme, now));
    let table = Table::new(lines, constraints).header(header(&head, 2)).row_highlight_style(Theme::selected());
    let mut state = TableState::new().with_selected(model.selected_row(rows));
    frame.render_stateful_widget(table, area, &mut state);
}

/// Column heads; those from `numbers` on are aligned as numbers are.
fn header(head: &[&'static str], numbers: usize) -> TableRow<'static> {
    let cells = head.iter().enumerate().map(|(n, text)| if n < numbers { Cell::new(*text) } else { number(*text) });
    TableRow::new(cells.collect::<Vec<_>>()).style(Theme::head())
}

fn number(text: impl Into<Line<'static>>) -> Cell<'static> {
    Cell::new(text.into().alignment(Alignment::Right))
}

fn queue_row(row: &Row<'_>, width: usize, theme: Theme, now: SystemTime) -> TableRow<'static> {
    let View { dispatch, workers, .. } = row.view;
    let (state, style) = match row.paused {
        Paused::Yes => ("paused", theme.of(Color::Yellow)),
        Paused::Partly => ("partly", theme.of(Color::Yellow)),
        Paused::No if dispatch.pollers.is_empty() => ("nobody", theme.alarm()),
        Paused::No => ("open", theme.of(Color::Green)),
    };
    let live = workers.iter().filter(|worker| worker.is_live(now)).count();
    TableRow::new([
        Cell::new(fit(&dispatch.queue, width)),
        Cell::new(Span::styled(state, style)),
        number(dispatch.backlog.to_string()),
        number(if dispatch.backlog == 0 { "-".to_owned() } else { short(dispatch.backlog_age) }),
        number(format!("{:.1}", dispatch.add_rate)),
        number(format!("{:.1}", dispatch.dispatch_rate)),
        number(running(row.view.slots(now))),
        number(live.to_string()),
        number(limit_in_short(dispatch)),
    ])
}

fn draw_workers(frame: &mut Frame<'_>, area: Rect, workers: &[&Seen], theme: Theme, now: SystemTime) {
    let wide = area.width >= WIDE;
    let mut head = vec!["worker", "queue"];
    let mut widths = vec![6];
    if wide {
        head.push("host");
        widths.push(16);
    }
    let texts = head.len() + 1;
    head.extend(["build", "runs", "heartbeat", "contracts"]);
    widths.extend([7, 6, 13, 12]);
    let name = usize::from(area.width).saturating_sub(usize::from(widths.iter().sum::<u16>()) + widths.len());
    let rows = workers.iter().map(|worker| worker_row(worker, name, wide, theme, now));
    let mut constraints = vec![Constraint::Fill(1)];
    constraints.extend(widths.into_iter().map(Constraint::Length));
    frame.render_widget(Table::new(rows, constraints).header(header(&head, texts)), area);
}

fn worker_row(worker: &Seen, width: usize, wide: bool, theme: Theme, now: SystemTime) -> TableRow<'static> {
    let live = worker.is_live(now);
    let identity = short_identity(&worker.identity);
    let told = match (worker.age(now), worker.state(now)) {
        (None, _) => "never".to_owned(),
        (Some(age), "running") => short(age),
        (Some(age), state) => format!("{state} {}", short(age)),
    };
    // The process's activities where it has some, else its workflow tasks.
    let slots = worker.activities.or(worker.workflow_tasks);
    let (contracts, style) = match contracts_of(&worker.identity) {
        None => ("?", Style::new()),
        Some(hash) if hash == contracts::contracts_hash() => ("same", Style::new()),
        Some(hash) => (hash, if live { theme.alarm() } else { Style::new() }),
    };
    let mut cells = vec![
        Cell::new(fit(identity.strip_prefix("gantry-").unwrap_or(identity), width)),
        Cell::new(if worker.queue.contains('@') { "host" } else { "common" }),
    ];
    if wide {
        cells.push(Cell::new(fit(&worker.host, 16)));
    }
    cells.extend([
        Cell::new(fit(&worker.build_id, 7)),
        number(running(slots)),
        number(told),
        number(Line::styled(contracts.to_owned(), style)),
    ]);
    TableRow::new(cells).style(if live { Style::new() } else { Style::new().add_modifier(Modifier::DIM) })
}

/// A name in so many characters, its middle left out when it is longer.
fn fit(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width || width < 3 {
        return name.to_owned();
    }
    let tail = (width - 1) / 2;
    let head: String = name.chars().take(width - 1 - tail).collect();
    let tail: String = name.chars().skip(length - tail).collect();
    format!("{head}\u{2026}{tail}")
}

fn draw_question(frame: &mut Frame<'_>, text: &[String]) {
    let mut lines: Vec<Line<'_>> = text.iter().map(|line| Line::raw(line.clone())).collect();
    lines.push(Line::styled("y yes   n no", Theme::head()));
    let longest = lines.iter().map(Line::width).max().unwrap_or_default();
    let width = u16::try_from(longest + 4).unwrap_or(u16::MAX).min(frame.area().width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(frame.area().height);
    let area = frame.area().centered(Constraint::Length(width), Constraint::Length(height));
    frame.render_widget(Clear, area);
    let block = Block::bordered().padding(ratatui::widgets::Padding::horizontal(1));
    frame.render_widget(Paragraph::new(lines).block(block), area);
}
