//! The black-box suite against a service of this process. It needs Python 3, which every machine of a developer has; where
//! there is none the test says so.

mod http_stand;

use std::{process::Command, time::Duration};

use http_stand::{Stand, config};
use ingest::{config::Config, http::HttpSettings};

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_point_by_point() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return;
    }
    let config = Config { stats_interval: Duration::from_millis(250), max_sse_clients: 12, ..config() };
    let folder = tempfile::tempdir().unwrap();
    let sessions = session_receiver::Store::open(&folder.path().join("sessions.db")).unwrap();
    let stand = Stand::with(config, HttpSettings::local(), |service| service.with_sessions(sessions)).await;
    let results = folder.path().join("results.json");
    let mut suite = Command::new("python3");
    suite
        .arg("-B")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/blackbox/run.py"))
        .arg("--out")
        .arg(&results)
        .env("GANTRY_INGEST_BASE_URL", format!("http://{}", stand.address));
    let output = tokio::task::spawn_blocking(move || suite.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let results: serde_json::Value = serde_json::from_slice(&std::fs::read(results).unwrap()).unwrap();
    assert!(results["counts"]["passed"].as_u64().unwrap() > 70, "{said}");
    assert_eq!(results["counts"]["skipped"], 0, "{said}");
    stand.stop().await;
}
