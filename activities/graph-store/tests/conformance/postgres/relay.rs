//! A wire to the server that can be cut at a commit.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
};

use graph_store::PostgresUrl;

/// Where the wire is cut, once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nowhere.
    Never = 0,
    /// Before the server hears of the commit.
    BeforeCommit = 1,
    /// When the server has committed, before its answer arrives.
    AfterCommit = 2,
}

pub(crate) struct Relay {
    /// Of the database, through the relay.
    pub(crate) url: PostgresUrl,
    cut: Arc<AtomicU8>,
}

impl Relay {
    pub(crate) fn to(server: &PostgresUrl) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = PostgresUrl { port: listener.local_addr().unwrap().port(), ..server.clone() };
        let target = (server.host.clone(), server.port);
        let cut = Arc::new(AtomicU8::new(Cut::Never as u8));
        let shared = Arc::clone(&cut);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect((target.0.as_str(), target.1)).unwrap();
                let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let there = Arc::clone(&shared);
                thread::spawn(move || pass(client_too, server_too, &there, Cut::BeforeCommit));
                let back = Arc::clone(&shared);
                thread::spawn(move || pass(server, client, &back, Cut::AfterCommit));
            }
        });
        Self { url, cut }
    }

    pub(crate) fn cut(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }
}

/// Passes on what comes, until the end or until it says COMMIT and that is where to cut: the client's command and the
/// server's answer to it are both spelt so.
fn pass(mut from: TcpStream, mut to: TcpStream, cut: &AtomicU8, here: Cut) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let said = &buffer[..length];
        let is_commit = said.windows(7).any(|word| word == b"COMMIT\0");
        let never = Cut::Never as u8;
        if is_commit && cut.compare_exchange(here as u8, never, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            break;
        }
        if to.write_all(said).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
