//! The codec endpoint: `POST /decode` and `POST /encode` of Temporal's codec server protocol, for the UI and the `temporal`
//! command line. It keeps nothing and logs nothing.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension, Json, Router,
    extract::{DefaultBodyLimit, Request, State, rejection::JsonRejection},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN},
        uri::Authority,
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use kit::Secret;
use runtime::{CodecError, PayloadEncryption};
use sha2::{Digest, Sha256};
use temporalio_common::protos::temporal::api::common::v1::Payload;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tower_http::cors::CorsLayer;

use super::json::{PayloadJson, PayloadsJson};
use crate::problem::Problem;

/// A page of a history with its payloads, several times over.
const LARGEST_BODY: usize = 32 << 20;

/// Who may ask.
#[derive(Debug, Clone, Default)]
pub(crate) struct Admission {
    /// The origins of UIs, `http://host:port`.
    pub(crate) origins: Vec<HeaderValue>,
    /// The secret that has to be sent along.
    pub(crate) auth: Option<Secret>,
}

/// A running endpoint.
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Endpoint {
    /// Listens, and answers from now on.
    pub(crate) async fn start(
        listen: SocketAddr,
        encryption: PayloadEncryption,
        admission: Admission,
    ) -> Result<Self, Problem> {
        let failed = |e: &std::io::Error| {
            Problem::network(format!("the codec endpoint cannot listen on {listen}: {e}"))
                .hint("gantry codec serve --listen HOST:PORT chooses another address")
        };
        let listener = TcpListener::bind(listen).await.map_err(|e| failed(&e))?;
        let address = listener.local_addr().map_err(|e| failed(&e))?;
        let (stop, stopped) = oneshot::channel();
        let app = router(encryption, admission, address);
        let server = tokio::spawn(async move {
            let serving = axum::serve(listener, app).with_graceful_shutdown(async {
                // Told to, or dropped.
                let _ = stopped.await;
            });
            // Nothing is left to be done for a server that ended.
            let _ = serving.await;
        });
        Ok(Self { address, stop, server })
    }

    /// Answers what was asked already, then ends.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.server.await;
    }
}

fn router(encryption: PayloadEncryption, admission: Admission, address: SocketAddr) -> Router {
    // Browsers of a UI elsewhere ask whether they may come to the loopback, and may send cookies along if told to.
    let cors = CorsLayer::new()
        .allow_origin(admission.origins.clone())
        .allow_methods([Method::POST])
        .allow_headers([CONTENT_TYPE, AUTHORIZATION, HeaderName::from_static("x-namespace")])
        .allow_credentials(true)
        .allow_private_network(true);
    let admit = middleware::from_fn_with_state(Arc::new((admission, address)), admit);
    Router::new()
        .route("/decode", post(convert))
        .route("/{namespace}/decode", post(convert))
        .layer(Extension(Direction::Decode))
        .merge(
            Router::new()
                .route("/encode", post(convert))
                .route("/{namespace}/encode", post(convert))
                .layer(Extension(Direction::Encode)),
        )
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "served here: POST /decode and /encode") })
        .with_state(encryption)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(admit)
        .layer(cors)
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Decode,
    Encode,
}

async fn convert(
    State(encryption): State<PayloadEncryption>,
    Extension(direction): Extension<Direction>,
    body: Result<Json<PayloadsJson>, JsonRejection>,
) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        // Its text tells the place of a mistake, and nothing of a payload.
        Err(rejection) => return refuse(rejection.status(), &shown(&rejection)),
    };
    let mut payloads = Vec::with_capacity(body.payloads.len());
    for (number, payload) in (1..).zip(body.payloads) {
        let payload = match payload.read() {
            Ok(payload) => payload,
            Err(wrong) => return refuse(StatusCode::BAD_REQUEST, &format!("payload {number}: {wrong}")),
        };
        match direction.of(&encryption, payload) {
            Ok(payload) => payloads.push(PayloadJson::from(payload)),
            Err(error) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &format!("payload {number}: {error}")),
        }
    }
    Json(PayloadsJson { payloads }).into_response()
}

impl Direction {
    fn of(self, encryption: &PayloadEncryption, payload: Payload) -> Result<Payload, CodecError> {
        match self {
            Self::Decode => encryption.decode(payload),
            Self::Encode => encryption.encode(payload),
        }
    }
}

