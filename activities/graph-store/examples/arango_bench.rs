//! Writes a graph through the ArangoDB store to a server that only parses, and sends the same documents with nothing but
//! reqwest; prints how long each took, with and without a round trip of 5 ms:
//!
//! ```text
//! cargo run --release -p graph-store --example arango_bench -- [DOCUMENTS]
//! ```
//!
//! Server, relay and client share the machine. The store also writes facts and books, asks before each batch whether it
//! still may write, and turns documents into JSON; the second bare row does that too.
#![allow(clippy::print_stdout, reason = "a program that prints its measurement")]

use std::{
    collections::HashMap,
    env,
    error::Error,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use graph_store::{
    ArangoOptions, EntityDocument, EntityKind, FileGraph, GraphUrl, OpenOptions, Origin, Repository, open_with,
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    time::sleep_until,
};

type Failure = Box<dyn Error + Send + Sync>;

/// Of one way; both make the round trip.
const DELAY: Duration = Duration::from_micros(2_500);
const OF_A_FILE: usize = 250;
const RUNS: usize = 5;
const CONCURRENCY: [usize; 3] = [1, 4, 8];

fn main() -> Result<(), Failure> {
    let documents: usize = env::args().nth(1).map_or(Ok(50_000), |n| n.parse())?;
    let threads = |n| Builder::new_multi_thread().worker_threads(n).enable_all().build();
    let (around, client) = (threads(2)?, threads(1)?);
    let server = around.block_on(serve())?;
    let relay = around.block_on(relay(server))?;
    let repository = Repository { org_id: "default".into(), repo_id: "bench".into() };
    let files: Vec<FileGraph> = (0..documents.div_ceil(OF_A_FILE)).map(|n| file(&repository, n)).collect();
    let documents = files.iter().map(|file| file.entities.len()).sum::<usize>();
    let bytes: usize = batches(&files)?.iter().map(Bytes::len).sum();
    println!("{documents} documents, {:.1} MB, median of {RUNS}", thousands(bytes) / 1_000.0);
    for (name, address) in [("no delay", server), ("5 ms round trip", relay)] {
        for concurrency in CONCURRENCY {
            let ready = batches(&files)?;
            let bare = median(|_| bare(&client, address, concurrency, ready.clone()))?;
            let made = median(|_| bare_with_json(&client, address, concurrency, &files))?;
            let store = median(|n| store(address, concurrency, &repository, &files, n))?;
            println!("{name}, {concurrency} at a time:");
            for (way, time) in [("bare reqwest", bare), ("the same, making the JSON", made), ("the store", store)] {
                let share = 100.0 * made.as_secs_f64() / time.as_secs_f64();
                let rate = thousands(documents) / time.as_secs_f64();
                println!("  {way:<26} {time:>8.0?}  {rate:>6.0} K documents/s  {share:>4.0} %");
            }
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown in thousands")]
fn thousands(n: usize) -> f64 {
    n as f64 / 1_000.0
}

fn median(mut run: impl FnMut(usize) -> Result<Duration, Failure>) -> Result<Duration, Failure> {
    let mut times = (0..RUNS).map(&mut run).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    Ok(times[RUNS / 2])
}

fn file(repository: &Repository, n: usize) -> FileGraph {
    let path = format!("src/folder{}/module{n}.ts", n % 97);
    let entities = (0..OF_A_FILE).map(|line| {
        let name = format!("function{}", n * OF_A_FILE + line);
        let signature = Some(format!("function {name}(first: string, second: number)"));
        let mut entity = EntityDocument::new(repository, &path, EntityKind::Function, &name, signature, Origin::Syntax);
        entity.start_line = u32::try_from(line).ok();
        entity.language = Some("typescript".into());
        entity
    });
    let entities = entities.collect();
    let (content_sha256, extractor) = (n.to_string(), "1".into());
    FileGraph { path, content_sha256, extractor, entities, edges: Vec::new(), facts: vec![0; 200] }
}

/// The documents as the store sends them; what it adds to each is as long as here.
fn batches(files: &[FileGraph]) -> Result<Vec<Bytes>, Failure> {
    let limit = ArangoOptions::default().batch_bytes;
    let (mut batches, mut lines) = (Vec::new(), Vec::new());
    for entity in files.iter().flat_map(|file| &file.entities) {
        serde_json::to_writer(&mut lines, entity)?;
        lines.pop();
        let (key, name) = (&entity.key, hex::encode(&entity.name));
        let gantry = format!(r#","gantry":{{"repo":"{key}","file":"{key}","epoch":1,"name":"{name}"}}}}"#);
        lines.extend_from_slice(gantry.as_bytes());
        lines.push(b'\n');
        if lines.len() >= limit {
            batches.push(Bytes::from(std::mem::take(&mut lines)));
        }
    }
    batches.push(Bytes::from(lines));
    Ok(batches)
}

fn bare(runtime: &Runtime, address: SocketAddr, at_once: usize, batches: Vec<Bytes>) -> Result<Duration, Failure> {
    // Fails if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]).http1_only().no_proxy().build()?;
    let url = format!("http://{address}/_db/graph/_api/import?collection=functions&type=documents");
    let begin = Instant::now();
    runtime.block_on(
        stream::iter(batches)
            .map(|batch| {
                let request = client.post(&url).body(batch);
                async { request.send().await?.error_for_status()?.bytes().await }
            })
            .buffer_unordered(at_once)
            .try_for_each(|_| async { Ok(()) }),
    )?;
    Ok(begin.elapsed())
}

fn bare_with_json(
    runtime: &Runtime,
    address: SocketAddr,
    at_once: usize,
    files: &[FileGraph],
) -> Result<Duration, Failure> {
    let begin = Instant::now();
    let batches = batches(files)?;
    let made = begin.elapsed();
    Ok(made + bare(runtime, address, at_once, batches)?)
}

fn store(
    address: SocketAddr,
    at_once: usize,
    repository: &Repository,
    files: &[FileGraph],
    n: usize,
) -> Result<Duration, Failure> {
    let url: GraphUrl = format!("arangodb+http://{address}/graph").parse()?;
    let arango = ArangoOptions { concurrency: at_once, ..ArangoOptions::default() };
    let mut store = open_with(&url, OpenOptions { arango, ..OpenOptions::default() })?;
    // The server forgets: each run is a first one.
    let repository =
        Repository { repo_id: format!("{}{address}{at_once}{n}", repository.repo_id), ..repository.clone() };
    let run = store.begin_run(&repository, 1)?;
    let begin = Instant::now();
    store.replace_files(&run, files)?;
    Ok(begin.elapsed())
}

/// Books by collection and key, with a revision that nobody looks at.
type Books = Arc<Mutex<HashMap<String, Value>>>;

/// A server that parses what is imported and forgets it, and keeps what is written otherwise.
async fn serve() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let books = Books::default();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let books = Arc::clone(&books);
            tokio::spawn(async move {
                let service = service_fn(|request| answer(Arc::clone(&books), request));
                let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}

async fn answer(books: Books, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    let (path, reads) =
        (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().contains("onlyget"));
    let body = request.into_body().collect().await?.to_bytes();
    let answer = if path.ends_with("/_api/import") {
        let mut created = 0;
        for line in body.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            serde_json::from_slice::<Value>(line)?;
            created += 1;
        }
        json!({ "error": false, "created": created, "errors": 0, "empty": 0, "updated": 0, "ignored": 0 })
    } else if let Some((_, collection)) = path.split_once("/_api/document/") {
        documents(&mut books.lock().unwrap_or_else(PoisonError::into_inner), collection, reads, &body)?
    } else {
        json!({ "error": false, "result": [] })
    };
    Ok(Response::new(Full::new(answer.to_string().into())))
}

fn documents(books: &mut HashMap<String, Value>, collection: &str, reads: bool, body: &[u8]) -> Result<Value, Failure> {
    let mut each: Vec<Value> = serde_json::from_slice(body)?;
    for document in &mut each {
        let key = document.as_str().or_else(|| document.get("_key")?.as_str()).unwrap_or_default().to_owned();
        let id = format!("{collection}/{key}");
        if reads {
            *document = match books.get(&id) {
                Some(book) => book.clone(),
                None => json!({ "error": true, "errorNum": 1202, "errorMessage": "" }),
            };
        } else {
            document["_rev"] = "1".into();
            books.insert(id, document.take());
            *document = json!({ "_key": key, "_rev": "1" });
        }
    }
    Ok(each.into())
}

/// Passes everything on, each way a while later.
async fn relay(to: SocketAddr) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(to).await else { break };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
            tokio::spawn(delayed(near_read, far_write));
            tokio::spawn(delayed(far_read, near_write));
        }
    });
    Ok(address)
}

async fn delayed(mut from: tokio::net::tcp::OwnedReadHalf, mut to: tokio::net::tcp::OwnedWriteHalf) {
    let (send, mut receive) = tokio::sync::mpsc::channel::<(tokio::time::Instant, Bytes)>(1_024);
    tokio::spawn(async move {
        while let Some((at, bytes)) = receive.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 256 << 10];
    while let Ok(read) = from.read(&mut buffer).await {
        let bytes = Bytes::copy_from_slice(buffer.get(..read).unwrap_or_default());
        if read == 0 || send.send((tokio::time::Instant::now() + DELAY, bytes)).await.is_err() {
            return;
        }
    }
}
