//! Putting a unit where its manager looks for it, and telling the manager.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{LABEL, Manager, NAME, ServiceError, Unit};

/// Where a person's units lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The home folder.
    pub home: PathBuf,
    /// `XDG_CONFIG_HOME`, else `.config` in the home folder.
    pub config: PathBuf,
}

impl Places {
    /// The file of the unit.
    pub fn unit_file(&self, manager: Manager) -> PathBuf {
        match manager {
            Manager::Systemd => self.config.join("systemd/user").join(format!("{NAME}.service")),
            Manager::Launchd => self.home.join("Library/LaunchAgents").join(format!("{LABEL}.plist")),
        }
    }
}

/// What was done, and what is left to do by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The unit.
    pub file: PathBuf,
    /// Commands that the manager refused or that could not be run, each with its reason.
    pub undone: Vec<(String, String)>,
}

/// Writes the unit and starts the service; an older one of the same name is replaced.
///
/// # Errors
/// When the unit cannot be written. That the manager cannot be reached is told in the answer.
pub fn install(unit: &Unit, manager: Manager, places: &Places) -> Result<Installed, ServiceError> {
    let text = unit.written_for(manager)?;
    let file = places.unit_file(manager);
    let failed =
        |error: std::io::Error| ServiceError::File { path: file.display().to_string(), reason: error.to_string() };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Whole or not at all: a manager may read it at any moment.
    let unfinished = file.with_extension("unfinished");
    fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &file)).map_err(failed)?;
    let service = format!("{NAME}.service");
    let undone = match manager {
        Manager::Systemd => tell(&[
            &["systemctl", "--user", "daemon-reload"],
            &["systemctl", "--user", "enable", &service],
            &["systemctl", "--user", "restart", &service],
        ]),
        Manager::Launchd => {
            let (domain, path) = (domain(), file.display().to_string());
            // Only one that is loaded can be unloaded; that there was none is no failure.
            let _ = tell(&[&["launchctl", "bootout", &format!("{domain}/{LABEL}")]]);
            tell(&[&["launchctl", "bootstrap", &domain, &path]])
        }
    };
    Ok(Installed { file, undone })
}

/// Stops the service and removes its unit. Nothing of what it has remembered is removed.
///
/// # Errors
/// When the unit cannot be removed.
pub fn uninstall(manager: Manager, places: &Places) -> Result<Option<Installed>, ServiceError> {
    let file = places.unit_file(manager);
    if !file.exists() {
        return Ok(None);
    }
    let service = format!("{NAME}.service");
    let mut undone = match manager {
        Manager::Systemd => tell(&[&["systemctl", "--user", "disable", "--now", &service]]),
        Manager::Launchd => tell(&[&["launchctl", "bootout", &format!("{}/{LABEL}", domain())]]),
    };
    remove(&file)?;
    if manager == Manager::Systemd {
        undone.extend(tell(&[&["systemctl", "--user", "daemon-reload"]]));
    }
    Ok(Some(Installed { file, undone }))
}

fn remove(file: &Path) -> Result<(), ServiceError> {
    fs::remove_file(file)
        .map_err(|error| ServiceError::File { path: file.display().to_string(), reason: error.to_string() })
}

fn domain() -> String {
    format!("gui/{}", rustix::process::getuid().as_raw())
}

/// Runs commands until one fails; those that were not done, the first with its reason.
fn tell(commands: &[&[&str]]) -> Vec<(String, String)> {
    let failed = commands.iter().enumerate().find_map(|(place, command)| Some((place, run(command).err()?)));
    let Some((place, reason)) = failed else { return Vec::new() };
    let reasons = std::iter::once(reason).chain(std::iter::repeat_with(|| "not tried after that".to_owned()));
    commands.iter().skip(place).map(|command| command.join(" ")).zip(reasons).collect()
}

fn run(command: &[&str]) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().map_or_else(|| output.status.to_string(), str::to_owned))
}
