//! The plan of a run: everything the user asked for, checked before anything moves.

mod error;
mod tool;

use std::path::PathBuf;
use std::time::Duration;

use crate::mix::Part;
use crate::pace::{Arrivals, Profile};
use crate::request::Header;
use crate::steer::Steer;
use crate::target::Target;

pub use error::PlanError;
pub use tool::{Tool, UnknownTool};

/// What ends a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// After this many measured requests.
    Requests(u64),
    /// After this long, warm-up not included.
    Duration(Duration),
}

/// When requests are sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Each connection sends its next request when the answer to its last one has come.
    Closed,
    /// Requests are due at their times, whether answers have come or not.
    Open {
        /// The rate over time, warm-up not included.
        rate: Profile,
        /// How arrivals lie around the rate.
        arrivals: Arrivals,
        /// Whether to spin rather than sleep until the next one is due.
        spin: bool,
    },
}

named_enum! {
    /// What moves the bytes.
    pub enum EngineKind {
        /// `io_uring`.
        Uring = "uring",
        /// epoll.
        Epoll = "epoll",
        /// The client library hyper, of the feature `clients`.
        Hyper = "hyper",
        /// The client library reqwest, of the feature `clients`.
        Reqwest = "reqwest",
    }
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that the system believes.
    #[default]
    System,
    /// These, in PEM, too.
    Also(Vec<u8>),
    /// Everybody's.
    Anyone,
}

/// A run as it was asked for.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct Plan {
    pub target: Target,
    /// A Unix socket that connections go to in the place of the target's host and port.
    pub unix: Option<PathBuf>,
    pub model: Model,
    /// What is asked for, and how often beside each other.
    pub mix: Vec<Part>,
    pub method: String,
    /// The body; empty for none.
    pub body: Vec<u8>,
    pub headers: Vec<Header>,
    /// Concurrent connections, over all threads.
    pub connections: u32,
    /// Threads, each with its own event loop.
    pub threads: u32,
    pub bound: Bound,
    /// How long to run before the measurement begins.
    pub warmup: Duration,
    /// How long to wait for a connection or an answer.
    pub timeout: Duration,
    /// Requests that a connection carries before it is replaced; `None` for no limit.
    pub per_connection: Option<u64>,
    /// Requests under way on a connection at a time, at most.
    pub pipeline: u32,
    /// The seed of Poisson arrivals and of the mix.
    pub seed: u64,
    /// CPUs to which the threads are pinned, in turn; empty: not pinned.
    pub cpus: Vec<u32>,
    /// Whether the machine's CPUs are kept from sleeping while the run lasts.
    pub awake: bool,
    /// What is to move the bytes; `None` for the cheapest that works.
    pub engine: Option<EngineKind>,
    /// On which workers the connections are to lie; `None` where the server puts them.
    pub steer: Option<Steer>,
    /// Whether to speak HTTP/2 from the start; with TLS it is also spoken when the server offers it.
    pub http2: bool,
    pub trust: Trust,
    /// Tools whose figures are to be estimated.
    pub tools: Vec<Tool>,
    /// Whether to keep the measured requests one by one; with `tools` they are kept in any case.
    pub keep_log: bool,
}

/// How long after a failure to connect the next attempt is made.
pub const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// The longest duration, warm-up and timeout.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl Plan {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// The first [`PlanError`] found.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.connections == 0 {
            return Err(PlanError::NoConnections);
        }
        if self.threads == 0 {
            return Err(PlanError::NoThreads);
        }
        if self.threads > self.connections {
            let (threads, connections) = (self.threads, self.connections);
            return Err(PlanError::IdleThreads { threads, connections });
        }
        let duration = match self.bound {
            Bound::Requests(0) => return Err(PlanError::Empty),
            Bound::Duration(duration) if duration.is_zero() => return Err(PlanError::Empty),
            Bound::Requests(_) => Duration::ZERO,
            Bound::Duration(duration) => duration,
        };
        if [duration, self.warmup, self.timeout].into_iter().any(|length| length > LONGEST) {
            return Err(PlanError::TooLong);
        }
        if self.timeout < Duration::from_millis(1) {
            return Err(PlanError::NoTimeout);
        }
        self.check_requests()
    }

    fn check_requests(&self) -> Result<(), PlanError> {
        if self.per_connection == Some(0) {
            return Err(PlanError::NoRequests);
        }
        if !(1..=1000).contains(&self.pipeline) {
            return Err(PlanError::Pipeline(self.pipeline));
        }
        if self.method.is_empty() || !self.method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(PlanError::Method(self.method.clone()));
        }
        self.check_engine()?;
        match &self.model {
            Model::Open { rate, .. } if !rate.is_sound() => Err(PlanError::Rate),
            Model::Open { spin: true, .. } if self.cpus.len() < self.threads as usize => {
                Err(PlanError::Spin(self.threads))
            }
            _ => Ok(()),
        }
    }

    /// Whether the engine can do what is asked of it.
    fn check_engine(&self) -> Result<(), PlanError> {
        if self.steer.is_some() && self.per_connection.is_some() {
            return Err(PlanError::Unsteered);
        }
        let http2 = self.http2.then_some("--http2");
        let beyond = if self.target.tls { Some("https") } else { http2 };
        let engine = match (self.engine, beyond) {
            (None, None) => return Ok(()),
            (None, Some(_)) | (Some(EngineKind::Reqwest), _) => EngineKind::Reqwest,
            (Some(engine), Some(beyond)) => {
                return Err(PlanError::PlainOnly(engine.name(), beyond));
            }
            (Some(engine), None) => engine,
        };
        if matches!(engine, EngineKind::Uring | EngineKind::Epoll) {
            return Ok(());
        }
        if self.steer.is_some() && engine == EngineKind::Reqwest {
            return Err(PlanError::Unsteered);
        }
        let multiplexed = self.http2 && self.per_connection.is_none();
        match &self.model {
            _ if cfg!(not(feature = "clients")) => {
                Err(PlanError::NotBuilt(beyond.unwrap_or(engine.name())))
            }
            _ if self.pipeline > 1 && !multiplexed => Err(PlanError::OneAtATime(engine.name())),
            Model::Open { spin: true, .. } => Err(PlanError::NoSpin(engine.name())),
            _ => Ok(()),
        }
    }

    /// Whether each request has a connection of its own.
    pub(crate) fn is_one_each(&self) -> bool {
        self.per_connection == Some(1)
    }

    /// The share of `total` that falls to `thread`: shares differ by one at most.
    pub(crate) fn share(&self, total: u64, thread: u32) -> u64 {
        let (threads, thread) = (u64::from(self.threads), u64::from(thread));
        total / threads + u64::from(thread < total % threads)
    }
}

#[cfg(test)]
pub(crate) mod tests;
