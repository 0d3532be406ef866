//! The engines: what moves the bytes. One instance a thread; none shares anything with another
//! while it runs.
//!
//! All of them decide and book by the same `shift`. Those of our own share one loop, [`driver`], and
//! differ in how bytes move, [`transport`]; those of client libraries are in `clients/`.

pub mod choice;
#[cfg(feature = "clients")]
pub mod clients;
pub mod connection;
mod dial;
pub mod driver;
pub mod epoll;
mod pacer;
pub mod rendered_requests;
mod shift;
pub mod transport;
pub mod uring;

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::address::Address;
use crate::clock::Clock;
use crate::plan::Plan;
use crate::progress::Board;
use crate::sys::{SysError, cpu};
use crate::tally::{Tally, Window};
use crate::worker::WorkerKey;

/// An engine: carries out one thread's share of a plan.
pub trait Engine: Sized {
    /// Gets everything ready that takes time, on the thread that will run it.
    fn prepare(shard: Shard) -> Result<Self, EngineError>;

    /// Runs to the end: warm-up, measurement, and the wait for what is outstanding.
    ///
    /// # Errors
    /// [`EngineError`] when the engine itself fails; a server's failures are in the tally.
    fn run(self, window: Window) -> Result<Tally, EngineError>;
}

#[derive(Debug)]
pub struct Ready {
    pub socket: OwnedFd,
    /// Who answers on it, where that was asked: then it is in the books already.
    pub worker: Option<WorkerKey>,
}

/// One thread's share of a plan.
pub struct Shard {
    pub plan: std::sync::Arc<Plan>,
    /// What connections are made to: the address that the target's name stands for, for example.
    pub address: Address,
    /// Which thread this is, from 0.
    pub thread: u32,
    pub connections: u32,
    /// Its measured requests; `None` when time bounds the run.
    pub quota: Option<u64>,
    /// Connections that are open already, for the first places.
    pub ready: VecDeque<Ready>,
    pub clock: Clock,
    /// Where to leave the counts, if somebody follows the run.
    pub board: Option<std::sync::Arc<Board>>,
    /// When to stop before the time.
    pub stop: std::sync::Arc<Stop>,
}

impl Shard {
    /// Settles the calling thread on its CPU, and has it wake when it asked to.
    pub(crate) fn settle_thread(&self) -> Result<(), SysError> {
        let cpus = &self.plan.cpus;
        if let Some(&cpu) = cpus.get(self.thread as usize % cpus.len().max(1)) {
            cpu::pin(cpu).map_err(SysError::of("sched_setaffinity"))?;
        }
        cpu::sleep_precisely().map_err(SysError::of("prctl"))
    }
}

/// Ends a run before its time. Read once a turn of the loop, written once at most.
#[derive(Debug)]
pub struct Stop(AtomicU64);

impl Default for Stop {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Stop {
    /// Stops sending from this instant on.
    pub fn at(&self, instant: u64) {
        self.0.store(instant, Ordering::Relaxed);
    }

    /// The instant; `u64::MAX` for never.
    pub fn instant(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// An engine that makes all connections itself found that nobody can be reached.
    #[error(transparent)]
    Unreachable(std::io::Error),
    /// The system refuses what the engine needs.
    #[error(transparent)]
    Sys(#[from] SysError),
}
