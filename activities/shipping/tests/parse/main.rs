//! Files of agents to bodies of requests.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod built;
mod chain;
mod claude;
mod codex;
mod discovery;
mod edges;
mod gemini;
mod lines;
mod media;
mod payload;
mod redaction;
mod samples;
