//! Repositories for tests, and a server for them: `git http-backend` behind HTTP, with a password if wanted.

use std::{
    fs,
    net::SocketAddr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{io::AsyncWriteExt, sync::watch};

/// Runs git without anybody's configuration; its output.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A git repository in a folder.
#[derive(Debug)]
pub struct Repository {
    /// Its folder.
    pub folder: PathBuf,
}

impl Repository {
    /// An empty repository.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder can be made");
        git(folder, &["init", "--quiet"]);
        Self { folder: folder.to_owned() }
    }

    /// One that holds a few files in two languages, committed.
    pub fn sample(folder: &Path) -> Self {
        let repository = Self::new(folder);
        repository.write("package.json", b"{ \"name\": \"sample\" }\n");
        repository.write(
            "src/shapes.ts",
            b"/** A shape. */\nexport interface Shape { area(): number }\n\n\
              export class Square implements Shape {\n  constructor(private side: number) {}\n\
              \x20 area(): number { return square(this.side); }\n}\n\n\
              function square(x: number): number { return x * x; }\n\
              export const double = (x: number) => square(x) / square(1) * 2;\n",
        );
        repository
            .write("src/view.tsx", b"function Row() { return <b/>; }\nexport function Table() { return <Row/>; }\n");
        repository.write("lib/tool.js", b"function a() { b(); }\nfunction b() {}\nmodule.exports = { a };\n");
        repository.write(
            "tool.py",
            b"class Tool:\n    \"\"\"Does things.\"\"\"\n    def run(self):\n        return self.step(1)\n\n\
              \x20   def step(self, n):\n        return helper(n)\n\n\ndef helper(n):\n    return n\n",
        );
        repository.write("README.md", b"# Sample\n");
        repository.commit();
        repository
    }

    /// One with this many TypeScript files, each of which takes a while to parse.
    pub fn large(folder: &Path, files: usize) -> Self {
        let repository = Self::new(folder);
        for n in 0..files {
            let mut text = String::new();
            for f in 0..60 {
                text.push_str(&format!(
                    "/** Number {f}. */\nexport function f{f}(a: number, b: string): number {{\n  \
                     const c = [a, b.length].map((x) => x * {n});\n  if (a > {f}) {{ return f{}(c.length, b); }}\n  \
                     return c.reduce((l, r) => l + r, 0);\n}}\n\n",
                    (f + 1) % 60
                ));
            }
            repository.write(&format!("src/d{:02}/file{n:05}.ts", n % 20), text.as_bytes());
        }
        repository.commit();
        repository
    }

    /// Writes a file, with its folders.
    pub fn write(&self, path: &str, content: &[u8]) {
        self.write_bytes(Path::new(path), content);
    }

    /// Writes a file whose name may be any bytes.
    pub fn write_bytes(&self, path: &Path, content: &[u8]) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(&path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// Commits everything; the commit.
    pub fn commit(&self) -> String {
        git(&self.folder, &["add", "--all"]);
        git(&self.folder, &["commit", "--quiet", "--allow-empty", "--message", "change"]);
        git(&self.folder, &["rev-parse", "HEAD"])
    }
}

/// Serves every repository below a folder over HTTP until it goes out of scope.
#[derive(Debug)]
pub struct GitServer {
    address: SocketAddr,
    gate: watch::Sender<bool>,
    asked: Arc<OnceLock<()>>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Served {
    root: Arc<PathBuf>,
    /// `user:password`, base64.
    basic: Option<Arc<str>>,
    gate: watch::Receiver<bool>,
    asked: Arc<OnceLock<()>>,
}

impl GitServer {
    /// Serves; `basic` is the base64 of `user:password` that it asks for.
    pub async fn start(root: &Path, basic: Option<&str>) -> Self {
        let (gate, open) = watch::channel(true);
        let asked = Arc::new(OnceLock::new());
        let served =
            Served { root: Arc::new(root.to_owned()), basic: basic.map(Arc::from), gate: open, asked: asked.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let app = axum::Router::new().fallback(backend).with_state(served);
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Self { address, gate, asked, serving }
    }

    /// URL of a repository in the served folder.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}/.git", self.address)
    }

    /// From now on requests for objects wait.
    pub fn close_gate(&self) {
        self.gate.send_replace(false);
    }

    /// Whether a request for objects has come.
    pub fn was_asked(&self) -> bool {
        self.asked.get().is_some()
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// One request as CGI to `git http-backend`.
async fn backend(State(mut served): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(basic) = &served.basic {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if given != format!("Basic {basic}") {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")]).into_response();
        }
    }
    let body: Bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap_or_default();
    if parts.method == "POST" {
        served.asked.get_or_init(|| ());
        // A test that closes the gate ends the client, not this wait.
        let _ = tokio::time::timeout(Duration::from_secs(60), served.gate.wait_for(|open| *open)).await;
    }
    let header =
        |name: header::HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let mut child = tokio::process::Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &*served.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header(header::CONTENT_TYPE))
        .env("HTTP_CONTENT_ENCODING", header(header::CONTENT_ENCODING))
        .env("GIT_PROTOCOL", parts.headers.get("git-protocol").and_then(|v| v.to_str().ok()).unwrap_or_default())
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("git is installed");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let writing = tokio::spawn(async move {
        let _ = stdin.write_all(&body).await;
    });
    let output = child.wait_with_output().await.expect("git answers").stdout;
    let _ = writing.await;
    cgi_answer(&output)
}

fn cgi_answer(output: &[u8]) -> Response {
    let split = output.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(output.len());
    let (head, body) = output.split_at(split);
    let mut status = StatusCode::OK;
    let mut headers = HeaderMap::new();
    for line in head.split(|b| *b == b'\n') {
        let text = String::from_utf8_lossy(line);
        let Some((name, value)) = text.trim().split_once(": ") else { continue };
        if name == "Status" {
            status = value.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(status);
        } else if let (Ok(name), Ok(value)) = (name.parse::<header::HeaderName>(), value.parse()) {
            headers.insert(name, value);
        }
    }
    (status, headers, Body::from(body.get(4..).unwrap_or_default().to_vec())).into_response()
}

/// A file name that is not UTF-8.
pub fn non_utf8_name() -> &'static Path {
    Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9.ts"))
}
