//! Listening sockets: one, or a `SO_REUSEPORT` group of them on the same address.
//!
//! The master owns them and never closes one while it runs: a socket of such a group that closes
//! resets the handshakes in its queue (socket(7), `SO_REUSEPORT`).

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use crate::Error;
use crate::sys::socket::{self, Sharing};
use crate::sys::{Errno, SysError};

/// Sockets that listen on one address.
#[derive(Debug)]
pub(crate) struct Listeners {
    /// The address, with the port that the kernel chose where 0 was asked for.
    pub address: SocketAddr,
    /// The sockets, in the order in which they joined the group.
    pub sockets: Vec<OwnedFd>,
}

impl Listeners {
    /// Binds `count` sockets to `address`, and listens.
    ///
    /// Whether somebody else listens there is found by a first bind without `SO_REUSEPORT`: with it,
    /// the kernel would let this cluster silently join another process of the same user and share
    /// its connections. The first socket opens up to the others only then.
    pub fn open(address: SocketAddr, count: u32, backlog: u32) -> Result<Self, Error> {
        let explain = |error| Error::Bind { address, reason: reason(error) };
        let first = socket::bound(address, Sharing::Nobody).map_err(explain)?;
        let address = socket::local_address(&first)?;
        let mut sockets = vec![first];
        if count > 1 {
            socket::share(&sockets[0])?;
        }
        for _ in 1..count {
            sockets.push(socket::bound(address, Sharing::Group).map_err(explain)?);
        }
        for fd in &sockets {
            socket::start_listening(fd, backlog).map_err(explain)?;
        }
        Ok(Self { address, sockets })
    }
}

fn reason(error: SysError) -> String {
    match error.errno {
        Errno::EADDRINUSE => {
            "the port is in use (choose another with --listen, or port 0 for a free one)".into()
        }
        Errno::EADDRNOTAVAIL => "this machine has no such address".into(),
        Errno::EACCES => "no right to use this port (those below 1024 are reserved)".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_shares_one_port() {
        let group = Listeners::open(([127, 0, 0, 1], 0).into(), 3, 16).unwrap();
        assert_eq!(group.sockets.len(), 3);
        for fd in &group.sockets {
            assert_eq!(socket::local_address(fd).unwrap(), group.address);
        }
    }

    #[test]
    fn a_busy_port_is_found_even_when_its_owner_would_share_it() {
        let group = Listeners::open(([127, 0, 0, 1], 0).into(), 2, 16).unwrap();
        for count in [1, 2] {
            let error = Listeners::open(group.address, count, 16).unwrap_err();
            assert!(error.to_string().contains("the port is in use"), "{error}");
        }
    }
}
