//! Stream sockets on a ring of the kernel's (`io_uring`): sends and receives are put into a queue
//! and handed over with the wait, so that a whole batch of requests costs one system call.
//!
//! What a request costs: one entry for its send, whose success is not told; the receive of a socket
//! is one entry for its whole life, and each batch of bytes is one completion. Sockets are in the
//! ring's own table where that pays. The ring has one user, the thread that made it, and completions
//! are brought about only within its waits (`SINGLE_ISSUER`, `DEFER_TASKRUN`; Linux 6.1).
//!
//! # What the kernel may touch, and when
//!
//! A safe caller cannot give the kernel memory that goes away too early, for it gives none:
//! - *Texts* never change and are freed after the ring. A send of a short text may therefore be left
//!   alone until it fails, or until its socket is cancelled.
//! - A slot's `out` is not changed while a send of it is under way, which its completion ends. What
//!   is to follow waits in `next`. So one such send is under way on a socket, and the order holds.
//!   A quiet send is put beside neither: it follows an answer to all that was sent before, and what
//!   is so short fits into the socket's buffer at once.
//! - *Buffers* are the kernel's or ours, see [`buffers`]. What a completion brought is lent out until
//!   the next one is asked for.
//! - A *slot* that is released has all that is under way cancelled. Its socket stays open and its
//!   place taken until the completions of receive, send and cancellation have come; a quiet send's
//!   that comes later is known by its generation.
//! - At the end all is cancelled and awaited before anything is freed. If that fails, the memory is
//!   leaked, never freed.

mod buffers;
mod closing;
mod completions;
mod probe;
mod slot;

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use io_uring::squeue::Entry;
use io_uring::types::{SubmitArgs, Timespec};
use io_uring::{EnterFlags, IoUring, cqueue};

use buffers::Buffers;
pub use probe::probe;
use slot::{Deed, Slot};

use crate::sys::SysError;

/// Entries of the queue to the kernel; a full one is handed over before its time.
const ENTRIES: u32 = 1024;

/// A text up to this many bytes fits into the buffer of a socket on which all was answered.
const SHORT: usize = 4096;

pub struct Setup {
    pub texts: Vec<Vec<u8>>,
    pub sockets: u32,
    /// Whether a socket lives long enough to be put into the ring's table.
    pub table: bool,
    /// Whether each send on a socket follows the answer to the last one.
    pub in_turn: bool,
}

#[derive(Debug)]
pub enum Completion {
    /// The first send is done: the socket is connected.
    Connected(u32),
    /// Bytes came: [`Ring::input`].
    Received(u32),
    Ended(u32),
    Failed(u32, io::Error),
}

/// A ring with its sockets. Fields are dropped in their order: the ring before what it knows.
pub struct Ring {
    kernel: IoUring,
    buffers: Buffers,
    slots: Vec<Slot>,
    free: Vec<u32>,
    texts: Vec<Vec<u8>>,
    table: u32,
    in_turn: bool,
    flags: EnterFlags,
    /// The buffer that is lent out, with how much of it was filled.
    lent: Option<(u16, usize)>,
    /// A failure to hand over, told by the next wait.
    failure: Option<io::Error>,
}

impl Ring {
    pub fn new(setup: Setup) -> Result<Self, SysError> {
        let Setup { texts, sockets, table, in_turn } = setup;
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_submit_all()
            .setup_clamp()
            .setup_cqsize((2 * ENTRIES).max(4 * sockets.next_power_of_two()))
            .build(ENTRIES)
            .map_err(SysError::of("io_uring_setup"))?;
        let buffers =
            Buffers::register(&ring, sockets).map_err(SysError::of("io_uring_register"))?;
        // Without a table the sockets are named by their descriptors, which only costs a little.
        let table = table && ring.submitter().register_files_sparse(sockets).is_ok();
        let idle = ring.params().is_feature_no_iowait();
        Ok(Self {
            buffers,
            slots: Vec::new(),
            free: Vec::new(),
            texts,
            table: if table { sockets } else { 0 },
            in_turn,
            flags: if idle { EnterFlags::NO_IOWAIT } else { EnterFlags::empty() },
            lent: None,
            failure: None,
            kernel: ring,
        })
    }

