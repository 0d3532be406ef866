//! What `serve` is asked to do, checked. Next: [`crate::run`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::Mode;
use crate::address::Address;
use crate::mode::NoGroup;

use crate::http::limits::{LimitError, Limits};
use crate::web::token::Token;

/// The most workers a cluster may have.
pub const MAX_WORKERS: u32 = 512;

/// The longest accept queue that can be asked for; the kernel's own bound is `somaxconn`.
const MAX_BACKLOG: u32 = 4096;

/// The shortest heartbeat timeout: below, a busy machine looks like a hang.
const MIN_HEARTBEAT: Duration = Duration::from_millis(100);

/// The longest time between two heartbeats: it is also how fresh the CPU times of the status are.
const MAX_PULSE: Duration = Duration::from_secs(1);

/// The most workers that a cluster can be scaled to unless more are asked for.
pub const DEFAULT_MAX_WORKERS: u32 = 64;

/// A checked plan for a cluster.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct Plan {
    pub mode: Mode,
    /// Number of workers, 1…[`MAX_WORKERS`].
    pub workers: u32,
    pub listen: Address,
    /// CPUs: worker `i` is pinned to the `i`-th, round and round; empty: not pinned.
    pub cpus: Vec<u32>,
    /// File for JSON lines of events.
    pub events: Option<PathBuf>,
    /// Where operators look and act, if anywhere; only forked modes have a master to ask.
    pub admin: Option<AdminPlan>,
    /// How long requests in progress may take once the cluster is told to stop.
    pub drain_timeout: Duration,
    /// Length of each accept queue, 1…4096; the kernel cuts it to `net.core.somaxconn`.
    pub backlog: u32,
    /// The most workers that the cluster can be scaled to, from `workers` to [`MAX_WORKERS`].
    pub max_workers: u32,
    /// How long a worker may be silent before it counts as stalled; `None`: for ever.
    pub heartbeat_timeout: Option<Duration>,
    /// A worker is replaced after so many requests and, by chance, up to a tenth more; `None`:
    /// never.
    pub max_requests: Option<u64>,
    pub limits: Limits,
    /// The most connections that a worker may have open, 1 or more; `None`: as many as its
    /// descriptors allow.
    pub max_connections: Option<u64>,
    /// Whether clients may break workers on purpose, by `/crash` and `/spin`.
    pub chaos: bool,
    /// Workers that find this file while they start exit with code 1.
    pub chaos_start: Option<PathBuf>,
}

/// The operators' address.
#[derive(Debug, Clone)]
pub struct AdminPlan {
    /// Where; port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// What who acts must show; `None`: one is made at random, and printed.
    pub token: Option<Token>,
}

/// Why a plan makes no sense.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "each message says it")]
pub enum PlanError {
    #[error("{0} workers: give a number from 1 to {MAX_WORKERS}, or auto for one a core")]
    Workers(u32),
    #[error(
        "mode single is one process, not {0} workers: leave --workers out or choose another mode"
    )]
    SingleWorker(u32),
    #[error("CPU {cpu} cannot be used here: the CPUs are {}", list(.allowed))]
    Cpu { cpu: u32, allowed: Vec<u32> },
    #[error(
        "mode {0} has no master to ask: --admin goes with the modes shared, reuseport, round-robin \
         and least-connections"
    )]
    Admin(Mode),
    #[error(
        "at most {0} workers: give a number from --workers ({1}) to {MAX_WORKERS} with --max-workers"
    )]
    MaxWorkers(u32, u32),
    #[error("a heartbeat timeout of {0:?}: give 100ms or more, or 0s to let workers hang")]
    Heartbeat(Duration),
    #[error("a worker for 0 requests: give 1 or more with --max-requests, or leave it out")]
    MaxRequests,
    #[error("0 connections a worker: give 1 or more with --max-connections, or leave it out")]
    MaxConnections,
    #[error(
        "{0}: an abstract socket has no file to keep other users out: give a path (for a file of \
         that name unix:./@…)"
    )]
    Abstract(Address),
    #[error(transparent)]
    NoGroup(#[from] NoGroup),
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error("a backlog of {0}: give a number from 1 to {MAX_BACKLOG}")]
    Backlog(u32),
}

