//! Which engine runs: the one that was asked for, or the cheapest that works here.
//!
//! `io_uring` is switched off in many containers, so it is tried before anything is measured: a ring
//! of the very kind that the engine uses carries a few bytes over a pair of sockets.
//!
//! Next: [`super::uring`].

use super::EngineError;
use crate::plan::Wish;
use crate::sys::ring;

/// An engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`super::uring`].
    Uring,
    /// [`super::epoll`].
    Epoll,
}

impl Kind {
    /// Its name on the command line and in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uring => "uring",
            Self::Epoll => "epoll",
        }
    }
}

/// What runs, and why not something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The engine.
    pub kind: Kind,
    /// Why a cheaper one does not run, in a sentence; `None` when there is none.
    pub note: Option<String>,
}

/// Finds the engine for a wish.
///
/// # Errors
/// Why the engine that was asked for by name does not work here.
pub fn choose(wish: Wish) -> Result<Choice, EngineError> {
    let just = |kind| Ok(Choice { kind, note: None });
    match wish {
        Wish::Epoll => just(Kind::Epoll),
        Wish::Uring => ring::probe().and_then(|()| just(Kind::Uring)),
        Wish::Auto => match ring::probe() {
            Ok(()) => just(Kind::Uring),
            Err(error) => {
                let note = format!("the kernel refuses io_uring ({error}); epoll runs instead");
                Ok(Choice { kind: Kind::Epoll, note: Some(note) })
            }
        },
    }
}
