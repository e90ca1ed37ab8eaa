//! `install-service`: `connect` at each login.

use std::path::{Path, PathBuf};

use shipping::{
    config::{Config, TokenSource},
    service::{Installed, Manager, Places, ServiceError, Unit, install, uninstall},
};

use crate::{
    arguments::{Common, Compression, ManagerName, Sending, ServiceOptions},
    configuration,
    ending::Ending,
    report,
};

/// Prints, installs or removes the unit.
pub(crate) fn run(common: &Common, options: &ServiceOptions) -> Result<(), Ending> {
    let config = configuration::read_for_sending(common, &options.sending)?;
    let manager = match options.print.flatten() {
        Some(ManagerName::Systemd) => Manager::Systemd,
        Some(ManagerName::Launchd) => Manager::Launchd,
        None => Manager::of_platform(),
    };
    if options.uninstall {
        return match uninstall(manager, &places()?)? {
            Some(done) => tell(&done, "removed", common.json),
            None => report::line("there is no such service"),
        };
    }
    let unit = unit(common, options, &config)?;
    if let (TokenSource::Variable(name), None) = (&config.token, &common.token) {
        report::warning(&format!(
            "the token is in the variable {name}, which a service does not see; write it into a file that only you can \
             read, and give --token file:PATH"
        ));
    }
    if options.print.is_some() {
        return report::line(unit.written_for(manager)?.trim_end());
    }
    tell(&install(&unit, manager, &places()?)?, "installed", common.json)
}

fn unit(common: &Common, options: &ServiceOptions, config: &Config) -> Result<Unit, Ending> {
    let program = std::env::current_exe()
        .map_err(|error| Ending::new(4, format!("where this program lies: {error}"), "start it by its full path"))?;
    let log_file = match &options.log_file {
        Some(path) => whole(path)?,
        None => config.homes.claude.join("gantry-shipping.log"),
    };
    let mut arguments = vec!["connect".to_owned(), "--log-file".to_owned(), text(&log_file)?];
    arguments.extend(typed(common, &options.sending)?);
    let set = |name: &str| Some((name.to_owned(), std::env::var(name).ok().filter(|value| !value.is_empty())?));
    let environment = ["CLAUDE_CONFIG_DIR", "CODEX_HOME"].into_iter().filter_map(set).collect();
    let mut writable = vec![config.homes.claude.clone()];
    for file in [&whole(&config.database)?, &log_file] {
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        if !writable.iter().any(|known| folder.starts_with(known)) {
            writable.push(folder);
        }
    }
    Ok(Unit { program, arguments, environment, writable, error_file: log_file.with_extension("err") })
}

/// The flags that were typed, for the service to be started with. A token is passed by reference to a file or not at all.
fn typed(common: &Common, sending: &Sending) -> Result<Vec<String>, Ending> {
    let mut words = Vec::new();
    let mut flag = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value]);
        }
    };
    let Common { url, token, db, workers, batch_bytes, log_level: _, json: _ } = common;
    flag("--url", url.clone());
    if let Some(token) = token {
        let Some(path) = token.strip_prefix("file:") else {
            let what = if configuration::is_typed(common) { "the token itself" } else { "a variable" };
            return Err(Ending::new(
                1,
                format!(
                    "a service cannot be given {what}: its unit is a file that others may read, and it starts without your variables"
                ),
                "write the token into a file that only you can read, and give --token file:PATH",
            ));
        };
        flag("--token", Some(format!("file:{}", text(&whole(Path::new(path))?)?)));
    }
    flag("--db", db.as_deref().map(whole).transpose()?.as_deref().map(text).transpose()?);
    flag("--workers", workers.map(|number| number.to_string()));
    flag("--batch-bytes", (*batch_bytes != shipping::config::BATCH_BYTES).then(|| batch_bytes.to_string()));
    let compression = match sending.compression.unwrap_or_default() {
        Compression::Gzip => None,
        Compression::Zstd => Some("zstd".to_owned()),
        Compression::Auto => Some("auto".to_owned()),
    };
    flag("--compression", compression);
    flag("--level", (sending.level != 1).then(|| sending.level.to_string()));
    flag("--max-mbps", sending.max_mbps.map(|limit| limit.to_string()));
    flag("--providers", (!sending.providers.is_empty()).then(|| sending.providers.join(",")));
    for (name, values) in [
        ("--exclude-project", &sending.exclude_project),
        ("--redact-key", &sending.redact_key),
        ("--redact-pattern", &sending.redact_pattern),
    ] {
        values.iter().for_each(|value| flag(name, Some(value.clone())));
    }
    let switches = [(sending.redact, "--redact"), (sending.keep_copies, "--keep-copies")];
    words.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned()));
    Ok(words)
}

fn places() -> Result<Places, Ending> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = folder("HOME").ok_or_else(|| Ending::new(1, "HOME is not set", "set it to your home folder"))?;
    let config = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    Ok(Places { home, config })
}

fn whole(path: &Path) -> Result<PathBuf, Ending> {
    std::path::absolute(path)
        .map_err(|error| Ending::new(4, format!("{}: {error}", path.display()), "give an absolute path"))
}

fn text(path: &Path) -> Result<String, Ending> {
    let no_text = || Ending::new(1, format!("{} is no UTF-8", path.display()), "give a path that a unit can hold");
    path.to_str().map(str::to_owned).ok_or_else(no_text)
}

impl From<ServiceError> for Ending {
    fn from(error: ServiceError) -> Self {
        let (code, hint) = match &error {
            ServiceError::NotWritable(_) => (1, "rename it, or write a unit by hand"),
            ServiceError::File { .. } => (4, "see whether the folder may be written"),
        };
        Self::new(code, error.to_string(), hint)
    }
}

fn tell(done: &Installed, what: &str, json: bool) -> Result<(), Ending> {
    let Installed { file, undone } = done;
    for (command, reason) in undone {
        report::warning(&format!("not done, do it yourself: {command} ({reason})"));
    }
    if !json {
        return report::line(&format!("{what}: {}", file.display()));
    }
    let undone: Vec<_> = undone.iter().map(|(command, _)| command).collect();
    report::object(&serde_json::json!({ "file": file.display().to_string(), "undone": undone }))
}
