//! Why the cluster could not run.

use std::path::PathBuf;

use crate::Mode;
use crate::listener::ListenError;
use crate::mode::NoGroup;
use crate::sys::SysError;

/// Why the cluster could not start or had to give up.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says it")]
pub enum Error {
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(
        "mode {mode} needs a socket a worker, and the one handed over was bound without \
         SO_REUSEPORT: set ReusePort=yes in the socket unit, or choose another mode"
    )]
    LoneSocket { mode: Mode },
    #[error(transparent)]
    NoGroup(#[from] NoGroup),
    #[error("no token can be made for --admin: {source}")]
    NoToken { source: std::io::Error },
    #[error("cannot write events to {}: {source}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("no worker ever became ready ({deaths} died while starting; the last one {last})")]
    NoWorker { deaths: u32, last: String },
    #[error(transparent)]
    Sys(#[from] SysError),
}
