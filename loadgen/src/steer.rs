//! Steering: before a run its connections are opened again and again until each worker holds its
//! share. This tells an uneven distribution of connections from a slow server.
//!
//! Pure: it decides, from which worker answered on a new connection, whether to keep it.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::worker::WorkerKey;

/// How connections are to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Steer {
    /// Equally on all workers, however many there are.
    Equal,
    /// By weight, on as many workers as there are weights, in the order of their ids.
    Weights(Vec<u32>),
}

/// Why a text does not say how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a way to steer; give equal, or a weight for each worker such as 3:1")]
pub struct SteerError;

impl FromStr for Steer {
    type Err = SteerError;

    fn from_str(text: &str) -> Result<Self, SteerError> {
        if text == "equal" {
            return Ok(Self::Equal);
        }
        let weight = |part: &str| part.parse().ok().filter(|weight| (1..=1000).contains(weight));
        let weights: Option<Vec<u32>> = text.split(':').map(weight).collect();
        weights.filter(|weights| weights.len() > 1).map(Self::Weights).ok_or(SteerError)
    }
}

/// Where the connections of a run lay when it began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Steered {
    /// Connections of each worker, ordered by id, then pid.
    pub held: Vec<Held>,
    /// How many connections were opened for that.
    pub connects: u64,
}

/// The connections of one worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub struct Held {
    pub id: Option<u32>,
    pub pid: Option<u32>,
    pub connections: u64,
}

/// Why connections cannot be steered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what is wrong")]
pub enum SteerFailure {
    #[error(
        "--steer needs a server that names its workers, by x-worker-id or by 'worker N' in the \
         body; this one's answers name nobody"
    )]
    Nameless,
    #[error("--steer has {weights} weights and the server more workers (workers seen: {workers})")]
    TooMany { weights: usize, workers: usize },
    #[error(
        "--steer gives up after {connects} connects: {missing} of {connections} connections are \
         still missing where they should be (workers seen: {workers})"
    )]
    GivenUp { connects: u64, missing: u64, connections: u64, workers: usize },
}

/// The work of steering, as far as it has come.
#[derive(Debug)]
pub(crate) struct Steering {
    steer: Steer,
    connections: u64,
    connects: u64,
    held: BTreeMap<WorkerKey, u64>,
}

/// What becomes of a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays.
    Keep,
    /// It is closed: its worker has enough.
    Close,
}

impl Steering {
    /// Steering of so many connections.
    pub(crate) fn new(steer: Steer, connections: u64) -> Self {
        Self { steer, connections, connects: 0, held: BTreeMap::new() }
    }

    /// A connection was opened, and this worker answered on it.
    ///
    /// # Errors
    /// [`SteerFailure`] when it cannot come to an end.
    pub(crate) fn opened(&mut self, worker: WorkerKey) -> Result<Fate, SteerFailure> {
        self.connects += 1;
        if worker.is_unknown() {
            return Err(SteerFailure::Nameless);
        }
        self.held.entry(worker).or_default();
        if let Steer::Weights(weights) = &self.steer
            && self.held.len() > weights.len()
        {
            let (weights, workers) = (weights.len(), self.held.len());
            return Err(SteerFailure::TooMany { weights, workers });
        }
        let share = self.share(worker);
        let held = self.held.entry(worker).or_default();
        let fate = if *held < share { Fate::Keep } else { Fate::Close };
        *held += u64::from(fate == Fate::Keep);
        if self.connects >= self.most() && !self.is_done() {
            return Err(SteerFailure::GivenUp {
                connects: self.connects,
                missing: self.connections.saturating_sub(self.held.values().sum()),
                connections: self.connections,
                workers: self.held.len(),
            });
        }
        Ok(fate)
    }

    /// A worker with more connections than its share: one of them is to be closed.
    pub(crate) fn surplus(&mut self) -> Option<WorkerKey> {
        let full = |worker: &WorkerKey| self.held[worker] > self.share(*worker);
        let worker = self.held.keys().copied().find(full)?;
        *self.held.get_mut(&worker)? -= 1;
        Some(worker)
    }

    /// Whether every connection lies where it should, and no worker can have been overlooked.
    pub(crate) fn is_done(&self) -> bool {
        let all = match &self.steer {
            Steer::Equal => self.connects >= enough(self.held.len() as u64),
            Steer::Weights(weights) => self.held.len() == weights.len(),
        };
        all && self.held.values().sum::<u64>() == self.connections
            && self.held.iter().all(|(&worker, &held)| held <= self.share(worker))
    }

    /// What came of it.
    pub(crate) fn steered(&self) -> Steered {
        let held = |(key, &connections): (&WorkerKey, &u64)| Held {
            id: key.id,
            pid: key.pid,
            connections,
        };
        Steered { held: self.held.iter().map(held).collect(), connects: self.connects }
    }

    /// The most connections that one worker may hold.
    fn share(&self, worker: WorkerKey) -> u64 {
        let place = self.held.keys().take_while(|&&key| key < worker).count();
        let (weight, before, total) = match &self.steer {
            Steer::Equal => (1, place as u64, self.held.len().max(1) as u64),
            Steer::Weights(weights) => {
                let sum = |weights: &[u32]| weights.iter().copied().map(u64::from).sum::<u64>();
                let weight = weights.get(place).copied().unwrap_or_default();
                (u64::from(weight), sum(&weights[..place.min(weights.len())]), sum(weights))
            }
        };
        // The difference of two rounded sums: shares add up to the whole.
        let up_to = |weights: u64| (self.connections * weights + total / 2) / total;
        up_to(before + weight) - up_to(before)
    }

    /// The most connections that are opened before it is given up.
    fn most(&self) -> u64 {
        1_000 + 50 * self.connections
    }
}

/// Connections after which a fair server has shown one worker more, but for one time in a thousand:
/// (k/(k+1))ⁿ < 1/1000 where n > (k+1) ln 1000.
fn enough(workers: u64) -> u64 {
    7 * (workers + 1)
}

#[cfg(test)]
mod tests;
