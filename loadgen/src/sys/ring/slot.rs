//! A socket in the ring, with what the kernel may be doing to it.

use std::os::fd::{AsRawFd, OwnedFd};

use io_uring::opcode::{AsyncCancel2, RecvMulti, Send};
use io_uring::squeue::{Entry, Flags};
use io_uring::types::{CancelBuilder, Fd, Fixed};

use super::buffers::GROUP;

/// A socket's place in the ring; it is used again once the kernel is done with the socket.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not whatever the others are")]
pub struct Slot {
    /// The socket; `None` while the place is free.
    pub socket: Option<OwnedFd>,
    /// How many sockets the place has had: completions of older ones are stale.
    pub generation: u32,
    /// Whether the socket is in the ring's table, at this place's number.
    pub fixed: bool,
    /// The user has let go of it.
    pub released: bool,
    /// A first send has succeeded: it is connected.
    pub proven: bool,
    pub receiving: bool,
    pub sending: bool,
    /// The last send whose success is not told, with its text: it may be under way, and the next
    /// one is mostly the same.
    pub quiet: Option<(usize, Entry)>,
    pub cancelling: bool,
    /// What is being sent; the kernel reads it while `sending`, and nobody changes it then.
    pub out: Vec<u8>,
    pub gone: usize,
    pub next: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Receive,
    Send,
    QuietSend,
    Cancel,
}

impl Slot {
    /// Whether the kernel may still touch what is the place's own.
    pub fn is_busy(&self) -> bool {
        self.receiving || self.sending || self.cancelling
    }

    /// Makes a place free whose socket is gone.
    pub fn vacate(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.fixed = false;
        self.released = false;
        self.proven = false;
        self.quiet = None;
        self.out.clear();
        self.gone = 0;
        self.next.clear();
    }

    /// Receives, again and again, into the ring's buffers.
    pub fn receive(&self, index: u32) -> Entry {
        let entry = if self.fixed {
            RecvMulti::new(Fixed(index), GROUP).build()
        } else {
            RecvMulti::new(self.fd(), GROUP).build()
        };
        entry.user_data(self.token(index, Deed::Receive))
    }

    /// Sends all of `bytes`; with `quiet` only a failure is told.
    pub fn send(&self, index: u32, bytes: &[u8], quiet: bool) -> Entry {
        let flags = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
        let (start, length) = (bytes.as_ptr(), bytes.len() as u32);
        let entry = if self.fixed {
            Send::new(Fixed(index), start, length).flags(flags).build()
        } else {
            Send::new(self.fd(), start, length).flags(flags).build()
        };
        if quiet {
            entry.flags(Flags::SKIP_SUCCESS).user_data(self.token(index, Deed::QuietSend))
        } else {
            entry.user_data(self.token(index, Deed::Send))
        }
    }

    pub fn cancel(&self, index: u32) -> Entry {
        let all = if self.fixed {
            CancelBuilder::fd(Fixed(index)).all()
        } else {
            CancelBuilder::fd(self.fd()).all()
        };
        AsyncCancel2::new(all).build().user_data(self.token(index, Deed::Cancel))
    }

    fn fd(&self) -> Fd {
        Fd(self.socket.as_ref().map_or(-1, AsRawFd::as_raw_fd))
    }

    fn token(&self, index: u32, deed: Deed) -> u64 {
        u64::from(index) << 32 | u64::from(self.generation << 2) | deed as u64
    }

    /// Takes a token apart: the place's number, and the deed if it is about the socket that is
    /// there now.
    pub fn read(token: u64) -> (u32, Deed, u32) {
        let deed = match token & 3 {
            0 => Deed::Receive,
            1 => Deed::Send,
            2 => Deed::QuietSend,
            _ => Deed::Cancel,
        };
        ((token >> 32) as u32, deed, token as u32 >> 2)
    }

    /// Whether a token's generation is the place's.
    pub fn is_current(&self, generation: u32) -> bool {
        self.generation & (u32::MAX >> 2) == generation
    }
}
