//! The open loop: requests are noticed when they are due, and wait in line for a free connection.
//!
//! However late the loop is, every due request is noticed, with its own due time: nothing is
//! skipped and catching up has no cap.
//!
//! Next: [`super::sending`].

use std::collections::VecDeque;

use super::Driver;
use crate::clock::nanos;
use crate::engine::transport::Transport;
use crate::pace::Schedule;
use crate::plan::{Model, Plan};

/// With a core of its own, a thread spins for the last stretch before a request is due.
const SPIN_NS: u64 = 200_000;

/// A request that is due and not sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// When it was due.
    pub begin: u64,
    /// When the loop noticed.
    pub noticed: u64,
}

/// The schedule of one thread.
pub(super) struct Pacer {
    schedule: Schedule,
    started: bool,
    /// When the next request is due; `None` when none will be.
    pub next_due: Option<u64>,
    /// Requests that are due, oldest first.
    pub waiting: VecDeque<Due>,
    /// Connections with room, the one that has had it longest first: all are used in turn.
    idle: VecDeque<usize>,
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
            idle: VecDeque::new(),
            spin: *spin,
        })
    }

    /// How long to sleep: until the next request is due, or `wake` if that is earlier.
    pub fn nap(&self, now: u64, wake: u64) -> u64 {
        let wake = self.next_due.map_or(wake, |due| wake.min(due));
        let nap = wake.saturating_sub(now);
        if self.spin { nap.saturating_sub(SPIN_NS) } else { nap }
    }
}

impl<T: Transport> Driver<T> {
    /// Notices what is due, and sends it as far as there are free connections.
    pub(super) fn release(&mut self, now: u64) {
        let Some(pacer) = &mut self.pacer else { return };
        let origin = self.tally.window.begin - nanos(self.shard.plan.warmup);
        if !pacer.started {
            pacer.started = true;
            pacer.next_due = pacer.schedule.next().map(|due| origin + due);
        }
        if now >= self.stop_at && pacer.next_due >= Some(self.stop_at) {
            pacer.next_due = None;
        }
        while let Some(begin) = pacer.next_due
            && begin <= now.min(self.stop_at - 1)
        {
            if begin >= self.tally.window.begin
                && let Some(quota) = &mut self.quota
            {
                *quota -= 1;
            }
            pacer.waiting.push_back(Due { begin, noticed: now });
            pacer.next_due = match self.quota {
                Some(0) => None,
                _ => pacer.schedule.next().map(|due| origin + due),
            };
        }
        self.dispatch();
        if !self.may_begin(now) {
            // What is due and not answered by then never will be.
            let last = now.min(self.stop_at).saturating_add(nanos(self.shard.plan.timeout));
            self.abandon_at = self.abandon_at.min(last);
        }
    }

    /// Sends what is due on the connections that are free.
    fn dispatch(&mut self) {
        while let Some((due, place)) = self.pair() {
            let sent = self.shard.clock.now();
            self.tally.send(due.begin, due.noticed, sent);
            self.begin(place, due.begin, sent);
            self.transmit(place, sent);
        }
    }

    /// The oldest due request with the connection that has been free for longest.
    fn pair(&mut self) -> Option<(Due, usize)> {
        let pacer = self.pacer.as_mut()?;
        let due = *pacer.waiting.front()?;
        let place = pacer.idle.pop_front()?;
        pacer.waiting.pop_front();
        self.connections[place].idle -= 1;
        Some((due, place))
    }

    /// Puts a connection in line for requests, once for each that it has room for.
    pub(super) fn offer(&mut self, place: usize) {
        let depth = self.shard.plan.pipeline;
        let limit = self.shard.plan.per_connection.unwrap_or(u64::MAX);
        let connection = &mut self.connections[place];
        let Some(pacer) = &mut self.pacer else { return };
        while connection.outstanding.len() as u64 + u64::from(connection.idle) < u64::from(depth)
            && connection.used + u64::from(connection.idle) < limit
        {
            connection.idle += 1;
            pacer.idle.push_back(place);
        }
        if !pacer.waiting.is_empty() {
            self.dispatch();
        }
    }
}
