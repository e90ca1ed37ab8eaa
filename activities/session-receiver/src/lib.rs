//! The receiver of shipped agent sessions, POST /api/agents/ingest: a router over a SQLite store, and a reference server.
//!
//! A body is a session and events of it, compressed or not; it is stored as a whole or not at all, and storing it twice is
//! the same as once. An event's key is its session, its file, its place in that and everything it says.
//!
//! ```no_run
//! use session_receiver::{Access, Limits, Receiver, Store, router};
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3142").await?;
//! let store = Store::open("sessions.db".as_ref())?;
//! let access = Access::new(listener.local_addr()?, None);
//! axum::serve(listener, router(Receiver::new(store, access, Limits::default(), None))).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | answer | when |
//! | --- | --- |
//! | 200 | stored: `{session_id, events_inserted, events_skipped, session_created}` |
//! | 400 | the body cannot be inflated, is cut, or is not JSON |
//! | 401 | no token, or a wrong one |
//! | 403 | others could reach the server and no token is set up; a page of another site asks |
//! | 408 | the body does not arrive |
//! | 413 | over a limit, which is named |
//! | 415 | a `Content-Encoding` that is not known |
//! | 422 | not the form of a batch; every failure is listed |
//! | 429 | over the rate limit, with `Retry-After` |
//! | 500 | the store cannot be used |
//! | 503 | the queue of the store or the disk is full, with `Retry-After` |

mod access;
mod batch;
mod inflate;
mod limits;
pub mod moment;
mod rate;
mod refusal;
mod routes;
mod sink;
mod store;

pub use self::{
    access::{Access, TokenReference},
    batch::{Batch, Event, Role, SessionHead},
    inflate::{BodyEncoding, inflate},
    limits::Limits,
    refusal::{Refusal, SchemaFailure},
    routes::{Receiver, agents_router, router},
    sink::{Kept, Sink},
    store::{Counts, Ingested, Removed, Replayed, Store, StoreError, StoredEvent, StoredSession},
};
