//! Why the master will not do what it was asked to.

use crate::Mode;
use crate::mode::NoGroup;
use crate::sys::SysError;

/// A request of an operator that is not carried out; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CommandError {
    #[error("the cluster is stopping")]
    Stopping,
    #[error("{asked} workers: give a number from 1 to {most} (--max-workers)")]
    Workers { asked: u32, most: u32 },
    #[error("there is no worker {id}: the workers are 1 to {last}")]
    NoWorker { id: u32, last: u32 },
    #[error("worker {0} has no process at the moment: it is about to be started again")]
    Vacant(u32),
    #[error("the signal could not be sent: {0}")]
    Signal(#[from] SysError),
    #[error(
        "mode {0} is one process: a running cluster switches between shared, reuseport, \
         round-robin and least-connections"
    )]
    NotForked(Mode),
    #[error(
        "mode {0} needs a socket a worker, and the one handed over was bound without SO_REUSEPORT"
    )]
    LoneSocket(Mode),
    #[error(transparent)]
    NoGroup(#[from] NoGroup),
    #[error("there are not enough listening sockets: {0}")]
    Sockets(String),
}
