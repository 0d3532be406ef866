//! The scoreboard: what each process of the cluster has done so far, in memory that all share.
//!
//! One slot a *process* in a fixed pool, made before the first fork. Only that process writes its
//! slot, so that a plain load and store do, without a locked instruction; the master reads. When a
//! process dies the master folds its counts into its worker id's and frees the slot. The mapping
//! itself is in [`crate::sys::mapping`].

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::sys::SysError;
use crate::sys::mapping::shared_array;

/// One process's slot, on cache lines of its own (two, because the adjacent one is prefetched).
#[repr(C, align(128))]
#[derive(Debug, Default)]
pub struct Slot {
    /// Process id; 0: the slot is free.
    pub pid: AtomicU32,
    /// The worker id, 1…N, that the process serves under.
    pub id: AtomicU32,
    /// Connections that it accepted or was dealt.
    pub connections: Counter,
    /// Connections open now.
    pub open: Counter,
    /// Requests that it answered.
    pub requests: Counter,
    /// Bytes of the bodies that it answered with.
    pub bytes: Counter,
    /// Dealt connections that were lost because the process had no descriptor left.
    pub lost: Counter,
}

/// A counter with a single writer.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds; by the slot's owner only.
    pub fn add(&self, amount: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    /// Takes away; by the slot's owner only.
    pub fn subtract(&self, amount: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_sub(amount), Relaxed);
    }

    /// Reads; by anyone.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    fn reset(&self) {
        self.0.store(0, Relaxed);
    }
}

impl Slot {
    /// A copy of the counts.
    pub fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.get(),
            requests: self.requests.get(),
            bytes: self.bytes.get(),
            lost: self.lost.get(),
        }
    }
}

/// What a process has done over its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Connections that it accepted or was dealt.
    pub connections: u64,
    /// Requests that it answered.
    pub requests: u64,
    /// Bytes of the bodies that it answered with.
    pub bytes: u64,
    /// Dealt connections that were lost for want of a descriptor.
    pub lost: u64,
}

/// The pool of slots.
#[derive(Debug, Clone, Copy)]
pub struct Scoreboard {
    slots: &'static [Slot],
}

impl Scoreboard {
    /// Maps a pool for `processes` processes; before any fork, so that all of them see it.
    ///
    /// # Errors
    /// `mmap` fails when there is no memory left.
    pub fn new(processes: u32) -> Result<Self, SysError> {
        Ok(Self { slots: shared_array(processes as usize)? })
    }

    /// Claims a free slot for the next process of a worker; `None` when the pool is used up.
    #[must_use]
    pub fn claim(&self, id: u32) -> Option<&'static Slot> {
        let slot = self.slots.iter().find(|slot| slot.id.load(Relaxed) == 0)?;
        slot.id.store(id, Relaxed);
        Some(slot)
    }

    /// Frees the slot of a process that is gone.
    pub fn free(&self, slot: &'static Slot) {
        for counter in [&slot.connections, &slot.open, &slot.requests, &slot.bytes, &slot.lost] {
            counter.reset();
        }
        slot.pid.store(0, Relaxed);
        slot.id.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_claimed_once_and_comes_back_empty() {
        let board = Scoreboard::new(2).unwrap();
        let first = board.claim(1).unwrap();
        assert!(board.claim(2).is_some());
        assert!(board.claim(3).is_none(), "the pool has two slots");
        first.requests.add(7);
        assert_eq!(first.counts().requests, 7);
        board.free(first);
        let again = board.claim(3).unwrap();
        assert_eq!(again.counts(), Counts::default());
    }

    #[test]
    fn slots_share_no_cache_line() {
        assert_eq!(size_of::<Slot>() % 128, 0);
        assert_eq!(align_of::<Slot>(), 128);
    }
}