/// What is wrong with a body, without the value that serde would quote.
fn shown(rejection: &JsonRejection) -> String {
    match rejection {
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            "expected {\"payloads\":[{\"metadata\":{KEY:BASE64},\"data\":BASE64}]}".to_owned()
        }
        other => other.body_text(),
    }
}

/// Lets in who may ask. Without a secret to tell them apart, a page of any website can send requests to the loopback, and
/// can get itself a name there.
async fn admit(State(rules): State<Arc<(Admission, SocketAddr)>>, request: Request, next: Next) -> Response {
    let (admission, address) = &*rules;
    let headers = request.headers();
    if address.ip().is_loopback() && admission.auth.is_none() && !asks_loopback(headers, request.uri()) {
        return refuse(StatusCode::FORBIDDEN, "this endpoint is asked as localhost only");
    }
    if headers.get(ORIGIN).is_some_and(|origin| !admission.origins.contains(origin)) {
        return refuse(
            StatusCode::FORBIDDEN,
            "this origin is not allowed; gantry codec serve --allow-origin URL allows it",
        );
    }
    if admission.auth.as_ref().is_some_and(|secret| !shows(headers, secret)) {
        return refuse(StatusCode::UNAUTHORIZED, "the header authorization does not hold what --auth asks for");
    }
    next.run(request).await
}

