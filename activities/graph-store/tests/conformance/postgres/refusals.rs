//! What a server refuses, and what is refused of a server; text that PostgreSQL has trouble with.

use graph_store::{
    Direction, EdgeKind, Find, GraphStore, GraphUrl, Matching, OpenOptions, PostgresGraph, PostgresOptions,
    PostgresUrl, StoreError,
};

use super::{
    PostgresHome,
    server::{Database, Server, connect, options, shared},
};
use crate::{
    Home,
    fixtures::{edge, export, file, links, repository, run},
    sqlite::SqliteHome,
};

fn refused(url: &PostgresUrl, options: PostgresOptions) -> StoreError {
    PostgresGraph::open(url, options).err().unwrap()
}

fn none() -> PostgresOptions {
    PostgresOptions::default()
}

#[test]
fn a_document_that_the_server_refuses_is_named_and_nothing_is_written() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let mut store = home.store();
    let first = run(&mut store);
    let names: Vec<String> = (0..60).map(|n| format!("f{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let graph = file("a.ts", "1", &names);
    store.replace_files(&first, &[file("a.ts", "0", &["f0"])]).unwrap();
    let before = home.state();
    for (table, id) in [("entity", graph.entities[37].id()), ("edge", format!("calls/{}", graph.edges[60].key))] {
        let (_, key) = id.split_once('/').unwrap();
        let check = format!("ALTER TABLE gantry.{table} ADD CONSTRAINT dislike CHECK (key <> '{key}')");
        home.database.connect().batch_execute(&check).unwrap();
        let refused = store.replace_files(&first, std::slice::from_ref(&graph)).unwrap_err();
        assert!(
            matches!(&refused, StoreError::Rejected { document: Some(document), .. } if *document == id),
            "{refused}"
        );
        assert!(refused.to_string().contains(&id) && refused.to_string().contains("dislike"), "{refused}");
        let undo = format!("ALTER TABLE gantry.{table} DROP CONSTRAINT dislike");
        home.database.connect().batch_execute(&undo).unwrap();
        assert_eq!(home.state(), before);
    }
    // While it is copied, too.
    let mut nul = graph.clone();
    nul.entities[21].language = Some("a\0b".into());
    let id = nul.entities[21].id();
    let refused = store.replace_files(&first, &[nul]).unwrap_err();
    assert!(matches!(&refused, StoreError::Rejected { document: Some(document), .. } if *document == id), "{refused}");
    assert_eq!(home.state(), before);
    let missing = store.link_files(&first, &[links("none.ts", "1", Vec::new())], &[]).unwrap_err();
    assert!(matches!(&missing, StoreError::Rejected { document: Some(path), .. } if path == "none.ts"), "{missing}");
    store.replace_files(&first, &[graph]).unwrap();
}

#[test]
fn other_peoples_schemas_newer_ones_and_unfit_databases_are_refused_and_left_alone() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let url = &home.database.url;
    home.database.connect().batch_execute("CREATE SCHEMA gantry CREATE TABLE mine (x int)").unwrap();
    let foreign = refused(url, options().postgres);
    assert!(matches!(foreign, StoreError::NotAGraph { .. }), "{foreign}");
    home.database.connect().batch_execute("DROP SCHEMA gantry CASCADE; CREATE TABLE public.beside (x int)").unwrap();
    drop(home.store());
    home.database.connect().batch_execute("UPDATE gantry.schema_version SET version = 99").unwrap();
    let newer = refused(url, options().postgres);
    assert!(newer.to_string().contains("schema 99") && newer.to_string().contains("use a newer gantry"), "{newer}");
    home.database.connect().batch_execute("DROP TABLE public.beside").unwrap();

    let missing = PostgresUrl { database: "gantry_no_such".into(), ..url.clone() };
    let missing = refused(&missing, options().postgres);
    assert!(missing.to_string().contains("CREATE DATABASE \"gantry_no_such\""), "{missing}");
    let nobody = PostgresUrl { port: 1, ..url.clone() };
    assert!(matches!(refused(&nobody, none()), StoreError::Unavailable { .. }));

    let name = format!("gantry_ascii_{}", std::process::id());
    let mut admin = connect(shared().unwrap());
    let create = format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    admin.batch_execute(&create).unwrap();
    let ascii = refused(&PostgresUrl { database: name.clone(), ..url.clone() }, options().postgres);
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    assert!(ascii.to_string().contains("ENCODING 'UTF8'"), "{ascii}");
}

