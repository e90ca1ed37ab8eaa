//! The reference server as a process.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};

use crate::server::{answer, batch, event};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gantry-session-receiver"));
    command.env_remove("RUST_LOG").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn url(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().strip_prefix("listening on ").unwrap().to_owned()
}

#[tokio::test]
async fn a_terminated_server_has_kept_everything() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("below/s.db");
    let client = reqwest::Client::new();
    for round in 0..2 {
        let mut child = command()
            .args(["--listen", "127.0.0.1:0", "--token", "env:RECEIVER_TOKEN", "--database"])
            .arg(&database)
            .env("RECEIVER_TOKEN", "t")
            .spawn()
            .unwrap();
        let ingest = format!("{}/api/agents/ingest", url(&mut child));
        let post = client.post(ingest).header("x-agents-token", "t").body(batch(&[event(round, "a")]).to_string());
        assert_eq!(answer(post).await.0, StatusCode::OK);
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(session_receiver::Store::open(&database).unwrap().counts().unwrap().events, 2);
}

#[test]
fn a_server_for_others_wants_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("s.db");
    let output = command().args(["--listen", "0.0.0.0:0", "--database"]).arg(&database).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--token"));
    assert!(!database.exists());
}

#[test]
fn a_token_that_is_not_there_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command()
        .args(["--token", "env:NO_SUCH_VARIABLE_HERE", "--listen", "127.0.0.1:0", "--database"])
        .arg(folder.path().join("s.db"))
        .spawn()
        .unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!child.wait().unwrap().success() && text.contains("NO_SUCH_VARIABLE_HERE"), "{text}");
}
