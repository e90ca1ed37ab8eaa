//! What the state keeps, and how it is brought back to its beginning.

use std::fs;

use shipping::config::{Config, Homes, TokenSource};
use shipping::engine::{ErrorKind, Reset};

use super::support::{Reply, World, replay, ship};

#[test]
fn a_reset_file_is_shipped_again_from_its_start_as_the_same_events() {
    let world = World::new();
    let path = world.session(1, 6);
    world.session(2, 2);
    let engine = world.engine();
    ship(&engine);
    assert_eq!(engine.reset(&Reset::File(path.clone())).unwrap().files, 1);
    assert_eq!(ship(&engine).events, 6);
    assert_eq!((world.server.texts().len(), world.server.distinct().len()), (14, 8));
    let unknown = engine.reset(&Reset::File("/nowhere.jsonl".into())).unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::NotFound);
}

#[test]
fn a_reset_of_everything_forgets_the_spool_too() {
    let world = World::new();
    world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    assert_eq!(engine.reset(&Reset::All).unwrap().files, 1);
    let status = world.status();
    assert_eq!((status.tracked, status.spool.pending), (0, 0));
    world.server.answer(|_| Reply::ok());
    assert_eq!(ship(&engine).events, 2);
}

#[test]
fn lines_without_a_time_get_the_same_one_every_time() {
    let world = World::new();
    let path = world.session(1, 0);
    fs::write(&path, "{\"type\":\"user\",\"message\":{\"content\":\"no time\"}}\n").unwrap();
    let engine = world.engine();
    world.server.answer(|_| Reply::status(404));
    ship(&engine);
    // The file is touched before anything was acknowledged; it is the same event all the same.
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(500);
    fs::File::options().append(true).open(&path).unwrap().set_modified(later).unwrap();
    world.server.answer(|_| Reply::ok());
    world.clock.forward(super::support::HOUR);
    ship(&engine);
    engine.reset(&Reset::All).unwrap();
    ship(&engine);
    let times: Vec<_> =
        world.server.requests().iter().map(|request| request.body["events"][0]["timestamp"].clone()).collect();
    assert!(times.len() == 3 && times.iter().all(|time| *time == times[0]), "{times:?}");
}

#[test]
fn the_state_is_readable_by_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    drop(world.engine());
    let mode = fs::metadata(&world.config.database).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn nothing_is_new_in_ten_thousand_files_by_one_look_at_each() {
    let world = World::new();
    for number in 0..300 {
        world.session(number, 1);
    }
    let engine = world.engine();
    assert_eq!(ship(&engine).events, 300);
    world.server.forget();
    let report = ship(&engine);
    assert_eq!((report.files, report.batches, world.server.requests().len()), (0, 0, 0));
    assert_eq!(replay(&engine).replayed, 0);
}

#[test]
fn the_older_daemons_files_and_variables_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let none = |_: &str| None;
    let home = |name: &str| (name == "HOME").then(|| folder.path().display().to_string());
    let homes = Homes::of_user(&home).unwrap();
    assert_eq!(homes, Homes::under(folder.path()));
    let moved = |name: &str| match name {
        "CLAUDE_CONFIG_DIR" => Some("/moved".to_owned()),
        other => home(other),
    };
    assert_eq!(Homes::of_user(&moved).unwrap().claude, std::path::Path::new("/moved"));
    assert_eq!(Homes::of_user(&none).unwrap_err().kind, ErrorKind::InvalidInput);

    let config = Config::of_user(homes.clone(), &none).unwrap();
    assert_eq!((config.url.as_str(), config.batch_bytes), ("http://localhost:8080", 5 * 1024 * 1024));
    assert_eq!(config.database, homes.claude.join("longhouse-shipper.db"));
    assert_eq!(config.token.resolve().unwrap(), None, "there is no token yet");
    assert!(config.warnings().is_empty());

    fs::create_dir_all(&homes.claude).unwrap();
    fs::write(homes.claude.join("longhouse-url"), "http://sessions.example/\n").unwrap();
    fs::write(homes.claude.join("longhouse-token"), "second").unwrap();
    let config = Config::of_user(homes.clone(), &none).unwrap();
    assert_eq!(config.url, "http://sessions.example");
    assert!(config.warnings()[0].contains("not encrypted"));
    let token = || config.token.resolve().unwrap().unwrap();
    assert_eq!(token().expose(), "second");
    fs::write(homes.claude.join("longhouse-device-token"), " first \n").unwrap();
    assert_eq!(token().expose(), "first", "looked up anew at each attempt");

    let variable = |name: &str| (name == "AGENTS_API_TOKEN").then(|| "x".to_owned());
    let config = Config::of_user(homes, &variable).unwrap();
    assert_eq!(config.token, TokenSource::Variable("AGENTS_API_TOKEN".to_owned()));
}

#[test]
fn what_is_no_token_is_refused_without_being_shown() {
    for text in ["", "two words", "line\nbreak", "\u{7f}", "sécret"] {
        let error = TokenSource::parse(text).resolve().unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert!(text.is_empty() || !format!("{error:?}").contains(text), "{error:?}");
    }
    assert_eq!(TokenSource::parse("env:NAME"), TokenSource::Variable("NAME".to_owned()));
    assert_eq!(TokenSource::parse("file:/a:b"), TokenSource::File("/a:b".into()));
    assert!(TokenSource::parse("abc:def").is_literal());
}
