//! Telling the service manager how the cluster is (`sd_notify(3)`): datagrams to `NOTIFY_SOCKET`.
//!
//! Own code, because the crate `sd-notify` (0.5) takes an abstract socket (`@NAME`) for a path, and
//! sends on a blocking socket: the master must not wait for a service manager that does not read.

use std::env;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use nix::time::{ClockId, clock_gettime};

/// What the service manager is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    Ready,
    /// Workers are being replaced; [`Notice::Ready`] follows.
    Reloading,
    Stopping,
}

/// The way to the service manager, if there is one.
#[derive(Debug)]
pub(crate) struct Notifier(Option<(UnixDatagram, SocketAddr)>);

impl Notifier {
    /// Opens the way. Without one, notices go nowhere: a server must not fail for that.
    pub fn open() -> Self {
        let target = env::var_os("NOTIFY_SOCKET").and_then(|name| {
            match name.as_bytes() {
                [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
                _ => SocketAddr::from_pathname(&name),
            }
            .ok()
        });
        let socket = UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            Ok(socket)
        });
        Self(target.and_then(|target| Some((socket.ok()?, target))))
    }

    pub fn tell(&self, notice: Notice, status: &str) {
        let Some((socket, target)) = &self.0 else { return };
        let state = match notice {
            Notice::Ready => "READY=1".to_owned(),
            Notice::Reloading => format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us()),
            Notice::Stopping => "STOPPING=1".to_owned(),
        };
        let text = format!("{state}\nSTATUS={status}\n");
        let _ = socket.send_to_addr(text.as_bytes(), target);
    }
}

/// The monotonic clock, which the service manager compares with its own.
fn monotonic_us() -> i64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map_or(0, |now| now.tv_sec() * 1_000_000 + now.tv_nsec() / 1000)
}
