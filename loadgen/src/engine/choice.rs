//! Which engine runs: the one that was asked for, or the cheapest that works here.
//!
//! `io_uring` is switched off in many containers, so it is tried before anything is measured: a ring
//! of the very kind that the engine uses carries a few bytes over a pair of sockets.

use crate::plan::{EngineKind, Plan};
use crate::sys::{SysError, ring};

/// What runs, and why not something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub kind: EngineKind,
    /// Why a cheaper one does not run, in a sentence; `None` when there is none.
    pub note: Option<String>,
}

/// The engine that was asked for, which may not work here, or the cheapest that works.
pub fn choose(plan: &Plan) -> Result<Choice, SysError> {
    let dearer = |kind, note| Ok(Choice { kind, note: Some(note) });
    match plan.engine {
        None if plan.target.tls || plan.http2 => {
            let what = if plan.target.tls { "https" } else { "HTTP/2" };
            let note = format!("{what} is spoken by reqwest, at several times the usual cost");
            dearer(EngineKind::Reqwest, note)
        }
        None => match ring::probe() {
            Ok(()) => Ok(Choice { kind: EngineKind::Uring, note: None }),
            Err(error) => {
                let note = format!("the kernel refuses io_uring ({error}); epoll runs instead");
                dearer(EngineKind::Epoll, note)
            }
        },
        Some(kind) => {
            if kind == EngineKind::Uring {
                ring::probe()?;
            }
            Ok(Choice { kind, note: None })
        }
    }
}
