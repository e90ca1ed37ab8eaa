//! What git means by what it says.

use contracts::errors::ErrorType;

/// What a message of git means.
pub(super) struct Class {
    pub(super) error_type: ErrorType,
    pub(super) hint: &'static str,
    /// What it was known by.
    pub(super) word: Option<&'static str>,
}

/// Which error it is, by what git says (in English: `LC_ALL=C`).
pub(super) fn classify(said: &str) -> Class {
    const TABLE: &[(&[&str], ErrorType, &str)] = &[
        (&["No space left on device", "Disk quota exceeded"], ErrorType::DiskFull, "free some room and run again"),
        (
            &["dubious ownership"],
            ErrorType::PermissionDenied,
            "the repository belongs to another user, and git does not work in it: run the worker as its owner, let the \
             worker's user own it, or give the folder as `path`",
        ),
        (
            &["mismatched algorithms"],
            ErrorType::Unsupported,
            "the repository names its objects by SHA-256; give a checkout of it as `path`",
        ),
        (
            &["invalid path", "malformed", "fsck error"],
            ErrorType::ParseError,
            "the repository holds what git refuses to write; repair it there",
        ),
        (
            &[
                "Authentication failed",
                "could not read Username",
                "could not read Password",
                "Permission denied (publickey",
                "returned error: 401",
                "returned error: 403",
                "HTTP 401",
                "HTTP 403",
                "Host key verification failed",
            ],
            ErrorType::AuthRejected,
            "give a credential that may read it, by reference: env:NAME or file:PATH",
        ),
        (
            &[
                "Cannot obtain needed",
                "couldn't find remote ref",
                "upload-pack: not our ref",
                "Server does not allow request for unadvertised",
            ],
            ErrorType::NotFound,
            "check the name of the branch, tag or commit",
        ),
        (
            &[
                "does not appear to be a git repository",
                "not valid: is this a git repository",
                "returned error: 404",
                "Repository not found",
                "repository not found",
                "not found",
                "does not exist",
                "No such file or directory",
                "invalid server response",
            ],
            ErrorType::NotFound,
            "check the URL: there is no git repository, or none that these credentials may see",
        ),
        (
            &["Permission denied", "unable to open", "cannot open directory"],
            ErrorType::PermissionDenied,
            "let the worker's user read it",
        ),
        (
            &[
                "Could not resolve host",
                "Connection refused",
                "Failed to connect",
                "timed out",
                "unable to access",
                "hung up unexpectedly",
                "early EOF",
                "RPC failed",
                "Connection reset",
            ],
            ErrorType::NetworkUnavailable,
            "check the network and the host name; it is tried again",
        ),
    ];
    let known = TABLE.iter().find_map(|(words, error_type, hint)| {
        let word = words.iter().find(|word| said.contains(**word))?;
        Some(Class { error_type: *error_type, hint, word: Some(word) })
    });
    let hint = "git gave no reason that is known here; it is tried again";
    known.unwrap_or(Class { error_type: ErrorType::Internal, hint, word: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_decides_whether_it_is_tried_again() {
        let cases = [
            ("fatal: Authentication failed for 'https://h/x/'", ErrorType::AuthRejected),
            ("fatal: could not read Username for 'https://h': terminal prompts disabled", ErrorType::AuthRejected),
            ("fatal: repository 'https://h/x/' not found", ErrorType::NotFound),
            ("fatal: '/x' does not appear to be a git repository", ErrorType::NotFound),
            ("fatal: couldn't find remote ref refs/heads/x", ErrorType::NotFound),
            ("fatal: unable to access 'https://h/': Could not resolve host: h", ErrorType::NetworkUnavailable),
            (
                "fatal: detected dubious ownership in repository at '/x/.git'\n\
                 To add an exception for this directory, call:\n\n\
                 \tgit config --global --add safe.directory /x/.git\n\
                 fatal: Could not read from remote repository.\n\n\
                 Please make sure you have the correct access rights\nand the repository exists.",
                ErrorType::PermissionDenied,
            ),
            ("error: invalid path '.git/config'\nfatal: Could not reset index file", ErrorType::ParseError),
            ("fatal: mismatched algorithms: client sha1; server sha256", ErrorType::Unsupported),
            ("fatal: write error: No space left on device", ErrorType::DiskFull),
            ("fatal: something new", ErrorType::Internal),
        ];
        for (said, expected) in cases {
            assert_eq!(classify(said).error_type, expected, "{said}");
        }
    }
}
