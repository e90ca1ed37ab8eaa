//! A TLS-terminating HTTP/2 proxy in front of a server that knows neither TLS nor API keys, as a cluster's front does.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::body::Body;
use hyper::{
    Request, Response, Uri,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
};

/// The one name in the certificate of the proxy. It is not the address that clients connect to.
pub const SERVER_NAME: &str = "temporal.test";

/// Certificates, as files: an authority of its own, and what it signed.
#[derive(Debug)]
pub struct Certificates {
    /// The authority's certificate.
    pub authority: PathBuf,
    /// A client's certificate and its key.
    pub client: (PathBuf, PathBuf),
    server: (PathBuf, PathBuf),
}

impl Certificates {
    /// Makes an authority, a server's and a client's certificate in a new folder.
    ///
    /// # Panics
    /// When they cannot be made.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        let path = |name: &str| folder.join(name);
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, format!("authority of {}", folder.display()));
        let key = KeyPair::generate().expect("a key can be made");
        let own = params.self_signed(&key).expect("the authority signs itself");
        fs::write(path("authority.pem"), own.pem()).expect("the certificate can be written");
        let authority = Issuer::new(params, key);
        let signed = |name: &str, purpose: ExtendedKeyUsagePurpose| {
            let mut params = CertificateParams::new(vec![name.to_owned()]).expect("this is a name");
            params.extended_key_usages = vec![purpose];
            let key = KeyPair::generate().expect("a key can be made");
            let certificate = params.signed_by(&key, &authority).expect("the authority signs");
            let files = (path(&format!("{name}.pem")), path(&format!("{name}.key")));
            fs::write(&files.0, certificate.pem()).expect("the certificate can be written");
            fs::write(&files.1, key.serialize_pem()).expect("the key can be written");
            files
        };
        Self {
            authority: path("authority.pem"),
            client: signed("client.test", ExtendedKeyUsagePurpose::ClientAuth),
            server: signed(SERVER_NAME, ExtendedKeyUsagePurpose::ServerAuth),
        }
    }

    fn server_config(&self, client_certificate: bool) -> ServerConfig {
        let chain = vec![CertificateDer::from_pem_file(&self.server.0).expect("the certificate can be read")];
        let key = PrivateKeyDer::from_pem_file(&self.server.1).expect("the key can be read");
        let builder = ServerConfig::builder();
        let builder = if client_certificate {
            let mut roots = RootCertStore::empty();
            let authority = CertificateDer::from_pem_file(&self.authority).expect("the certificate can be read");
            roots.add(authority).expect("the authority is one");
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("the authority can verify");
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let mut config = builder.with_single_cert(chain, key).expect("certificate and key belong together");
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }
}

/// What the proxy asks its clients for.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// A certificate of the same authority.
    pub client_certificate: bool,
    /// `authorization: Bearer <this>`.
    pub api_key: Option<String>,
}

/// The running proxy; it ends with this.
#[derive(Debug)]
pub struct TlsProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    api_key: Mutex<Option<String>>,
    forwarded: AtomicU64,
    refused: AtomicU64,
    upstream_client: Client<HttpConnector, Incoming>,
}

impl TlsProxy {
    /// Starts a proxy in front of `upstream`, `host:port`.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(upstream: &str, certificates: &Certificates, demands: Demands) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("the port is known");
        let acceptor = TlsAcceptor::from(Arc::new(certificates.server_config(demands.client_certificate)));
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            api_key: Mutex::new(demands.api_key),
            forwarded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            upstream_client: Client::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new()),
        });
        let of_connections = shared.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, shared) = (acceptor.clone(), of_connections.clone());
                tokio::spawn(async move {
                    // What a client makes of a failed handshake is the client's to tell.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| {
                        let shared = shared.clone();
                        async move { Ok::<_, std::convert::Infallible>(shared.answer(request).await) }
                    });
                    let http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, shared, server }
    }

    /// `host:port` to connect to.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Requests that went on to the server.
    pub fn forwarded(&self) -> u64 {
        self.shared.forwarded.load(Ordering::Relaxed)
    }

    /// Requests that were turned away for their API key.
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// From now on only this key is let in.
    pub fn demand_api_key(&self, key: &str) {
        *self.shared.api_key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.to_owned());
    }
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
        let demanded = self.api_key.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(key) = demanded {
            let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            if given != Some(format!("Bearer {key}").as_str()) {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return status(16, "Request unauthorized.");
            }
        }
        self.forwarded.fetch_add(1, Ordering::Relaxed);
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        *request.uri_mut() = format!("http://{}{path}", self.upstream).parse::<Uri>().expect("a path makes a URI");
        match self.upstream_client.request(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => status(14, &error.to_string()),
        }
    }
}

/// An answer that is only a gRPC status.
fn status(code: u8, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from(u16::from(code)));
    headers.insert("grpc-message", HeaderValue::from_str(message).expect("the message is a line of text"));
    response
}
