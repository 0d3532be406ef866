//! How connections reach a worker: from a listening socket of its own, or over the channel from the
//! master. Next: [`super::connection`].

use std::future::pending;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::connection::Front;
use crate::channel::{Heard, Order, Report, next_order, send_report};
use crate::sys::SysError;
use crate::sys::fdpass::{ControlBuffer, Sent};
use crate::sys::readiness::watched;
use crate::sys::socket::{Accepted, accept};

/// How many connections are accepted before the open ones get their turn.
const BATCH: usize = 32;

/// The pause after the descriptors have run out: long enough not to spin, short enough that the
/// accept queue does not fill.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// A worker's listening socket.
#[derive(Debug)]
pub(super) struct Acceptor(AsyncFd<OwnedFd>);

impl Acceptor {
    pub fn new(socket: OwnedFd) -> io::Result<Self> {
        Ok(Self(watched(socket, Interest::READABLE)?))
    }

    /// Takes over every connection that is queued, and gives the socket back. For the drain: these
    /// clients have been let in by the kernel, and would be reset with the last copy of the socket.
    pub fn take_what_is_queued(self, front: &Arc<Front>) -> io::Result<()> {
        while let Accepted::Connection(stream) = accept(self.0.get_ref().as_fd()).map_err(to_io)? {
            front.adopt(stream)?;
        }
        Ok(())
    }
}

/// Waits for connections and takes up to a batch of them over. Without an acceptor it waits for
/// ever. Cancel-safe: nothing is held across its only wait for the socket.
pub(super) async fn accept_some(acceptor: Option<&Acceptor>, front: &Arc<Front>) -> io::Result<()> {
    let Some(Acceptor(socket)) = acceptor else { return pending().await };
    let mut readable = socket.readable().await?;
    for _ in 0..BATCH {
        match accept(socket.get_ref().as_fd()).map_err(to_io)? {
            Accepted::Connection(stream) => front.adopt(stream)?,
            Accepted::Empty => {
                readable.clear_ready();
                return Ok(());
            }
            Accepted::Exhausted => {
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
                return Ok(());
            }
        }
    }
    tokio::task::yield_now().await;
    Ok(())
}

/// What the master had to say, apart from connections, which are taken over on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Drain,
    MasterGone,
}

/// The worker's end of the channel.
#[derive(Debug)]
pub(super) struct Channel {
    fd: AsyncFd<OwnedFd>,
    room: ControlBuffer,
    /// Connections taken over since birth.
    taken: u64,
    /// The total that the master has been told.
    acknowledged: u64,
    /// A report that found the queue full.
    unsent: Option<Report>,
}

impl Channel {
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        let fd = watched(fd, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { fd, room: ControlBuffer::default(), taken: 0, acknowledged: 0, unsent: None })
    }

    /// Tells the master something, now or as soon as the queue has room.
    pub fn report(&mut self, report: Report) -> io::Result<()> {
        match send_report(self.fd.get_ref().as_fd(), report).map_err(to_io)? {
            // That the master is gone is acted upon where the channel is read.
            Sent::Yes | Sent::PeerGone => {}
            Sent::Full => self.unsent = Some(report),
        }
        Ok(())
    }

    /// Sends what did not fit, and an acknowledgement where one is due.
    fn catch_up(&mut self) -> io::Result<()> {
        if let Some(report) = self.unsent.take() {
            self.report(report)?;
        }
        if self.unsent.is_none() && self.acknowledged < self.taken {
            self.acknowledged = self.taken;
            self.report(Report::Acknowledged(self.taken))?;
        }
        Ok(())
    }

    /// Takes over all that is in the channel. New connections are acknowledged here, and so before
    /// any of them is read for the first time: their tasks run only when this one waits again. A
    /// connection that were read and then dealt again would have lost its request.
    fn read_all(&mut self, front: &Arc<Front>) -> io::Result<Told> {
        let told = loop {
            match next_order(self.fd.get_ref(), &mut self.room).map_err(to_io)? {
                Heard::Nothing => break Told::Nothing,
                Heard::PeerGone => break Told::MasterGone,
                Heard::Message(Order::Drain) => break Told::Drain,
                Heard::Message(Order::Connections { connections, lost }) => {
                    self.taken += connections.len() as u64 + lost;
                    front.count_lost(lost);
                    for stream in connections {
                        front.adopt(stream)?;
                    }
                }
            }
        };
        self.catch_up()?;
        Ok(told)
    }
}

/// Waits for the master and does what it says. Without a channel it waits for ever.
pub(super) async fn hear(channel: Option<&mut Channel>, front: &Arc<Front>) -> io::Result<Told> {
    let Some(channel) = channel else { return pending().await };
    let writes_wait = channel.unsent.is_some();
    let interest =
        if writes_wait { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
    let mut ready = channel.fd.ready(interest).await?;
    if ready.ready().is_writable() {
        ready.clear_ready_matching(tokio::io::Ready::WRITABLE);
    }
    if ready.ready().is_readable() {
        ready.clear_ready_matching(tokio::io::Ready::READABLE);
    }
    drop(ready);
    channel.read_all(front)
}

pub(super) fn to_io(error: SysError) -> io::Error {
    io::Error::other(error.to_string())
}
