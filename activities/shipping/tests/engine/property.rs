//! Whatever happens to files, server and process: in the end the server has every line, and the state is at rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use shipping::engine::{Engine, Reset};

use super::support::{DAY, HOUR, Reply, World, append, replay, ship, text_line};

#[derive(Debug, Clone)]
enum Event {
    Append { file: u32, lines: u32 },
    Half { file: u32 },
    Truncate { file: u32 },
    Replace { file: u32 },
    Answers(Vec<u16>),
    Ship,
    Replay,
    Restart,
    Forward(u32),
    ResetFile { file: u32 },
    Revive,
}

fn event() -> impl Strategy<Value = Event> {
    let file = 1..=3_u32;
    let status = prop::sample::select(vec![200, 200, 200, 500, 429, 413, 401, 400, 422, 404, 408, 0, 1]);
    prop_oneof![
        4 => (file.clone(), 1..9_u32).prop_map(|(file, lines)| Event::Append { file, lines }),
        1 => file.clone().prop_map(|file| Event::Half { file }),
        1 => file.clone().prop_map(|file| Event::Truncate { file }),
        1 => file.clone().prop_map(|file| Event::Replace { file }),
        3 => prop::collection::vec(status, 1..12).prop_map(Event::Answers),
        5 => Just(Event::Ship),
        3 => Just(Event::Replay),
        2 => Just(Event::Restart),
        2 => (1..200_u32).prop_map(Event::Forward),
        1 => file.prop_map(|file| Event::ResetFile { file }),
        1 => Just(Event::Revive),
    ]
}

struct Play {
    world: World,
    engine: Option<Engine>,
    next: u32,
    half: [String; 4],
}

impl Play {
    fn path(&self, file: u32) -> PathBuf {
        let path = self.world.home().join(format!(".claude/projects/-work-demo/{}.jsonl", super::support::id(file)));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn lines(&mut self, file: u32, count: u32) -> String {
        (0..count)
            .map(|_| {
                self.next += 1;
                text_line(file, self.next)
            })
            .collect()
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Append { file, lines } => {
                let rest = std::mem::take(&mut self.half[file as usize]);
                let text = rest + &self.lines(file, lines);
                if !self.path(file).exists() {
                    fs::write(self.path(file), "").unwrap();
                }
                append(&self.path(file), &text);
            }
            Event::Half { file } if self.path(file).exists() && self.half[file as usize].is_empty() => {
                let line = self.lines(file, 1);
                append(&self.path(file), &line[..90]);
                self.half[file as usize] = line[90..].to_owned();
            }
            Event::Truncate { file } if self.path(file).exists() => {
                self.half[file as usize].clear();
                let text = self.lines(file, 1);
                fs::write(self.path(file), text).unwrap();
            }
            Event::Replace { file } if self.path(file).exists() => {
                self.half[file as usize].clear();
                let text = self.lines(file, 6);
                let beside = self.path(file).with_extension("new");
                fs::write(&beside, text).unwrap();
                fs::rename(beside, self.path(file)).unwrap();
            }
            Event::Answers(statuses) => {
                self.world.server.answer(move |request| match statuses[request.number % statuses.len()] {
                    0 => Reply::Cut,
                    1 => Reply::TakenAndCut,
                    429 => Reply::status(429).with("Retry-After", "3"),
                    status => Reply::status(status),
                });
            }
            Event::Ship => {
                self.engine.as_ref().map(ship);
            }
            Event::Replay => {
                self.engine.as_ref().map(replay);
            }
            Event::Restart => {
                self.engine = None;
                self.engine = Some(self.world.engine());
            }
            Event::Forward(minutes) => self.world.clock.forward(HOUR / 60 * minutes),
            Event::ResetFile { file } => {
                let _ = self.engine.as_ref().unwrap().reset(&Reset::File(self.path(file)));
            }
            Event::Revive => {
                self.engine.as_ref().unwrap().reset(&Reset::Quarantined).unwrap();
                self.engine.as_ref().unwrap().reset(&Reset::Dead).unwrap();
            }
            _ => {}
        }
        self.holds();
    }

    /// What is true at every moment.
    fn holds(&self) {
        let database = self.world.database();
        let wrong: i64 = database
            .query_row("SELECT COUNT(*) FROM file_state WHERE acked_offset > queued_offset", [], |row| row.get(0))
            .unwrap();
        assert_eq!(wrong, 0);
        let passed: i64 = database
            .query_row(
                "SELECT COUNT(*) FROM spool_queue s JOIN file_state f ON f.path = s.file_path
                 WHERE s.status IN ('pending', 'dead') AND s.start_offset < f.acked_offset",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(passed, 0, "an offset passed what no server has");
    }
}

fn play(events: Vec<Event>) -> Result<(), TestCaseError> {
    let world = World::new();
    let engine = Some(world.engine());
    let mut play = Play { world, engine, next: 0, half: Default::default() };
    for event in events {
        play.happens(event);
    }
    // The server is well again, and time goes by.
    play.world.server.answer(|_| Reply::ok());
    play.engine.as_ref().unwrap().reset(&Reset::Quarantined).unwrap();
    for _ in 0..4 {
        play.world.clock.forward(DAY * 2);
        ship(play.engine.as_ref().unwrap());
        replay(play.engine.as_ref().unwrap());
    }
    let has: BTreeSet<_> = play.world.server.texts().into_iter().collect();
    for file in 1..=3 {
        let path = play.path(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        for line in text[..whole].lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let said = line["message"]["content"].as_str().unwrap().trim_end_matches('.');
            prop_assert!(has.contains(said), "{said} never came");
        }
        if whole > 0 {
            let whole = whole as u64;
            prop_assert_eq!(play.world.offsets(&path), (whole, whole));
        }
    }
    let status = play.world.status();
    prop_assert_eq!((status.spool.pending, status.spool.dead), (0, 0));
    let refused = status.recent_quarantined.iter().filter(|row| !row.lost).count();
    prop_assert_eq!(refused, 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_line_arrives_and_the_state_comes_to_rest(events in prop::collection::vec(event(), 1..40)) {
        play(events)?;
    }
}