#[test]
fn a_password_is_asked_for_and_repeated_nowhere() {
    let Some(server) = Server::start() else { return };
    let database = Database::on(&server.url);
    let create = format!(
        "CREATE ROLE locked LOGIN PASSWORD 'hunter2'; GRANT ALL ON DATABASE {} TO locked",
        database.url.database
    );
    database.connect().batch_execute(&create).unwrap();
    let url = PostgresUrl { user: "locked".into(), ..database.url.clone() };
    for options in [none(), PostgresOptions::with_password("hunter3")] {
        assert!(!format!("{options:?}").contains("hunter"));
        let refused = refused(&url, options);
        assert!(matches!(refused, StoreError::AuthRejected { .. }), "{refused}");
        assert!(!format!("{refused} {refused:?}").contains("hunter"), "{refused:?}");
    }
    let open = GraphUrl::Postgres(url);
    assert!(
        graph_store::open_with(
            &open,
            OpenOptions { postgres: PostgresOptions::with_password("hunter2"), ..OpenOptions::default() }
        )
        .unwrap()
        .repositories()
        .unwrap()
        .is_empty()
    );

    // Who may only read, reads.
    let grant = "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA gantry TO reader;
                 GRANT SELECT ON ALL TABLES IN SCHEMA gantry TO reader";
    database.connect().batch_execute(grant).unwrap();
    let mut reader =
        PostgresGraph::open(&PostgresUrl { user: "reader".into(), ..database.url.clone() }, none()).unwrap();
    assert_eq!(export(&mut reader), "");
    let only = run(&mut reader);
    let denied = reader.replace_files(&only, &[]).unwrap_err();
    assert!(matches!(denied, StoreError::PermissionDenied { .. }), "{denied}");
}

#[test]
fn an_encrypted_connection_is_made_to_a_server_that_proves_its_name_and_to_no_other() {
    let Some(server) = Server::start() else { return };
    let database = Database::on(&server.url);
    let url = |query: &str, host: &str| -> PostgresUrl {
        let url = format!("postgres://gantry@{host}:{}/{}?{query}", server.url.port, database.url.database);
        match url.parse().unwrap() {
            GraphUrl::Postgres(url) => url,
            other => panic!("{other}"),
        }
    };
    let plain = refused(&url("sslmode=require", "127.0.0.1"), none());
    assert!(matches!(&plain, StoreError::Rejected { reason, .. } if reason.contains("sslmode=disable")), "{plain}");

    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let mut admin = connect(&server.url);
    // Into the folder of the server, as its user.
    for (name, pem) in [("server.key", key.serialize_pem()), ("server.crt", certificate.pem())] {
        let lines = pem.replace('\n', "','").replace('\r', "");
        let program = format!("umask 077; cat > {name}");
        admin.batch_execute(&format!("COPY (SELECT unnest(ARRAY['{lines}'])) TO PROGRAM '{program}'")).unwrap();
    }
    admin.batch_execute("ALTER SYSTEM SET ssl = on").unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, certificate.pem()).unwrap();
    let trusting = format!("sslmode=verify-full&sslrootcert={}", roots.display());
    while connect(&server.url).query_one("SHOW ssl", &[]).unwrap().get::<_, String>(0) != "on" {
        std::thread::yield_now();
    }
    let mut store = PostgresGraph::open(&url(&trusting, "localhost"), none()).unwrap();
    assert!(store.repositories().unwrap().is_empty());
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE ssl AND application_name = 'gantry'";
    assert_eq!(connect(&server.url).query_one(encrypted, &[]).unwrap().get::<_, i64>(0), 1);
    for (query, host) in [(trusting.as_str(), "127.0.0.1"), ("sslmode=verify-full", "localhost")] {
        let refused = refused(&url(query, host), none());
        assert!(matches!(&refused, StoreError::Rejected { .. }), "{query} {host}: {refused}");
        assert!(refused.to_string().contains("sslrootcert"), "{refused}");
    }
    std::fs::write(&roots, "no certificate").unwrap();
    assert!(matches!(refused(&url(&trusting, "localhost"), none()), StoreError::Url { .. }));
}

