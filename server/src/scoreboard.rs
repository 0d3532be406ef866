//! The scoreboard: what each process of the cluster has done so far, in memory that all share.
//!
//! One slot per *process* in a fixed pool ([`crate::sys::shared_memory`]) made before the first fork.
//! Only that process writes its slot; the master claims, reads and frees it, and adds a dead process's
//! counts to those of its worker id.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::sys::SysError;
use crate::sys::shared_memory::shared_array;

/// One process's slot, on cache lines of its own (two by two, because the adjacent one is
/// prefetched).
#[repr(C, align(128))]
#[derive(Debug, Default)]
pub struct Slot {
    /// The worker id, 1…N, that the process serves under; 0: the slot is free.
    id: AtomicU32,
    /// Connections that it accepted or was dealt.
    pub connections: Counter,
    /// Connections open now.
    pub open: Counter,
    /// Requests that it answered.
    pub requests: Counter,
    /// Bytes of the bodies that it answered with.
    pub bytes: Counter,
    /// Dealt connections that it has taken over: from then on they live and die with it. This is
    /// the acknowledgement that the master waits for before it closes its copies.
    pub taken: Counter,
    /// Dealt connections that could not be received for want of descriptors; they are dealt again.
    pub lost: Counter,
    /// When it last showed that its loop turns, in milliseconds since the cluster began; 0: never.
    pub heartbeat_ms: Counter,
    /// How many connections it can hold, by its limit of descriptors; 0: not told yet.
    pub room: Counter,
    /// Microseconds in which it was not waiting for anything (summed over threads).
    pub busy_us: Counter,
    /// Microseconds of CPU time in user mode, as of the last heartbeat.
    pub cpu_user_us: Counter,
    /// Microseconds of CPU time in the kernel, as of the last heartbeat.
    pub cpu_system_us: Counter,
    /// Errors by kind.
    pub errors: Errors<Counter>,
    /// Times that it woke for a new connection and found that another worker had it.
    pub vain_wakes: Counter,
}

/// A number that any thread of the slot's owner may change and anyone may read.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Release);
    }

    /// Takes away, and gives what is left.
    pub(crate) fn subtract(&self, amount: u64) -> u64 {
        self.0.fetch_sub(amount, Ordering::Release).wrapping_sub(amount)
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Release);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl Slot {
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.get(),
            open: self.open.get(),
            requests: self.requests.get(),
            bytes: self.bytes.get(),
            lost: self.lost.get(),
            vain_wakes: self.vain_wakes.get(),
            busy_s: self.busy_us.get() as f64 / 1e6,
            errors: self.errors.each().map(Counter::get).into(),
        }
    }

    /// Frees the slot of a process that is gone.
    pub(crate) fn free(&self) {
        for counter in self.counters() {
            counter.set(0);
        }
        self.id.store(0, Ordering::Relaxed);
    }

    fn counters(&self) -> impl Iterator<Item = &Counter> {
        let others = [
            &self.connections,
            &self.open,
            &self.requests,
            &self.bytes,
            &self.taken,
            &self.lost,
            &self.heartbeat_ms,
            &self.room,
            &self.busy_us,
            &self.cpu_user_us,
            &self.cpu_system_us,
            &self.vain_wakes,
        ];
        others.into_iter().chain(self.errors.each())
    }
}

/// What a process has done so far, or over its whole life. A count that an older build does not
/// tell is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Connections that it accepted or was dealt.
    pub connections: u64,
    /// Connections open: at its end, those that it took with it.
    pub open: u64,
    /// Requests that it answered.
    pub requests: u64,
    /// Bytes of the bodies that it answered with.
    pub bytes: u64,
    /// Dealt connections that it could not receive and gave back.
    pub lost: u64,
    /// Times that it woke for a new connection and found that another worker had it.
    pub vain_wakes: u64,
    /// Seconds in which it was not waiting for anything.
    pub busy_s: f64,
    /// Errors by kind.
    pub errors: Errors,
}

impl Counts {
    /// Adds those of another process of the same worker id.
    pub(crate) fn fold(&mut self, other: &Self) {
        self.connections += other.connections;
        self.open += other.open;
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.lost += other.lost;
        self.vain_wakes += other.vain_wakes;
        self.busy_s += other.busy_s;
        let (ours, theirs) = (self.errors.each(), other.errors.each());
        self.errors = std::array::from_fn(|kind| ours[kind] + theirs[kind]).into();
    }
}

/// What went wrong on a process's connections, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Errors<T = u64> {
    /// Requests answered 400 because they asked for nonsense.
    pub bad_requests: T,
    /// Requests that broke the protocol's rules, or asked for what this server does not do.
    pub protocol: T,
    /// Connections that broke off in the middle of a request or an answer.
    pub broken_off: T,
    /// Requests that were larger than the limits allow.
    pub too_large: T,
    /// Requests that did not come in time, and answers that were not taken in time.
    pub timeouts: T,
    /// Times that accepting paused because the descriptors had run out.
    pub exhausted: T,
}

impl<T> Errors<T> {
    /// The numbers of all kinds.
    fn each(&self) -> [&T; 6] {
        let Self { bad_requests, protocol, broken_off, too_large, timeouts, exhausted } = self;
        [bad_requests, protocol, broken_off, too_large, timeouts, exhausted]
    }
}

impl From<[u64; 6]> for Errors {
    fn from(each: [u64; 6]) -> Self {
        let [bad_requests, protocol, broken_off, too_large, timeouts, exhausted] = each;
        Self { bad_requests, protocol, broken_off, too_large, timeouts, exhausted }
    }
}

impl Errors {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.each().into_iter().sum()
    }
}

/// The pool of slots.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scoreboard {
    slots: &'static [Slot],
}

impl Scoreboard {
    /// Maps a pool for `processes` processes; before any fork, so that all of them see it.
    pub(crate) fn new(processes: u32) -> Result<Self, SysError> {
        Ok(Self { slots: shared_array(processes as usize)? })
    }

    /// Claims a free slot for the next process of a worker; `None` when the pool is used up.
    pub(crate) fn claim(&self, id: u32) -> Option<&'static Slot> {
        let slot = self.slots.iter().find(|slot| slot.id.load(Ordering::Relaxed) == 0)?;
        slot.id.store(id, Ordering::Relaxed);
        Some(slot)
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
        for counter in first.counters() {
            counter.add(7);
        }
        assert_eq!(first.counts().errors.total(), 6 * 7);
        first.free();
        let again = board.claim(3).unwrap();
        assert_eq!(again.counts(), Counts::default());
        assert!(again.counters().all(|counter| counter.get() == 0));
    }

    #[test]
    fn slots_share_no_cache_line() {
        assert_eq!(size_of::<Slot>() % 128, 0);
        assert_eq!(align_of::<Slot>(), 128);
    }

    #[test]
    fn counts_of_two_processes_add_up() {
        let one = Counts { requests: 3, busy_s: 0.5, ..Counts::default() };
        let mut sum = one;
        sum.fold(&one);
        assert_eq!((sum.requests, sum.busy_s), (6, 1.0));
    }
}
