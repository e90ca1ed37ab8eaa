//! The agent of launchd. See launchd.plist(5).

use std::fmt::Write;

use super::{LABEL, ServiceError, Unit, plain, plain_path};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
"#;

/// Umask is 077, which a property list can only say in decimal.
const LIMITS: &str = "\
\t<key>RunAtLoad</key>
\t<true/>
\t<key>KeepAlive</key>
\t<true/>
\t<key>ThrottleInterval</key>
\t<integer>10</integer>
\t<key>ExitTimeOut</key>
\t<integer>30</integer>
\t<key>ProcessType</key>
\t<string>Background</string>
\t<key>LowPriorityIO</key>
\t<true/>
\t<key>LowPriorityBackgroundIO</key>
\t<true/>
\t<key>Nice</key>
\t<integer>10</integer>
\t<key>Umask</key>
\t<integer>63</integer>
</dict>
</plist>
";

/// The text of the property list.
pub(super) fn agent(unit: &Unit) -> Result<String, ServiceError> {
    let mut text = String::from(HEAD);
    key_and_string(&mut text, 1, "Label", LABEL);
    text.push_str("\t<key>ProgramArguments</key>\n\t<array>\n");
    string(&mut text, 2, plain_path(&unit.program)?);
    for argument in &unit.arguments {
        string(&mut text, 2, plain(argument)?);
    }
    text.push_str("\t</array>\n");
    if !unit.environment.is_empty() {
        text.push_str("\t<key>EnvironmentVariables</key>\n\t<dict>\n");
        for (name, value) in &unit.environment {
            key_and_string(&mut text, 2, plain(name)?, plain(value)?);
        }
        text.push_str("\t</dict>\n");
    }
    key_and_string(&mut text, 1, "StandardErrorPath", plain_path(&unit.error_file)?);
    text.push_str(LIMITS);
    Ok(text)
}

fn key_and_string(text: &mut String, depth: usize, key: &str, value: &str) {
    element(text, depth, "key", key);
    string(text, depth, value);
}

fn string(text: &mut String, depth: usize, value: &str) {
    element(text, depth, "string", value);
}

fn element(text: &mut String, depth: usize, name: &str, value: &str) {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:\t<depth$}<{name}>{value}</{name}>", "");
}
