//! The end of a socket, and of a ring: nothing is closed or freed before the kernel is done with it.

use std::time::{Duration, Instant};

use io_uring::types::{CancelBuilder, Timespec};

use super::{Ring, Slot};

const PATIENCE: Duration = Duration::from_secs(2);

impl Ring {
    /// Lets go of a socket: it is closed as soon as the kernel is done with it.
    pub fn release(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        slot.released = true;
        if slot.is_busy() || slot.quiet.is_some() {
            let entry = slot.cancel(index);
            let pushed = self.push(&entry);
            self.slots[index as usize].cancelling = pushed;
        }
        self.close_if_idle(index);
    }

    /// Closes a released socket once nothing is under way on it.
    pub(super) fn close_if_idle(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if !slot.released || slot.is_busy() {
            return;
        }
        if slot.fixed
            && let Err(error) = self.kernel.submitter().register_files_update(index, &[-1])
        {
            self.failure = Some(error);
        }
        drop(slot.socket.take());
        slot.vacate();
        self.free.push(index);
    }

    /// Cancels everything and awaits it; `false` when something may still be under way.
    pub(super) fn drain(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        if self.submit().is_err() {
            return false;
        }
        let all = CancelBuilder::any();
        match self.kernel.submitter().register_sync_cancel(Some(Timespec::from(PATIENCE)), all) {
            Err(error) if error.raw_os_error() != Some(libc::ENOENT) => return false,
            _ => {}
        }
        for slot in &mut self.slots {
            slot.released = true;
        }
        loop {
            if self.wait(0).is_err() {
                return false;
            }
            let ready = self.ready();
            for _ in 0..ready {
                self.take();
            }
            if ready == 0 {
                let busy = self.slots.iter().any(Slot::is_busy);
                if !busy || Instant::now() > deadline {
                    return !busy;
                }
            }
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if !self.drain() {
            std::mem::forget(std::mem::take(&mut self.slots));
            std::mem::forget(std::mem::take(&mut self.texts));
            self.buffers.leak();
        }
    }
}
