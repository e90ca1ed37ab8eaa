//! What can be typed after `gantry codec`.

use std::net::{Ipv4Addr, SocketAddr};

use clap::{Args, Subcommand};

/// Beside the port of the Temporal UI.
pub(crate) const USUAL_PORT: u16 = 8234;

#[derive(Debug, Subcommand)]
pub(crate) enum CodecCommand {
    /// Print a new key, as a line for the file that GANTRY_CODEC_KEYS names
    Keygen {
        /// What the key is called; the name stands beside each payload, readable [default: eight random digits]
        #[arg(long)]
        id: Option<String>,
    },
    /// Tell which keys are configured, by their ids; a key itself is never shown
    Check {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Decrypt payloads for the Temporal UI and the Temporal command line, over HTTP; `gantry dev` does that by itself
    Serve(ServeOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Where to listen. Whoever reaches it reads every payload: other than on the loopback, --auth is needed
    #[arg(long, value_name = "HOST:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, USUAL_PORT)))]
    pub(crate) listen: SocketAddr,
    /// The UI's address as browsers show it; may be given again [default: the UI of the running `gantry dev`]
    #[arg(long, value_name = "URL")]
    pub(crate) allow_origin: Vec<String>,
    /// Let in only who sends this secret in the header `authorization`: env:NAME or file:PATH
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) auth: Option<String>,
}
