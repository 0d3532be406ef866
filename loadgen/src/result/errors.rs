//! The measured requests that failed, by class.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::tally::Tally;

/// Measured requests by class of failure; see [`Outcome`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the classes are those of `Outcome`")]
pub struct Errors {
    pub status: u64,
    pub refused: u64,
    pub connect: u64,
    pub connect_timeout: u64,
    pub timeout: u64,
    pub reset: u64,
    pub closed_early: u64,
    pub protocol: u64,
    pub unanswered: u64,
    /// Counts by the system's error name, for the classes that have one.
    pub errno: BTreeMap<String, u64>,
}

impl Errors {
    /// All that is in the books.
    pub(crate) fn new(tally: &Tally) -> Self {
        let errno = |(&number, &count)| (errno_name(number), count);
        Self { errno: tally.errno.iter().map(errno).collect(), ..Self::of(&tally.classes) }
    }

    /// The classes alone, from counts that [`Outcome`] indexes.
    pub(crate) fn of(classes: &[u64; Outcome::ALL.len()]) -> Self {
        let mut errors = Self::default();
        for (outcome, count) in errors.counts() {
            *count = classes[outcome as usize];
        }
        errors
    }

    /// Adds another generator's.
    pub(crate) fn merge(&mut self, other: &Self) {
        for ((_, mine), (_, theirs)) in self.counts().into_iter().zip(other.classes()) {
            *mine += theirs;
        }
        for (name, count) in &other.errno {
            *self.errno.entry(name.clone()).or_default() += count;
        }
    }

    fn counts(&mut self) -> [(Outcome, &mut u64); Outcome::ALL.len() - 1] {
        [
            (Outcome::Status, &mut self.status),
            (Outcome::Refused, &mut self.refused),
            (Outcome::Connect, &mut self.connect),
            (Outcome::ConnectTimeout, &mut self.connect_timeout),
            (Outcome::Timeout, &mut self.timeout),
            (Outcome::Reset, &mut self.reset),
            (Outcome::ClosedEarly, &mut self.closed_early),
            (Outcome::Protocol, &mut self.protocol),
            (Outcome::Unanswered, &mut self.unanswered),
        ]
    }

    /// All classes with their counts.
    #[must_use]
    pub fn classes(&self) -> [(Outcome, u64); Outcome::ALL.len() - 1] {
        self.clone().counts().map(|(outcome, count)| (outcome, *count))
    }

    /// Classes that occurred, with their counts.
    #[must_use]
    pub fn by_class(&self) -> Vec<(Outcome, u64)> {
        self.classes().into_iter().filter(|&(_, count)| count > 0).collect()
    }

    /// The sum over all classes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.classes().iter().map(|&(_, count)| count).sum()
    }
}

#[cfg(target_os = "linux")]
fn errno_name(number: i32) -> String {
    format!("{:?}", nix::errno::Errno::from_raw(number))
}

#[cfg(not(target_os = "linux"))]
fn errno_name(number: i32) -> String {
    number.to_string()
}
