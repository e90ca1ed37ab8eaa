//! The store behind a web server: Python's own, which gives out the files of a folder and takes none.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use contracts::{errors::ErrorType, shared::BlobRef};
use kit::{BlobStore, blob_url};

use crate::conformance;

struct WebServer {
    process: Child,
    url: String,
}

impl WebServer {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new("python3")
            .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split(['(', ')']).nth(1).unwrap().trim_end_matches('/').to_owned();
        Self { process, url }
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn blobs_are_read_from_a_web_server_and_not_written_to_one_that_takes_none() {
    let folder = tempfile::tempdir().unwrap();
    let written = BlobStore::in_folder(&folder.path().join("some where")).unwrap();
    let server = WebServer::start(folder.path());
    let url = blob_url(&format!("{}/some%20where", server.url)).unwrap();
    let store = BlobStore::open_with(&url, &[], []).unwrap();
    store.probe().unwrap();
    for expected in [Vec::new(), b"content".to_vec(), conformance::bytes(1, 20 * 1024 * 1024)] {
        let blob = written.put(&expected).unwrap();
        let blob = BlobRef { uri: blob.uri.replace(written.url().as_str(), url.as_str()), ..blob };
        assert!(store.get(&blob).unwrap() == expected);
        assert!(conformance::content(store.fetch(&blob, u64::MAX)) == expected);
    }
    let blob = written.put(b"never published").unwrap();
    let there = BlobRef { uri: blob.uri.replace(written.url().as_str(), url.as_str()), ..blob.clone() };
    let wrong = BlobRef { bytes: 1, ..there.clone() };
    assert_eq!(store.get(&wrong).unwrap_err().error_type, ErrorType::ParseError);
    std::fs::remove_dir_all(folder.path().join("some where")).unwrap();
    assert_eq!(store.get(&there).unwrap_err().error_type, ErrorType::NotFound);
    assert_eq!(store.put(b"x").unwrap_err().error_type, ErrorType::Unsupported);
}

#[test]
fn a_server_that_is_not_there_may_come_back() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = blob_url(&format!("http://127.0.0.1:{port}/blobs")).unwrap();
    let store = BlobStore::open_with(&url, &[], []).unwrap();
    for failure in [store.probe().unwrap_err(), store.put(b"x").unwrap_err()] {
        assert_eq!(failure.error_type, ErrorType::StoreUnavailable, "{failure}");
    }
}
