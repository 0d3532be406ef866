//! Why a run did not take place.

use std::io;

use super::preflight::DialError;
use crate::address::Address;
use crate::engine::EngineError;
use crate::plan::PlanError;
use crate::sys::SysError;

/// Why a run did not take place: one line for a person.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what is wrong")]
pub enum RunError {
    #[error("cannot resolve '{host}': {source}")]
    Resolve { host: String, source: io::Error },
    #[error("cannot reach {address}: {source}; {}", help(source))]
    Unreachable { address: Address, source: io::Error },
    #[error(
        "{connections} connections need more open files than the {limit} allowed; \
         raise the limit (ulimit -n) or give fewer connections"
    )]
    Descriptors { connections: u32, limit: u64 },
    #[error("CPU {cpu} is not available; this process may use {allowed:?}")]
    Cpu { cpu: u32, allowed: Vec<u32> },
    #[error(
        "cannot keep the CPUs awake: {0} (/dev/cpu_dma_latency); run as root, or leave --awake out"
    )]
    Awake(io::Error),
    /// This machine is too small for the plan.
    #[error(transparent)]
    Plan(PlanError),
    #[error("the certificates of --cacert: {0}; give a file in PEM")]
    Certificates(io::Error),
    #[error(transparent)]
    Steer(#[from] DialError),
    #[error(
        "the kernel refuses io_uring ({0}); give --engine epoll, or auto for the best that works"
    )]
    Refused(SysError),
    #[error("the generator failed: {0}")]
    Engine(#[from] EngineError),
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
