//! The server under test, whoever wrote it: started, awaited until it is ready, stopped, and its
//! books read if it keeps any.
//!
//! A closed list of ways, one file each: [`hello_cluster`] is `serve` of this very program,
//! [`external`] any command under a keeper ([`node`], [`nginx`] and [`command`] say which), and a
//! server that runs already is only asked.

mod command;
pub mod detect;
mod external;
pub mod hello_cluster;
mod nginx;
mod node;
pub mod spec;

use std::path::Path;

use reports::record::Worker;

use super::admin_client::Client;
use super::cpu_snapshot::Snapshot;
use super::interrupt::Interrupt;
use super::process::{EndError, WaitError};
use super::server_counts::ServerCounts;
pub use external::free_port;
use external::{External, Launch};
use hello_cluster::HelloCluster;
use spec::{Kind, Peer, TargetSpec};

/// What is asked of a server.
#[derive(Debug, Clone, Copy)]
pub struct Serve<'a> {
    /// The file of `hello-cluster`, which serves or keeps the server.
    pub program: &'a Path,
    /// Which.
    pub target: &'a TargetSpec,
    /// The mode.
    pub mode: &'a str,
    /// Number of workers.
    pub workers: u32,
    /// Worker `i` is pinned to the `i`-th of these.
    pub cpus: &'a [u32],
    /// Whether it is to have an address for operators; only ours can.
    pub admin: bool,
}

#[cfg(test)]
impl<'a> Serve<'a> {
    /// A server in a mode, for tests that start none.
    fn of_test(target: &'a TargetSpec, mode: &'a str, workers: u32) -> Self {
        let program = Path::new("hello-cluster");
        Self { program, target, mode, workers, cpus: &[0], admin: false }
    }
}

/// Whose processes the owners are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CpuOwners {
    /// The processes that answer.
    pub workers: Vec<u32>,
    /// Processes of the server that answer nothing; one that is a worker too counts as such.
    pub masters: Vec<u32>,
    /// The generator.
    pub load: u32,
}

impl CpuOwners {
    /// All owners' process ids, rising, each once.
    #[must_use]
    pub fn pids(&self) -> Vec<u32> {
        let mut pids = [&self.workers[..], &self.masters, &[self.load]].concat();
        pids.sort_unstable();
        pids.dedup();
        pids
    }

    /// The processes of the server that answer nothing.
    pub fn only_masters(&self) -> impl Iterator<Item = u32> {
        self.masters.iter().copied().filter(|pid| !self.workers.contains(pid))
    }
}

/// A server that is ready.
#[derive(Debug)]
pub enum Server {
    /// Ours.
    HelloCluster(HelloCluster),
    /// Started by a command.
    External(External),
    /// Running already, at this URL: nothing is known of its processes.
    Running(String),
}

impl Server {
    /// Starts a server and waits until it is ready; `folder` takes files of its life, which are
    /// removed with it.
    ///
    /// # Errors
    /// [`WaitError`] when it is not ready in time or ends before.
    pub fn start(
        serve: &Serve<'_>,
        folder: &Path,
        interrupt: &Interrupt,
    ) -> Result<Self, WaitError> {
        let foreign =
            |launch: Launch| External::start(launch, serve, interrupt).map(Self::External);
        match &serve.target.kind {
            Kind::HelloCluster => {
                HelloCluster::start(serve, folder, interrupt).map(Self::HelloCluster)
            }
            Kind::Peer(Peer::Node, program) => foreign(node::launch(program, serve, folder)?),
            Kind::Peer(Peer::Nginx, program) => foreign(nginx::launch(program, serve, folder)?),
            Kind::Command(command) => foreign(command::launch(command, serve)?),
            Kind::Running(url) => Ok(Self::Running(url.clone())),
        }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::HelloCluster(own) => own.url(),
            Self::External(foreign) => foreign.url(),
            Self::Running(url) => url,
        }
    }

    /// The operator of a server that was to have an address for one.
    #[must_use]
    pub fn admin(&self) -> Option<&Client> {
        match self {
            Self::HelloCluster(own) => own.admin(),
            Self::External(_) | Self::Running(_) => None,
        }
    }

    /// Its processes, as far as they are known now.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        match self {
            Self::HelloCluster(own) => own.processes(),
            Self::External(foreign) => foreign.processes(),
            Self::Running(_) => Vec::new(),
        }
    }

    /// Who of them answers and who does not, seen at the window's end by what the answers told.
    #[must_use]
    pub fn owners(&self, answered: &[Worker], end: &Snapshot, load: u32) -> CpuOwners {
        let (workers, masters) = match self {
            Self::HelloCluster(own) => own.owners(),
            Self::External(foreign) => foreign.owners(answered, end),
            Self::Running(_) => (Vec::new(), Vec::new()),
        };
        CpuOwners { workers, masters, load }
    }

    /// Whether each of its workers is pinned to a CPU of its own.
    #[must_use]
    pub fn pins_workers(&self, serve: &Serve<'_>) -> bool {
        match self {
            // The threads of one process are spread over all of its CPUs.
            Self::HelloCluster(_) => !is_one_process(serve.mode) || serve.workers == 1,
            Self::External(foreign) => foreign.pins_workers(),
            Self::Running(_) => false,
        }
    }

    /// Has it end in order, and returns its closing books if it keeps any.
    ///
    /// # Errors
    /// [`EndError`], when it does not end in time or not as it should.
    pub fn stop(self, interrupt: &Interrupt) -> Result<Option<ServerCounts>, EndError> {
        match self {
            Self::HelloCluster(own) => own.stop(interrupt).map(Some),
            Self::External(foreign) => foreign.stop(interrupt).map(|()| None),
            Self::Running(_) => Ok(None),
        }
    }
}

/// Whether a mode of ours is one process, whatever its number of workers.
fn is_one_process(mode: &str) -> bool {
    matches!(mode, "single" | "threads")
}
