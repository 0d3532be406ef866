//! Listening sockets and accepted connections.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, accept4, bind, getsockname,
    getsockopt, listen, setsockopt, socket, sockopt,
};

use super::{Named, SysError};
use crate::address::{Address, Family};

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
    // A restart must not wait for old connections of the same address to time out.
    setsockopt(&fd, sockopt::ReuseAddr, &true).named("setsockopt")?;
    if !address.is_ipv4() {
        // [::] serves IPv4 too, whatever the system's default is.
        setsockopt(&fd, sockopt::Ipv6V6Only, &false).named("setsockopt")?;
    }
    inherited_options(&fd)?;
    if sharing == Sharing::Group {
        share(&fd)?;
    }
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address)).named("bind")?;
    Ok(fd)
}

/// Sets what accepted connections inherit from their listening socket.
fn inherited_options(fd: &OwnedFd) -> Result<(), SysError> {
    // An answer is written whole: waiting for more (Nagle) would only delay its last segment.
    setsockopt(fd, sockopt::TcpNoDelay, &true).named("setsockopt")?;
    // A peer that vanished without a word is found out in the end.
    setsockopt(fd, sockopt::KeepAlive, &true).named("setsockopt")
}

/// Makes a listening socket that somebody else opened like those of [`bound`].
pub(crate) fn prepare(fd: &OwnedFd, family: Family) -> Result<(), SysError> {
    let flags = OFlag::from_bits_truncate(fcntl(fd, FcntlArg::F_GETFL).named("fcntl")?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).named("fcntl")?;
    match family {
        Family::Tcp => inherited_options(fd),
        // There is nothing to delay, and a peer cannot vanish without a word.
        Family::Unix => Ok(()),
    }
}

/// Whether other sockets may join this one's address.
pub(crate) fn is_shared(fd: &OwnedFd) -> Result<bool, SysError> {
    getsockopt(fd, sockopt::ReusePort).named("getsockopt")
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

/// Sets how much can be written to a socket before it blocks, as far as the system allows.
pub(crate) fn set_send_buffer(fd: BorrowedFd<'_>, bytes: usize) -> Result<(), SysError> {
    setsockopt(&fd, sockopt::SndBuf, &bytes).named("setsockopt")
}

pub(crate) fn local_address(fd: &OwnedFd) -> Result<Address, SysError> {
    let storage: SockaddrStorage = getsockname(fd.as_raw_fd()).named("getsockname")?;
    if let Some(unix) = storage.as_unix_addr() {
        let name = unix.as_abstract().map(|name| format!("@{}", String::from_utf8_lossy(name)));
        let path = unix.path().map(Path::to_path_buf);
        return Ok(Address::Unix(path.or(name.map(Into::into)).unwrap_or_default()));
    }
    tcp_address(fd).map(Address::Tcp)
}

pub(crate) fn tcp_address(fd: &OwnedFd) -> Result<SocketAddr, SysError> {
    let storage: SockaddrStorage = getsockname(fd.as_raw_fd()).named("getsockname")?;
    if let Some(v4) = storage.as_sockaddr_in() {
        return Ok(SocketAddr::from((v4.ip(), v4.port())));
    }
    match storage.as_sockaddr_in6() {
        Some(v6) => Ok(SocketAddr::from((v6.ip(), v6.port()))),
        None => Err(SysError { call: "getsockname", errno: Errno::EAFNOSUPPORT }),
    }
}

#[derive(Debug)]
pub(crate) enum Accepted {
    /// A connection, non-blocking.
    Connection(OwnedFd),
    Empty,
    /// The process or the system has no descriptor or memory left.
    Exhausted,
}

pub(crate) fn accept(listener: BorrowedFd<'_>) -> Result<Accepted, SysError> {
    loop {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        match accept4(listener, flags) {
            Ok(fd) => return Ok(Accepted::Connection(fd)),
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
