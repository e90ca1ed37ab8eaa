//! The service of events: whether it answers, and whether it is ready to take some.

use std::time::Duration;

use contracts::env as names;
use serde_json::Value;

use super::check::{Check, within};
use crate::places::Places;

const NAME: &str = "service of events";
const ANSWER: Duration = Duration::from_secs(5);
const USUAL_PORT: u16 = 3142;

pub(super) async fn checks(places: &Places) -> Vec<Check> {
    vec![within(NAME, look(places)).await]
}

/// Where it is, and whether it must be there: that of a running `gantry dev`, else as it is set up for this machine.
fn address(places: &Places) -> (String, bool) {
    match places.dev_state().and_then(|dev| dev.events) {
        Some(events) => (events.url, true),
        None => (url(places.raw.get(names::INGEST_HOST), places.raw.get(names::INGEST_PORT)), false),
    }
}

fn url(host: Option<&str>, port: Option<&str>) -> String {
    let port = port.and_then(|port| port.trim().parse().ok()).unwrap_or(USUAL_PORT);
    // One that listens everywhere is asked here.
    match host.map(str::trim) {
        None | Some("" | "0.0.0.0" | "::" | "localhost") => format!("http://127.0.0.1:{port}"),
        Some(v6) if v6.contains(':') && !v6.starts_with('[') => format!("http://[{v6}]:{port}"),
        Some(host) => format!("http://{host}:{port}"),
    }
}

async fn look(places: &Places) -> Check {
    let (url, must) = address(places);
    let http = match reqwest::Client::builder().no_proxy().timeout(ANSWER).build() {
        Ok(http) => http,
        Err(error) => return Check::failed(NAME, error.to_string(), "this is a defect of gantry"),
    };
    match http.get(format!("{url}/ready")).send().await {
        Ok(answer) if answer.status().is_success() => Check::ok(NAME, format!("{url}, {}", size(&http, &url).await)),
        Ok(answer) => {
            let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
            let hint = "its log says more; it takes no events until then";
            Check::failed(NAME, format!("{url} is not ready, {status}: {}", text.trim()), hint)
        }
        Err(error) if error.is_connect() && !must => {
            Check::ok(NAME, format!("nobody listens at {url}; gantry-ingest serves there where it runs"))
        }
        Err(error) => {
            Check::failed(NAME, format!("{url} does not answer: {error}"), "see logs/ingest.log of gantry dev")
        }
    }
}

/// How much it keeps, as far as it tells.
async fn size(http: &reqwest::Client, url: &str) -> String {
    let health = async {
        let bytes = http.get(format!("{url}/api/health")).send().await.ok()?.bytes().await.ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()?.get("db_size_bytes")?.as_u64()
    };
    match health.await {
        Some(bytes) => format!("{:.1} MB of events", crate::report::megabytes(bytes)),
        None => "ready".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_everywhere_is_asked_on_this_machine() {
        assert_eq!(url(None, None), "http://127.0.0.1:3142");
        assert_eq!(url(Some("0.0.0.0"), Some("8000")), "http://127.0.0.1:8000");
        assert_eq!(url(Some("::1"), None), "http://[::1]:3142");
        assert_eq!(url(Some("10.0.0.7"), Some("x")), "http://10.0.0.7:3142");
    }
}
