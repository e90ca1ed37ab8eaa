//! moto as a process: a stand-in for S3, and a wire to it that can be cut.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use kit::BlobStore;
use object_store::{
    ClientOptions, ObjectStoreExt, PutPayload,
    aws::{AmazonS3, AmazonS3Builder},
    http::HttpBuilder,
};

/// A server of the test's own, with one bucket.
pub(crate) struct Moto {
    process: Child,
    scheme: &'static str,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

pub(crate) const BUCKET: &str = "gantry-blobs";

impl Moto {
    /// Starts it, with further environment variables. `None` if it was not fetched, which in CI is an error.
    pub(crate) fn start(environment: &[(&str, &str)]) -> Option<Self> {
        Self::start_with(&[], environment)
    }

    /// One that speaks TLS, with a certificate that it signed itself.
    pub(crate) fn start_with_tls() -> Option<Self> {
        Self::start_with(&["--ssl"], &[])
    }

    fn start_with(args: &[&str], environment: &[(&str, &str)]) -> Option<Self> {
        let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/moto");
        if !fetched.join("fetched").is_file() {
            assert!(env::var_os("CI").is_none(), "moto is not there; fetch it with `make ci-setup`");
            eprintln!(
                "SKIPPED: S3 is not tested, since moto is not there; fetch it with scripts/fetch-python-package.sh moto"
            );
            return None;
        }
        let mut process = Command::new("python3")
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .args(args)
            .env("PYTHONPATH", fetched)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut url = None;
        while url.is_none() {
            let line = lines.next().unwrap_or_else(|| panic!("moto ended: {:?}", process.wait())).unwrap();
            url = line.split_once("Running on ").map(|(_, url)| url.to_owned());
        }
        let (scheme, address) = match url.unwrap().split_once("://").unwrap() {
            ("https", address) => ("https", address.to_owned()),
            (_, address) => ("http", address.to_owned()),
        };
        // Somebody has to read what it goes on to say.
        thread::spawn(move || lines.for_each(drop));
        let moto = Self { process, scheme, address };
        // To S3, a bucket is made by putting nothing at its name.
        kit::install_tls_provider();
        let options = ClientOptions::new().with_allow_http(true).with_allow_invalid_certificates(true);
        let http = HttpBuilder::new().with_url(format!("{scheme}://{}", moto.address)).with_client_options(options);
        block_on(http.build().unwrap().put(&BUCKET.into(), PutPayload::new())).unwrap();
        Some(moto)
    }

    /// A blob store in a bucket.
    pub(crate) fn store(&self, bucket: &str) -> BlobStore {
        self.store_with(bucket, &[])
    }

    /// A blob store in a bucket, with further environment variables.
    pub(crate) fn store_with(&self, bucket: &str, environment: &[(&str, &str)]) -> BlobStore {
        store_at(&format!("{}://{}", self.scheme, self.address), bucket, environment)
    }

    /// What S3 holds under the names of blobs, without a blob store around it.
    pub(crate) fn bucket(&self) -> AmazonS3 {
        let s3 = AmazonS3Builder::new().with_bucket_name(BUCKET).with_allow_http(true);
        let s3 = s3.with_endpoint(format!("http://{}", self.address));
        s3.with_access_key_id("key").with_secret_access_key("hunter2").build().unwrap()
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn store_at(endpoint: &str, bucket: &str, environment: &[(&str, &str)]) -> BlobStore {
    let common = [
        ("AWS_ENDPOINT", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ];
    let environment = common.iter().chain(environment).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let url = kit::blob_url(&format!("s3://{bucket}/some%20where")).unwrap();
    BlobStore::open_with(&url, &[], environment).unwrap()
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A wire to a server, which is cut after so many bytes: from then on nobody answers.
pub(crate) struct Wire {
    /// `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    cut: Arc<AtomicBool>,
}

impl Wire {
    pub(crate) fn to(server: &str, bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (server, left) = (server.to_owned(), Arc::new(AtomicUsize::new(bytes)));
        let (cut, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::<TcpStream>::new())));
        let wire = Self { endpoint: format!("http://{address}"), cut: cut.clone() };
        thread::spawn(move || {
            for near in listener.incoming() {
                if cut.load(Ordering::SeqCst) {
                    // The listener goes with this thread: who comes now is refused.
                    return;
                }
                let (near, far) = (near.unwrap(), TcpStream::connect(&server).unwrap());
                open.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)] {
                    let (left, cut, open, address) = (left.clone(), cut.clone(), open.clone(), address.clone());
                    thread::spawn(move || {
                        let mut chunk = [0; 64 * 1024];
                        while let Ok(n @ 1..) = from.read(&mut chunk) {
                            let spent =
                                left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(n));
                            if spent.is_err() && !cut.swap(true, Ordering::SeqCst) {
                                open.lock().unwrap().drain(..).for_each(|end| drop(end.shutdown(Shutdown::Both)));
                                // Wakes the thread that listens.
                                drop(TcpStream::connect(&address));
                            }
                            if spent.is_err() || to.write_all(&chunk[..n]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        wire
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}
