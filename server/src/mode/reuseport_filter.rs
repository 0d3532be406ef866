//! Which sockets of a `SO_REUSEPORT` group get new connections: the kernel's side of a mode.
//!
//! The filter rules over new handshakes only: what is queued stays where it is, which is why a socket
//! that nobody serves is masked and then emptied by the master. The program that the kernel runs is
//! made in [`crate::sys::reuseport_bpf`].

use std::os::fd::BorrowedFd;

use crate::sys::{SysError, reuseport_bpf};

/// Which sockets of a group get new connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReuseportFilter {
    /// All of them, by the kernel's hash.
    Hash,
    /// Those with these indices, at random.
    Among(Vec<usize>),
}

impl ReuseportFilter {
    /// Sends all new connections to one socket.
    pub fn only(index: usize) -> Self {
        Self::Among(vec![index])
    }

    /// Sets the filter of the group that `member` is in.
    pub fn attach(&self, member: BorrowedFd<'_>) -> Result<(), SysError> {
        match self {
            Self::Hash => reuseport_bpf::detach(member),
            Self::Among(indices) => reuseport_bpf::attach(member, indices),
        }
    }
}