#[test]
fn what_an_index_or_text_cannot_hold_is_stored_and_found_all_the_same() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let mut store = home.store();
    let first = run(&mut store);
    // What a server could compress would fit.
    let noise = |n: u32| -> String {
        let digits = (0..n).map(|i| (i.wrapping_mul(2_654_435_761) ^ (i << 7)).wrapping_mul(40_503));
        digits.map(|d| format!("{d:08x}")).collect()
    };
    let long = noise(900);
    let other = format!("{}X", noise(800));
    let names = ["a\0b", "a\u{1}\u{1}b", "a", &long, &other, "ÄÖ"];
    let path = noise(480);
    let graph = file(&path, "1", &names);
    assert_eq!(store.replace_files(&first, std::slice::from_ref(&graph)).unwrap().written, 7 + 11);
    let mut found = |name: &str, matching| -> Vec<String> {
        let find = Find { name, matching, kind: Some(graph_store::EntityKind::Function), repository: None };
        store.find(&find, 99).unwrap().into_iter().map(|e| e.name).collect()
    };
    for name in names {
        assert_eq!(found(name, Matching::Exact), [name]);
    }
    assert_eq!(found("A\0", Matching::Prefix), ["a\0b"]);
    assert_eq!(found("A", Matching::Prefix), ["a", "a\0b", "a\u{1}\u{1}b"]);
    assert_eq!(found(&long.to_ascii_uppercase()[..6_500], Matching::Prefix), [long.as_str()]);
    assert_eq!(found(&long[..300], Matching::Prefix).len(), 2);
    assert!(found("äÖ", Matching::Prefix).is_empty(), "only A to Z are a to z");
    assert_eq!(store.indexed_files(&repository()).unwrap().keys().collect::<Vec<_>>(), [&path]);
    assert!(store.neighbours(&["a\0"], Direction::Out, &[], 9).unwrap().is_empty());
    assert!(store.entities(&["functions/a\0"]).unwrap().is_empty());
}

#[test]
fn an_export_has_the_bytes_that_sqlite_gives() {
    if !PostgresHome::is_there() {
        return;
    }
    let (home, embedded) = (PostgresHome::new(), SqliteHome::new());
    let (mut store, mut other) = (home.open(), embedded.open());
    let mut graph = file("Ä/b.ts", "1", &["b", "B", "ä", "_", "a\0\u{1f980}"]);
    graph.entities[1].doc = Some("NUL \0, \\u0000, \u{85}, \"quoted\", 1.0".into());
    let mut sure = edge(&graph.entities[1].id(), &graph.entities[2].id(), EdgeKind::References);
    sure.confidence = 0.1 + 0.2;
    for store in [&mut store, &mut other] {
        let run = run(&mut **store);
        store.replace_files(&run, std::slice::from_ref(&graph)).unwrap();
        store.link_files(&run, &[links("Ä/b.ts", "1", vec![sure.clone()])], &[]).unwrap();
    }
    let bytes = export(&mut *store);
    assert!(bytes.contains("0.30000000000000004") && bytes.contains("\\u0000"), "{bytes}");
    assert_eq!(bytes, export(&mut *other));
}