impl Plan {
    /// Checks the plan; `allowed` are the CPUs that this process may use.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    pub fn check(self, allowed: &[u32]) -> Result<Self, PlanError> {
        if let Some(&cpu) = self.cpus.iter().find(|cpu| !allowed.contains(cpu)) {
            return Err(PlanError::Cpu { cpu, allowed: allowed.to_vec() });
        }
        if self.workers == 0 || self.workers > MAX_WORKERS {
            return Err(PlanError::Workers(self.workers));
        }
        if self.mode == Mode::Single && self.workers != 1 {
            return Err(PlanError::SingleWorker(self.workers));
        }
        if self.listen.is_abstract() {
            return Err(PlanError::Abstract(self.listen));
        }
        self.mode.check_family(self.listen.family())?;
        if self.admin.is_some() && !self.mode.is_forked() {
            return Err(PlanError::Admin(self.mode));
        }
        if self.max_workers < self.workers || self.max_workers > MAX_WORKERS {
            return Err(PlanError::MaxWorkers(self.max_workers, self.workers));
        }
        if let Some(timeout) = self.heartbeat_timeout.filter(|timeout| *timeout < MIN_HEARTBEAT) {
            return Err(PlanError::Heartbeat(timeout));
        }
        if self.max_requests == Some(0) {
            return Err(PlanError::MaxRequests);
        }
        if self.max_connections == Some(0) {
            return Err(PlanError::MaxConnections);
        }
        self.limits.check()?;
        if self.backlog == 0 || self.backlog > MAX_BACKLOG {
            return Err(PlanError::Backlog(self.backlog));
        }
        Ok(self)
    }

    /// How often a worker shows that its loop turns, and how often the master looks: four times in
    /// the heartbeat timeout, and at least once a second.
    pub(crate) fn pulse(&self) -> Duration {
        self.heartbeat_timeout.map_or(MAX_PULSE, |timeout| (timeout / 4).min(MAX_PULSE))
    }

    /// The CPU of a worker, if workers are pinned.
    pub(crate) fn cpu_of(&self, id: u32) -> Option<u32> {
        let index = (id as usize).checked_sub(1)?;
        (!self.cpus.is_empty()).then(|| self.cpus[index % self.cpus.len()])
    }
}

fn list(cpus: &[u32]) -> String {
    cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(mode: Mode, workers: u32) -> Plan {
        Plan {
            mode,
            workers,
            listen: Address::Tcp(([127, 0, 0, 1], 0).into()),
            cpus: vec![4, 6],
            events: None,
            admin: None,
            drain_timeout: Duration::from_secs(1),
            backlog: 128,
            max_workers: 8,
            heartbeat_timeout: Some(Duration::from_secs(10)),
            max_requests: None,
            limits: Limits::default(),
            max_connections: None,
            chaos: false,
            chaos_start: None,
        }
    }

    fn refusal(plan: Plan) -> PlanError {
        plan.check(&[4, 6]).unwrap_err()
    }

    #[test]
    fn zero_and_too_many_workers_are_refused() {
        for workers in [0, 513] {
            assert_eq!(refusal(plan(Mode::RoundRobin, workers)), PlanError::Workers(workers));
        }
    }

    #[test]
    fn single_takes_no_second_worker() {
        assert_eq!(refusal(plan(Mode::Single, 2)), PlanError::SingleWorker(2));
        assert!(plan(Mode::Single, 1).check(&[4, 6]).is_ok());
    }

    #[test]
    fn a_unix_socket_has_a_file_and_no_company() {
        let on = |mode, listen: &str| Plan { listen: listen.parse().unwrap(), ..plan(mode, 1) };
        for mode in Mode::ALL {
            let checked = on(mode, "unix:/x").check(&[4, 6]);
            assert_eq!(checked.is_ok(), mode != Mode::Reuseport, "{mode}");
            let error = refusal(on(mode, "unix:@x")).to_string();
            assert!(error.contains("unix:@x") && error.contains("unix:./@"), "{error}");
        }
        let error = PlanError::NoGroup(NoGroup(Mode::Reuseport));
        assert_eq!(refusal(on(Mode::Reuseport, "unix:/x")), error);
    }

    #[test]
    fn a_cpu_that_cannot_be_used_is_named() {
        let error = plan(Mode::Reuseport, 2).check(&[0, 4]).unwrap_err();
        assert_eq!(error.to_string(), "CPU 6 cannot be used here: the CPUs are 0,4");
    }

    #[test]
    fn bounds_that_would_make_the_cluster_useless_are_refused() {
        let refusal = |change: fn(&mut Plan)| {
            let mut plan = plan(Mode::Reuseport, 3);
            change(&mut plan);
            refusal(plan).to_string()
        };
        assert!(refusal(|plan| plan.max_workers = 2).contains("from --workers (3) to 512"));
        let short = |plan: &mut Plan| plan.heartbeat_timeout = Some(Duration::from_millis(99));
        assert!(refusal(short).contains("100ms or more"));
        assert!(refusal(|plan| plan.max_requests = Some(0)).contains("1 or more"));
        assert!(refusal(|plan| plan.max_connections = Some(0)).contains("1 or more"));
        assert!(refusal(|plan| plan.limits.headers = 0).contains("--max-headers 0"));
    }

    #[test]
    fn there_are_four_heartbeats_in_the_timeout() {
        for (timeout, pulse) in [(Some(10_000), 1_000), (Some(400), 100), (None, 1_000)] {
            let heartbeat_timeout = timeout.map(Duration::from_millis);
            let plan = Plan { heartbeat_timeout, ..plan(Mode::Reuseport, 3) };
            assert_eq!(plan.pulse(), Duration::from_millis(pulse));
        }
    }

    #[test]
    fn workers_take_the_cpus_round_and_round() {
        let plan = plan(Mode::Reuseport, 3);
        assert_eq!([1, 2, 3].map(|id| plan.cpu_of(id)), [Some(4), Some(6), Some(4)]);
    }
}
