//! The name of this host in task queues.

use std::fs;

use sha2::{Digest, Sha256};

/// 12 hexadecimal digits of SHA-256 over the machine id and the host name: the same after a restart, another elsewhere.
pub fn host_id() -> String {
    let read = |path: &str| fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"].into_iter().map(read).find(|id| !id.is_empty());
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let mut digest = hex::encode(Sha256::digest(format!("{}\0{name}", machine.unwrap_or_default())));
    digest.truncate(12);
    digest
}
