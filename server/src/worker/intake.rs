//! How connections reach a worker: from a listening socket of its own, or over the channel from the
//! master. Next: [`super::connection`].

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::connection::{Front, Taken};
use crate::channel::{Heard, Order, Queue, Report, next_order, send_report};
use crate::sys::fdpass::{ControlBuffer, Sent};
use crate::sys::readiness::watched;

/// How many connections are accepted before the open ones get their turn.
const BATCH: usize = 32;

/// The pause after the descriptors have run out: long enough not to spin, short enough that the
/// accept queue does not fill.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Acceptor(AsyncFd<OwnedFd>);

impl Acceptor {
    /// Accepts from this socket, which may have connections queued already.
    pub fn new(socket: OwnedFd) -> io::Result<Self> {
        Ok(Self(watched(socket, Interest::READABLE)?))
    }

    /// Takes over every connection that is queued. For the end of the cluster: these clients have
    /// been let in by the kernel, and would be reset with the last copy of the socket.
    pub fn take_what_is_queued(&self, front: &Arc<Front>) -> io::Result<()> {
        while front.accept_from(self.0.get_ref().as_fd())? == Taken::One {}
        Ok(())
    }
}

/// Waits for connections and takes up to a batch of them over. Without an acceptor it waits for
/// ever. Cancel-safe: nothing is held across its only wait for the socket.
pub(super) async fn accept_some(acceptor: Option<&Acceptor>, front: &Arc<Front>) -> io::Result<()> {
    let Some(Acceptor(socket)) = acceptor else { return pending().await };
    // A worker that has all the connections it may have leaves the others in the queue: the master
    // steers new ones elsewhere and deals the queue out while there is room anywhere.
    front.room().await;
    let mut readable = socket.readable().await?;
    for taken in 0..BATCH {
        if !front.has_room() {
            return Ok(());
        }
        match front.accept_from(socket.get_ref().as_fd())? {
            Taken::One => {}
            Taken::None => {
                readable.clear_ready();
                if taken == 0 {
                    front.slot().vain_wakes.add(1);
                }
                return Ok(());
            }
            Taken::Exhausted => {
                front.say_exhausted();
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
                return Ok(());
            }
        }
    }
    tokio::task::yield_now().await;
    Ok(())
}

/// What the master had to say, apart from connections, which are taken over on the way.
#[derive(Debug)]
pub(super) enum Told {
    Nothing,
    /// Accept from this socket from now on, or from none, and say so.
    Accept {
        socket: Option<OwnedFd>,
        serial: u64,
    },
    /// Leave, and leave the accept queue to others.
    Retire,
    /// Leave, and take what is in the accept queue along.
    Stop,
    MasterGone,
}

#[derive(Debug)]
pub(super) struct Channel {
    fd: AsyncFd<OwnedFd>,
    room: ControlBuffer,
    /// Reports that found the queue full, oldest first.
    unsent: VecDeque<Report>,
    /// Whether reading stopped before the channel was empty: nothing may wake us for the rest.
    more: bool,
}

impl Channel {
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        let fd = watched(fd, Interest::READABLE | Interest::WRITABLE)?;
        let (room, unsent) = (ControlBuffer::default(), VecDeque::new());
        Ok(Self { fd, room, unsent, more: false })
    }

    /// Tells the master something, now or as soon as the queue has room.
    pub fn report(&mut self, report: Report) -> io::Result<()> {
        self.unsent.push_back(report);
        self.catch_up()
    }

    fn catch_up(&mut self) -> io::Result<()> {
        while let Some(&report) = self.unsent.front() {
            match send_report(self.fd.get_ref().as_fd(), report)? {
                Sent::Full => return Ok(()),
                // That the master is gone is acted upon where the channel is read.
                Sent::Yes | Sent::PeerGone => self.unsent.pop_front(),
            };
        }
        Ok(())
    }

    /// Takes over all that is in the channel. While a report waits to be sent nothing is read: the
    /// master must hear of lost connections before it sees later ones taken.
    fn read_all(&mut self, front: &Arc<Front>) -> io::Result<Told> {
        self.catch_up()?;
        while self.unsent.is_empty() {
            match next_order(self.fd.get_ref(), &mut self.room)? {
                Heard::Nothing => {
                    self.more = false;
                    break;
                }
                Heard::PeerGone => return Ok(Told::MasterGone),
                Heard::Message(Order::Drain(Queue::LeaveIt)) => return Ok(Told::Retire),
                Heard::Message(Order::Drain(Queue::TakeIt)) => return Ok(Told::Stop),
                Heard::Message(Order::Accept { socket, serial }) => {
                    self.more = true;
                    return Ok(Told::Accept { socket, serial });
                }
                Heard::Message(Order::Connections { connections, lost }) => {
                    self.take_over(connections, lost, front)?;
                }
            }
        }
        Ok(Told::Nothing)
    }

    /// Takes connections over, and acknowledges them on the scoreboard before any of them is read
    /// (their tasks run only when this one waits again): one dealt again would lose its request.
    fn take_over(
        &mut self,
        connections: Vec<OwnedFd>,
        lost: u64,
        front: &Arc<Front>,
    ) -> io::Result<()> {
        let (slot, count) = (front.slot(), connections.len() as u64);
        for stream in connections {
            front.take_dealt(stream);
        }
        slot.taken.add(count);
        if lost > 0 {
            self.report(Report::Lost { after: slot.taken.get(), count: lost })?;
            slot.lost.add(lost);
        }
        Ok(())
    }
}

/// Waits for the master and does what it says. Without a channel it waits for ever.
pub(super) async fn hear(channel: Option<&mut Channel>, front: &Arc<Front>) -> io::Result<Told> {
    let Some(channel) = channel else { return pending().await };
    let writes_wait = !channel.unsent.is_empty();
    if channel.more && !writes_wait {
        return channel.read_all(front);
    }
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
