//! `gantry queue rate-limit`.

use serde_json::json;

use crate::{
    problem::Problem,
    queue::{
        limit::{self, LimitChange},
        names::Kind,
        pause::{check_can_be_limited, check_reason},
        pause_note::PauseNote,
        server::Server,
        survey,
        view::View,
    },
    report,
};

/// What is asked for.
pub(crate) struct Request<'a> {
    pub(crate) queue: &'a str,
    pub(crate) limit: Option<LimitChange>,
    pub(crate) fairness_key_default: Option<LimitChange>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) json: bool,
}

/// Sets the limits that are asked for, and tells what they are.
pub(crate) async fn run(server: &Server, request: Request<'_>) -> Result<(), Problem> {
    check_reason(request.reason)?;
    let changes = request.limit.is_some() || request.fairness_key_default.is_some();
    let mut view = survey::one(server, request.queue).await?;
    if changes {
        check_can_be_limited(&view)?;
        change(server, &view, &request).await?;
        view.dispatch = server.describe(request.queue, Kind::Activity).await?;
    }
    show(&view, request.json)
}

async fn change(server: &Server, view: &View, request: &Request<'_>) -> Result<(), Problem> {
    let dispatch = &view.dispatch;
    let reason = request.reason.unwrap_or_default().to_owned();
    match (request.limit, dispatch.pause()) {
        (Some(limit), None) => server.set_limit(request.queue, limit.limit(), reason.clone()).await?,
        (Some(limit), Some(note)) => {
            // A limit would end the pause; it waits for its end instead.
            let since = note.since.or_else(|| dispatch.limit.at.as_ref().map(|at| at.text.clone()));
            let note = PauseNote { previous: limit.limit(), since, ..note };
            server.set_limit(request.queue, Some(0.0), note.to_text()).await?;
        }
        (None, _) => {}
    }
    match request.fairness_key_default {
        Some(limit) => server.set_fairness_limit(request.queue, limit.limit(), reason).await,
        None => Ok(()),
    }
}

fn show(view: &View, as_json: bool) -> Result<(), Problem> {
    let dispatch = &view.dispatch;
    let pause = dispatch.pause();
    if as_json {
        return report::data(
            &json!({
                "queue": dispatch.queue,
                "rateLimit": dispatch.limit.limit.map(limit::number),
                "paused": pause.is_some(),
                "previousRateLimit": pause.as_ref().and_then(|note| note.previous).map(limit::number),
                "fairnessKeyRateLimit": dispatch.fairness_limit.map(limit::number),
                "effectiveRateLimit": dispatch.effective.map(|(limit, _)| limit::number(limit)),
                "effectiveRateLimitSource": dispatch.effective.map(|(_, source)| source),
            })
            .to_string(),
        );
    }
    let mut text = match &pause {
        Some(note) => format!("{}: paused, then {}", dispatch.queue, limit::text(note.previous)),
        None => format!("{}: {}", dispatch.queue, limit::text(dispatch.limit.limit)),
    };
    if let (None, Some((limit, source))) = (dispatch.limit.limit, dispatch.effective) {
        text +=
            &format!(" ({} allows {limit}/s)", if source == "worker" { "its workers' setting" } else { "the server" });
    }
    if let Some(limit) = dispatch.fairness_limit {
        text += &format!(", {limit}/s for each fairness key");
    }
    report::data(&text)
}
