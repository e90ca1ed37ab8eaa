//! Ports on the loopback.

use std::net::{Ipv4Addr, TcpListener};

use crate::{problem::Problem, report};

/// Hands out ports: the usual ones, or those after a base; a free one in place of one that is taken.
pub(super) struct Ports {
    next: Option<u16>,
    taken: Vec<u16>,
}

impl Ports {
    pub(super) fn new(base: Option<u16>) -> Self {
        Self { next: base, taken: Vec::new() }
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
        if !self.taken.contains(&wanted) && TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).is_ok() {
            self.taken.push(wanted);
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
            if !self.taken.contains(&port) {
                self.taken.push(port);
                return Ok(port);
            }
        }
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
    fn a_base_moves_all_ports() {
        let mut ports = Ports::new(Some(42_110));
        let got: Vec<u16> = (0..3).map(|_| ports.take("a test", 7233).unwrap()).collect();
        assert!(got.iter().all(|p| *p != 7233), "{got:?}");
        assert_eq!(got.len(), 3);
    }
}
