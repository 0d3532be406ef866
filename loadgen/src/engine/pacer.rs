//! The open loop: requests are noticed when they are due, and wait in line for a free connection.
//!
//! However late the loop is, every due request is noticed, with its own due time: nothing is
//! skipped and catching up has no cap.

use std::collections::VecDeque;

use crate::pace::Schedule;
use crate::plan::{Model, Plan};

/// With a core of its own, a thread spins for the last stretch before a request is due.
const SPIN_NS: u64 = 200_000;

/// A request that is due and not sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub begin: u64,
    pub noticed: u64,
}

pub(super) struct Pacer {
    schedule: Schedule,
    started: bool,
    /// When the next request is due; `None` when none will be.
    pub next_due: Option<u64>,
    /// Requests that are due, oldest first.
    pub waiting: VecDeque<Due>,
    spin: bool,
}

impl Pacer {
    /// The pacer of one thread; `None` for a closed loop.
    pub fn new(plan: &Plan, thread: u32) -> Option<Self> {
        let Model::Open { rate, arrivals, spin } = &plan.model else { return None };
        let rate = rate.after(plan.warmup);
        Some(Self {
            schedule: Schedule::new(rate, *arrivals, plan.seed, thread, plan.threads),
            started: false,
            next_due: Some(0),
            waiting: VecDeque::with_capacity(1024),
            spin: *spin,
        })
    }

    /// The earliest due time that has passed and was not noticed yet.
    pub fn overdue(&self, now: u64) -> Option<u64> {
        self.next_due.filter(|due| self.started && *due < now)
    }

    /// Notices what is due by now and before `stop_at`. The schedule begins at `origin`; requests
    /// from `measured` on are taken from the quota, and the last of it is the last of all.
    pub fn notice(
        &mut self,
        now: u64,
        origin: u64,
        stop_at: u64,
        measured: u64,
        quota: &mut Option<u64>,
    ) {
        if !self.started {
            self.started = true;
            self.next_due = self.schedule.next().map(|due| origin + due);
        }
        if now >= stop_at && self.next_due >= Some(stop_at) {
            self.next_due = None;
        }
        while let Some(begin) = self.next_due
            && begin <= now.min(stop_at - 1)
        {
            if begin >= measured
                && let Some(quota) = quota
            {
                *quota -= 1;
            }
            self.waiting.push_back(Due { begin, noticed: now });
            self.next_due = match quota {
                Some(0) => None,
                _ => self.schedule.next().map(|due| origin + due),
            };
        }
    }

    /// How long to sleep: until the next request is due, or `wake` if that is earlier.
    pub fn nap(&self, now: u64, wake: u64) -> u64 {
        let wake = self.next_due.map_or(wake, |due| wake.min(due));
        let nap = wake.saturating_sub(now);
        if self.spin { nap.saturating_sub(SPIN_NS) } else { nap }
    }
}
