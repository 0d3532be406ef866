//! The messages between master and worker: what the bytes beside the descriptors mean.
//!
//! A message is a tag and, for some, a number (little-endian). The transport is
//! [`crate::sys::fdpass`]; the master's end is held by its `WorkerHandle`, the worker's by its
//! intake.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::sys::SysError;
use crate::sys::fdpass::{self, ControlBuffer, Received, Sent};

/// What a master tells a worker.
#[derive(Debug)]
pub enum Order {
    /// Serve these connections.
    Connections {
        /// The connections.
        connections: Vec<OwnedFd>,
        /// How many were sent but could not be received, for want of descriptors.
        lost: u64,
    },
    /// Take nothing new, finish what is under way, and end.
    Drain,
}

/// What a worker tells its master.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It is running.
    Online,
    /// It takes connections.
    Listening,
    /// It was asked by a signal of its own to end, and waits for [`Order::Drain`].
    Disconnecting,
    /// It has taken over this many connections since its birth: the master closes its copies.
    /// A running total, so that a later message makes up for one that did not fit the queue.
    Acknowledged(u64),
}

/// What a channel had.
#[derive(Debug)]
pub enum Heard<T> {
    /// A message.
    Message(T),
    /// Nothing yet.
    Nothing,
    /// The other side has closed its end.
    PeerGone,
}

const CONNECTIONS: u8 = 1;
const DRAIN: u8 = 2;
const ONLINE: u8 = 3;
const LISTENING: u8 = 4;
const DISCONNECTING: u8 = 5;
const ACKNOWLEDGED: u8 = 6;

/// Sends connections to a worker; the sender keeps its copies.
///
/// # Errors
/// As [`fdpass::send`].
pub fn send_connections(
    channel: BorrowedFd<'_>,
    connections: &[BorrowedFd<'_>],
) -> Result<Sent, SysError> {
    fdpass::send(channel, &encode(CONNECTIONS, connections.len() as u64), connections)
}

/// Tells a worker to drain.
///
/// # Errors
/// As [`fdpass::send`].
pub fn send_drain(channel: BorrowedFd<'_>) -> Result<Sent, SysError> {
    fdpass::send(channel, &encode(DRAIN, 0), &[])
}

/// Tells the master something.
///
/// # Errors
/// As [`fdpass::send`].
pub fn send_report(channel: BorrowedFd<'_>, report: Report) -> Result<Sent, SysError> {
    let (tag, number) = match report {
        Report::Online => (ONLINE, 0),
        Report::Listening => (LISTENING, 0),
        Report::Disconnecting => (DISCONNECTING, 0),
        Report::Acknowledged(total) => (ACKNOWLEDGED, total),
    };
    fdpass::send(channel, &encode(tag, number), &[])
}

/// The worker's ear. A message that is not of this protocol is passed over.
///
/// # Errors
/// As [`fdpass::receive`].
pub fn next_order(channel: &impl AsFd, room: &mut ControlBuffer) -> Result<Heard<Order>, SysError> {
    hear(channel, room, |tag, number, connections| match tag {
        CONNECTIONS => {
            let lost = number.saturating_sub(connections.len() as u64);
            Some(Order::Connections { connections, lost })
        }
        DRAIN => Some(Order::Drain),
        _ => None,
    })
}

/// The master's ear. A message that is not of this protocol is passed over.
///
/// # Errors
/// As [`fdpass::receive`].
pub fn next_report(
    channel: &impl AsFd,
    room: &mut ControlBuffer,
) -> Result<Heard<Report>, SysError> {
    hear(channel, room, |tag, number, _| match tag {
        ONLINE => Some(Report::Online),
        LISTENING => Some(Report::Listening),
        DISCONNECTING => Some(Report::Disconnecting),
        ACKNOWLEDGED => Some(Report::Acknowledged(number)),
        _ => None,
    })
}

fn encode(tag: u8, number: u64) -> [u8; 9] {
    let mut bytes = [0; 9];
    bytes[0] = tag;
    bytes[1..].copy_from_slice(&number.to_le_bytes());
    bytes
}

fn hear<T>(
    channel: &impl AsFd,
    room: &mut ControlBuffer,
    decode: impl Fn(u8, u64, Vec<OwnedFd>) -> Option<T>,
) -> Result<Heard<T>, SysError> {
    loop {
        let (bytes, descriptors) = match fdpass::receive(channel.as_fd(), room)? {
            Received::Empty => return Ok(Heard::Nothing),
            Received::PeerGone => return Ok(Heard::PeerGone),
            Received::Message { bytes, descriptors } => (bytes, descriptors),
        };
        let Ok([tag, number @ ..]) = <[u8; 9]>::try_from(bytes.as_slice()) else { continue };
        if let Some(message) = decode(tag, u64::from_le_bytes(number), descriptors) {
            return Ok(Heard::Message(message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_arrive_in_order_and_before_a_later_drain() {
        let (master, worker) = fdpass::pair().unwrap();
        let (one, two) = fdpass::pair().unwrap();
        let sent = send_connections(master.as_fd(), &[one.as_fd(), two.as_fd()]).unwrap();
        assert_eq!(sent, Sent::Yes);
        assert_eq!(send_drain(master.as_fd()).unwrap(), Sent::Yes);
        let mut room = ControlBuffer::default();
        let first = next_order(&worker, &mut room).unwrap();
        let Heard::Message(Order::Connections { connections, lost: 0 }) = first else {
            panic!("{first:?}");
        };
        assert_eq!(connections.len(), 2);
        let second = next_order(&worker, &mut room).unwrap();
        assert!(matches!(second, Heard::Message(Order::Drain)), "{second:?}");
    }

    #[test]
    fn every_report_survives_the_wire() {
        let (master, worker) = fdpass::pair().unwrap();
        let reports =
            [Report::Online, Report::Listening, Report::Disconnecting, Report::Acknowledged(77)];
        for report in reports {
            assert_eq!(send_report(worker.as_fd(), report).unwrap(), Sent::Yes);
        }
        let mut room = ControlBuffer::default();
        for report in reports {
            let heard = next_report(&master, &mut room).unwrap();
            assert!(matches!(heard, Heard::Message(heard) if heard == report));
        }
    }

    #[test]
    fn garbage_is_passed_over() {
        let (master, worker) = fdpass::pair().unwrap();
        for garbage in [&b"?"[..], b"123456789", b"0123456789abcdef"] {
            assert_eq!(fdpass::send(worker.as_fd(), garbage, &[]).unwrap(), Sent::Yes);
        }
        send_report(worker.as_fd(), Report::Online).unwrap();
        let heard = next_report(&master, &mut ControlBuffer::default()).unwrap();
        assert!(matches!(heard, Heard::Message(Report::Online)));
    }
}
