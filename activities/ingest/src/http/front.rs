//! What happens to a request before it reaches its route: who asks, under which name, in which spelling.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header, uri::PathAndQuery},
};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::{
    agents,
    answer::Problem,
    app::App,
    body::{TimedBody, drain},
    guard::Access,
    routes::{self, AGENTS, Route},
};

/// Who asked, as a number, for the rate limits; an extension of the request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller(pub(super) u64);

/// Answers one request.
pub(super) async fn answer(
    app: Arc<App>,
    router: TowerToHyperService<Router>,
    request: Request<Body>,
) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let path = routes::spelled(parts.uri.path());
    let route = routes::find(&path);
    let of_agents = path.starts_with(AGENTS);
    let label = route.map_or("other", |route| route.path);
    let method = parts.method.clone();
    let checked = app.settings.guard.check(access(&path, route, &method), &headers, &parts.uri);
    let mut response = match checked {
        Err(refusal) => {
            drain(&headers, body).await;
            let refused = refuse(&app, &Problem::Refused(refusal));
            if of_agents { agents::refused(refusal) } else { refused }
        }
        Ok(_) if method == Method::OPTIONS && route.is_some() => options(route, &headers),
        Ok(caller) => {
            if let Some(uri) = respelled(&parts.uri, &path) {
                parts.uri = uri;
            }
            parts.extensions.insert(Caller(caller));
            // The receiver of sessions has a time of its own, and says so in words that shippers know.
            let timed = |body| Body::new(TimedBody::new(body, app.settings.limits.body_idle));
            let body = if of_agents { body } else { timed(body) };
            let served = router.call(Request::from_parts(parts, body));
            match (CatchPanic { inner: Box::pin(served) }).await {
                Some(Ok(response)) => response,
                Some(Err(never)) => match never {},
                None => refuse(&app, &Problem::Internal),
            }
        }
    };
    let class = match response.status().as_u16() {
        100..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    app.metrics.requests.with_label_values(&[label, class]).inc();
    share(&app, &headers, &mut response);
    response
}

/// Counts a problem and answers with it.
pub(super) fn refuse(app: &App, problem: &Problem) -> Response<Body> {
    app.metrics.rejected.with_label_values(&[problem.label()]).inc();
    problem.answer()
}

fn access(path: &str, route: Option<&Route>, method: &Method) -> Access {
    // What other routers serve is read or written by its method.
    let reading = method == Method::GET || method == Method::HEAD;
    match route {
        Some(route) if route.open => Access::Open,
        _ if method == Method::OPTIONS => Access::Open,
        _ if path.starts_with(AGENTS) => Access::Agents { reading },
        _ if reading => Access::Read,
        _ => Access::Write,
    }
}

fn options(route: Option<&Route>, headers: &HeaderMap) -> Response<Body> {
    let allow = route.map_or("", |route| route.allow);
    let mut response = Response::new(Body::from(allow));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    if headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(allow));
        response.headers_mut().insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, content-encoding, idempotency-key, last-event-id"),
        );
    }
    response
}

/// Tells browsers that a page which was named may read the answer.
fn share(app: &App, headers: &HeaderMap, response: &mut Response<Body>) {
    let Some(origin) = headers.get(header::ORIGIN) else { return };
    if origin.to_str().is_ok_and(|origin| app.settings.guard.shares_with(origin)) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    }
}

fn respelled(uri: &Uri, path: &str) -> Option<Uri> {
    if uri.path() == path {
        return None;
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    Some(Uri::from(PathAndQuery::try_from(target).ok()?))
}

/// What no route answers.
pub(super) async fn not_found() -> Response<Body> {
    Problem::NotFound.answer()
}

/// A future whose panic is an answer and not a broken connection.
struct CatchPanic<F> {
    inner: Pin<Box<F>>,
}

impl<F: Future> Future for CatchPanic<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // What broke off is not polled again, and nothing that it held is read by another request.
        match std::panic::catch_unwind(AssertUnwindSafe(|| self.inner.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => {
                tracing::error!("a handler panicked");
                Poll::Ready(None)
            }
        }
    }
}
