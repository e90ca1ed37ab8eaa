//! Secrets that were typed where a reference belongs. Every user of a host can see the arguments of its processes, so the
//! program replaces itself by one that has them in its environment, which only the same user can see.

use std::{convert::Infallible, ffi::OsString, io, os::unix::process::CommandExt, process::Command};

/// Arguments that hold a secret.
const FLAGS: [&str; 3] = ["--github-token", "--credential", "--arango-auth"];
/// How the variables begin that then hold them.
const VARIABLE: &str = "GANTRY_TYPED_";

/// Arguments in which references stand for the secrets that were typed.
#[derive(Debug, PartialEq, Eq)]
struct Referenced {
    arguments: Vec<OsString>,
    /// The flag, the variable that its reference names, and the value.
    secrets: Vec<(&'static str, String, OsString)>,
}

impl Referenced {
    fn of(arguments: &[OsString]) -> Self {
        let mut referenced = Self { arguments: Vec::with_capacity(arguments.len()), secrets: Vec::new() };
        let mut flag_before = None;
        for argument in arguments {
            let bytes = argument.as_encoded_bytes();
            let joined = FLAGS.iter().find_map(|flag| {
                let value = argument.to_str()?.strip_prefix(flag)?.strip_prefix('=')?;
                Some((*flag, OsString::from(value)))
            });
            let written = match (flag_before.take(), joined) {
                (Some(flag), _) if !bytes.starts_with(b"--") => referenced.reference(flag, argument.clone()),
                (_, Some((flag, value))) => {
                    let mut written = OsString::from(format!("{flag}="));
                    written.push(referenced.reference(flag, value));
                    written
                }
                _ => argument.clone(),
            };
            flag_before = FLAGS.iter().copied().find(|flag| argument == *flag);
            referenced.arguments.push(written);
        }
        referenced
    }

    fn reference(&mut self, flag: &'static str, value: OsString) -> OsString {
        let bytes = value.as_encoded_bytes();
        if bytes.is_empty() || bytes.starts_with(b"env:") || bytes.starts_with(b"file:") {
            return value;
        }
        let variable = format!("{VARIABLE}{}", flag.trim_start_matches('-').replace('-', "_").to_uppercase());
        let reference = format!("env:{variable}").into();
        self.secrets.push((flag, variable, value));
        reference
    }
}

/// Starts the program anew, in the same process, when a secret was typed; otherwise does nothing. `program` are its
/// arguments with its own name. `warn` is told the flag.
///
/// # Errors
/// When it could not be started.
pub(crate) fn hide(program: &[OsString], warn: impl Fn(&str)) -> io::Result<Option<Infallible>> {
    let Some((name, arguments)) = program.split_first() else { return Ok(None) };
    let Referenced { arguments, secrets } = Referenced::of(arguments);
    if secrets.is_empty() {
        return Ok(None);
    }
    let mut command = Command::new(std::env::current_exe()?);
    command.arg0(name).args(arguments);
    for (flag, variable, value) in secrets {
        warn(flag);
        command.env(variable, value);
    }
    Err(command.exec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_secrets_become_references_and_references_stay() {
        let of = |words: &[&str]| Referenced::of(&words.iter().map(OsString::from).collect::<Vec<_>>());
        let typed = of(&["prepare-workspace", "--github-token", "ghp_1", "--credential=me:pw", "--force"]);
        let (token, credential) = ("GANTRY_TYPED_GITHUB_TOKEN", "GANTRY_TYPED_CREDENTIAL");
        assert_eq!(
            typed.arguments,
            [
                "prepare-workspace",
                "--github-token",
                &format!("env:{token}"),
                &format!("--credential=env:{credential}"),
                "--force"
            ]
        );
        assert_eq!(
            typed.secrets,
            [
                ("--github-token", token.to_owned(), "ghp_1".into()),
                ("--credential", credential.to_owned(), "me:pw".into())
            ]
        );
        for words in [
            &["--github-token", "env:TOKEN", "--arango-auth=file:/run/secret"][..],
            &["--github-token"],
            &["--github-token", "--force"],
            &["--arango-auth="],
            &["--repo-url", "ghp_1"],
        ] {
            assert_eq!(
                of(words),
                Referenced { arguments: words.iter().map(OsString::from).collect(), secrets: vec![] }
            );
        }
    }
}
