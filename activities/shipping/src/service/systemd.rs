//! The unit of systemd. See systemd.service(5), systemd.exec(5) and, for the quotes, systemd.syntax(7).

use std::fmt::Write;

use super::{ServiceError, Unit, plain, plain_path};

/// What follows the lines that depend on the machine. A user's manager places these limits in a name space of the user; each
/// of them is one that needs no further rights. The memory is several times what the engine needs for the longest lines seen.
const LIMITS: &str = "\
Nice=10
CPUSchedulingPolicy=batch
IOSchedulingClass=idle
MemoryMax=512M
TasksMax=256
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
";

/// The text of the unit.
pub(super) fn unit(unit: &Unit) -> Result<String, ServiceError> {
    let mut text = String::from(
        "[Unit]\n\
         Description=Ships the sessions of coding agents\n\
         StartLimitIntervalSec=0\n\
         \n\
         [Service]\n\
         Type=exec\n",
    );
    let program = plain_path(&unit.program)?;
    if program.contains(['"', '\'', '\\']) {
        // It refuses such names, quoted or not.
        return Err(ServiceError::NotWritable(program.to_owned()));
    }
    // The colon keeps systemd from taking a dollar sign for a variable.
    write_line(&mut text, format_args!("ExecStart=:{}", quoted(program)));
    for argument in &unit.arguments {
        text.pop();
        write_line(&mut text, format_args!(" {}", quoted(plain(argument)?)));
    }
    text.push_str("ExecReload=kill -HUP $MAINPID\n");
    for (name, value) in &unit.environment {
        write_line(&mut text, format_args!("Environment={}", quoted(plain(&format!("{name}={value}"))?)));
    }
    // Wrong arguments (exit code 1) do not become right by another start.
    text.push_str("Restart=on-failure\nRestartPreventExitStatus=1\nRestartSec=10\nTimeoutStopSec=30\n");
    for folder in &unit.writable {
        // The minus lets the service start where the folder is not there yet.
        write_line(&mut text, format_args!("ReadWritePaths={}", quoted(&format!("-{}", plain_path(folder)?))));
    }
    text.push_str(LIMITS);
    Ok(text)
}

fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

/// One word, whatever it holds: quotes around it, backslashes before quotes and backslashes, percent signs twice.
fn quoted(word: &str) -> String {
    let mut text = String::with_capacity(word.len() + 2);
    text.push('"');
    for character in word.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '%' => text.push_str("%%"),
            _ => text.push(character),
        }
    }
    text.push('"');
    text
}
