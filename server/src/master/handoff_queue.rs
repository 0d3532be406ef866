//! A handoff queue: the connections that are on their way from the master to one worker.
//!
//! A connection is *queued*, *sent* (several descriptors per message), and *acknowledged* by the
//! worker on the scoreboard before it first reads from it. Until then the master keeps its copy, to
//! deal the connection again should the worker die; after that it must close it, or the client would
//! never see the worker close. The worker's credit bounds how many are under way.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::channel::{Queue, send_accept, send_connections, send_drain};
use crate::scoreboard::Slot;
use crate::sys::SysError;
use crate::sys::fdpass::Sent;

/// Connections that may be under way to a worker, unacknowledged.
const CREDIT: usize = 256;

/// Descriptors in one message (the kernel takes 253).
const PER_MESSAGE: usize = 64;

#[derive(Debug)]
pub(super) struct Connection {
    /// Its place in the order in which the master has accepted: whoever came first is dealt first,
    /// also when it has to be dealt again.
    pub serial: u64,
    pub fd: OwnedFd,
}

#[derive(Debug, Default)]
pub(super) struct HandoffQueue {
    queued: VecDeque<Connection>,
    sent: VecDeque<Connection>,
    /// Connections whose copies have been closed, since the worker's birth.
    acknowledged: u64,
    given_back: u64,
    accept: Option<Accept>,
    drain: Drain,
    /// Whether the channel was full: the rest goes when it is writable.
    pub blocked: bool,
}

/// An order where to accept from that has not gone out yet. It keeps its place among the connections.
#[derive(Debug, Clone, Copy)]
struct Accept {
    /// How many of the queued connections go before it.
    ahead: usize,
    /// The index of the listening socket; `None`: from none.
    socket: Option<usize>,
    serial: u64,
}

/// Whether the order to drain has gone out; it must follow the last connection.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Drain {
    #[default]
    Unasked,
    Due(Queue),
    Told,
}

impl HandoffQueue {
    /// Connections that the worker has not taken over yet.
    pub fn under_way(&self, slot: &Slot) -> usize {
        self.queued.len() + self.sent.len() - self.newly_taken(slot.taken.get())
    }

    pub fn credit(&self, slot: &Slot) -> usize {
        CREDIT.saturating_sub(self.under_way(slot))
    }

    pub fn awaits_acknowledgement(&self) -> bool {
        !self.sent.is_empty()
    }

    pub fn push(&mut self, connection: Connection) {
        self.queued.push_back(connection);
    }

    /// Has the worker told where to accept from, after all that is queued. An earlier order that has
    /// not gone out yet is void.
    pub fn accept(&mut self, socket: Option<usize>, serial: u64) {
        self.accept = Some(Accept { ahead: self.queued.len(), socket, serial });
    }

    /// Has the worker told to drain, after all that is queued. Where to accept from no longer matters.
    pub fn drain(&mut self, queue: Queue) {
        self.accept = None;
        if self.drain == Drain::Unasked {
            self.drain = Drain::Due(queue);
        }
    }

    /// Sends what is queued, as far as the channel takes it; `sockets` are the listening ones.
    pub fn flush(&mut self, channel: BorrowedFd<'_>, sockets: &[OwnedFd]) -> Result<(), SysError> {
        self.blocked = false;
        loop {
            if let Some(Accept { ahead: 0, socket, serial }) = self.accept {
                let socket = socket.and_then(|index| sockets.get(index)).map(AsFd::as_fd);
                if !self.went(send_accept(channel, socket, serial)?) {
                    return Ok(());
                }
                self.accept = None;
            }
            let most = self.accept.map_or(PER_MESSAGE, |accept| accept.ahead.min(PER_MESSAGE));
            let count = self.queued.len().min(most);
            if count == 0 {
                break;
            }
            let batch: Vec<_> = self.queued.iter().take(count).map(|one| one.fd.as_fd()).collect();
            if !self.went(send_connections(channel, &batch)?) {
                return Ok(());
            }
            self.sent.extend(self.queued.drain(..count));
            if let Some(accept) = &mut self.accept {
                accept.ahead -= count;
            }
        }
        if let Drain::Due(queue) = self.drain
            && self.went(send_drain(channel, queue)?)
        {
            self.drain = Drain::Told;
        }
        Ok(())
    }

    /// Whether a message went out. A worker whose end is closed is about to be buried, and what is
    /// queued for it will be dealt again then.
    fn went(&mut self, sent: Sent) -> bool {
        self.blocked = sent == Sent::Full;
        sent == Sent::Yes
    }

