//! The server under test, whoever wrote it: started, awaited until it is ready, stopped, and its
//! books read if it keeps any.
//!
//! A closed list of ways, one file each: [`own`] is `serve` of this very program, [`foreign`] any
//! command under a keeper ([`node`], [`nginx`] and [`command`] say which), and a server that runs
//! already is only asked. Next: [`super::generator`], the other side.

mod command;
mod foreign;
pub mod installed;
mod nginx;
mod node;
pub mod own;

use std::path::Path;

use reports::record::Worker;

use super::accounting::Owners;
use super::children::WaitError;
use super::events::Books;
use super::interrupt::Interrupt;
use super::snapshot::Snapshot;
use super::suite::target::{Kind, Known, Peer};
use crate::demo::admin::Client;
use foreign::{Foreign, Launch};
use own::Own;

/// What is asked of a server.
#[derive(Debug, Clone, Copy)]
pub struct Serve<'a> {
    /// Which.
    pub target: &'a Known,
    /// The mode.
    pub mode: &'a str,
    /// Number of workers.
    pub workers: u32,
    /// Worker `i` is pinned to the `i`-th of these.
    pub cpus: &'a [u32],
    /// Whether it is to have an address for operators; only ours can.
    pub admin: bool,
}

/// A server that is ready.
#[derive(Debug)]
pub enum Server {
    /// Ours.
    Own(Own),
    /// Started by a command.
    Foreign(Foreign),
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
        let foreign = |launch: Launch| Foreign::start(launch, serve, interrupt).map(Self::Foreign);
        match &serve.target.kind {
            Kind::Own => Own::start(serve, folder, interrupt).map(Self::Own),
            Kind::Peer(Peer::Node, program) => foreign(node::launch(program, serve, folder)?),
            Kind::Peer(Peer::Nginx, program) => foreign(nginx::launch(program, serve, folder)?),
            Kind::Command(command) => foreign(command::launch(command, serve)?),
            Kind::Running(url) => Ok(Self::Running(url.clone())),
        }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        match self {
            Self::Own(own) => own.url(),
            Self::Foreign(foreign) => foreign.url(),
            Self::Running(url) => url,
        }
    }

    /// The operator of a server that was to have an address for one.
    pub fn admin(&self) -> Option<&Client> {
        match self {
            Self::Own(own) => own.admin(),
            Self::Foreign(_) | Self::Running(_) => None,
        }
    }

    /// Its processes, as far as they are known now.
    pub fn processes(&self) -> Vec<u32> {
        match self {
            Self::Own(own) => own.processes(),
            Self::Foreign(foreign) => foreign.processes(),
            Self::Running(_) => Vec::new(),
        }
    }

    /// Who of them answers and who does not, seen at the window's end by what the answers told.
    pub fn owners(&self, answered: &[Worker], end: &Snapshot, load: u32) -> Owners {
        let (workers, masters) = match self {
            Self::Own(own) => own.owners(),
            Self::Foreign(foreign) => foreign.owners(answered, end),
            Self::Running(_) => (Vec::new(), Vec::new()),
        };
        Owners { workers, masters, load }
    }

    /// Whether each of its workers is pinned to a CPU of its own.
    pub fn pins_workers(&self, serve: &Serve<'_>) -> bool {
        match self {
            // The threads of one process are spread over all of its CPUs.
            Self::Own(_) => !is_one_process(serve.mode) || serve.workers == 1,
            Self::Foreign(foreign) => foreign.pins_workers(),
            Self::Running(_) => false,
        }
    }

    /// Has it end in order, and returns its closing books if it keeps any.
    ///
    /// # Errors
    /// [`StopError`], when it does not end in time or not as it should.
    pub fn stop(self, interrupt: &Interrupt) -> Result<Option<Books>, StopError> {
        match self {
            Self::Own(own) => own.stop(interrupt).map(Some),
            Self::Foreign(foreign) => foreign.stop(interrupt).map(|()| None),
            Self::Running(_) => Ok(None),
        }
    }
}

/// Whether a mode of ours is one process, whatever its number of workers.
fn is_one_process(mode: &str) -> bool {
    matches!(mode, "single" | "threads")
}

/// Why a server's end was no good one.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// It could not be awaited.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// It ended badly, or its books cannot be read.
    #[error("{0}")]
    Bad(String),
}
