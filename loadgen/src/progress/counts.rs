//! The counts of a run so far, as the threads leave them and snapshots show them.

use crate::outcome::Outcome;
use crate::tally::Tally;
use crate::worker::WorkerKey;

/// Counts of a thread, or of all of them.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Measured requests by class, indexed by [`Outcome`].
    pub classes: [u64; Outcome::ALL.len()],
    /// Measured requests that were due and never sent.
    pub never_sent: u64,
    /// Connections made over the whole life.
    pub connections: u64,
    /// Answers by worker.
    pub workers: Vec<Answers>,
}

/// What one worker answered, over the whole life.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers {
    /// How its answers name it.
    pub key: WorkerKey,
    /// When it was first seen.
    pub first_seen: u64,
    /// Connections whose first answer was its.
    pub connections: u64,
    /// Its answers.
    pub requests: u64,
}

impl Counts {
    /// Those in the books.
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
        self.workers.extend(tally.workers.iter().map(|worker| Answers {
            key: worker.key,
            first_seen: worker.first_seen,
            connections: worker.connections,
            requests: worker.requests,
        }));
    }

    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.classes.iter_mut().zip(other.classes) {
            *mine += theirs;
        }
        self.never_sent += other.never_sent;
        self.connections += other.connections;
        for theirs in &other.workers {
            match self.workers.iter_mut().find(|mine| mine.key == theirs.key) {
                Some(mine) => {
                    mine.first_seen = mine.first_seen.min(theirs.first_seen);
                    mine.connections += theirs.connections;
                    mine.requests += theirs.requests;
                }
                None => self.workers.push(*theirs),
            }
        }
    }
}