    /// How many of the copies the worker has taken over, given its total since birth. A total that
    /// makes no sense covers nothing that was not sent.
    fn newly_taken(&self, total: u64) -> usize {
        let fresh = total.saturating_sub(self.acknowledged);
        usize::try_from(fresh).unwrap_or(usize::MAX).min(self.sent.len())
    }

    /// Whether the worker has given connections back that the master has not heard of yet: then its
    /// total does not tell which ones it has taken.
    pub fn is_behind(&self, slot: &Slot) -> bool {
        slot.lost.get() > self.given_back
    }

    /// Closes the master's copies of the connections that the worker has taken over: `total` since
    /// its birth.
    pub fn acknowledge(&mut self, total: u64) {
        let known = self.newly_taken(total);
        self.sent.drain(..known);
        self.acknowledged += known as u64;
    }

    /// Takes back `count` connections that the worker could not receive after it had taken over
    /// `after`. Numbers that make no sense give nothing back that was not sent.
    pub fn reclaim(&mut self, after: u64, count: u64) -> Vec<Connection> {
        self.given_back = self.given_back.saturating_add(count);
        let first = self.newly_taken(after);
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.sent.len() - first);
        self.sent.drain(first..first + count).collect()
    }

    /// The connections that a dead worker never took over. `total`: how many it had taken over since
    /// its birth.
    pub fn into_unacked(mut self, total: u64) -> impl Iterator<Item = Connection> {
        self.acknowledge(total);
        self.sent.into_iter().chain(self.queued)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Heard, Order, next_order};
    use crate::sys::fdpass::{self, ControlBuffer};

    /// A queue with this many connections sent, and both ends of the channel.
    fn queue_with(count: u64) -> (HandoffQueue, (OwnedFd, OwnedFd)) {
        let channel = fdpass::pair().unwrap();
        let mut queue = HandoffQueue::default();
        for serial in 0..count {
            let (fd, _) = fdpass::pair().unwrap();
            queue.push(Connection { serial, fd });
        }
        queue.flush(channel.0.as_fd(), &[]).unwrap();
        (queue, channel)
    }

    fn serials(connections: impl IntoIterator<Item = Connection>) -> Vec<u64> {
        connections.into_iter().map(|connection| connection.serial).collect()
    }

    #[test]
    fn an_order_where_to_accept_from_keeps_its_place_and_the_last_one_counts() {
        let (mut queue, (near, far)) = queue_with(0);
        let push = |queue: &mut HandoffQueue, serial| {
            let (fd, _) = fdpass::pair().unwrap();
            queue.push(Connection { serial, fd });
        };
        push(&mut queue, 0);
        queue.accept(Some(0), 1);
        push(&mut queue, 1);
        queue.accept(None, 2);
        push(&mut queue, 2);
        queue.flush(near.as_fd(), &[]).unwrap();
        let mut room = ControlBuffer::default();
        let told: Vec<_> = std::iter::from_fn(|| match next_order(&far, &mut room).unwrap() {
            Heard::Message(Order::Connections { connections, .. }) => {
                Some(format!("{} connections", connections.len()))
            }
            Heard::Message(Order::Accept { serial, .. }) => Some(format!("order {serial}")),
            _ => None,
        })
        .collect();
        assert_eq!(told, ["2 connections", "order 2", "1 connections"]);
    }

    #[test]
    fn a_dead_workers_orphans_are_those_that_it_never_took() {
        let (queue, _channel) = queue_with(5);
        assert_eq!(serials(queue.into_unacked(3)), [3, 4]);
    }

    #[test]
    fn lost_connections_come_back_and_the_later_ones_keep_their_order() {
        let (mut queue, _channel) = queue_with(6);
        queue.acknowledge(1);
        // Two taken, the third and the fourth lost, the fifth taken.
        assert_eq!(serials(queue.reclaim(2, 2)), [2, 3]);
        assert_eq!(serials(queue.into_unacked(3)), [5]);
    }

    #[test]
    fn nonsense_from_a_worker_closes_and_gives_back_only_what_was_sent() {
        let (mut queue, _channel) = queue_with(3);
        assert!(queue.reclaim(u64::MAX, u64::MAX).is_empty());
        assert_eq!(serials(queue.reclaim(1, u64::MAX)), [1, 2]);
        queue.acknowledge(u64::MAX);
        assert!(!queue.awaits_acknowledgement());
    }

    #[test]
    fn the_credit_counts_what_the_worker_has_not_taken_yet() {
        let (mut queue, _channel) = queue_with(10);
        let slot = Slot::default();
        assert_eq!(queue.under_way(&slot), 10);
        slot.taken.add(4);
        assert_eq!(queue.under_way(&slot), 6);
        queue.acknowledge(slot.taken.get());
        assert_eq!(queue.under_way(&slot), 6);
        assert_eq!(queue.credit(&slot), CREDIT - 6);
    }
}
