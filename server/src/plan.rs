//! What `serve` is asked to do, checked. Next: [`crate::run`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::Mode;

/// The most workers a cluster may have.
pub const MAX_WORKERS: u32 = 512;

/// The longest accept queue that can be asked for; the kernel's own bound is `somaxconn`.
const MAX_BACKLOG: u32 = 4096;

/// A checked plan for a cluster.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How connections are shared out.
    pub mode: Mode,
    /// Number of workers, 1…[`MAX_WORKERS`].
    pub workers: u32,
    /// Address to listen on; port 0 lets the kernel choose.
    pub listen: SocketAddr,
    /// CPUs: worker `i` is pinned to the `i`-th, round and round; empty: not pinned.
    pub cpus: Vec<u32>,
    /// File for JSON lines of events.
    pub events: Option<PathBuf>,
    /// How long requests in progress may take once the cluster is told to stop.
    pub drain_timeout: Duration,
    /// Length of each accept queue, 1…4096; the kernel cuts it to `net.core.somaxconn`.
    pub backlog: u32,
}

/// Why a plan makes no sense.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    /// No workers, or too many.
    #[error("{0} workers: give a number from 1 to {MAX_WORKERS}, or auto for one a core")]
    Workers(u32),
    /// `single` is one process by definition.
    #[error(
        "mode single is one process, not {0} workers: leave --workers out or choose another mode"
    )]
    SingleWorker(u32),
    /// A CPU that does not exist, or that this process may not use.
    #[error("CPU {cpu} cannot be used here: the CPUs are {}", list(.allowed))]
    Cpu {
        /// The CPU asked for.
        cpu: u32,
        /// Those that may be used.
        allowed: Vec<u32>,
    },
    /// Backlog out of range.
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
        if self.backlog == 0 || self.backlog > MAX_BACKLOG {
            return Err(PlanError::Backlog(self.backlog));
        }
        Ok(self)
    }

    /// The CPU of a worker, if workers are pinned.
    #[must_use]
    pub fn cpu_of(&self, id: u32) -> Option<u32> {
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
            listen: ([127, 0, 0, 1], 0).into(),
            cpus: vec![4, 6],
            events: None,
            drain_timeout: Duration::from_secs(1),
            backlog: 128,
        }
    }

    #[test]
    fn zero_and_too_many_workers_are_refused() {
        assert_eq!(plan(Mode::RoundRobin, 0).check(&[4, 6]).unwrap_err(), PlanError::Workers(0));
        assert_eq!(
            plan(Mode::RoundRobin, 513).check(&[4, 6]).unwrap_err(),
            PlanError::Workers(513)
        );
    }

    #[test]
    fn single_takes_no_second_worker() {
        assert_eq!(plan(Mode::Single, 2).check(&[4, 6]).unwrap_err(), PlanError::SingleWorker(2));
        assert!(plan(Mode::Single, 1).check(&[4, 6]).is_ok());
    }

    #[test]
    fn a_cpu_that_cannot_be_used_is_named() {
        let error = plan(Mode::Reuseport, 2).check(&[0, 4]).unwrap_err();
        assert_eq!(error.to_string(), "CPU 6 cannot be used here: the CPUs are 0,4");
    }

    #[test]
    fn workers_take_the_cpus_round_and_round() {
        let plan = plan(Mode::Reuseport, 3);
        assert_eq!([1, 2, 3].map(|id| plan.cpu_of(id)), [Some(4), Some(6), Some(4)]);
    }
}
