//! Frames of a fixed model, and what keys do to it.

use std::time::{Duration, SystemTime};

use ratatui::{
    Terminal,
    backend::TestBackend,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
};

use super::{
    draw::draw,
    model::{Action, Model, Snapshot, Sort},
};
use crate::queue::{
    dispatch::{Dispatch, Poller, SetLimit},
    moment::Moment,
    names::Kind,
    view::View,
    worker::{Seen, Slots},
};

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn ago(seconds: u64) -> Option<Moment> {
    Some(Moment { time: now() - Duration::from_secs(seconds), text: format!("{seconds} s ago") })
}

fn worker(identity: &str, queue: &str, used: u32, total: u32, heartbeat: u64) -> Seen {
    Seen {
        key: format!("{identity}/{queue}"),
        identity: identity.into(),
        queue: queue.into(),
        host: "build-7.example.org".into(),
        build_id: "0.1.0".into(),
        sdk: "temporal-rust 1.1.1".into(),
        stopping: false,
        stopped: false,
        activities: Some(Slots { used, free: Some(total - used) }),
        workflow_tasks: None,
        heartbeat: ago(heartbeat),
        interval: Some(Duration::from_secs(10)),
    }
}

fn view(queue: &str, kind: Kind, backlog: u64, age: u64, limit: SetLimit, workers: Vec<Seen>) -> View {
    let poller = |worker: &Seen| Poller {
        identity: worker.identity.clone(),
        last_seen: ago(20),
        version: None,
        versioned: false,
    };
    let dispatch = Dispatch {
        queue: queue.into(),
        kind,
        pollers: workers.iter().map(poller).collect(),
        backlog,
        backlog_age: Duration::from_secs(age),
        add_rate: 12.34,
        dispatch_rate: 9.87,
        limit,
        fairness_limit: None,
        effective: None,
        current: None,
        ramping: None,
    };
    View { dispatch, workers, hosts: Vec::new() }
}

fn limit(limit: f32, reason: &str) -> SetLimit {
    SetLimit { limit: Some(limit), reason: reason.into(), by: "gantry:a@b".into(), at: ago(90) }
}

fn model() -> Model {
    let ours = contracts::contracts_hash();
    let first = format!("gantry-heavy-compute:4711@0123456789ab contracts:{ours}");
    let second = "gantry-heavy-compute:815@fedcba987654 contracts:000000000000";
    let workflows = format!("gantry-workflows:99@0123456789ab contracts:{ours}");
    let mut heavy = view(
        "heavy-compute",
        Kind::Activity,
        1234,
        7265,
        limit(0.0, r#"gantry:pause {"previous":5.0} disk"#),
        vec![worker(&first, "heavy-compute", 3, 4, 4), worker(second, "heavy-compute", 1, 16, 125)],
    );
    heavy.hosts = vec![
        view(
            "heavy-compute@0123456789ab",
            Kind::Activity,
            0,
            0,
            SetLimit::default(),
            vec![worker(&first, "heavy-compute@0123456789ab", 0, 4, 4)],
        ),
        view("heavy-compute@fedcba987654", Kind::Activity, 2, 42, limit(2.5, ""), Vec::new()),
    ];
    let workflows = Seen {
        activities: None,
        workflow_tasks: Some(Slots { used: 2, free: Some(38) }),
        ..worker(&workflows, "workflows", 0, 0, 8)
    };
    let workflows = view("workflows", Kind::Workflow, 0, 0, SetLimit::default(), vec![workflows]);
    let mut model = Model::new("127.0.0.1:7233/default".into(), true);
    model.look(Snapshot { views: vec![heavy, workflows], jobs: Some(37), taken: now() - Duration::from_millis(400) });
    model
}

fn frame(model: &Model, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, model, now())).unwrap();
    terminal.backend().to_string()
}

fn press(model: &mut Model, code: KeyCode) -> Action {
    model.key(KeyEvent::new(code, KeyModifiers::NONE), now())
}

#[test]
fn frames_of_a_usual_and_a_wide_terminal() {
    insta::assert_snapshot!("usual", frame(&model(), 80, 24));
    insta::assert_snapshot!("wide", frame(&model(), 120, 16));
}

#[test]
fn a_frame_before_the_first_answer_and_one_when_answers_stay_away() {
    let mut model = Model::new("127.0.0.1:7233/default".into(), true);
    insta::assert_snapshot!("connecting", frame(&model, 80, 8));
    model.fail("connection refused".into(), now() - Duration::from_secs(65));
    model.fail("connection refused".into(), now());
    insta::assert_snapshot!("no_server", frame(&model, 80, 8));
}

