//! The messages between master and worker: what the bytes beside the descriptors mean.
//!
//! A message is a tag and two numbers (little-endian), which most leave at 0. The transport is
//! [`crate::sys::fdpass`].

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
    /// Accept from this listening socket from now on, or from none, and report so.
    Accept {
        /// `None`: from none, or one was sent that could not be received for want of descriptors.
        socket: Option<OwnedFd>,
        /// Which of the master's orders to this worker it is.
        serial: u64,
    },
    /// Take nothing new, finish what is under way, and end.
    Drain(Queue),
}

/// What becomes of a worker's accept queue when it drains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Others take it over.
    LeaveIt,
    /// The cluster stops: whoever has been let in by the kernel is still served.
    TakeIt,
}

/// What a worker tells its master.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    Online,
    Listening,
    /// It was asked by a signal of its own to end, and waits for [`Order::Drain`].
    Disconnecting,
    /// It has carried out [`Order::Accept`].
    Accepts {
        serial: u64,
        /// Whether it accepts from a socket now.
        socket: bool,
    },
    /// It has answered as many requests as it is to, and serves on until its successor is ready.
    Outlived,
    /// After the first `after` connections, it could not receive `count` for want of descriptors:
    /// they are to be dealt again.
    Lost {
        after: u64,
        count: u64,
    },
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

/// Bytes of a message.
const LENGTH: usize = 17;

const CONNECTIONS: u8 = 1;
const DRAIN: u8 = 2;
const ONLINE: u8 = 3;
const LISTENING: u8 = 4;
const DISCONNECTING: u8 = 5;
const OUTLIVED: u8 = 6;
const LOST: u8 = 7;
const ACCEPT: u8 = 8;
const ACCEPTS: u8 = 9;

