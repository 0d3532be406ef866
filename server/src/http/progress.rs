//! How far a connection has come: written by the [`super::stream`] that hyper reads from and by
//! whoever answers, read by the [`super::patience`] that watches over both.
//!
//! They take turns in one task, so that nothing here has to be ordered: the atomics are there
//! because a task may move between threads.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

use super::guard::Part;
use super::refusal::Refusal;
use crate::sys::clock::coarse_ms;

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// A [`Part`]; 0 is [`Part::Between`].
    part: AtomicU8,
    /// Requests that passed the guard whole.
    asked: AtomicU64,
    /// Requests that have an answer.
    answered: AtomicU64,
    /// When the part of the message changed last, or something was written, in milliseconds.
    since_ms: AtomicU64,
    /// Since when the client takes nothing of what is to be written; 0: it does.
    stalled_ms: AtomicU64,
    refusal: OnceLock<Refusal>,
    /// Whether hyper has the answer that tells of the refusal.
    refusal_is_told: AtomicBool,
    is_closing: AtomicBool,
    is_broken_off: AtomicBool,
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitsFor {
    /// The client, to ask for the first time.
    FirstRequest,
    /// The client, to ask again.
    Request,
    /// The client, to finish a head.
    Head,
    /// The client, to finish a body.
    Body,
    /// The client, to take an answer.
    Reader,
    /// Us, to answer.
    Answer,
}

impl Progress {
    pub fn new() -> Self {
        Self { since_ms: AtomicU64::new(coarse_ms()), ..Self::default() }
    }

    pub fn read(&self, part: Part, requests: u64) {
        self.asked.store(requests, Relaxed);
        if self.part.swap(part as u8, Relaxed) != part as u8 {
            self.since_ms.store(coarse_ms(), Relaxed);
        }
    }

    /// Whether the last of so many requests is the one next to those known of.
    pub fn is_next(&self, requests: u64) -> bool {
        self.asked.load(Relaxed) + 1 == requests
    }

    /// Whether every request has an answer, and the client takes them.
    pub fn is_idle(&self) -> bool {
        self.asked.load(Relaxed) == self.answered.load(Relaxed)
            && self.stalled_ms.load(Relaxed) == 0
    }

    pub fn answered(&self) {
        self.answered.store(self.answered.load(Relaxed) + 1, Relaxed);
    }

    /// Takes note that the client has taken something.
    pub fn written(&self) {
        self.since_ms.store(coarse_ms(), Relaxed);
        self.stalled_ms.store(0, Relaxed);
    }

    /// Takes note that the client takes nothing.
    pub fn stalled(&self) {
        if self.stalled_ms.load(Relaxed) == 0 {
            self.stalled_ms.store(coarse_ms(), Relaxed);
        }
    }

    /// What is waited for, and since when, in milliseconds.
    pub fn waits_for(&self) -> (WaitsFor, u64) {
        let since = self.since_ms.load(Relaxed);
        let stalled = self.stalled_ms.load(Relaxed);
        if stalled > 0 {
            return (WaitsFor::Reader, stalled);
        }
        let part = self.part.load(Relaxed);
        let what = match part {
            _ if self.asked.load(Relaxed) != self.answered.load(Relaxed) => WaitsFor::Answer,
            _ if part == Part::Head as u8 => WaitsFor::Head,
            _ if part == Part::Body as u8 => WaitsFor::Body,
            _ if self.asked.load(Relaxed) == 0 => WaitsFor::FirstRequest,
            _ => WaitsFor::Request,
        };
        (what, since)
    }

    /// Refuses what comes next; the first refusal counts.
    pub fn refuse(&self, refusal: Refusal) {
        let _ = self.refusal.set(refusal);
        self.close();
    }

    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal.get().copied()
    }

    /// The refusal, to be told as the answer to the request under way.
    pub fn take_refusal(&self) -> Option<Refusal> {
        let refusal = self.refusal()?;
        self.refusal_is_told.store(true, Relaxed);
        Some(refusal)
    }

    pub fn untold_refusal(&self) -> Option<Refusal> {
        self.refusal().filter(|_| !self.refusal_is_told.load(Relaxed))
    }

    pub fn close(&self) {
        self.is_closing.store(true, Relaxed);
    }

    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Relaxed)
    }

    pub fn break_off(&self) {
        self.is_broken_off.store(true, Relaxed);
    }

    pub fn is_broken_off(&self) -> bool {
        self.is_broken_off.load(Relaxed)
    }
}
