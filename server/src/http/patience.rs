//! Patience: how long a connection may wait for its client, and what happens then.
//!
//! The times are read when something has happened anyway; one timer per connection checks whether one
//! has run out. It is set again only when it fires, not while requests come and are answered.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;

use super::limits::Limits;
use super::progress::{Progress, WaitsFor};
use super::refusal::Refusal;
use crate::sys::clock::coarse_ms;

pub(super) struct Patience<'a> {
    limits: &'a Limits,
    progress: &'a Progress,
    timer: Option<Pin<Box<Sleep>>>,
    /// When the timer fires, in milliseconds of the coarse clock; `None` when it has.
    fires_ms: Option<u64>,
}

/// The client takes nothing of its answer: there is nobody to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NobodyReads;

impl<'a> Patience<'a> {
    pub fn new(limits: &'a Limits, progress: &'a Progress) -> Self {
        Self { limits, progress, timer: None, fires_ms: None }
    }

    pub fn check(&mut self) -> Result<(), NobodyReads> {
        if !self.timer.as_ref().is_some_and(|timer| timer.is_elapsed()) {
            return Ok(());
        }
        self.fires_ms = None;
        if self.deadline_ms().is_none_or(|deadline| coarse_ms() < deadline) {
            return Ok(());
        }
        match self.progress.waits_for().0 {
            WaitsFor::FirstRequest | WaitsFor::Request => self.progress.close(),
            WaitsFor::Head => self.progress.refuse(Refusal::SlowHead),
            WaitsFor::Body => self.progress.refuse(Refusal::SlowBody),
            WaitsFor::Reader => return Err(NobodyReads),
            WaitsFor::Answer => {}
        }
        Ok(())
    }

    /// Sees to it that the task is woken when the next time runs out.
    pub fn wake_in_time(&mut self, cx: &mut Context<'_>) {
        let Some(deadline) = self.deadline_ms() else { return };
        if self.progress.is_closing() || self.fires_ms.is_some_and(|fires| fires <= deadline) {
            return;
        }
        // A tick of the coarse clock later, or it would seem too early.
        let left = Duration::from_millis(deadline.saturating_sub(coarse_ms()) + COARSE_TICK_MS);
        let at = tokio::time::Instant::from_std(Instant::now() + left);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        timer.as_mut().reset(at);
        self.fires_ms = Some(deadline);
        if timer.as_mut().poll(cx) == Poll::Ready(()) {
            cx.waker().wake_by_ref();
        }
    }

    /// When what is waited for is overdue; `None`: never.
    fn deadline_ms(&self) -> Option<u64> {
        let (what, since) = self.progress.waits_for();
        let time = match what {
            // Who has connected ahead of time may take as long as between two requests, and in no
            // case less than for a head.
            WaitsFor::FirstRequest => self.limits.idle_timeout.max(self.limits.head_timeout),
            WaitsFor::Request => self.limits.idle_timeout,
            WaitsFor::Head => self.limits.head_timeout,
            WaitsFor::Body => self.limits.body_timeout,
            WaitsFor::Reader => self.limits.write_timeout,
            WaitsFor::Answer => return None,
        };
        Some(since + time.as_millis() as u64)
    }
}

/// The coarse clock's resolution on the slowest usual kernel (`CONFIG_HZ=100`).
const COARSE_TICK_MS: u64 = 10;
