//! What was typed, put over what the person's files and variables say.

use shipping::{
    config::{Config, EncodingChoice, TokenSource},
    redaction::Redactor,
};

use crate::{
    arguments::{Common, Compression, DEFAULT_LEVEL, Sending},
    ending::Ending,
    report, typed_secret,
};

/// The configuration for a command that sends nothing.
///
/// # Errors
/// When a flag, a variable or a file of the person cannot be used.
pub(crate) fn read(common: &Common) -> Result<Config, Ending> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut config = Config::of_settings(&variable)?;
    if let Some(url) = &common.url {
        url.trim_end_matches('/').clone_into(&mut config.url);
    }
    if let Some(token) = &common.token {
        config.token = TokenSource::parse(token);
    }
    if let Some(db) = &common.db {
        config.database.clone_from(db);
    }
    if let Some(workers) = common.workers {
        config.workers = workers.get();
    }
    config.batch_bytes = common.batch_bytes;
    Ok(config)
}

/// The configuration for a command that sends. What a person should know of it is said on stderr.
///
/// # Errors
/// When a flag, a variable or a file of the person cannot be used.
pub(crate) fn read_for_sending(common: &Common, sending: &Sending) -> Result<Config, Ending> {
    let mut config = read(common)?;
    apply(&mut config, sending)?;
    config.warnings().iter().for_each(|text| report::warning(text));
    Ok(config)
}

fn apply(config: &mut Config, sending: &Sending) -> Result<(), Ending> {
    let Sending {
        compression,
        level,
        max_mbps,
        providers,
        exclude_project,
        redact,
        redact_key,
        redact_pattern,
        keep_copies,
    } = sending;
    // What was not typed stays as the variables have it.
    if compression.is_some() || *level != DEFAULT_LEVEL {
        config.encoding = encoding(compression.unwrap_or_default(), *level)?;
    }
    config.max_mbps = max_mbps.or(config.max_mbps);
    if let Some(limit) = max_mbps
        && !(limit.is_finite() && *limit > 0.0)
    {
        return Err(Ending::new(1, format!("--max-mbps {limit}"), "give a number above 0"));
    }
    if !providers.is_empty() {
        config.providers = Some(providers.clone());
    }
    config.excluded_projects.extend(exclude_project.iter().cloned());
    if *redact || !redact_key.is_empty() || !redact_pattern.is_empty() {
        let refused = |error: shipping::redaction::RedactionError| {
            Ending::new(1, error.to_string(), "see the syntax of the crate regex-lite")
        };
        config.redactor = Redactor::new(redact_key, redact_pattern).map_err(refused)?;
    }
    config.keep_copies = *keep_copies;
    Ok(())
}

fn encoding(compression: Compression, level: u8) -> Result<EncodingChoice, Ending> {
    match compression {
        Compression::Gzip if level > 12 => {
            Err(Ending::new(1, format!("--level {level}"), "gzip has the levels 1 to 12, zstd 1 to 19"))
        }
        Compression::Gzip => Ok(EncodingChoice::Gzip(level)),
        Compression::Zstd => Ok(EncodingChoice::Zstd(level)),
        Compression::Auto => Ok(EncodingChoice::Auto { gzip: level.min(12), zstd: level }),
    }
}

/// Whether the token was typed as such; the program was then started anew with it in this variable.
pub(crate) fn is_typed(common: &Common) -> bool {
    common.token.as_deref().and_then(|token| token.strip_prefix("env:")) == Some(typed_secret::VARIABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_format() {
        assert_eq!(encoding(Compression::Gzip, 1).unwrap(), EncodingChoice::Gzip(1));
        assert_eq!(encoding(Compression::Zstd, 19).unwrap(), EncodingChoice::Zstd(19));
        assert_eq!(encoding(Compression::Auto, 15).unwrap(), EncodingChoice::Auto { gzip: 12, zstd: 15 });
        assert_eq!(encoding(Compression::Gzip, 13).unwrap_err().code(), 1);
    }
}
