//! Why the master will not do what it was asked to.

use crate::Mode;
use crate::mode::NoGroup;
use crate::sys::SysError;

/// A request of an operator that is not carried out; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CommandError {
    /// The cluster is about to end.
    #[error("the cluster is stopping")]
    Stopping,
    /// A number of workers out of range.
    #[error("{asked} workers: give a number from 1 to {most} (--max-workers)")]
    Workers {
        /// The number asked for.
        asked: u32,
        /// The most.
        most: u32,
    },
    /// There is no such worker.
    #[error("there is no worker {id}: the workers are 1 to {last}")]
    NoWorker {
        /// The id asked for.
        id: u32,
        /// The highest one that there is.
        last: u32,
    },
    /// The worker has no process at the moment.
    #[error("worker {0} has no process at the moment: it is about to be started again")]
    Vacant(u32),
    /// The worker's process cannot be reached.
    #[error("the signal could not be sent: {0}")]
    Signal(#[from] SysError),
    /// The mode has no master.
    #[error(
        "mode {0} is one process: a running cluster switches between shared, reuseport, \
         round-robin and least-connections"
    )]
    NotForked(Mode),
    /// The mode needs company for the listening socket, which can have none.
    #[error(
        "mode {0} needs a socket a worker, and the one handed over was bound without SO_REUSEPORT"
    )]
    LoneSocket(Mode),
    /// The mode needs a group of sockets, and there is none of Unix sockets.
    #[error(transparent)]
    NoGroup(#[from] NoGroup),
    /// Further listening sockets, one a worker, cannot be opened.
    #[error("there are not enough listening sockets: {0}")]
    Sockets(String),
}
