//! Empty stores to write into.

use std::{
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use graph_store::{GraphUrl, OpenOptions, PostgresOptions, PostgresUrl};
use postgres::{Client, Config, NoTls};

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// An empty store, gone when this is dropped.
pub(crate) struct Place {
    url: GraphUrl,
    folder: Option<tempfile::TempDir>,
    server: Option<PostgresUrl>,
    process: Option<Child>,
}

impl Place {
    /// None when there is no such store here.
    pub(crate) fn of(kind: Kind) -> Result<Option<Self>, Box<dyn Error>> {
        if kind == Kind::Sqlite {
            let folder = tempfile::tempdir()?;
            let url = GraphUrl::Sqlite(folder.path().join("graph.db"));
            return Ok(Some(Self { url, folder: Some(folder), server: None, process: None }));
        }
        let (url, process) = match env::var("GANTRY_TEST_POSTGRES_URL") {
            Ok(url) => (url, None),
            Err(_) => {
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres-server.sh");
                let mut process = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
                let mut line = String::new();
                BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
                if line.is_empty() {
                    return Ok(None);
                }
                (line.trim().to_owned(), Some(process))
            }
        };
        let GraphUrl::Postgres(server) = url.parse()? else { return Err("that is no PostgreSQL".into()) };
        let database = format!("gantry_bench_{}", std::process::id());
        connect(&server)?.batch_execute(&format!("CREATE DATABASE {database} ENCODING 'UTF8' TEMPLATE template0"))?;
        let url = GraphUrl::Postgres(PostgresUrl { database, ..server.clone() });
        Ok(Some(Self { url, folder: None, server: Some(server), process }))
    }

    pub(crate) fn url(&self) -> &GraphUrl {
        &self.url
    }

    /// What it takes on the disk.
    pub(crate) fn bytes(&self) -> Result<u64, Box<dyn Error>> {
        match &self.url {
            GraphUrl::Postgres(url) => {
                let size: i64 =
                    connect(url)?.query_one("SELECT pg_database_size(current_database())", &[])?.try_get(0)?;
                Ok(u64::try_from(size)?)
            }
            _ => {
                let folder = self.folder.as_ref().ok_or("no folder")?;
                fs::read_dir(folder.path())?.map(|entry| Ok(entry?.metadata()?.len())).sum()
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let (Some(server), GraphUrl::Postgres(url)) = (&self.server, &self.url)
            && let Ok(mut client) = connect(server)
        {
            let _ = client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", url.database));
        }
        if let Some(process) = &mut self.process {
            drop(process.stdin.take());
            let _ = process.wait();
        }
    }
}

fn connect(url: &PostgresUrl) -> Result<Client, postgres::Error> {
    let mut config = Config::new();
    config.user(&url.user).host(&url.host).port(url.port).dbname(&url.database);
    if let Some(password) = password() {
        config.password(password);
    }
    config.connect(NoTls)
}

/// Of the user of `GANTRY_TEST_POSTGRES_URL`.
fn password() -> Option<String> {
    env::var("GANTRY_TEST_POSTGRES_PASSWORD").ok()
}

/// What opens a store there.
pub(crate) fn options() -> OpenOptions {
    let postgres = password().map(|p| PostgresOptions::with_password(&p)).unwrap_or_default();
    OpenOptions { postgres, ..OpenOptions::default() }
}
