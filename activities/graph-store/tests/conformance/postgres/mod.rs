//! What only PostgreSQL owes.

mod faults;
mod refusals;
mod relay;
mod server;

use std::fmt::Write as _;

use graph_store::{GraphStore, PostgresGraph};

use self::server::Database;
pub(crate) use self::server::options;
use crate::Home;

pub(crate) struct PostgresHome {
    database: Database,
}

impl PostgresHome {
    fn store(&self) -> PostgresGraph {
        PostgresGraph::open(&self.database.url, options().postgres).unwrap()
    }
}

impl Home for PostgresHome {
    fn new() -> Self {
        Self { database: Database::on(server::shared().unwrap()) }
    }

    fn open(&self) -> Box<dyn GraphStore> {
        Box::new(self.store())
    }

    fn url(&self) -> String {
        self.database.url.to_string()
    }

    fn is_there() -> bool {
        server::shared().is_some()
    }

    /// Every row with the transaction that wrote it.
    fn state(&self) -> Vec<u8> {
        let mut client = self.database.connect();
        let mut state = String::new();
        for table in ["schema_version", "repository", "file", "file_facts", "entity", "edge"] {
            for row in
                client.query(&format!("SELECT t.xmin::text, t::text FROM gantry.{table} t ORDER BY 2"), &[]).unwrap()
            {
                writeln!(state, "{} {}", row.get::<_, String>(0), row.get::<_, String>(1)).unwrap();
            }
        }
        state.into_bytes()
    }
}
