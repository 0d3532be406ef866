//! What differs between our own engines: how the bytes of a thread's connections move.
//!
//! A *place* is the number of a connection of the thread, from 0; sockets come and go in it. The
//! driver decides and books, the transport carries out and tells. Nothing here blocks but
//! [`Transport::wait`].

use std::io;
use std::os::fd::OwnedFd;

use super::Shard;
use crate::sys::SysError;

/// Which of the rendered requests: its part of the mix, and whether it is its connection's last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// The place of its part in the mix.
    pub part: usize,
    /// Whether it asks the server to close.
    pub last: bool,
}

#[derive(Debug)]
pub enum Event {
    /// The connection is made; may be told more than once.
    Connected(usize),
    /// Bytes came: [`Transport::input`] has them until the next event is asked for.
    Input(usize),
    Closed(usize),
    Broken(usize, io::Error),
}

/// Moves the bytes of one thread's connections.
pub trait Transport: Sized {
    /// Gets everything ready, on the thread that will use it.
    fn new(shard: &Shard) -> Result<Self, SysError>;

    /// Whether there is a socket at a place.
    fn is_open(&self, place: usize) -> bool;

    /// Puts a socket, connected or connecting, at a place that has none.
    fn attach(&mut self, place: usize, socket: OwnedFd);

    /// Adds a request to the output, which is one place's until [`Self::transmit`].
    fn put(&mut self, text: Text);

    /// Sends the output, after what was sent there before. Returns whether the connection is known
    /// to be made by now; if not, [`Event::Connected`] tells it later.
    ///
    /// # Errors
    /// The socket's error, if it is known at once.
    fn transmit(&mut self, place: usize) -> io::Result<bool>;

    /// More of an answer must come on a connection that carries one request.
    fn expect_more(&mut self, place: usize) -> io::Result<()>;

    /// Lets go of a socket after its last answer: a little later, so that the server closes first
    /// and the port that waits for stragglers (`TIME_WAIT`) is the server's; ours is free at once.
    fn retire(&mut self, place: usize);

    /// Closes the socket at a place, if there is one, and forgets the output.
    fn close(&mut self, place: usize);

    /// Waits for one event or more, for `nap_ns` at most. Returns whether the events that follow
    /// came with this wait; if not, they are left from the last one.
    fn wait(&mut self, nap_ns: u64) -> Result<bool, SysError>;

    /// The next event of a batch; `None` at its end. Batches are capped, so that an answer is never
    /// stamped long after the wait that brought it.
    fn next(&mut self) -> Option<Event>;

    /// The bytes of the last [`Event::Input`].
    fn input(&self) -> &[u8];
}
