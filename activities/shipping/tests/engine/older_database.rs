//! A database as the older daemon leaves it, and one that it can use afterwards.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use shipping::engine::{Engine, ErrorKind, Lane, Scope, Unattended};

use super::support::{HOUR, Reply, World, append, replay, ship, text_line};

/// The older daemon's schema and a few statements as it makes them.
fn older(world: &World, statements: &str) {
    fs::create_dir_all(world.config.database.parent().unwrap()).unwrap();
    let database = Connection::open(&world.config.database).unwrap();
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE IF NOT EXISTS file_state (path TEXT PRIMARY KEY, provider TEXT NOT NULL,
                queued_offset INTEGER NOT NULL DEFAULT 0, acked_offset INTEGER NOT NULL DEFAULT 0, session_id TEXT,
                provider_session_id TEXT, last_updated TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS spool_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL,
                file_path TEXT NOT NULL, start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, session_id TEXT,
                created_at TEXT NOT NULL, retry_count INTEGER DEFAULT 0, next_retry_at TEXT NOT NULL, last_error TEXT,
                status TEXT DEFAULT 'pending');
             CREATE INDEX IF NOT EXISTS idx_spool_status ON spool_queue(status, next_retry_at);",
        )
        .unwrap();
    database.execute_batch(statements).unwrap();
}

fn file(path: &Path, queued: &str, acked: &str) -> String {
    format!(
        "INSERT INTO file_state VALUES ('{}', 'claude', {queued}, {acked}, 'of-the-server', 'of-the-agent', '2026-02-15T10:00:00.5+00:00');",
        path.display()
    )
}

fn row(path: &Path, start: u64, end: u64, status: &str) -> String {
    format!(
        "INSERT INTO spool_queue (provider, file_path, start_offset, end_offset, created_at, next_retry_at, status)
         VALUES ('claude', '{}', {start}, {end}, '2026-02-15T10:00:00+00:00', '2026-02-15T10:00:10+00:00', '{status}');",
        path.display()
    )
}

#[test]
fn offsets_are_gone_on_from() {
    let world = World::new();
    let path = world.session(1, 10);
    older(&world, &file(&path, "1600", "1600"));
    let engine = world.engine();
    assert_eq!(ship(&engine).events, 2);
    // What the daemon had not kept of the session is read again from its head.
    assert_eq!(world.server.taken()[0].body["started_at"], "2026-02-01T10:00:00+00:00");
    assert_eq!(world.offsets(&path), (2000, 2000));
}

#[test]
fn gaps_become_one_row_each_and_a_second_start_finds_none() {
    let world = World::new();
    let path = world.session(1, 20);
    older(
        &world,
        &(file(&path, "4000", "1000") + &row(&path, 1600, 2000, "pending") + &row(&path, 3000, 3600, "dead")),
    );
    world.server.answer(|_| Reply::status(404));
    let engine = world.engine();
    let recovery = engine.recover_gaps().unwrap();
    assert_eq!((recovery.gaps, recovery.enqueued), (1, 3));
    let pending: Vec<_> = world.spool().into_iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(pending, [(1000, 1600), (1600, 2000), (2000, 3000), (3000, 3600), (3600, 4000)]);
    drop(engine);
    let engine = world.engine();
    assert_eq!(engine.recover_gaps().unwrap().enqueued, 0);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    replay(&engine);
    assert_eq!((world.spool().len(), world.offsets(&path)), (0, (4000, 4000)));
    assert_eq!(world.server.texts().len(), 15, "from 1000 to 4000, each line once");
}

#[test]
fn a_gap_is_closed_before_anything_is_shipped() {
    let world = World::new();
    let path = world.session(1, 20);
    older(&world, &file(&path, "2000", "1000"));
    let engine = world.engine();
    // Nobody asked for the recovery.
    ship(&engine);
    assert_eq!(world.offsets(&path), (1000, 4000));
    replay(&engine);
    assert_eq!(world.offsets(&path), (4000, 4000));
    assert_eq!(world.server.texts().len(), 15);
}

