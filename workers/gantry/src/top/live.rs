//! The screen: its terminal, its keys, its refresh.

use std::{
    io,
    ops::ControlFlow,
    thread,
    time::{Duration, SystemTime},
};

use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event as Input, KeyEventKind},
};
use runtime::Temporal;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

use crate::{
    problem::Problem,
    queue::{pause, server::Server, survey::Survey, survey::one, view::View},
    top::{
        draw::draw,
        model::{Action, Model, Snapshot},
    },
};

/// How long the keyboard is waited for until it is asked whether anybody still listens.
const KEYBOARD: Duration = Duration::from_millis(100);
/// Ages on the screen are brought up to date at least this often.
const TICK: Duration = Duration::from_secs(1);

enum Event {
    Input(Input),
    InputLost(io::Error),
    Look(Box<Result<Snapshot, Problem>>),
    Done(String),
}

/// The terminal, given back as it was however this ends.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> Result<Self, Problem> {
        ratatui::try_init().map(Self).map_err(|e| {
            // Part of it may be set already.
            let _ = ratatui::try_restore();
            Problem::io("taking the terminal", &e)
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = ratatui::try_restore();
    }
}

/// Shows the queues until q, Ctrl-C or a signal.
pub(crate) async fn run(temporal: Temporal, interval: Duration, colour: bool) -> Result<(), Problem> {
    let failed = |e| Problem::io("watching for signals", &e);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
    let mut model = Model::new(format!("{}/{}", temporal.address(), temporal.namespace()), colour);
    let (send, mut events) = mpsc::unbounded_channel();
    let (connected, server) = watch::channel(None);
    let mut screen = Screen::open()?;
    let keyboard = send.clone();
    thread::spawn(move || read_keyboard(&keyboard));
    let looking = tokio::spawn(look_again_and_again(temporal, interval, connected, send.clone()));
    let mut tick = tokio::time::interval(TICK);
    let ended = loop {
        if let Err(e) = screen.0.draw(|frame| draw(frame, &model, SystemTime::now())) {
            break Err(Problem::io("drawing on the terminal", &e));
        }
        let event = tokio::select! {
            event = events.recv() => event,
            _ = tick.tick() => continue,
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = hang_up.recv() => break Ok(()),
        };
        let Some(event) = event else { break Ok(()) };
        match take(&mut model, event) {
            Ok(ControlFlow::Break(())) => break Ok(()),
            Ok(ControlFlow::Continue(Action::None | Action::Quit)) => {}
            Ok(ControlFlow::Continue(action)) => {
                let server = server.borrow().clone();
                tokio::spawn(act(server, action, send.clone()));
            }
            Err(problem) => break Err(problem),
        }
    };
    looking.abort();
    ended
}

fn take(model: &mut Model, event: Event) -> Result<ControlFlow<(), Action>, Problem> {
    let now = SystemTime::now();
    match event {
        Event::Input(Input::Key(key)) if key.kind != KeyEventKind::Release => match model.key(key, now) {
            Action::Quit => return Ok(ControlFlow::Break(())),
            action => return Ok(ControlFlow::Continue(action)),
        },
        Event::Input(_) => {}
        Event::InputLost(error) => return Err(Problem::io("reading the keyboard", &error)),
        Event::Look(look) => match *look {
            Ok(snapshot) => model.look(snapshot),
            Err(problem) => model.fail(problem.message, now),
        },
        Event::Done(message) => model.message = Some(message),
    }
    Ok(ControlFlow::Continue(Action::None))
}

/// Reads keys until nobody wants them any more.
fn read_keyboard(to: &mpsc::UnboundedSender<Event>) {
    while !to.is_closed() {
        let event = match event::poll(KEYBOARD) {
            Ok(false) => continue,
            Ok(true) => event::read().map_or_else(Event::InputLost, Event::Input),
            Err(error) => Event::InputLost(error),
        };
        let lost = matches!(event, Event::InputLost(_));
        if to.send(event).is_err() || lost {
            return;
        }
    }
}

async fn look_again_and_again(
    temporal: Temporal,
    interval: Duration,
    connected: watch::Sender<Option<Server>>,
    to: mpsc::UnboundedSender<Event>,
) {
    let mut survey: Option<(Server, Survey)> = None;
    loop {
        let look = match &mut survey {
            Some((server, survey)) => look(server, survey).await,
            None => match temporal.connect().await {
                Ok(client) => {
                    let server = Server::new(client);
                    connected.send_replace(Some(server.clone()));
                    survey = Some((server.clone(), Survey::new(server)));
                    continue;
                }
                Err(error) => Err(error.into()),
            },
        };
        if to.send(Event::Look(Box::new(look))).is_err() {
            return;
        }
        tokio::time::sleep(interval).await;
    }
}

async fn look(server: &Server, survey: &mut Survey) -> Result<Snapshot, Problem> {
    let (views, jobs) = futures::try_join!(survey.look(), server.open_activities())?;
    Ok(Snapshot { views, jobs, taken: SystemTime::now() })
}

async fn act(server: Option<Server>, action: Action, to: mpsc::UnboundedSender<Event>) {
    let message = match server {
        None => "not connected yet".to_owned(),
        Some(server) => match change(&server, &action).await {
            Ok(text) => text,
            Err(problem) => problem.message,
        },
    };
    // The screen may have been left meanwhile.
    let _ = to.send(Event::Done(message));
}

async fn change(server: &Server, action: &Action) -> Result<String, Problem> {
    let names = |view: &View| view.family().map(View::queue).collect::<Vec<_>>().join(", ");
    match action {
        Action::Pause(queue) => {
            let view = one(server, queue).await?;
            pause::pause_all_of(server, &view, None).await?;
            Ok(format!("paused {}", names(&view)))
        }
        Action::Resume(queue) => {
            let view = one(server, queue).await?;
            pause::resume_all_of(server, &view).await?;
            Ok(format!("resumed {}", names(&view)))
        }
        Action::None | Action::Quit => Ok(String::new()),
    }
}