#[test]
fn what_was_known_stays_while_the_server_is_silent_and_its_return_clears_the_word() {
    let mut silent = model();
    silent.fail("no answer within 5 s".into(), now());
    let text = frame(&silent, 80, 24);
    assert!(text.contains("no answer for 0.4s: no answer within 5 s") && text.contains("1234"), "{text}");
    let back = model().snapshot.unwrap();
    silent.look(back);
    assert_eq!(frame(&silent, 80, 24), frame(&model(), 80, 24));
}

#[test]
fn no_terminal_is_too_small_to_draw_on() {
    let mut model = model();
    press(&mut model, KeyCode::Char('p'));
    for (width, height) in [(1, 1), (2, 40), (20, 5), (40, 3), (300, 100)] {
        frame(&model, width, height);
    }
}

#[test]
fn without_colour_nothing_is_coloured_but_the_selection_is_seen() {
    let plain = Model { colour: false, ..model() };
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(frame, &plain, now())).unwrap();
    let cells = terminal.backend().buffer().content();
    assert!(
        cells.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset)
    );
    assert!(cells.iter().any(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED)));
    terminal.draw(|frame| draw(frame, &model(), now())).unwrap();
    assert!(terminal.backend().buffer().content().iter().any(|cell| cell.fg == ratatui::style::Color::Yellow));
}

#[test]
fn pausing_and_resuming_ask_first() {
    let mut model = model();
    // The queue itself is paused, one of its host queues is not: it is paused again.
    assert_eq!(press(&mut model, KeyCode::Char('p')), Action::None);
    insta::assert_snapshot!("question", frame(&model, 80, 24));
    assert_eq!(press(&mut model, KeyCode::Char('n')), Action::None);
    assert_eq!(model.question, None);
    press(&mut model, KeyCode::Char('p'));
    assert_eq!(press(&mut model, KeyCode::Char('y')), Action::Pause("heavy-compute".into()));
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Char('p'));
    assert_eq!(press(&mut model, KeyCode::Enter), Action::Pause("heavy-compute@fedcba987654".into()));
    let snapshot = model.snapshot.as_mut().unwrap();
    snapshot.views[0].hosts.clear();
    press(&mut model, KeyCode::Home);
    press(&mut model, KeyCode::Char('p'));
    assert_eq!(press(&mut model, KeyCode::Char('y')), Action::Resume("heavy-compute".into()));
    press(&mut model, KeyCode::End);
    assert_eq!(press(&mut model, KeyCode::Char('p')), Action::None);
    assert!(model.question.is_none() && model.message.as_ref().unwrap().contains("workflow tasks"));
}

#[test]
fn sorting_moves_rows_and_the_selected_queue_stays_selected() {
    let mut model = model();
    let names = |model: &Model| model.rows(now()).iter().map(|row| row.view.queue().to_owned()).collect::<Vec<_>>();
    press(&mut model, KeyCode::End);
    assert_eq!(model.selected.as_deref(), Some("workflows"));
    press(&mut model, KeyCode::Char('s'));
    assert_eq!((model.sort, names(&model)[1].as_str()), (Sort::Waiting, "heavy-compute@fedcba987654"));
    press(&mut model, KeyCode::Char('s'));
    assert_eq!((model.sort, names(&model)[0].as_str()), (Sort::Oldest, "heavy-compute"));
    press(&mut model, KeyCode::Char('s'));
    assert_eq!((model.sort, names(&model)[0].as_str()), (Sort::Running, "heavy-compute"));
    assert_eq!(model.selected.as_deref(), Some("workflows"));
    press(&mut model, KeyCode::Up);
    assert_ne!(model.selected.as_deref(), Some("workflows"));
}

#[test]
fn q_and_control_c_leave_even_while_it_asks() {
    let mut model = model();
    assert_eq!(press(&mut model, KeyCode::Char('q')), Action::Quit);
    press(&mut model, KeyCode::Char('p'));
    assert_eq!(model.key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL), now()), Action::Quit);
    assert_eq!(press(&mut model, KeyCode::Char('c')), Action::None);
}

#[test]
fn an_empty_screen_takes_every_key() {
    let mut model = Model::new("a/b".into(), false);
    for code in [KeyCode::Down, KeyCode::Up, KeyCode::Home, KeyCode::End, KeyCode::Char('p'), KeyCode::Char('s')] {
        assert_eq!(press(&mut model, code), Action::None);
    }
}
