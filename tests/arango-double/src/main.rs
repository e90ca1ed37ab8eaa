//! A stand-in for an ArangoDB server. Says on its first line where it listens, and ends when its standard input does.
//!
//! ```text
//! arango-double --data FILE [--listen 127.0.0.1:8529] [--auth USER:PASSWORD] [--token-lifetime SECONDS]
//! ```

fn main() -> std::io::Result<()> {
    arango_double::serve(arango_double::Settings::from_arguments(std::env::args().skip(1))?)
}
