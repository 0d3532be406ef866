//! Which engine runs: the one that was asked for, or the cheapest that works here.
//!
//! `io_uring` is switched off in many containers, so it is tried before anything is measured: a ring
//! of the very kind that the engine uses carries a few bytes over a pair of sockets.

use crate::plan::{Plan, Wish};
use crate::sys::{SysError, ring};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Uring,
    Epoll,
    #[cfg(feature = "clients")]
    Hyper,
    #[cfg(feature = "clients")]
    Reqwest,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Uring => "uring",
            Self::Epoll => "epoll",
            #[cfg(feature = "clients")]
            Self::Hyper => "hyper",
            #[cfg(feature = "clients")]
            Self::Reqwest => "reqwest",
        }
    }

    /// Whether it makes all connections itself, the first of all included.
    pub fn dials(self) -> bool {
        match self {
            Self::Uring | Self::Epoll => false,
            #[cfg(feature = "clients")]
            Self::Hyper => false,
            #[cfg(feature = "clients")]
            Self::Reqwest => true,
        }
    }
}

/// What runs, and why not something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub kind: Kind,
    /// Why a cheaper one does not run, in a sentence; `None` when there is none.
    pub note: Option<String>,
}

pub fn choose(plan: &Plan) -> Result<Choice, SysError> {
    let just = |kind| Ok(Choice { kind, note: None });
    match plan.engine {
        #[cfg(feature = "clients")]
        Wish::Hyper => just(Kind::Hyper),
        #[cfg(feature = "clients")]
        Wish::Reqwest => just(Kind::Reqwest),
        #[cfg(feature = "clients")]
        Wish::Auto if plan.target.tls || plan.http2 => {
            let what = if plan.target.tls { "https" } else { "HTTP/2" };
            let note = format!("{what} is spoken by reqwest, at several times the usual cost");
            Ok(Choice { kind: Kind::Reqwest, note: Some(note) })
        }
        #[cfg(not(feature = "clients"))]
        Wish::Hyper | Wish::Reqwest => unreachable!("refused when the plan was checked"),
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