/// Sends connections to a worker; the sender keeps its copies.
///
/// # Errors
/// As [`fdpass::send`].
pub fn send_connections(
    channel: BorrowedFd<'_>,
    connections: &[BorrowedFd<'_>],
) -> Result<Sent, SysError> {
    fdpass::send(channel, &encode(CONNECTIONS, connections.len() as u64, 0), connections)
}

/// Tells a worker which listening socket to accept from, if from any; the sender keeps its copy.
pub(crate) fn send_accept(
    channel: BorrowedFd<'_>,
    socket: Option<BorrowedFd<'_>>,
    serial: u64,
) -> Result<Sent, SysError> {
    fdpass::send(channel, &encode(ACCEPT, serial, 0), socket.as_slice())
}

/// Tells a worker to drain.
pub(crate) fn send_drain(channel: BorrowedFd<'_>, queue: Queue) -> Result<Sent, SysError> {
    fdpass::send(channel, &encode(DRAIN, u64::from(queue == Queue::TakeIt), 0), &[])
}

/// Tells the master something.
pub(crate) fn send_report(channel: BorrowedFd<'_>, report: Report) -> Result<Sent, SysError> {
    let message = match report {
        Report::Online => encode(ONLINE, 0, 0),
        Report::Listening => encode(LISTENING, 0, 0),
        Report::Disconnecting => encode(DISCONNECTING, 0, 0),
        Report::Accepts { serial, socket } => encode(ACCEPTS, serial, u64::from(socket)),
        Report::Outlived => encode(OUTLIVED, 0, 0),
        Report::Lost { after, count } => encode(LOST, after, count),
    };
    fdpass::send(channel, &message, &[])
}

/// The worker's ear. A message that is not of this protocol is passed over.
///
/// # Errors
/// As [`fdpass::receive`].
pub fn next_order(channel: &impl AsFd, room: &mut ControlBuffer) -> Result<Heard<Order>, SysError> {
    hear(channel, room, |tag, [number, _], mut descriptors| match tag {
        CONNECTIONS => {
            let lost = number.saturating_sub(descriptors.len() as u64);
            Some(Order::Connections { connections: descriptors, lost })
        }
        ACCEPT => Some(Order::Accept { socket: descriptors.pop(), serial: number }),
        DRAIN if number == 0 => Some(Order::Drain(Queue::LeaveIt)),
        DRAIN => Some(Order::Drain(Queue::TakeIt)),
        _ => None,
    })
}

/// The master's ear. A message that is not of this protocol is passed over.
pub(crate) fn next_report(
    channel: &impl AsFd,
    room: &mut ControlBuffer,
) -> Result<Heard<Report>, SysError> {
    hear(channel, room, |tag, [first, second], _| match tag {
        ONLINE => Some(Report::Online),
        LISTENING => Some(Report::Listening),
        DISCONNECTING => Some(Report::Disconnecting),
        OUTLIVED => Some(Report::Outlived),
        ACCEPTS => Some(Report::Accepts { serial: first, socket: second != 0 }),
        LOST => Some(Report::Lost { after: first, count: second }),
        _ => None,
    })
}

fn encode(tag: u8, first: u64, second: u64) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[0] = tag;
    bytes[1..9].copy_from_slice(&first.to_le_bytes());
    bytes[9..].copy_from_slice(&second.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<(u8, [u64; 2])> {
    let (&tag, numbers) = bytes.split_first()?;
    let ([first, second], []) = numbers.as_chunks() else { return None };
    Some((tag, [u64::from_le_bytes(*first), u64::from_le_bytes(*second)]))
}

fn hear<T>(
    channel: &impl AsFd,
    room: &mut ControlBuffer,
    meaning: impl Fn(u8, [u64; 2], Vec<OwnedFd>) -> Option<T>,
) -> Result<Heard<T>, SysError> {
    loop {
        let (bytes, descriptors) = match fdpass::receive(channel.as_fd(), room)? {
            Received::Empty => return Ok(Heard::Nothing),
            Received::PeerGone => return Ok(Heard::PeerGone),
            Received::Message { bytes, descriptors } => (bytes, descriptors),
        };
        let Some((tag, numbers)) = decode(&bytes) else { continue };
        if let Some(message) = meaning(tag, numbers, descriptors) {
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
        assert_eq!(send_drain(master.as_fd(), Queue::TakeIt).unwrap(), Sent::Yes);
        let mut room = ControlBuffer::default();
        let first = next_order(&worker, &mut room).unwrap();
        let Heard::Message(Order::Connections { connections, lost: 0 }) = first else {
            panic!("{first:?}");
        };
        assert_eq!(connections.len(), 2);
        let second = next_order(&worker, &mut room).unwrap();
        assert!(matches!(second, Heard::Message(Order::Drain(Queue::TakeIt))), "{second:?}");
    }

    #[test]
    fn the_order_to_accept_brings_the_socket_or_none() {
        let (master, worker) = fdpass::pair().unwrap();
        let (socket, _) = fdpass::pair().unwrap();
        for (sent, serial) in [(Some(socket.as_fd()), 7), (None, 8)] {
            assert_eq!(send_accept(master.as_fd(), sent, serial).unwrap(), Sent::Yes);
            let heard = next_order(&worker, &mut ControlBuffer::default()).unwrap();
            let Heard::Message(Order::Accept { socket, serial: heard }) = heard else {
                panic!("{heard:?}");
            };
            assert_eq!((socket.is_some(), heard), (sent.is_some(), serial));
        }
    }

    #[test]
    fn every_report_survives_the_wire() {
        let (master, worker) = fdpass::pair().unwrap();
        let reports = [
            Report::Online,
            Report::Listening,
            Report::Disconnecting,
            Report::Accepts { serial: 3, socket: true },
            Report::Accepts { serial: 4, socket: false },
            Report::Outlived,
            Report::Lost { after: 77, count: u64::MAX },
        ];
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
        for garbage in [&b"?"[..], b"12345678901234567", b"0123456789abcdef", b"\x07"] {
            assert_eq!(fdpass::send(worker.as_fd(), garbage, &[]).unwrap(), Sent::Yes);
        }
        send_report(worker.as_fd(), Report::Online).unwrap();
        let heard = next_report(&master, &mut ControlBuffer::default()).unwrap();
        assert!(matches!(heard, Heard::Message(Report::Online)));
    }
}
