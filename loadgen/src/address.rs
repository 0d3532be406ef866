//! What connections are made to: the address that the target's name stands for, or a Unix socket.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// An address to connect to. As text: `127.0.0.1:8000`, `[::1]:8000` or `unix:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// IPv4 or IPv6, with a port.
    Tcp(SocketAddr),
    /// The path of a Unix socket, of 107 bytes at most.
    Unix(PathBuf),
}

impl Address {
    /// The IPv4 address, if it is one of loopback.
    pub fn loopback_v4(&self) -> Option<Ipv4Addr> {
        match self {
            Self::Tcp(SocketAddr::V4(v4)) => Some(*v4.ip()).filter(Ipv4Addr::is_loopback),
            Self::Tcp(_) | Self::Unix(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
