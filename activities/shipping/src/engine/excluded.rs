//! Projects that are not shipped.

use sha2::{Digest, Sha256};

use wildmatch::WildMatch;

use super::{Error, ErrorKind};
use crate::session::SessionMetadata;

/// Globs over the name of a project or its working folder: `*` is any text, `?` any character.
#[derive(Debug, Clone)]
pub(super) struct Excluded {
    globs: Vec<WildMatch>,
    mark: u64,
}

impl Excluded {
    /// # Errors
    ///
    /// `InvalidInput` for what is no glob.
    pub(super) fn new(globs: &[String]) -> Result<Self, Error> {
        // Whoever writes brackets means something by them; taken as they are they would exclude nothing.
        if let Some(glob) = globs.iter().find(|glob| glob.contains(['[', '{']) || glob.is_empty()) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the glob is not understood",
                glob,
                "* stands for any text and ? for any character; give several globs for several names",
            ));
        }
        let hash = Sha256::digest(globs.join("\n"));
        let mark = hash.iter().take(7).fold(0, |mark, byte| mark << 8 | u64::from(*byte));
        Ok(Self { globs: globs.iter().map(|glob| WildMatch::new(glob)).collect(), mark })
    }

    /// Tells these globs from others: a file that was left out by others is looked at anew.
    pub(super) fn mark(&self) -> u64 {
        self.mark
    }

    /// Whether a session is of such a project.
    pub(super) fn covers(&self, metadata: &SessionMetadata) -> bool {
        let Some(folder) = metadata.cwd.as_deref().filter(|_| !self.globs.is_empty()) else { return false };
        let name = folder.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(folder);
        self.globs.iter().any(|glob| glob.matches(folder) || glob.matches(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(glob: &str, folder: &str) -> bool {
        let metadata = SessionMetadata { cwd: Some(folder.to_owned()), ..SessionMetadata::default() };
        Excluded::new(&[glob.to_owned()]).unwrap().covers(&metadata)
    }

    #[test]
    fn a_glob_is_about_the_name_or_the_whole_folder() {
        assert!(covers("secret-*", "/home/a/secret-plans"));
        assert!(covers("/home/a/*", "/home/a/b/c"));
        assert!(covers("plan?", "/w/plans/"));
        assert!(!covers("secret", "/home/a/secret-plans"));
        assert!(!covers("secret-*", "/home/secret-a/open"));
    }

    #[test]
    fn what_would_exclude_nothing_is_refused() {
        for glob in ["{a,b}", "[ab]*", ""] {
            assert_eq!(Excluded::new(&[glob.to_owned()]).unwrap_err().kind, ErrorKind::InvalidInput);
        }
    }
}
