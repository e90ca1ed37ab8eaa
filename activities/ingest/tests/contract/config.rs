//! The variables of the service.

use std::{path::PathBuf, time::Duration};

use ingest::{config::Config, store::Durability};

fn of(variables: &[(&str, &str)]) -> Config {
    Config::from_lookup(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn defaults() {
    let config = of(&[]);
    assert_eq!((config.host.to_string().as_str(), config.port, config.max_payload_kb), ("127.0.0.1", 3142, 10));
    assert_eq!((config.session_timeout, config.max_feed, config.max_sse_clients), (5, 200, 50));
    assert_eq!((config.stats_interval, config.sse_heartbeat), (Duration::from_secs(5), Duration::from_secs(30)));
    assert_eq!((config.auto_import_minutes, config.durability), (10, Durability::Normal));
    assert_eq!((config.projects_dir.clone(), config.db_path.clone(), config.max_body_bytes), (None, None, 1 << 20));
    assert_eq!(config.limits().metadata_bytes, 10_240);
}

#[test]
fn the_older_names_hold_and_the_newer_win() {
    let older = [("AGENTMONITOR_PORT", "4000"), ("AGENTMONITOR_DB_PATH", "/x/y.db")];
    assert_eq!((of(&older).port, of(&older).db_path), (4000, Some(PathBuf::from("/x/y.db"))));
    assert_eq!(of(&[("AGENTMONITOR_PORT", "4000"), ("GANTRY_INGEST_PORT", "5000")]).port, 5000);
}

#[test]
fn numbers_are_read_as_parse_int_does_and_bad_ones_are_unset() {
    assert_eq!(of(&[("AGENTMONITOR_PORT", " 12abc")]).port, 12);
    for bad in ["", "abc", "-5", "0", "70000"] {
        assert_eq!(of(&[("AGENTMONITOR_PORT", bad)]).port, 3142, "{bad}");
    }
    let least = of(&[
        ("AGENTMONITOR_STATS_INTERVAL", "249"),
        ("AGENTMONITOR_SSE_HEARTBEAT_MS", "999"),
        ("AGENTMONITOR_SESSION_TIMEOUT", "0"),
        ("AGENTMONITOR_MAX_PAYLOAD_KB", "0"),
        ("AGENTMONITOR_AUTO_IMPORT_MINUTES", "0"),
        ("GANTRY_INGEST_DURABILITY", "full"),
    ]);
    assert_eq!((least.stats_interval.as_millis(), least.sse_heartbeat.as_millis()), (5000, 30_000));
    assert_eq!((least.session_timeout, least.max_payload_kb, least.auto_import_minutes), (5, 0, 0));
    assert_eq!(least.durability, Durability::Full);
}

#[test]
fn a_price_table_that_cannot_be_read_is_an_error_not_a_default() {
    let config = of(&[("GANTRY_MODEL_PRICES", "/nowhere/prices.tsv")]);
    assert!(config.store_settings().unwrap_err().to_string().contains("/nowhere/prices.tsv"));
}
