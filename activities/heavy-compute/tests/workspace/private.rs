//! A repository behind a password.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use contracts::errors::ErrorType;
use kit::{Job, WorkError};
use serde_json::json;

use crate::support::{Host, failure, files, git};

const PASSWORD: &str = "open-sesame-4711";
/// Base64 of `me:` and the password.
const BASIC: &str = "bWU6b3Blbi1zZXNhbWUtNDcxMQ==";

/// `git http-backend` behind a password.
struct Server {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

/// How much a server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Current,
    /// It hands out only what has a name.
    Old,
    /// It only hands out files.
    Plain,
}

struct Shared {
    root: PathBuf,
    kind: Kind,
    gate: Mutex<Gate>,
    changed: Condvar,
    over: AtomicBool,
}

#[derive(Default)]
struct Gate {
    closed: bool,
    waiting: bool,
}

impl Server {
    fn start(root: &Path, kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            kind,
            gate: Mutex::default(),
            changed: Condvar::new(),
            over: AtomicBool::new(false),
        });
        thread::spawn({
            let shared = shared.clone();
            move || {
                for stream in listener.incoming().flatten() {
                    if shared.over.load(Ordering::Relaxed) {
                        return;
                    }
                    let shared = shared.clone();
                    // A client that is gone is no matter.
                    thread::spawn(move || drop(shared.answer(stream)));
                }
            }
        });
        Self { address, shared }
    }

    fn url(&self) -> String {
        format!("http://{}/remote/.git", self.address)
    }

    fn close_gate(&self) {
        self.shared.gate.lock().unwrap().closed = true;
    }

    fn wait_for_a_client(&self) {
        let gate = self.shared.gate.lock().unwrap();
        drop(self.shared.changed.wait_while(gate, |gate| !gate.waiting).unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        self.shared.gate.lock().unwrap().closed = false;
        self.shared.changed.notify_all();
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        let header = |name: &str| {
            let found = lines.iter().filter_map(|l| l.split_once(": ")).find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        let mut request = lines.first().map(String::as_str).unwrap_or_default().split(' ');
        let (method, target) = (request.next().unwrap_or_default(), request.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let mut stream = stream;
        if header("authorization") != format!("Basic {BASIC}") {
            return stream.write_all(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\
                  Content-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
        if self.kind == Kind::Plain {
            let file = fs::read(self.root.join(path.trim_start_matches('/')));
            let status = if file.is_ok() { "200 OK" } else { "404 Not Found" };
            let body = file.unwrap_or_default();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes())?;
            return stream.write_all(&body);
        }
        if method == "POST" {
            let mut gate = self.gate.lock().unwrap();
            gate.waiting = true;
            self.changed.notify_all();
            drop(self.changed.wait_while(gate, |gate| gate.closed).unwrap());
        }
        let mut child = Command::new("git")
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("REQUEST_METHOD", method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("CONTENT_LENGTH", body.len().to_string())
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("GIT_PROTOCOL", if self.kind == Kind::Old { String::new() } else { header("git-protocol") })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        child.stdin.take().unwrap().write_all(&body)?;
        let output = child.wait_with_output()?.stdout;
        let end = output.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(output.len());
        let head = String::from_utf8_lossy(&output[..end]).into_owned();
        let status = head.lines().find_map(|l| l.strip_prefix("Status: ")).unwrap_or("200 OK");
        stream.write_all(format!("HTTP/1.1 {status}\r\nConnection: close\r\n{head}\r\n\r\n").as_bytes())?;
        stream.write_all(output.get(end + 4..).unwrap_or_default())
    }
}

/// Files below a folder that hold the password, plain or as it is sent.
fn leaks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for path in fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                if [PASSWORD, BASIC].iter().any(|secret| bytes.windows(secret.len()).any(|w| w == secret.as_bytes())) {
                    found.push(path);
                }
            }
        }
    }
    found
}