    /// Takes a socket in, connected or connecting, and receives on it. Returns its slot.
    pub fn attach(&mut self, socket: OwnedFd) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() as u32 - 1
        });
        let descriptor = [socket.as_raw_fd()];
        let slot = &mut self.slots[index as usize];
        slot.socket = Some(socket);
        slot.fixed = index < self.table
            && self.kernel.submitter().register_files_update(index, &descriptor).is_ok();
        self.receive(index);
        index
    }

    /// Sends texts, after what was sent on the slot before.
    pub fn send(&mut self, index: u32, texts: &[usize]) {
        let slot = &mut self.slots[index as usize];
        if let &[text] = texts
            && self.in_turn
            && slot.proven
            && !slot.sending
            && self.texts[text].len() <= SHORT
        {
            let entry = match &mut slot.quiet {
                Some((last, entry)) if *last == text => entry,
                _ => {
                    let entry = slot.send(index, &self.texts[text], true);
                    &mut slot.quiet.insert((text, entry)).1
                }
            };
            push(&mut self.kernel, &mut self.failure, entry);
            return;
        }
        for &text in texts {
            slot.next.extend_from_slice(&self.texts[text]);
        }
        self.send_next(index);
    }

    /// Hands over what is queued and waits for one completion, for `timeout_ns` at most.
    pub fn wait(&mut self, timeout_ns: u64) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let time = Timespec::from(Duration::from_nanos(timeout_ns));
        let arguments = SubmitArgs::new().timespec(&time);
        let result = self.kernel.submitter().submit_with_args_and_flags(1, &arguments, self.flags);
        mild(result)
    }

    pub fn submit(&mut self) -> io::Result<()> {
        mild(self.kernel.submit())
    }

    /// Completions that can be taken.
    pub fn ready(&mut self) -> usize {
        self.kernel.completion().len()
    }

    /// Takes a completion; `None` when there is none, or it concerns nobody any more.
    pub fn take(&mut self) -> Option<Completion> {
        self.give_back();
        let entry = self.kernel.completion().next()?;
        if let Some(id) = cqueue::buffer_select(entry.flags()) {
            self.lent = Some((id, usize::try_from(entry.result()).unwrap_or(0)));
        }
        let (index, deed, generation) = Slot::read(entry.user_data());
        if !self.slots[index as usize].is_current(generation) {
            return None;
        }
        match deed {
            Deed::Receive => self.on_received(index, &entry),
            Deed::Send => self.on_sent(index, entry.result()),
            Deed::QuietSend => self.on_quiet_failure(index, entry.result()),
            Deed::Cancel => {
                self.slots[index as usize].cancelling = false;
                self.close_if_idle(index);
                None
            }
        }
    }

    /// The bytes of the completion that was taken last.
    pub fn input(&self) -> &[u8] {
        match self.lent {
            // SAFETY: the buffer is lent, and given back by `&mut self` only.
            Some((id, length)) => unsafe { self.buffers.bytes(id, length) },
            None => &[],
        }
    }

    fn give_back(&mut self) {
        if let Some((id, _)) = self.lent.take() {
            // SAFETY: it was ours; `&mut self` shows that nobody reads it.
            unsafe { self.buffers.give(id) };
        }
    }

    /// Sends what is left of a slot's bytes, and else what follows them.
    fn send_next(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if slot.sending {
            return;
        }
        if slot.gone == slot.out.len() {
            slot.out.clear();
            slot.gone = 0;
            std::mem::swap(&mut slot.out, &mut slot.next);
        }
        if !slot.out.is_empty() {
            let entry = slot.send(index, &slot.out[slot.gone..], false);
            let pushed = self.push(&entry);
            self.slots[index as usize].sending = pushed;
        }
    }

    fn receive(&mut self, index: u32) {
        let entry = self.slots[index as usize].receive(index);
        let pushed = self.push(&entry);
        self.slots[index as usize].receiving = pushed;
    }

    /// Queues an entry; `false` when the ring has failed.
    fn push(&mut self, entry: &Entry) -> bool {
        push(&mut self.kernel, &mut self.failure, entry)
    }
}

/// Queues an entry whose memory is one of those above; `false` when the ring has failed.
fn push(ring: &mut IoUring, failure: &mut Option<io::Error>, entry: &Entry) -> bool {
    // SAFETY: see the top of this file: what the entry points to outlives its completion.
    if unsafe { ring.submission().push(entry) }.is_ok() {
        return true;
    }
    if let Err(error) = mild(ring.submit()) {
        *failure = Some(error);
    }
    // SAFETY: as above.
    unsafe { ring.submission().push(entry) }.is_ok()
}

/// What ends a wait without being an error: time is up, a signal came, or completions must be taken
/// before more can be handed over.
fn mild(result: io::Result<usize>) -> io::Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => match error.raw_os_error() {
            Some(libc::ETIME | libc::EINTR | libc::EBUSY) => Ok(()),
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests;
