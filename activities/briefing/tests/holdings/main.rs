//! What an empire holds, and what it meets: economy, territory, projects, leviathans, on saves that have nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its own save fails")]

mod economy;
mod leviathans;
mod part;
mod projects;
mod territory;
