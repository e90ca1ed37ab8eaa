//! A token that was typed where a reference belongs. Every user of a machine can see the arguments of its processes, so the
//! program replaces itself by one that has the token in its environment, which only the same user can see.

use std::{convert::Infallible, ffi::OsString, io, os::unix::process::CommandExt, process::Command};

use crate::report;

const FLAG: &str = "--token";
/// What then holds it.
pub(crate) const VARIABLE: &str = "GANTRY_TYPED_TOKEN";

/// The arguments with a reference in place of each typed token, and the last such token.
fn referenced(arguments: &[OsString]) -> (Vec<OsString>, Option<OsString>) {
    let mut typed = None;
    let mut reference = |value: OsString| {
        let bytes = value.as_encoded_bytes();
        if bytes.is_empty() || bytes.starts_with(b"env:") || bytes.starts_with(b"file:") {
            return value;
        }
        typed = Some(value);
        OsString::from(format!("env:{VARIABLE}"))
    };
    let mut after_flag = false;
    let mut after_all = false;
    let words = arguments.iter().map(|word| {
        let is_value = std::mem::take(&mut after_flag);
        let joined = || word.to_str()?.strip_prefix(FLAG)?.strip_prefix('=').map(OsString::from);
        if after_all {
            word.clone()
        } else if is_value && !word.as_encoded_bytes().starts_with(b"--") {
            reference(word.clone())
        } else if let Some(value) = joined() {
            let mut word = OsString::from("--token=");
            word.push(reference(value));
            word
        } else {
            after_flag = word == FLAG;
            after_all = word == "--";
            word.clone()
        }
    });
    let words = words.collect();
    (words, typed)
}

/// Starts the program anew, in the same process, when a token was typed; otherwise does nothing. `program` are its arguments
/// with its own name.
///
/// # Errors
/// When it could not be started.
pub(crate) fn hide(program: &[OsString]) -> io::Result<Option<Infallible>> {
    let Some((name, arguments)) = program.split_first() else { return Ok(None) };
    let (arguments, Some(token)) = referenced(arguments) else { return Ok(None) };
    report::warning(
        "--token was given the token itself, which every user of this machine may have seen in `ps`; give env:NAME or file:PATH",
    );
    Err(Command::new(std::env::current_exe()?).arg0(name).args(arguments).env(VARIABLE, token).exec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> (Vec<OsString>, Option<OsString>) {
        referenced(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_typed_token_becomes_a_reference() {
        let hidden = format!("env:{VARIABLE}");
        let typed = (vec!["ship".into(), "--token".into(), hidden.clone().into(), "a".into()], Some("t0ken".into()));
        assert_eq!(of(&["ship", "--token", "t0ken", "a"]), typed);
        let joined = (vec![format!("--token={hidden}").into(), "ship".into()], Some("t0ken".into()));
        assert_eq!(of(&["--token=t0ken", "ship"]), joined);
    }

    #[test]
    fn references_and_what_is_no_token_stay() {
        for words in [
            &["--token", "env:TOKEN", "--token=file:/run/secret"][..],
            &["--token"],
            &["--token", "--json"],
            &["ship", "--", "--token", "x"],
            &["--url", "t0ken"],
        ] {
            assert_eq!(of(words), (words.iter().map(OsString::from).collect(), None));
        }
    }
}
