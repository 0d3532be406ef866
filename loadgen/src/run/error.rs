//! Why a run did not take place.

use std::io;

use super::preflight::DialError;
use crate::address::Address;
use crate::engine::EngineError;
use crate::plan::PlanError;
use crate::sys::SysError;

/// Why a run did not take place: one line for a person.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The target's name stands for no address.
    #[error("cannot resolve '{host}': {source}")]
    Resolve {
        /// The name.
        host: String,
        /// How it failed.
        source: io::Error,
    },
    /// Nobody listens, or cannot be reached.
    #[error("cannot reach {address}: {source}; {}", help(source))]
    Unreachable {
        /// The last address tried.
        address: Address,
        /// How it failed.
        source: io::Error,
    },
    /// More connections than descriptors.
    #[error(
        "{connections} connections need more open files than the {limit} allowed; \
         raise the limit (ulimit -n) or give fewer connections"
    )]
    Descriptors {
        /// Connections asked for.
        connections: u32,
        /// The limit on open descriptors.
        limit: u64,
    },
    /// A CPU that is not there.
    #[error("CPU {cpu} is not available; this process may use {allowed:?}")]
    Cpu {
        /// The CPU asked for.
        cpu: u32,
        /// Those that may be used.
        allowed: Vec<u32>,
    },
    /// The CPUs cannot be kept awake.
    #[error(
        "cannot keep the CPUs awake: {0} (/dev/cpu_dma_latency); run as root, or leave --awake out"
    )]
    Awake(io::Error),
    /// A plan that this machine is too small for.
    #[error(transparent)]
    Plan(PlanError),
    /// Certificates that cannot be read.
    #[error("the certificates of --cacert: {0}; give a file in PEM")]
    Certificates(io::Error),
    /// The connections cannot be opened where they should lie.
    #[error(transparent)]
    Steer(#[from] DialError),
    /// The engine that was asked for does not work here.
    #[error(
        "the kernel refuses io_uring ({0}); give --engine epoll, or auto for the best that works"
    )]
    Refused(SysError),
    /// An engine failed.
    #[error("the generator failed: {0}")]
    Engine(#[from] EngineError),
    /// A thread of the generator panicked: a bug.
    #[error("a thread of the generator panicked")]
    Panicked,
}

/// What may help where nobody can be reached.
fn help(error: &io::Error) -> &'static str {
    if error.to_string().contains("certificate") {
        "--cacert FILE has its certificate believed, --insecure any"
    } else {
        "is the server running?"
    }
}
