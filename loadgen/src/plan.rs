//! The plan of a run: everything the user asked for, checked before anything moves.
//!
//! Next: [`crate::run`], which carries it out.

use std::time::Duration;

use crate::estimators::Tool;
use crate::mix::Part;
use crate::pace::{Arrivals, Profile};
use crate::request::Header;
use crate::target::Target;

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

/// Which engine is asked for; see `engine::choice`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wish {
    /// The cheapest that works.
    #[default]
    Auto,
    /// `io_uring`, or nothing.
    Uring,
    /// epoll.
    Epoll,
}

/// A run as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Where the requests go.
    pub target: Target,
    /// When requests are sent.
    pub model: Model,
    /// What is asked for, and how often beside each other.
    pub mix: Vec<Part>,
    /// The method.
    pub method: String,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// The user's headers.
    pub headers: Vec<Header>,
    /// Concurrent connections, over all threads.
    pub connections: u32,
    /// Threads, each with its own event loop.
    pub threads: u32,
    /// What ends the measurement.
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
    /// What is to move the bytes.
    pub engine: Wish,
    /// Tools whose figures are to be estimated; for none, nothing is logged.
    pub tools: Vec<Tool>,
}

/// Why a plan cannot be carried out: one line that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Zero connections.
    #[error("zero connections cannot send anything; give at least 1")]
    NoConnections,
    /// Zero threads.
    #[error("zero threads cannot send anything; give at least 1")]
    NoThreads,
    /// More threads than connections.
    #[error(
        "{threads} threads cannot share {connections} connections; \
         give at most as many threads as connections"
    )]
    IdleThreads {
        /// Threads asked for.
        threads: u32,
        /// Connections asked for.
        connections: u32,
    },
    /// Zero requests or no time.
    #[error("a measurement of nothing; give at least one request or a duration above zero")]
    Empty,
    /// Beyond what the clock and the histogram are made for.
    #[error("a duration, warm-up or timeout above a day; give at most 24h")]
    TooLong,
    /// A timeout of zero.
    #[error("a timeout of zero would fail every request; give 1ms or more")]
    NoTimeout,
    /// Zero requests a connection.
    #[error("a connection for zero requests; give at least 1")]
    NoRequests,
    /// A depth of zero, or one that no server would bear.
    #[error("a pipeline of {0}; give 1 (no pipelining) to 1000")]
    Pipeline(u32),
    /// A rate that makes no schedule.
    #[error(
        "a rate must be above zero and at most a billion requests a second; give one such as 1000"
    )]
    Rate,
    /// A method that is none.
    #[error("'{0}' is not a method; give one such as GET, HEAD or POST")]
    Method(String),
    /// Spinning where there is no core for it.
    #[error(
        "spinning needs a CPU for each thread and one left over for everybody else; \
         give --cpus with at least {0} CPUs, fewer than the machine has, or leave --spin out"
    )]
    Spin(u32),
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
        match &self.model {
            Model::Open { rate, .. } if !rate.is_sound() => Err(PlanError::Rate),
            Model::Open { spin: true, .. } if self.cpus.len() < self.threads as usize => {
                Err(PlanError::Spin(self.threads))
            }
            _ => Ok(()),
        }
    }

    /// Whether each request has a connection of its own.
    #[must_use]
    pub fn is_one_each(&self) -> bool {
        self.per_connection == Some(1)
    }

    /// The share of `total` that falls to `thread`: shares differ by one at most.
    #[must_use]
    pub fn share(&self, total: u64, thread: u32) -> u64 {
        let (threads, thread) = (u64::from(self.threads), u64::from(thread));
        total / threads + u64::from(thread < total % threads)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small closed loop against a port that nobody listens on.
    pub(crate) fn small() -> Plan {
        Plan {
            target: Target::parse("http://127.0.0.1:9/").unwrap(),
            model: Model::Closed,
            mix: vec![Part { weight: 1, path: "/".into() }],
            method: "GET".into(),
            body: vec![],
            headers: vec![],
            connections: 2,
            threads: 1,
            bound: Bound::Requests(10),
            warmup: Duration::ZERO,
            timeout: Duration::from_secs(1),
            per_connection: None,
            pipeline: 1,
            seed: 1,
            cpus: vec![],
            engine: Wish::Auto,
            tools: vec![],
        }
    }

    #[test]
    fn a_sound_plan_passes() {
        assert_eq!(small().check(), Ok(()));
    }

    #[test]
    fn what_cannot_run_is_refused() {
        let fails = |change: fn(&mut Plan)| {
            let mut plan = small();
            change(&mut plan);
            plan.check().expect_err("an impossible plan")
        };
        assert_eq!(fails(|plan| plan.connections = 0), PlanError::NoConnections);
        assert_eq!(fails(|plan| plan.threads = 0), PlanError::NoThreads);
        let idle = PlanError::IdleThreads { threads: 3, connections: 2 };
        assert_eq!(fails(|plan| plan.threads = 3), idle);
        assert_eq!(fails(|plan| plan.bound = Bound::Requests(0)), PlanError::Empty);
        assert_eq!(fails(|plan| plan.bound = Bound::Duration(Duration::ZERO)), PlanError::Empty);
        assert_eq!(fails(|plan| plan.warmup = LONGEST * 2), PlanError::TooLong);
        assert_eq!(fails(|plan| plan.timeout = Duration::ZERO), PlanError::NoTimeout);
        assert_eq!(fails(|plan| plan.per_connection = Some(0)), PlanError::NoRequests);
        assert_eq!(fails(|plan| plan.pipeline = 0), PlanError::Pipeline(0));
        assert_eq!(fails(|plan| plan.method = "get it".into()), PlanError::Method("get it".into()));
        let open = |rate, spin| Model::Open {
            rate: Profile::constant(rate),
            arrivals: Arrivals::Constant,
            spin,
        };
        let with = |model| Plan { model, ..small() }.check();
        assert_eq!(with(open(0.0, false)), Err(PlanError::Rate));
        assert_eq!(with(open(1.0, true)), Err(PlanError::Spin(1)));
        assert_eq!(with(open(1.0, false)), Ok(()));
    }

    #[test]
    fn shares_differ_by_one_and_add_up() {
        let plan = Plan { threads: 3, ..small() };
        let shares: Vec<_> = (0..3).map(|thread| plan.share(10, thread)).collect();
        assert_eq!(shares, [4, 3, 3]);
    }
}
