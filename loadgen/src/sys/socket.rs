//! Client sockets that never block.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrStorage,
    UnixAddr, bind, connect, getsockopt, recv, send, setsockopt, socket, sockopt,
};

use crate::address::Address;

/// Begins to connect to `target`, from `source` if given (its port is chosen with the connection,
/// so that connections to different ends may share it), with Nagle's algorithm off if `nodelay`.
pub fn open(target: &Address, source: Option<Ipv4Addr>, nodelay: bool) -> io::Result<OwnedFd> {
    match target {
        Address::Tcp(address) => open_tcp(*address, source, nodelay),
        Address::Unix(path) => open_unix(path),
    }
}

fn open_tcp(target: SocketAddr, source: Option<Ipv4Addr>, nodelay: bool) -> io::Result<OwnedFd> {
    let family = if target.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let fd = socket(family, SockType::Stream, flags(), SockProtocol::Tcp)?;
    if let Some(source) = source {
        setsockopt(&fd, sockopt::IpBindAddressNoPort, &true)?;
        bind(fd.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(source, 0)))?;
    }
    if nodelay {
        setsockopt(&fd, sockopt::TcpNoDelay, &true)?;
    }
    match connect(fd.as_raw_fd(), &SockaddrStorage::from(target)) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(fd),
        Err(errno) => Err(errno.into()),
    }
}

/// Such a connection is made at once or not at all. Where the accept queue is full, TCP would try
/// again and again behind our back; this fails with `EAGAIN`, to be booked like a refusal.
fn open_unix(path: &Path) -> io::Result<OwnedFd> {
    let address = UnixAddr::new(path)?;
    let fd = socket(AddressFamily::Unix, SockType::Stream, flags(), None)?;
    connect(fd.as_raw_fd(), &address)?;
    Ok(fd)
}

fn flags() -> SockFlag {
    SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    Readable,
    Writable,
}

pub struct Stream(OwnedFd);

impl Stream {
    /// Reads what has come; 0 at the end.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(recv(self.0.as_raw_fd(), buffer, MsgFlags::empty())?)
    }

    /// Writes as much as there is room for. A peer that is gone is an error, not a signal.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(self.0.as_raw_fd(), bytes, MsgFlags::MSG_NOSIGNAL)?)
    }

    /// Waits until there is something to read, or room to write.
    ///
    /// # Errors
    /// `TimedOut` when nothing happens for so long.
    pub fn wait(&self, until: Until, timeout: Duration) -> io::Result<()> {
        let flags = match until {
            Until::Readable => PollFlags::POLLIN,
            Until::Writable => PollFlags::POLLOUT,
        };
        let limit = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
        let mut descriptors = [PollFd::new(self.0.as_fd(), flags)];
        // A ring that was tried before may interrupt the thread while it is taken down.
        match poll(&mut descriptors, limit) {
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Takes the error that is pending, such as that of a connection that could not be made.
    pub fn check(&self) -> io::Result<()> {
        match getsockopt(&self.0, sockopt::SocketError)? {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
    }
}

impl From<OwnedFd> for Stream {
    fn from(socket: OwnedFd) -> Self {
        Self(socket)
    }
}

impl From<Stream> for OwnedFd {
    fn from(stream: Stream) -> Self {
        stream.0
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
