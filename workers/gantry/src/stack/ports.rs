//! Ports on the loopback.

use std::{
    env,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
};

use rustix::fs::{FlockOperation, flock};

use crate::{problem::Problem, report};

/// Hands out ports: the usual ones, or those after a base; a free one in place of one that is taken.
///
/// Between here and the moment a child listens, a port is free for anybody. Against another Gantry, which would choose the
/// same ones and might then talk to our server, each port is held by a lock until this goes out of scope.
pub(super) struct Ports {
    next: Option<u16>,
    held: Vec<File>,
}

impl Ports {
    pub(super) fn new(base: Option<u16>) -> Self {
        Self { next: base, held: Vec::new() }
    }

    /// The port for something, and a word on stderr if it is not the expected one.
    pub(super) fn take(&mut self, what: &str, usual: u16) -> Result<u16, Problem> {
        let wanted = match self.next {
            Some(port) => {
                self.next = port.checked_add(1);
                port
            }
            None => usual,
        };
        if self.hold(wanted) && TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).is_ok() {
            return Ok(wanted);
        }
        let port = self.any(what)?;
        report::note(&format!("port {wanted} is taken: {what} gets {port}"));
        Ok(port)
    }

    /// Any free port.
    pub(super) fn any(&mut self, what: &str) -> Result<u16, Problem> {
        loop {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .and_then(|listener| listener.local_addr())
                .map_err(|e| Problem::network(format!("no free port for {what}: {e}")))?
                .port();
            if self.hold(port) {
                return Ok(port);
            }
        }
    }

    /// Whether no other Gantry of this machine, and not this one, has the port.
    fn hold(&mut self, port: u16) -> bool {
        let folder = env::temp_dir().join("gantry-ports");
        // Without a place for locks there is only the usual check left.
        let _ = fs::create_dir_all(&folder);
        let Ok(file) = File::options().create(true).truncate(false).write(true).open(folder.join(port.to_string()))
        else {
            return true;
        };
        let free = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
        if free {
            self.held.push(file);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = busy.local_addr().unwrap().port();
        let got = Ports::new(None).take("a test", wanted).unwrap();
        assert_ne!(got, wanted);
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, got)).is_ok());
    }

    #[test]
    fn two_at_once_do_not_get_the_same_port() {
        let (mut one, mut other) = (Ports::new(Some(42_130)), Ports::new(Some(42_130)));
        assert_ne!(one.take("a test", 7233).unwrap(), other.take("a test", 7233).unwrap());
    }

    #[test]
    fn a_base_moves_all_ports() {
        let mut ports = Ports::new(Some(42_110));
        let got: Vec<u16> = (0..3).map(|_| ports.take("a test", 7233).unwrap()).collect();
        assert!(got.iter().all(|p| *p != 7233), "{got:?}");
        assert_eq!(got.len(), 3);
    }
}
