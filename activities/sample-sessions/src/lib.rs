//! A deterministic generator of agent homes with sessions, and the list of the events that they hold.
//!
//! A home has the files of Claude Code with its sub-agents, of Codex and of Gemini CLI (both of its folders), in the sizes
//! that people's have. The content is of no meaning but looks like what agents write: prompts, answers, calls of tools and
//! their outputs, thinking, and the lines that no receiver gets. Some lines are broken, some end in CRLF, some have no
//! timestamp, some files end in the middle of a line.
//!
//! What a receiver must hold at the end is worked out here, from what is written, and never by reading it back: whoever
//! reads the files can be compared with it.
//!
//! ```
//! use sample_sessions::{Plan, Shape, write_home};
//!
//! let home = tempfile::tempdir()?;
//! let mut prompts = 0;
//! let written = write_home(home.path(), &Plan { seed: 7, shape: Shape::Bytes(200_000) }, &mut |event| {
//!     prompts += u64::from(event.role == sample_sessions::Role::User);
//!     Ok(())
//! })?;
//! assert!(written.events > prompts && prompts > 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! For a file that grows while it is watched there is [`SampleFile`].

mod file;
mod json;
mod layout;
mod manifest;
mod moment;
mod prose;
mod random;
mod session;

use std::{fs, io, path::Path};

pub use self::{
    file::{SampleFile, Visit},
    json::compact,
    layout::{Plan, Shape, Source},
    manifest::{ExpectedEvent, ManifestWriter, Provider, Role, read_manifest, text_sha256},
    random::Random,
};

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Session files.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Events that they stand for.
    pub events: u64,
}

/// Writes a home below `home`, which may be there already, and hands every event that must arrive to `visit`. Memory does not
/// grow with the size: a line of a file, or a whole document of Gemini (at most 4 MB), is held at a time.
///
/// # Errors
/// When a file cannot be written, and what `visit` answers.
pub fn write_home(home: &Path, plan: &Plan, visit: &mut Visit<'_>) -> io::Result<Written> {
    let mut written = Written::default();
    for folder in [".claude/projects", ".codex/sessions", ".gemini/sessions", ".gemini/tmp"] {
        fs::create_dir_all(home.join(folder))?;
    }
    for source in plan.sources() {
        let mut file = SampleFile::create(home, &source)?;
        file.grow_to(source.bytes, &mut |event| {
            written.events += 1;
            visit(event)
        })?;
        if source.is_torn {
            file.tear()?;
        }
        file.date_by_content()?;
        written.files += 1;
        written.bytes += file.bytes();
    }
    Ok(written)
}