#[test]
fn duplicate_rows_are_sent_once() {
    let world = World::new();
    let path = world.session(1, 10);
    let rows: String = (0..50).map(|_| row(&path, 0, 2000, "pending")).collect();
    older(&world, &(file(&path, "2000", "0") + &rows));
    let engine = world.engine();
    replay(&engine);
    assert_eq!((world.server.texts().len(), world.spool().len()), (10, 0));
    assert_eq!(world.offsets(&path), (2000, 2000));
}

#[test]
fn the_time_in_the_row_of_a_document_is_no_length() {
    let world = World::new();
    let path = world.document(&["one"]);
    older(&world, &file(&path, "1700000000.25", "1700000000.25").replace("'claude'", "'gemini'"));
    let engine = world.engine();
    assert_eq!(ship(&engine).events, 1, "it changed since");
    assert_eq!(world.status().lost, 0);
    drop(engine);

    let world = World::new();
    let path = world.document(&["one"]);
    older(&world, &file(&path, "99999999999", "99999999999").replace("'claude'", "'gemini'"));
    assert_eq!(ship(&world.engine()).files, 0, "it has not changed since");
}

#[test]
fn rows_that_no_daemon_would_write_harm_nothing() {
    let world = World::new();
    let path = world.session(1, 5);
    let other = world.session(2, 5);
    older(
        &world,
        &(file(&path, "-5", "'x'")
            + &file(&other, "NULL", "0").replace("NULL", "x'ff'")
            + &row(&path, 900, 100, "pending")
            + &row(Path::new("/nowhere"), 0, 10, "pending")
            + &row(&other, 0, 400, "odd")
            + "UPDATE spool_queue SET next_retry_at = 'whenever', retry_count = 'many' WHERE file_path = '/nowhere';
               INSERT INTO spool_queue (provider, file_path, start_offset, end_offset, created_at, next_retry_at)
               VALUES ('who', x'ff00', 0, 5, '', '');"),
    );
    let engine = world.engine();
    ship(&engine);
    replay(&engine);
    ship(&engine);
    assert_eq!(world.server.distinct().len(), 10);
    world.status();
}

#[test]
fn the_older_daemon_finds_what_it_knows_and_nothing_that_it_does_not() {
    let world = World::new();
    let path = world.session(1, 15);
    world.server.answer(|request| Reply::status(if request.contains("text 1/0") { 500 } else { 200 }));
    ship(&world.engine());
    let database = world.database();
    // As it reads its own tables, by position and by name.
    let columns = |table: &str| -> Vec<String> {
        let mut query = database.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(
        columns("file_state"),
        ["path", "provider", "queued_offset", "acked_offset", "session_id", "provider_session_id", "last_updated"]
    );
    assert_eq!(columns("spool_queue").len(), 11);
    let (provider, updated): (String, String) = database
        .query_row("SELECT provider, last_updated FROM file_state WHERE path = ?1", [path.to_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(provider, "claude");
    assert!(updated.ends_with("+00:00") && updated.as_bytes()[10] == b'T', "{updated}");
    // It ships the row, removes it, and acknowledges: its own rules, on our rows.
    database
        .execute_batch(
            "DELETE FROM spool_queue; UPDATE file_state SET acked_offset = MAX(acked_offset, 1000);
             UPDATE file_state SET queued_offset = 3000, acked_offset = 3000;",
        )
        .unwrap();
    append(&path, &text_line(1, 15));
    world.server.answer(|_| Reply::ok());
    let engine = world.engine();
    assert_eq!(ship(&engine).events, 1);
    assert_eq!(world.offsets(&path), (3200, 3200));
}

#[test]
fn the_state_before_the_database_is_taken_over_once() {
    let world = World::new();
    let path = world.session(1, 5);
    let file = world.config.homes.claude.join("zerg-shipper-state.json");
    let old = serde_json::json!({"sessions": {"x": {"file_path": path, "last_offset": 600, "session_id": "s"}}});
    fs::write(&file, old.to_string()).unwrap();
    assert_eq!(ship(&world.engine()).events, 2);
    assert!(!file.exists() && file.with_file_name("zerg-shipper-state.json.bak").exists());

    fs::write(&file, "{broken").unwrap();
    let report = ship(&world.engine());
    assert!(report.warnings.iter().any(|warning| warning.contains("older state")), "{:?}", report.warnings);
    assert!(file.exists());
}

#[test]
fn a_damaged_database_is_an_error_and_stays_as_it_is() {
    let world = World::new();
    fs::create_dir_all(world.config.database.parent().unwrap()).unwrap();
    for bytes in [b"this is no database at all, but some text of a person".repeat(100), vec![0; 4096]] {
        fs::write(&world.config.database, &bytes).unwrap();
        let error = match Engine::open(world.config.clone()) {
            Err(error) => error,
            // An empty page is an empty database to SQLite.
            Ok(_) => continue,
        };
        assert_eq!(error.kind, ErrorKind::StoreUnavailable);
        assert!(error.to_string().contains("move it away") && error.place.contains("shipper.db"), "{error}");
        assert_eq!(fs::read(&world.config.database).unwrap(), bytes);
        assert_eq!(Engine::status(&world.config).unwrap_err().kind, ErrorKind::StoreUnavailable);
    }
}

#[test]
fn tables_of_another_program_are_refused() {
    let world = World::new();
    fs::create_dir_all(world.config.database.parent().unwrap()).unwrap();
    Connection::open(&world.config.database).unwrap().execute_batch("CREATE TABLE file_state (a, b)").unwrap();
    assert_eq!(Engine::open(world.config.clone()).unwrap_err().kind, ErrorKind::StoreUnavailable);
}

#[test]
fn a_state_of_a_later_version_is_refused() {
    let world = World::new();
    drop(world.engine());
    world.database().execute("UPDATE gantry_book SET value = '99' WHERE key = 'schema'", []).unwrap();
    assert!(Engine::open(world.config.clone()).unwrap_err().to_string().contains("99"));
}

#[test]
fn a_database_with_any_bytes_changed_is_refused_or_works() {
    let world = World::new();
    let path = world.session(1, 5);
    older(&world, &(file(&path, "800", "200") + &row(&path, 400, 600, "pending")));
    // Out of the journal and into small pages.
    world.database().execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;").unwrap();
    let whole = fs::read(&world.config.database).unwrap();
    let (mut refused, mut worked) = (0, 0);
    for at in (0..whole.len()).step_by(whole.len() / 150) {
        let mut bytes = whole.clone();
        for byte in &mut bytes[at..(at + 1 + at % 7).min(whole.len())] {
            *byte ^= 0x5a;
        }
        let mut config = world.config.clone();
        config.database = world.home().join(format!("damaged/{at}.db"));
        fs::create_dir_all(config.database.parent().unwrap()).unwrap();
        fs::write(&config.database, &bytes).unwrap();
        let _ = Engine::status(&config);
        assert_eq!(fs::read(&config.database).unwrap(), bytes, "whoever only looks changes nothing");
        let Ok(engine) = Engine::open_with_clock(config, world.clock.clone()) else {
            refused += 1;
            continue;
        };
        let shipped = engine.ship(&Scope::new(), Lane::Live, &Unattended);
        let replayed = engine.replay(None, &Unattended);
        worked += u32::from(shipped.is_ok() && replayed.is_ok());
        for error in shipped.err().into_iter().chain(replayed.err()) {
            assert_eq!(error.kind, ErrorKind::StoreUnavailable, "{error}");
        }
    }
    assert!(refused > 0 && worked > 0, "{refused} refused, {worked} worked");
}
