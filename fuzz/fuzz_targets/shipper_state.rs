//! A state of the shipper of any bytes: it is refused with an error and left as it is, or it works. Nothing listens at the address,
//! so what would be sent is held back.
#![no_main]

use std::{fs, time::Duration};

use libfuzzer_sys::fuzz_target;
use shipping::{
    config::{Config, Homes, TokenSource},
    engine::{Engine, Lane, Reset, Scope, Unattended, dry_run},
};

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let database = folder.path().join("shipper.db");
    fs::write(&database, input).expect("a file can be written");
    let homes = Homes::under(folder.path());
    let sessions = homes.claude.join("projects/-p");
    fs::create_dir_all(&sessions).expect("a folder can be made");
    let line = "{\"type\":\"user\",\"message\":{\"content\":\"x\"}}\n";
    fs::write(sessions.join("s.jsonl"), line).expect("a file can be written");
    let mut config = Config::new(homes, "http://127.0.0.1:9", TokenSource::None, &database);
    config.workers = 1;
    config.uploads = 1;
    config.connect_timeout = Duration::from_millis(200);

    let _ = Engine::status(&config);
    let _ = dry_run(&config, &Scope::new(), &Unattended);
    assert_eq!(fs::read(&database).ok().as_deref(), Some(input), "whoever only looks changes nothing");
    let Ok(engine) = Engine::open(config.clone()) else { return };
    let _ = engine.recover_gaps();
    let again = engine.recover_gaps();
    assert_eq!(again, engine.recover_gaps());
    let _ = engine.ship(&Scope::new(), Lane::Live, &Unattended);
    let _ = engine.replay(None, &Unattended);
    let _ = engine.reset(&Reset::Quarantined);
    let _ = engine.reset(&Reset::Dead);
    let _ = Engine::status(&config);
    let _ = engine.reset(&Reset::All);
});
