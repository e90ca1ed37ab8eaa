//! Disks that are full, files that cannot be written.

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use ingest::{
    http::HttpSettings,
    store::{Settings, Store},
};

use crate::{
    http_stand::{Stand, config, event},
    process::{Process, SERVES, exchange, post, request, said_why},
};

/// One event of about nine kilobytes.
fn large() -> String {
    event("s").replace('}', &format!(r#","metadata":{{"text":"{}"}}}}"#, "x".repeat(9_000)))
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_limit_of_its_size_the_service_says_so_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("events.db");
    let store = Store::open(&database, Settings { max_bytes: Some(600 * 1024), ..Settings::default() }).unwrap();
    let stand = Stand::over(store, config(), HttpSettings::local(), |service| service).await;
    let mut stored = 0;
    let (status, _, body) = loop {
        let answer = post(stand.address, "/api/events", &large()).await.unwrap();
        if answer.0 != 201 {
            break answer;
        }
        stored += 1;
    };
    assert_eq!(status, 507, "{body}");
    assert!(said_why(&body) && body.contains("no space"), "{body}");
    let lines = request("/api/events/ndjson", &[("Content-Type", "application/x-ndjson")], large().as_bytes());
    assert_eq!(exchange(stand.address, &lines).await.unwrap().0, 507);
    let (status, stats) = stand.get("/api/stats").await;
    assert!(status == 200 && stats.contains(&format!("\"total_events\":{stored},")), "{stats}");
    // Somebody makes room.
    let other = rusqlite::Connection::open(&database).unwrap();
    other.execute_batch("DELETE FROM events WHERE id <= 20").unwrap();
    assert_eq!(stand.post("/api/events", &large()).await.0, 201);
    stand.stop().await;
}

/// Posts until it is refused: how many were acknowledged before. What is refused is said in JSON, and reading goes on.
async fn fill(address: std::net::SocketAddr) -> u64 {
    let mut stored = 0;
    loop {
        let (status, _, body) = post(address, "/api/events", &large()).await.unwrap();
        if status != 201 {
            assert!((500..600).contains(&status) && said_why(&body), "{status} {body}");
            break;
        }
        stored += 1;
    }
    for (path, expected) in [("/live", "true"), ("/api/stats", &*format!("\"total_events\":{stored},"))] {
        let (status, _, body) = exchange(address, &request(path, &[], b"")).await.unwrap();
        assert!(status == 200 && body.contains(expected), "{path}: {status} {body}");
    }
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_system_lets_no_file_grow_the_service_goes_on_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("events.db");
    let mut shell = Command::new("sh");
    // Without the signal a write fails, as on a disk that is full.
    shell.args(["-c", r#"trap '' XFSZ; ulimit -f 2000; exec "$0" "$@""#]).arg(std::env::current_exe().unwrap());
    let mut process = Process::spawn_through(shell, SERVES, &database, |_| {}).unwrap();
    let stored = fill(process.address()).await;
    process.kill();
    let store = Store::open(&database, Settings::default()).unwrap();
    assert_eq!(store.stats(&Default::default()).unwrap().total_events, stored);
    let connection = rusqlite::Connection::open(&database).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_the_service_goes_on_and_stores_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    // A file system of its own, which goes away with the process.
    let script =
        r#"mount -t tmpfs -o size=4m none "$DISK" && head -c 1000000 /dev/zero >"$DISK/other" && exec "$0" "$@""#;
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--map-root-user", "sh", "-c", script]).arg(std::env::current_exe().unwrap());
    let spawned = Process::spawn_through(unshare, SERVES, &disk.join("events.db"), |command| {
        command.env("DISK", &disk);
    });
    let Some(mut process) = spawned.ok() else {
        println!("skipped: there is no program unshare");
        return;
    };
    let Some((_, address)) = process.word(&["serves "]) else {
        println!("skipped: this user may not mount a file system of its own");
        return;
    };
    let address = address.parse().unwrap();
    let stored = fill(address).await;
    let (status, _, body) = post(address, "/api/events", &large()).await.unwrap();
    assert_eq!(status, 507, "{body}");
    let other = format!("/proc/{}/root{}", process.id(), disk.join("other").display());
    fs::remove_file(other).unwrap();
    assert_eq!(post(address, "/api/events", &large()).await.unwrap().0, 201);
    let (_, _, stats) = exchange(address, &request("/api/stats", &[], b"")).await.unwrap();
    assert!(stats.contains(&format!("\"total_events\":{},", stored + 1)), "{stats}");
}

#[test]
fn a_file_that_cannot_be_written_is_refused_at_the_start_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("events.db");
    drop(Store::open(&database, Settings::default()).unwrap());
    let allow = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    allow(&database, 0o444);
    allow(folder.path(), 0o555);
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    // To root everything can be written, so that another user has to try.
    let spawned = Process::spawn(SERVES, &database, |command| {
        if root {
            command.uid(65_534).gid(65_534).stdout(Stdio::null());
        }
    });
    match spawned {
        Err(error) => println!("skipped: no other user may start this program: {error}"),
        Ok(mut process) => {
            let (which, said) = process.word(&["refused ", "serves "]).expect("it says something");
            assert_eq!(which, 0, "it serves over a file that it cannot write");
            assert!(said.contains("read-only"), "{said}");
            assert!(process.ended());
        }
    }
    allow(folder.path(), 0o755);
    allow(&database, 0o644);
    drop(Store::open(&database, Settings::default()).unwrap());
}
