//! Why the cluster could not run.

use std::path::PathBuf;

use crate::Mode;
use crate::listener::ListenError;
use crate::mode::NoGroup;
use crate::sys::SysError;

/// Why the cluster could not start or had to give up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The socket handed over can have no company, which this mode needs.
    #[error(
        "mode {mode} needs a socket a worker, and the one handed over was bound without \
         SO_REUSEPORT: set ReusePort=yes in the socket unit, or choose another mode"
    )]
    LoneSocket {
        /// The mode.
        mode: Mode,
    },
    /// The Unix socket handed over can be in no group, which this mode needs.
    #[error(transparent)]
    NoGroup(#[from] NoGroup),
    /// The kernel gives no random numbers for a token.
    #[error("no token can be made for --admin: {source}")]
    NoToken {
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file for events cannot be opened.
    #[error("cannot write events to {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Workers were started, and none of them ever became ready.
    #[error("no worker ever became ready ({deaths} died while starting; the last one {last})")]
    NoWorker {
        /// How many died.
        deaths: u32,
        /// How the last one ended, in words.
        last: String,
    },
    /// A system call failed that should not.
    #[error(transparent)]
    Sys(#[from] SysError),
}
