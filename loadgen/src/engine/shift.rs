//! A thread's shift: what it may still send and when, and its books. It decides and counts; who
//! moves the bytes asks it.

use super::Shard;
use super::pacer::Pacer;
use crate::clock::nanos;
use crate::log::Log;
use crate::mix::Picker;
use crate::outcome::Outcome;
use crate::sys::cpu;
use crate::tally::{Tally, Thread, Window, small_histogram};

/// The longest sleep: how late a call to stop is heard.
pub(super) const LONGEST_SLEEP_NS: u64 = 20_000_000;

/// How long an interrupted run waits for what is outstanding.
const SHORT_DRAIN_NS: u64 = 1_000_000_000;

pub(super) struct Shift {
    pub shard: Shard,
    pub picker: Picker,
    pub pacer: Option<Pacer>,
    pub tally: Tally,
    /// Requests under way on all connections.
    pub outstanding: u64,
    /// Measured requests that may still begin; `None` when time bounds the run.
    quota: Option<u64>,
    /// From when on nothing more is sent.
    stop_at: u64,
    /// From when on nothing more is awaited.
    abandon_at: u64,
    interrupted: bool,
    /// When to leave the counts on the board; `u64::MAX` without one.
    next_leave: u64,
    cpu_mark: Option<(u64, f64)>,
}

impl Shift {
    pub fn new(shard: Shard) -> Self {
        let plan = &shard.plan;
        Self {
            picker: Picker::new(&plan.mix, plan.seed, shard.thread),
            pacer: Pacer::new(plan, shard.thread),
            tally: Tally::new(Window { begin: 0, end: 0 }, false),
            outstanding: 0,
            quota: shard.quota,
            stop_at: 0,
            abandon_at: u64::MAX,
            interrupted: false,
            next_leave: u64::MAX,
            cpu_mark: None,
            shard,
        }
    }

    pub fn open(&mut self, window: Window) {
        self.tally = Tally::new(window, self.pacer.is_some());
        self.tally.log = Log::wanted(&self.shard.plan);
        self.stop_at = window.end;
        if let Some(board) = &self.shard.board {
            self.tally.recent = Some(small_histogram());
            self.next_leave = board.due(window.begin, window.begin);
        }
    }

    /// What is done once a turn of the loop, whatever happened.
    pub fn tick(&mut self, now: u64) {
        self.heed_stop(now);
        self.mark_cpu(now);
        self.publish(now);
    }

    /// Whether a request of the closed loop may begin at this instant, or another one of the open
    /// loop will be due.
    pub fn may_begin(&self, now: u64) -> bool {
        match &self.pacer {
            None => now < self.stop_at && self.quota != Some(0),
            Some(pacer) => {
                let timed = self.stop_at != u64::MAX;
                if timed { now < self.stop_at } else { pacer.next_due.is_some() }
            }
        }
    }

    /// Takes a request of the closed loop that begins now, if one may.
    pub fn take(&mut self, now: u64) -> bool {
        let may = self.may_begin(now);
        if may
            && now >= self.tally.window.begin
            && let Some(quota) = &mut self.quota
        {
            *quota -= 1;
        }
        may
    }

    pub fn notice(&mut self, now: u64) {
        let Some(pacer) = &mut self.pacer else { return };
        if let (Some(log), Some(due)) = (&mut self.tally.log, pacer.overdue(now)) {
            log.away(due, now);
        }
        let origin = self.tally.window.begin - nanos(self.shard.plan.warmup);
        pacer.notice(now, origin, self.stop_at, self.tally.window.begin, &mut self.quota);
        if !self.may_begin(now) {
            // What is due and not answered by then never will be.
            let last = now.min(self.stop_at).saturating_add(nanos(self.shard.plan.timeout));
            self.abandon_at = self.abandon_at.min(last);
        }
    }

    /// Whether all is done, or nothing more is awaited.
    pub fn is_over(&self, now: u64) -> bool {
        (!self.may_begin(now) && self.outstanding == 0 && !self.waiting()) || now >= self.abandon_at
    }

    /// Requests that are due and not sent, for want of a free connection.
    fn waiting(&self) -> bool {
        self.pacer.as_ref().is_some_and(|pacer| !pacer.waiting.is_empty())
    }

    /// How long to sleep when nothing happens, but not beyond `wake`.
    pub fn nap(&self, now: u64, wake: u64) -> u64 {
        let mut wake = wake.min(now + LONGEST_SLEEP_NS);
        for instant in [self.tally.window.begin, self.stop_at, self.next_leave] {
            if instant > now {
                wake = wake.min(instant);
            }
        }
        match &self.pacer {
            Some(pacer) => pacer.nap(now, wake),
            None => wake.saturating_sub(now),
        }
    }

    /// The run is cut short: what is due and was never sent will not be.
    pub fn give_up_waiting(&mut self, now: u64) {
        for due in self.pacer.iter_mut().flat_map(|pacer| pacer.waiting.drain(..)) {
            self.tally.give_up(due.begin, due.noticed, now);
        }
    }

    pub fn count_connection(&mut self) {
        self.tally.lifetime.connections += 1;
    }

    /// Whether a connection that has carried so many requests must be replaced.
    pub fn is_spent(&self, used: u64) -> bool {
        Some(used) == self.shard.plan.per_connection
    }

    /// The class of a request that was waited for long enough.
    pub fn timed_out(connected: bool) -> Outcome {
        if connected { Outcome::Timeout } else { Outcome::ConnectTimeout }
    }

    /// An interruption ends the window, and shortens the wait for what is outstanding.
    fn heed_stop(&mut self, now: u64) {
        let instant = self.shard.stop.instant();
        if instant <= now && !self.interrupted {
            self.interrupted = true;
            self.stop_at = self.stop_at.min(instant);
            self.tally.window.end = self.tally.window.end.min(instant);
            self.abandon_at = self.abandon_at.min(now.saturating_add(SHORT_DRAIN_NS));
        }
    }

    /// Reads this thread's CPU clock at the window's two ends.
    fn mark_cpu(&mut self, now: u64) {
        let over = !self.may_begin(now);
        match self.cpu_mark {
            None if now >= self.tally.window.begin => {
                self.cpu_mark = cpu::thread_time().ok().map(|busy| (now, busy));
            }
            Some((then, before)) if over && self.tally.threads.is_empty() => {
                if let Ok(after) = cpu::thread_time() {
                    let elapsed_s = (now - then) as f64 / 1e9;
                    self.tally.threads.push(Thread { cpu_s: after - before, elapsed_s });
                }
            }
            _ => {}
        }
    }

    /// Leaves the counts for whoever follows the run; tries again in the next turn if they are being
    /// read.
    fn publish(&mut self, now: u64) {
        if now >= self.next_leave
            && let Some(board) = &self.shard.board
            && board.leave(self.shard.thread, &mut self.tally)
        {
            self.next_leave = board.due(self.tally.window.begin, now);
        }
    }
}
