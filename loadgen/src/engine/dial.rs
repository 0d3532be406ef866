//! Dialling: the sockets of new connections, and the addresses that they come from.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;

use super::Shard;
use crate::sys::socket;

/// Source addresses that one thread takes in turn. Each has about 28,000 ports.
const SOURCES: u64 = 250;

/// With more connections than this, the ports of one address may not suffice.
const MANY: u32 = 20_000;

#[derive(Debug, Default)]
pub(super) struct Dialler {
    /// How many were opened, for the choice of the next source address.
    opened: u64,
}

impl Dialler {
    /// A socket that connects without blocking.
    pub fn open(&mut self, shard: &Shard) -> io::Result<OwnedFd> {
        let source = self.source(shard);
        socket::open(&shard.address, source, !shard.plan.is_one_each())
    }

    /// Returns the next source address, so that many connections do not use up the ports of one.
    /// `None` (the system chooses) beyond loopback, and for few connections that stay.
    pub fn source(&mut self, shard: &Shard) -> Option<Ipv4Addr> {
        let plan = &shard.plan;
        let many = plan.per_connection.is_some() || plan.connections > MANY;
        let turn = self.opened;
        self.opened += 1;
        shard.address.loopback_v4().filter(|_| many)?;
        let [high, low] = (shard.thread as u16).to_be_bytes();
        let last = (turn % SOURCES) as u8 + 1;
        Some(Ipv4Addr::new(127, high.wrapping_add(1), low, last))
    }
}