fn asks_loopback(headers: &HeaderMap, uri: &Uri) -> bool {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    named.as_ref().or(uri.authority()).is_some_and(|authority| {
        let host = authority.host().trim_matches(['[', ']']);
        host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// With or without `Bearer`. Digests are compared, so that the time tells nothing.
fn shows(headers: &HeaderMap, secret: &Secret) -> bool {
    let Some(given) = headers.get(AUTHORIZATION) else { return false };
    let given = given.as_bytes();
    let token = given.strip_prefix(b"Bearer ").unwrap_or(given);
    Sha256::digest(token) == Sha256::digest(secret.expose())
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(serde_json::json!({ "message": why }))).into_response()
}

#[cfg(test)]
mod tests {
    use reqwest::{Method, RequestBuilder};
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const UI: &str = "http://127.0.0.1:8233";

    struct Asked {
        endpoint: Endpoint,
        http: reqwest::Client,
    }

    impl Asked {
        async fn new(auth: Option<Secret>) -> Self {
            kit::install_tls_provider();
            let keys = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(keys.path(), KEY).unwrap();
            let encryption = PayloadEncryption::new(Some(&format!("file:{}", keys.path().display()))).unwrap();
            let admission = Admission { origins: vec![HeaderValue::from_static(UI)], auth };
            let endpoint = Endpoint::start(SocketAddr::from(([127, 0, 0, 1], 0)), encryption, admission).await.unwrap();
            Self { endpoint, http: reqwest::Client::new() }
        }

        fn request(&self, method: Method, path: &str) -> RequestBuilder {
            self.http.request(method, format!("http://{}{path}", self.endpoint.address))
        }

        async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
            answer(self.request(Method::POST, path).json(body)).await
        }
    }

    async fn answer(request: RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    fn plain() -> Value {
        json!({ "payloads": [
            { "metadata": { "encoding": "anNvbi9wbGFpbg==" }, "data": "IndvcmxkcyI=" },
            { "metadata": { "encoding": "YmluYXJ5L251bGw=" }, "data": "" },
            { "metadata": {}, "data": "", "externalPayloads": [{ "sizeBytes": "3000000000" }] },
        ] })
    }

    #[tokio::test]
    async fn what_is_encoded_is_decoded_for_every_namespace() {
        let asked = Asked::new(None).await;
        for (encode, decode) in [("/encode", "/decode"), ("/default/encode", "/team.a/decode")] {
            let (status, sealed) = asked.post(encode, &plain()).await;
            assert_eq!(status, 200);
            let kinds = sealed["payloads"].as_array().unwrap().iter().map(|p| p["metadata"]["encoding"].as_str());
            assert!(kinds.eq([Some("YmluYXJ5L2VuY3J5cHRlZA=="); 3]), "{sealed}");
            assert_eq!(asked.post(decode, &sealed).await, (200, plain()));
        }
        assert_eq!(asked.post("/decode", &plain()).await, (200, plain()), "what is not encrypted stays as it is");
        let (status, empty) = asked.post("/decode", &json!({})).await;
        assert_eq!((status, &empty["payloads"]), (200, &json!([])));
    }

    #[tokio::test]
    async fn a_mistake_is_answered_with_what_is_wrong_and_without_what_was_sent() {
        let asked = Asked::new(None).await;
        let of = |data: &str, id: &str| {
            json!({ "payloads": [{ "metadata": { "encoding": "YmluYXJ5L2VuY3J5cHRlZA==", "encryption-key-id": id },
                "data": data }] })
        };
        let cases = [
            (asked.post("/decode", &of("c2VjcmV0", "azE=")).await, 422, "payload 1"),
            (asked.post("/decode", &of("c2VjcmV0", "azI=")).await, 422, "the key k2"),
            (asked.post("/decode", &of("c2VjcmV0!", "azE=")).await, 400, "its data is not base64"),
            (asked.post("/decode", &json!({ "payloads": "c2VjcmV0" })).await, 422, "expected {"),
            (answer(asked.request(Method::POST, "/decode").body("c2VjcmV0")).await, 415, "application/json"),
            (
                answer(
                    asked.request(Method::POST, "/decode").header(CONTENT_TYPE, "application/json").body("c2VjcmV0"),
                )
                .await,
                400,
                "expected {",
            ),
            (asked.post("/nowhere", &plain()).await, 404, "POST /decode"),
            (asked.post("/decode", &json!({ "x": "c2VjcmV0".repeat(LARGEST_BODY / 8) })).await, 413, ""),
        ];
        for ((status, body), expected, word) in cases {
            let text = body.to_string();
            assert!(status == expected && text.contains(word) && !text.contains("c2VjcmV0"), "{status} {text}");
        }
        assert_eq!(answer(asked.request(Method::GET, "/decode")).await.0, 405);
    }

    #[tokio::test]
    async fn only_the_uis_origin_is_let_in_and_may_read_the_answer() {
        let asked = Asked::new(None).await;
        let preflight = |origin: &'static str| {
            let request = asked.request(Method::OPTIONS, "/decode").header(ORIGIN, origin);
            request
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type,x-namespace,authorization")
        };
        let of = async |request: RequestBuilder| {
            let answer = request.send().await.unwrap();
            let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_lowercase());
            (answer.status().as_u16(), header("access-control-allow-origin"), header("access-control-allow-headers"))
        };
        let (status, origin, headers) = of(preflight(UI)).await;
        assert_eq!((status, origin.as_deref()), (200, Some(UI)));
        let headers = headers.unwrap();
        for header in ["content-type", "x-namespace", "authorization"] {
            assert!(headers.contains(header), "{headers}");
        }
        assert_eq!(of(preflight("https://evil.example")).await.1, None);

        let from = |origin: &'static str| asked.request(Method::POST, "/decode").header(ORIGIN, origin).json(&plain());
        let (status, origin, _) = of(from(UI)).await;
        assert_eq!((status, origin.as_deref()), (200, Some(UI)));
        let (status, origin, _) = of(from("https://evil.example")).await;
        assert_eq!((status, origin), (403, None));
        let rebound = asked.request(Method::POST, "/decode").header(HOST, "evil.example:8234").json(&plain());
        assert_eq!(of(rebound).await.0, 403);
        let localhost = asked.request(Method::POST, "/decode").header(HOST, "localhost:8234").json(&plain());
        assert_eq!(of(localhost).await.0, 200);
    }

    #[tokio::test]
    async fn a_secret_is_asked_for_except_from_preflights() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "t0ken\n").unwrap();
        let secret = Secret::resolve(&format!("file:{}", file.path().display())).unwrap();
        let asked = Asked::new(Some(secret)).await;
        let with =
            |value: &'static str| asked.request(Method::POST, "/decode").header(AUTHORIZATION, value).json(&plain());
        for (value, expected) in [("Bearer t0ken", 200), ("t0ken", 200), ("Bearer other", 401), ("", 401)] {
            let (status, body) = answer(with(value)).await;
            assert!(status == expected && !body.to_string().contains("t0ken"), "{value}: {status} {body}");
        }
        assert_eq!(asked.post("/decode", &plain()).await.0, 401);
        let preflight = asked.request(Method::OPTIONS, "/decode").header(ORIGIN, UI);
        assert_eq!(answer(preflight.header("access-control-request-method", "POST")).await.0, 200);
    }

    #[tokio::test]
    async fn it_ends_when_it_is_told_to() {
        let asked = Asked::new(None).await;
        let address = asked.endpoint.address;
        assert_eq!(asked.post("/decode", &plain()).await.0, 200);
        asked.endpoint.stop().await;
        assert!(TcpListener::bind(address).await.is_ok());
    }
}