#[test]
fn the_right_password_opens_it_and_is_kept_nowhere() {
    let host = Host::new();
    let remote = host.remote();
    remote.write("a.py", "x = 1\n");
    let first = remote.commit();
    let server = Server::start(host.folder.path(), Kind::Current);
    let secrets = tempfile::tempdir().unwrap();
    let secret = secrets.path().join("secret");
    fs::write(&secret, format!("me:{PASSWORD}\n")).unwrap();
    let reference = format!("file:{}", secret.display());
    let prepare = |credential: Option<&str>| {
        host.prepare(json!({ "repoUrl": server.url(), "force": true, "credential": credential }))
    };
    let output = prepare(Some(&reference)).unwrap();
    assert_eq!(output.commit.as_ref(), Some(&first));
    assert_eq!(files(&host.checkout()), remote.tree(&first));
    assert!(!serde_json::to_string(&output).unwrap().contains(PASSWORD));
    remote.write("b.py", "x = 2\n");
    let second = remote.commit();
    assert_eq!(prepare(Some(&reference)).unwrap().commit, Some(second));
    assert_eq!(leaks(&host.settings.workspaces), Vec::<PathBuf>::new());

    fs::write(&secret, format!("me:{PASSWORD}-wrong\n")).unwrap();
    for credential in [Some(reference.as_str()), None] {
        let refused = failure(prepare(credential));
        assert_eq!(refused.error_type, ErrorType::AuthRejected, "{refused}");
        assert!(!refused.error_type.retryable());
        assert!(!refused.to_string().contains(PASSWORD), "{refused}");
    }
    assert_eq!(leaks(&host.settings.workspaces), Vec::<PathBuf>::new());
}

#[test]
fn the_password_is_in_no_argument_while_git_runs_and_a_cancelled_clone_leaves_nothing() {
    let host = Arc::new(Host::new());
    let remote = host.remote();
    remote.write("a.py", "x = 1\n");
    remote.commit();
    let server = Server::start(host.folder.path(), Kind::Current);
    server.close_gate();
    let secret = host.path("secret");
    fs::write(&secret, format!("me:{PASSWORD}")).unwrap();
    let input = json!({ "repoId": "r", "repoUrl": server.url(), "credential": format!("file:{}", secret.display()) });
    let job = Arc::new(Job::<()>::detached());
    let attempt = thread::spawn({
        let (host, job) = (host.clone(), job.clone());
        move || heavy_compute::steps::prepare_workspace(&job, &host.settings, &serde_json::from_value(input).unwrap())
    });
    server.wait_for_a_client();
    let lines: Vec<String> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .collect();
    assert!(lines.iter().any(|line| line.contains(&server.url())), "git is running");
    assert!(lines.iter().all(|line| !line.contains(PASSWORD) && !line.contains(BASIC)));
    job.interrupt();
    assert_eq!(attempt.join().unwrap().unwrap_err(), WorkError::Interrupted);
    let names: Vec<_> = fs::read_dir(host.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["lock"]);
}

#[test]
fn a_server_that_can_do_less_is_asked_for_more() {
    for kind in [Kind::Current, Kind::Old, Kind::Plain] {
        let host = Host::new();
        let remote = host.remote();
        remote.write("a.py", "x = 1\n");
        let first = remote.commit();
        remote.write("a.py", "x = 2\n");
        let second = remote.commit();
        remote.write("b.py", "x = 3\n");
        let third = remote.commit();
        git(&remote.0, &["tag", "--annotate", "v1", "--message", "v1", &first]);
        git(&remote.0, &["update-server-info"]);
        let server = Server::start(host.folder.path(), kind);
        let secret = host.path("secret");
        fs::write(&secret, format!("me:{PASSWORD}")).unwrap();
        let states = [
            (json!({}), &third),
            (json!({ "commit": second }), &second),
            (json!({ "tag": "v1" }), &first),
            (json!({ "branch": "main" }), &third),
            (json!({ "commit": first }), &first),
        ];
        for (fields, commit) in states {
            let credential = format!("file:{}", secret.display());
            let mut input = json!({ "repoUrl": server.url(), "force": true, "credential": credential });
            input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let output = host.prepare(input).unwrap_or_else(|e| panic!("{kind:?} {fields}: {e:?}"));
            assert_eq!(output.commit.as_ref(), Some(commit), "{kind:?} {fields}");
            assert_eq!(files(&host.checkout()), remote.tree(commit), "{kind:?} {fields}");
        }
        let missing = json!({ "repoUrl": server.url(), "commit": "0123456789012345678901234567890123456789",
            "credential": format!("file:{}", secret.display()) });
        assert_eq!(failure(host.prepare(missing)).error_type, ErrorType::NotFound, "{kind:?}");
    }
}
