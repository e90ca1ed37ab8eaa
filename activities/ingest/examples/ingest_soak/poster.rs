//! A sender as hooks and shippers are: it repeats what was not answered, with the same ids.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::load::{client::Link, rows};

/// A route, and the events of one request to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Single,
    Batch,
    Lines,
    /// A batch whose events have no id of their own: the request has.
    Keyed,
}

pub(crate) const ROUTES: [Route; 4] = [Route::Single, Route::Batch, Route::Lines, Route::Keyed];

impl Route {
    fn events(self) -> u64 {
        match self {
            Self::Single => 1,
            Self::Batch | Self::Keyed => 20,
            Self::Lines => 50,
        }
    }
}

/// What a sender knows to be stored: events are numbered from 0, and every one below `events` was acknowledged.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    pub(crate) sender: usize,
    pub(crate) route: Route,
    pub(crate) events: u64,
    /// Those whose request had been sent before, without an answer.
    pub(crate) repeated: u64,
}

/// What all senders are told.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Post without pauses.
    pub(crate) rush: AtomicBool,
    pub(crate) stop: AtomicBool,
}

#[derive(Debug)]
pub(crate) struct Poster {
    pub(crate) acknowledged: Acknowledged,
    /// The next request was sent before.
    open: bool,
}

impl Poster {
    pub(crate) fn new(sender: usize, route: Route) -> Self {
        Self { acknowledged: Acknowledged { sender, route, events: 0, repeated: 0 }, open: false }
    }

    /// Posts so many events a second until the service is gone.
    pub(crate) async fn run(mut self, address: SocketAddr, rate: f64, pace: Arc<Pace>) -> Self {
        let route = self.acknowledged.route;
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(route.events() as f64 / rate));
        let Ok(mut link) = Link::open(address).await else { return self };
        while !pace.stop.load(Ordering::Acquire) {
            if !pace.rush.load(Ordering::Acquire) {
                ticks.tick().await;
            }
            let repeated = std::mem::replace(&mut self.open, true);
            let Ok((status, body)) = link.ask(&self.request()).await else { return self };
            assert_eq!(status / 100, 2, "{}", String::from_utf8_lossy(&body));
            self.open = false;
            self.acknowledged.events += route.events();
            self.acknowledged.repeated += if repeated { route.events() } else { 0 };
        }
        self
    }

    fn request(&self) -> Vec<u8> {
        let Acknowledged { sender, route, events: from, .. } = self.acknowledged;
        let numbers = from..from + route.events();
        let event = |number: u64| {
            // Sender and number stand in the row, whatever its id is.
            let session = format!("soak-{sender}-{}", number % 50);
            rows::event_of(&session, &format!("soak-{sender}-{number}"), usize::try_from(number).unwrap())
        };
        let (path, kind, body) = match route {
            Route::Single | Route::Batch => return rows::request(&numbers.map(event).collect::<Vec<_>>()),
            Route::Lines => {
                let body = numbers.map(|number| event(number) + "\n").collect::<String>();
                ("/api/events/ndjson", "application/x-ndjson", body)
            }
            Route::Keyed => {
                let without =
                    |number: u64| event(number).replace(&format!("\"event_id\":\"soak-{sender}-{number}\","), "");
                let body = format!("{{\"events\":[{}]}}", numbers.map(without).collect::<Vec<_>>().join(","));
                ("/api/events/batch", "application/json", body)
            }
        };
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nIdempotency-Key: soak-{sender}-{from}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}
