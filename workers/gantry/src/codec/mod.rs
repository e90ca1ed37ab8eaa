//! `gantry codec`: the keys of payload encryption, and the endpoint that decrypts for the Temporal UI.

pub(crate) mod arguments;
pub(crate) mod endpoint;
mod json;

use std::{fs, os::unix::fs::PermissionsExt};

use arguments::{CodecCommand, ServeOptions};
use axum::http::HeaderValue;
use contracts::env as names;
use endpoint::{Admission, Endpoint};
use kit::Secret;
use runtime::PayloadEncryption;
use serde_json::json;

use crate::{connect, dev, places::Places, problem::Problem, report};

pub(crate) async fn run(places: &Places, command: &CodecCommand) -> Result<(), Problem> {
    match command {
        CodecCommand::Keygen { id } => keygen(id.as_deref()),
        CodecCommand::Check { json } => check(places, *json),
        CodecCommand::Serve(options) => serve(places, options).await,
    }
}

fn keygen(id: Option<&str>) -> Result<(), Problem> {
    if id.is_some_and(|id| !runtime::is_key_id(id)) {
        return Err(Problem::input(format!("--id: expected {}", runtime::KEY_ID)));
    }
    let key = runtime::generate_key(id).map_err(|e| Problem::filesystem(e.to_string()))?;
    report::data(&key)
}

fn check(places: &Places, as_json: bool) -> Result<(), Problem> {
    let encryption = configured(places)?;
    let (ids, from) = (encryption.key_ids(), encryption.reference().unwrap_or_default().to_owned());
    if let Some(path) = from.strip_prefix("file:")
        && fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
    {
        report::note(&format!("warning: others than its owner may read or write {path}; chmod 600 {path}"));
    }
    let first = ids.first().cloned().unwrap_or_default();
    if as_json {
        return report::data(&json!({ "from": from, "encrypts": first, "decrypts": ids }).to_string());
    }
    let use_of = |id: &String| if *id == first { "encrypts and decrypts" } else { "decrypts" };
    let rows: Vec<_> = ids.iter().map(|id| vec![id.clone(), use_of(id).to_owned()]).collect();
    report::note(&format!("keys of {from}:"));
    report::data(&report::table(&["key id", "use"], &rows))
}

async fn serve(places: &Places, options: &ServeOptions) -> Result<(), Problem> {
    let encryption = configured(places)?;
    let auth = options.auth.as_deref().map(Secret::resolve).transpose();
    let auth = auth.map_err(|failure| Problem::input(format!("--auth: {failure}")))?;
    if !options.listen.ip().is_loopback() && auth.is_none() {
        return Err(Problem::input(format!("whoever reaches {} could read every payload", options.listen))
            .hint("ask for a secret with --auth env:NAME or file:PATH, and put TLS in front of it"));
    }
    let mut origins = Vec::new();
    for url in &options.allow_origin {
        origins.push(origin(url)?);
    }
    if let (true, Some(dev)) = (origins.is_empty(), places.dev_state()) {
        origins = origins_of_ui(&dev.ui_url)?;
    }
    let allowed: Vec<_> = origins.iter().filter_map(|o| o.to_str().ok()).collect();
    let allowed =
        if allowed.is_empty() { "no browser: --allow-origin names a UI".to_owned() } else { allowed.join(" ") };
    let endpoint = Endpoint::start(options.listen, encryption, Admission { origins, auth }).await?;
    report::note(&format!("codec endpoint: http://{}", endpoint.address));
    report::note(&format!("open for the temporal command line, and for {allowed}; Ctrl-C stops it"));
    dev::told_to_stop().await;
    endpoint.stop().await;
    Ok(())
}

fn configured(places: &Places) -> Result<PayloadEncryption, Problem> {
    let encryption = connect::encryption(places)?;
    if encryption.is_on() {
        return Ok(encryption);
    }
    let hint = "gantry codec keygen >> keys; export GANTRY_CODEC_KEYS=file:$PWD/keys";
    Err(Problem::input(format!("{} is not set: payloads are not encrypted", names::CODEC_KEYS)).hint(hint))
}

/// An origin as browsers write it: no path, no port that the scheme has anyway.
fn origin(url: &str) -> Result<HeaderValue, Problem> {
    let wrong = || {
        Problem::input(format!("--allow-origin {url:?}: expected the UI's address, for example http://127.0.0.1:8233"))
    };
    let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let origin = parsed.ok_or_else(wrong)?.origin().ascii_serialization();
    HeaderValue::from_str(&origin).map_err(|_| wrong())
}

/// The origins of a UI on this machine, by whatever name a browser opens it.
pub(crate) fn origins_of_ui(ui_url: &str) -> Result<Vec<HeaderValue>, Problem> {
    Ok(vec![origin(ui_url)?, origin(&ui_url.replacen("127.0.0.1", "localhost", 1))?])
}
