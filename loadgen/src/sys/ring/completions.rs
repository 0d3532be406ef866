//! What a completion means for its slot.

use std::io;

use io_uring::cqueue;

use super::{Completion, Ring};

impl Ring {
    /// A receive brought bytes, an end or an error, and goes on or is over.
    pub(super) fn on_received(&mut self, index: u32, entry: &cqueue::Entry) -> Option<Completion> {
        let slot = &mut self.slots[index as usize];
        slot.receiving = cqueue::more(entry.flags());
        if slot.released {
            self.close_if_idle(index);
            return None;
        }
        let (result, over) = (entry.result(), !slot.receiving);
        // Without a free buffer it ends, and begins again when those in use have been given back.
        if over && (result > 0 || result == -libc::ENOBUFS) {
            self.receive(index);
        }
        match result {
            0 => Some(Completion::Ended(index)),
            1.. => Some(Completion::Received(index)),
            error if error == -libc::ENOBUFS => None,
            error => Some(Completion::Failed(index, io::Error::from_raw_os_error(-error))),
        }
    }

    /// A send of a slot's own bytes is over: it went out whole or in part, or failed.
    pub(super) fn on_sent(&mut self, index: u32, result: i32) -> Option<Completion> {
        let slot = &mut self.slots[index as usize];
        slot.sending = false;
        if slot.released {
            self.close_if_idle(index);
            return None;
        }
        let Ok(sent @ 1..) = usize::try_from(result) else {
            return Some(Completion::Failed(index, io::Error::from_raw_os_error(-result)));
        };
        slot.gone += sent;
        let first = !std::mem::replace(&mut slot.proven, true);
        self.send_next(index);
        first.then_some(Completion::Connected(index))
    }

    /// A send whose success would not be told went wrong.
    pub(super) fn on_quiet_failure(&mut self, index: u32, result: i32) -> Option<Completion> {
        let slot = &self.slots[index as usize];
        // A part of it went out, and then something happened of which the receive will tell.
        let failed = result < 0 && !slot.released;
        failed.then(|| Completion::Failed(index, io::Error::from_raw_os_error(-result)))
    }
}
