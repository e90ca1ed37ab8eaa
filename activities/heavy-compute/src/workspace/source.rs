//! What is to be prepared: a local folder or a state of a remote repository.

use contracts::{errors::ErrorType, heavy_compute::PrepareWorkspaceInput};
use kit::Failure;
use url::Url;

/// A state of a remote repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The remote's default branch.
    Default,
    /// A branch.
    Branch(String),
    /// A tag.
    Tag(String),
    /// A commit, 40 hexadecimal digits.
    Commit(String),
}

/// Where the sources come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder on this host.
    Local(String),
    /// A repository behind a URL.
    Remote {
        /// Its URL, without a password.
        url: String,
        /// What of it.
        reference: Reference,
    },
}

impl Source {
    /// Checks an input and tells what it asks for.
    ///
    /// # Errors
    /// `InvalidInput` with the field that is wrong.
    pub fn of(input: &PrepareWorkspaceInput) -> Result<Self, Failure> {
        let text = |field: &Option<String>| field.clone().filter(|t| !t.is_empty());
        let (url, path) = (text(&input.repo_url), text(&input.path));
        let references = [text(&input.branch), text(&input.tag), text(&input.commit)];
        if input.repo_id.is_empty() || input.org_id.is_empty() {
            return Err(invalid("an id is empty", "repoId, orgId", "give both, or leave orgId out"));
        }
        if references.iter().flatten().count() > 1 {
            return Err(invalid("more than one state is named", "branch, tag, commit", "give one of them"));
        }
        let reference = match references {
            [Some(branch), _, _] => Reference::Branch(ref_name(branch, "branch")?),
            [_, Some(tag), _] => Reference::Tag(ref_name(tag, "tag")?),
            [_, _, Some(commit)] => Reference::Commit(commit_name(&commit)?),
            _ => Reference::Default,
        };
        match (url, path) {
            (Some(url), None) => Ok(Self::Remote { url: repository_url(url)?, reference }),
            (None, Some(path)) if reference == Reference::Default => Ok(Self::Local(path)),
            (None, Some(_)) => Err(invalid(
                "a local folder is indexed as it is",
                "branch, tag, commit",
                "leave them out, or give the repository as repoUrl, for example file:///FOLDER",
            )),
            _ => Err(invalid("exactly one source is needed", "repoUrl, path", "give one of them")),
        }
    }
}

fn invalid(what: &str, place: &str, hint: &str) -> Failure {
    Failure::new(ErrorType::InvalidInput, what, place, hint)
}

/// A URL that git may be given: of a known kind, without a password, and not to be taken for an option.
fn repository_url(url: String) -> Result<String, Failure> {
    const HINT: &str = "give an http, https, ssh or file URL, or user@host:path";
    if url.contains(|c: char| c.is_control() || c == ' ') || url.starts_with('-') {
        return Err(invalid("this is no URL", "repoUrl", HINT));
    }
    let Ok(parsed) = Url::parse(&url) else {
        // The short form of ssh: user@host:path.
        let short = url.split_once(':').is_some_and(|(host, path)| {
            host.contains('@') && !host.contains('/') && !path.is_empty() && !path.starts_with(':')
        });
        return if short { Ok(url) } else { Err(invalid("this is no URL", "repoUrl", HINT)) };
    };
    if parsed.password().is_some() || (parsed.scheme().starts_with("http") && !parsed.username().is_empty()) {
        return Err(invalid(
            "the URL holds a credential, which would stay in the history",
            "repoUrl",
            "take it out, revoke it, and give a reference as `credential`: env:NAME or file:PATH",
        ));
    }
    match parsed.scheme() {
        "http" | "https" | "ssh" | "file" => Ok(url),
        _ => Err(invalid("git is not asked for this kind of URL", "repoUrl", HINT)),
    }
}

/// The rules of git-check-ref-format that matter to us: nothing that git could take for something else.
fn ref_name(name: String, field: &str) -> Result<String, Failure> {
    let bad = name.starts_with(['-', '/', '.'])
        || name.ends_with(['/', '.'])
        || name.ends_with(".lock")
        || ["..", "@{", "//", "/."].iter().any(|part| name.contains(part))
        || name.contains(|c: char| c.is_control() || " ~^:?*[\\".contains(c));
    if bad { Err(invalid("this is no name of a branch or tag", field, "see git check-ref-format")) } else { Ok(name) }
}

fn commit_name(commit: &str) -> Result<String, Failure> {
    if commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(commit.to_ascii_lowercase())
    } else {
        Err(invalid("this is no commit", "commit", "give all 40 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "called with json!")]
    fn input(fields: serde_json::Value) -> Result<Source, Failure> {
        let mut all = serde_json::json!({ "repoId": "r" });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        Source::of(&serde_json::from_value(all).unwrap())
    }

    #[test]
    fn what_git_could_misread_is_refused() {
        let urls = [
            "--upload-pack=touch /tmp/x",
            "ext::sh -c id",
            "ext::sh",
            "fd::17",
            "https://user:secret@host/x",
            "https://ghp_secret@host/x",
            "ftp://host/x",
            "/etc",
            "host:path",
            "",
            "https://host/a b",
            "https://host/a\nb",
        ];
        for url in urls {
            let refused = input(serde_json::json!({ "repoUrl": url })).unwrap_err();
            assert_eq!(refused.error_type, ErrorType::InvalidInput, "{url}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
        }
        for url in ["https://host/x.git", "http://host:1/x", "ssh://git@host/x", "git@host:o/x.git", "file:///srv/x"] {
            assert!(input(serde_json::json!({ "repoUrl": url })).is_ok(), "{url}");
        }
        for branch in ["-x", "a..b", "a b", "refs/../x", "x.lock", "a~1", "a:b", "@{u}"] {
            assert!(input(serde_json::json!({ "repoUrl": "https://h/x", "branch": branch })).is_err(), "{branch}");
        }
        assert!(input(serde_json::json!({ "repoUrl": "https://h/x", "commit": "HEAD" })).is_err());
    }

    #[test]
    fn exactly_one_source_and_at_most_one_state() {
        assert!(input(serde_json::json!({})).is_err());
        assert!(input(serde_json::json!({ "repoUrl": "https://h/x", "path": "/x" })).is_err());
        assert!(input(serde_json::json!({ "path": "/x", "branch": "main" })).is_err());
        assert!(input(serde_json::json!({ "repoUrl": "https://h/x", "branch": "a", "tag": "b" })).is_err());
        assert_eq!(input(serde_json::json!({ "path": "/x" })), Ok(Source::Local("/x".into())));
        let branch = input(serde_json::json!({ "repoUrl": "https://h/x", "branch": "feature/a" })).unwrap();
        assert_eq!(
            branch,
            Source::Remote { url: "https://h/x".into(), reference: Reference::Branch("feature/a".into()) }
        );
    }
}
