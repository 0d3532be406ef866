//! Listening sockets and accepted connections.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, accept4, bind, getsockname,
    listen, setsockopt, socket, sockopt,
};

use super::{Named, SysError};

/// Who else may bind a socket's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Nobody, and nobody must have done so: the bind fails where anyone listens.
    Nobody,
    /// The other members of a `SO_REUSEPORT` group.
    Group,
}

/// Opens a TCP socket, sets the options that accepted connections inherit, and binds it.
pub(crate) fn bound(address: SocketAddr, sharing: Sharing) -> Result<OwnedFd, SysError> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let fd = socket(family, SockType::Stream, flags, None).named("socket")?;
    setsockopt(&fd, sockopt::ReuseAddr, &true).named("setsockopt")?;
    setsockopt(&fd, sockopt::TcpNoDelay, &true).named("setsockopt")?;
    if sharing == Sharing::Group {
        share(&fd)?;
    }
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address)).named("bind")?;
    Ok(fd)
}

/// Lets other sockets of this user join this one's address (`SO_REUSEPORT`).
pub(crate) fn share(fd: &OwnedFd) -> Result<(), SysError> {
    setsockopt(fd, sockopt::ReusePort, &true).named("setsockopt")
}

/// Starts listening with an accept queue of `backlog` connections.
pub(crate) fn start_listening(fd: &OwnedFd, backlog: u32) -> Result<(), SysError> {
    let backlog = Backlog::new(backlog.cast_signed()).named("listen")?;
    listen(fd, backlog).named("listen")
}

/// The address that a socket is bound to.
pub(crate) fn local_address(fd: &OwnedFd) -> Result<SocketAddr, SysError> {
    let storage: SockaddrStorage = getsockname(fd.as_raw_fd()).named("getsockname")?;
    if let Some(v4) = storage.as_sockaddr_in() {
        return Ok(SocketAddr::from((v4.ip(), v4.port())));
    }
    match storage.as_sockaddr_in6() {
        Some(v6) => Ok(SocketAddr::from((v6.ip(), v6.port()))),
        None => Err(SysError { call: "getsockname", errno: Errno::EAFNOSUPPORT }),
    }
}

/// What came of an attempt to accept.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// A connection, non-blocking.
    Connection(OwnedFd),
    /// Nothing is queued.
    Empty,
    /// The process or the system has no descriptor or memory left.
    Exhausted,
}

/// Accepts one connection, without waiting.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> Result<Accepted, SysError> {
    loop {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        match accept4(listener.as_raw_fd(), flags) {
            // SAFETY: the kernel has just made this descriptor for us, nobody else knows it.
            Ok(fd) => return Ok(Accepted::Connection(unsafe { OwnedFd::from_raw_fd(fd) })),
            Err(Errno::EAGAIN) => return Ok(Accepted::Empty),
            Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
                return Ok(Accepted::Exhausted);
            }
            // The client gave up while it was queued, or the call was interrupted: the next one.
            // accept(2) lists the network's errors that are to be treated alike.
            Err(
                Errno::EINTR
                | Errno::ECONNABORTED
                | Errno::EPROTO
                | Errno::ENETDOWN
                | Errno::ENETUNREACH
                | Errno::EHOSTUNREACH
                | Errno::EPERM,
            ) => {}
            Err(errno) => return Err(SysError { call: "accept4", errno }),
        }
    }
}
