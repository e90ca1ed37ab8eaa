//! A connection, what is prepared on it, and transactions.

use std::{collections::HashMap, sync::Arc, time::Duration};

use postgres::{Client, Config, IsolationLevel, NoTls, Row, Statement, Transaction, config::SslMode, types::ToSql};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    error::{Fault, store_error, unavailable},
    url::{Encryption, PostgresUrl},
};
use crate::error::{StoreError, StoreResult};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that acknowledges nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Waiting for another writer of the repository ends as it does with SQLite. Plans must not depend on whether the tables
/// have been analysed: a table that has just been filled would be read from end to end for each batch, and compiled for it.
const SETTINGS: &str = "SET lock_timeout = '30s'; SET enable_seqscan = off; SET jit = off;
    SET client_min_messages = warning";

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) struct Session {
    client: Client,
    prepared: HashMap<&'static str, Statement>,
    /// Whether the tables for new documents are there.
    pub(super) is_staging: bool,
}

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// One snapshot for all statements.
    Read,
    /// Each statement sees what was committed before it: what it depends on is locked by the one before.
    Write,
}

impl Session {
    pub(super) fn connect(at: &PostgresUrl, password: Option<&str>) -> StoreResult<Self> {
        let mut config = Config::new();
        config
            .user(&at.user)
            .host(&at.host)
            .port(at.port)
            .dbname(&at.database)
            .application_name("gantry")
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(SILENCE)
            .tcp_user_timeout(SILENCE);
        if let Some(password) = password {
            config.password(password);
        }
        let connected = match &at.encryption {
            Encryption::Off => config.ssl_mode(SslMode::Disable).connect(NoTls),
            Encryption::Verified { roots } => config.ssl_mode(SslMode::Require).connect(tls(at, roots.as_deref())?),
        };
        let mut client = connected.map_err(|e| refused(at, &e, password.is_some()))?;
        client.batch_execute(SETTINGS).map_err(|e| store_error(at, &e, None))?;
        Ok(Self { client, prepared: HashMap::new(), is_staging: false })
    }

    pub(super) fn begin(&mut self, access: Access) -> Result<Tx<'_>, postgres::Error> {
        let builder = self.client.build_transaction();
        let tx = match access {
            Access::Read => builder.isolation_level(IsolationLevel::RepeatableRead).read_only(true),
            Access::Write => builder.isolation_level(IsolationLevel::ReadCommitted).read_only(false),
        };
        Ok(Tx { tx: tx.start()?, prepared: &mut self.prepared })
    }

    /// Runs statements without a result, outside of any transaction.
    pub(super) fn run(&mut self, sql: &str) -> Result<(), postgres::Error> {
        self.client.batch_execute(sql)
    }

    /// Asks one thing; a statement is a snapshot by itself.
    pub(super) fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, postgres::Error> {
        let statement = match self.prepared.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.client.prepare(sql)?;
                self.prepared.insert(sql, statement.clone());
                statement
            }
        };
        self.client.query(&statement, params)
    }
}

/// The error of a connection that was not made.
fn refused(at: &PostgresUrl, error: &postgres::Error, has_password: bool) -> StoreError {
    let reason = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    if error.as_db_error().is_some() {
        return store_error(at, error, None);
    }
    // The client says this in words alone.
    if reason.contains("password missing") {
        return StoreError::AuthRejected { path: at.to_string(), reason: "the server asks for a password".to_owned() };
    }
    if reason.contains("does not support TLS") {
        let reason = "the server does not encrypt; with sslmode=disable it is spoken to without".to_owned();
        return StoreError::Rejected { path: at.to_string(), document: None, reason };
    }
    if reason.contains("certificate") {
        let reason = format!("{reason}; sslrootcert=PATH names the certificate that signed the server's");
        return StoreError::Rejected { path: at.to_string(), document: None, reason };
    }
    if has_password && reason.contains("authentication") {
        return StoreError::AuthRejected { path: at.to_string(), reason };
    }
    unavailable(at, reason)
}

fn tls(at: &PostgresUrl, roots: Option<&std::path::Path>) -> StoreResult<MakeRustlsConnect> {
    let unusable = |what: &dyn std::fmt::Display| StoreError::Url { url: at.to_string(), reason: what.to_string() };
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            let name = path.display();
            let certificates = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|e| unusable(&format_args!("sslrootcert {name}: {e}")))?;
            store.add_parsable_certificates(certificates);
            if store.is_empty() {
                return Err(unusable(&format_args!("sslrootcert {name} holds no certificate")));
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if store.is_empty() {
                return Err(unusable(&"the system trusts no certificate; name one with sslrootcert=PATH"));
            }
        }
    }
    // Not the provider of the process: a library cannot know whether there is one.
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(&e))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// A transaction. Dropped without [`Self::commit`], it leaves nothing.
pub(super) struct Tx<'a> {
    tx: Transaction<'a>,
    prepared: &'a mut HashMap<&'static str, Statement>,
}

impl Tx<'_> {
    fn statement(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.tx.prepare(sql)?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Rows that were written or removed.
    pub(super) fn execute(&mut self, sql: &'static str, params: Params<'_>) -> Result<u64, postgres::Error> {
        let statement = self.statement(sql)?;
        self.tx.execute(&statement, params)
    }

    pub(super) fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, postgres::Error> {
        let statement = self.statement(sql)?;
        self.tx.query(&statement, params)
    }

    pub(super) fn query_opt(&mut self, sql: &'static str, params: Params<'_>) -> Result<Option<Row>, postgres::Error> {
        let statement = self.statement(sql)?;
        self.tx.query_opt(&statement, params)
    }

    /// Runs statements without a result.
    pub(super) fn run(&mut self, sql: &str) -> Result<(), postgres::Error> {
        self.tx.batch_execute(sql)
    }

    /// Hands the rows of a query to `visit`, a page at a time, so that neither side holds all of them.
    pub(super) fn walk(
        &mut self,
        sql: &'static str,
        params: Params<'_>,
        visit: &mut dyn FnMut(&Row) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        const PAGE: i32 = 2_000;
        let statement = self.statement(sql)?;
        let portal = self.tx.bind(&statement, params)?;
        loop {
            let rows = self.tx.query_portal(&portal, PAGE)?;
            for row in &rows {
                visit(row)?;
            }
            // A page that is not full is the last one.
            if i32::try_from(rows.len()).unwrap_or(PAGE) < PAGE {
                return Ok(());
            }
        }
    }

    pub(super) fn copy_in(&mut self, sql: &'static str) -> Result<postgres::CopyInWriter<'_>, postgres::Error> {
        self.tx.copy_in(sql)
    }

    pub(super) fn commit(self) -> Result<(), postgres::Error> {
        self.tx.commit()
    }
}
