//! The HTTP service: routes, safety, and the socket.
//!
//! It needs no Temporal: what is posted goes straight to the store and is answered after COMMIT. Contracts are those of
//! the system that it replaces; its answers are JSON whatever happens.

mod agents;
mod answer;
mod app;
mod body;
mod front;
mod guard;
mod inflate;
mod intake;
mod lines;
mod listen;
mod live;
mod otlp;
mod query;
mod rate;
mod read;
mod redact;
mod routes;
mod secret;
mod service;
mod settings;
mod socket;
mod state;
mod write;

pub use answer::{ErrorBody, Problem};
pub use guard::{Access, Guard, Refusal, Tokens};
pub use inflate::{Encoding, InflateError, Inflater, MAX_RATIO};
pub use lines::{Line, Lines, LinesAnswer, RejectedLine};
pub use live::StreamFull;
pub use query::Query;
pub use read::Rejects;
pub use redact::{REDACTED, Redaction};
pub use routes::{ROUTES, Route};
pub use service::{Listening, ServeError, Service};
pub use settings::{BadSetting, HttpSettings, Limits};
pub use state::{Health, Ready};
pub use write::{BatchAnswer, EventAnswer, InvalidEvent, Item, RejectedItem};
