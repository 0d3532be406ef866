//! Signals as something to read: blocked, and delivered through a signalfd.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::{Named, SysError};

/// A signal that the cluster acts upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caught {
    /// SIGTERM or SIGINT: stop.
    Stop,
    /// SIGCHLD: one or more children have ended.
    ChildEnded,
}

/// A queue of signals. They stay blocked while it lives and after.
#[derive(Debug)]
pub(crate) struct Signals(SignalFd);

impl Signals {
    /// The master's: stop signals and the ends of children.
    pub fn for_master() -> Result<Self, SysError> {
        Self::catch(&[Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD])
    }

    /// A process's that is its own master: stop signals.
    pub fn for_single() -> Result<Self, SysError> {
        Self::catch(&[Signal::SIGTERM, Signal::SIGINT])
    }

    /// A forked worker's: SIGTERM only. Ctrl-C reaches the whole process group, and it is the
    /// master that decides what follows, so SIGINT is ignored. What the master had blocked is let
    /// through again.
    pub fn for_worker() -> Result<Self, SysError> {
        // SAFETY: SIG_IGN installs no handler that could run.
        unsafe { signal(Signal::SIGINT, SigHandler::SigIgn) }.named("signal")?;
        // In one step, so that a SIGTERM in between is kept for the signalfd.
        SigSet::from(Signal::SIGTERM).thread_set_mask().named("sigprocmask")?;
        Self::catch(&[Signal::SIGTERM])
    }

    fn catch(signals: &[Signal]) -> Result<Self, SysError> {
        let set: SigSet = signals.iter().copied().collect();
        set.thread_block().named("sigprocmask")?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Self(SignalFd::with_flags(&set, flags).named("signalfd")?))
    }

    /// The next signal in the queue; `None` when it is empty.
    pub fn next(&self) -> Result<Option<Caught>, SysError> {
        let info = self.0.read_signal().named("read")?;
        Ok(info.map(|info| {
            if info.ssi_signo == Signal::SIGCHLD as u32 { Caught::ChildEnded } else { Caught::Stop }
        }))
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Signals {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
