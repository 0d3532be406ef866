//! The counts of a run so far, as the threads leave them and snapshots show them.

use crate::outcome::Outcome;
use crate::tally::{Answers, Tally};

/// Counts of a thread, or of all of them.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Measured requests by class, indexed by [`Outcome`].
    pub classes: [u64; Outcome::ALL.len()],
    /// Measured requests that were due and never sent.
    pub never_sent: u64,
    pub connections: u64,
    pub workers: Vec<Answers>,
}

impl Counts {
    pub fn of(tally: &Tally) -> Self {
        let mut counts = Self::default();
        counts.copy(tally);
        counts
    }

    /// Becomes what is in the books; keeps its memory.
    pub fn copy(&mut self, tally: &Tally) {
        self.classes = tally.classes;
        self.never_sent = tally.never_sent;
        self.connections = tally.lifetime.connections;
        self.workers.clear();
        self.workers.extend(tally.workers.iter().map(|worker| worker.answers));
    }

    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.classes.iter_mut().zip(other.classes) {
            *mine += theirs;
        }
        self.never_sent += other.never_sent;
        self.connections += other.connections;
        for theirs in &other.workers {
            match self.workers.iter_mut().find(|mine| mine.key == theirs.key) {
                Some(mine) => mine.merge(theirs),
                None => self.workers.push(*theirs),
            }
        }
    }
}
