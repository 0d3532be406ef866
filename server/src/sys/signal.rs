//! Signals as something to read: blocked, and delivered through a signalfd.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::{Named, SysError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caught {
    /// SIGTERM or SIGINT: stop.
    Stop,
    ChildEnded,
    /// SIGHUP: the terminal was closed, or, without one, the workers are to be replaced.
    HangUp,
    /// SIGUSR1: the workers are to be replaced.
    Renew,
    /// SIGTTIN: one worker more.
    More,
    /// SIGTTOU: one worker fewer.
    Fewer,
}

impl Caught {
    const MASTERS: [(Signal, Self); 7] = [
        (Signal::SIGTERM, Self::Stop),
        (Signal::SIGINT, Self::Stop),
        (Signal::SIGCHLD, Self::ChildEnded),
        (Signal::SIGHUP, Self::HangUp),
        (Signal::SIGUSR1, Self::Renew),
        (Signal::SIGTTIN, Self::More),
        (Signal::SIGTTOU, Self::Fewer),
    ];

    fn of(number: u32) -> Option<Self> {
        let known = Self::MASTERS.iter().find(|(signal, _)| *signal as u32 == number);
        known.map(|(_, caught)| *caught)
    }
}

/// Whether a hang-up means that a terminal was closed on this process: it has one, and was not
/// started to outlive it (`nohup` has SIGHUP ignored). To be asked before signals are caught.
pub(crate) fn hang_up_is_a_closed_terminal() -> bool {
    // SAFETY: zeroed is a valid sigaction, and no new action is given: the call only reads.
    let ignored = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGHUP, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    };
    !ignored && std::fs::File::open("/dev/tty").is_ok()
}

/// Ignores what only the master acts upon; SIGTERM is for everybody.
fn ignore_what_is_the_masters() -> Result<(), SysError> {
    let masters = Caught::MASTERS.iter().map(|(name, _)| *name);
    for ignored in masters.filter(|name| !matches!(name, Signal::SIGTERM | Signal::SIGCHLD)) {
        // SAFETY: SIG_IGN installs no handler that could run.
        unsafe { signal(ignored, SigHandler::SigIgn) }.named("signal")?;
    }
    Ok(())
}

/// Signals as a forked process takes them that has nothing to finish: as a worker does, but SIGTERM
/// ends it at once.
pub(crate) fn for_admin() -> Result<(), SysError> {
    ignore_what_is_the_masters()?;
    SigSet::empty().thread_set_mask().named("sigprocmask")
}

/// A queue of signals. They stay blocked while it lives and after.
#[derive(Debug)]
pub(crate) struct Signals(SignalFd);

impl Signals {
    /// The master's: all that it acts upon.
    pub fn for_master() -> Result<Self, SysError> {
        Self::catch(&Caught::MASTERS.map(|(signal, _)| signal))
    }

    /// A process's that is its own master: stop signals.
    pub fn for_single() -> Result<Self, SysError> {
        Self::catch(&[Signal::SIGTERM, Signal::SIGINT])
    }

    /// A forked worker's: SIGTERM only. Ctrl-C and a closed terminal reach the whole process group,
    /// and it is the master that decides what follows; so all else that the master acts upon is
    /// ignored here, and let through again so that nothing stays pending.
    pub fn for_worker() -> Result<Self, SysError> {
        ignore_what_is_the_masters()?;
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
        loop {
            let Some(info) = self.0.read_signal().named("read")? else { return Ok(None) };
            if let Some(caught) = Caught::of(info.ssi_signo) {
                return Ok(Some(caught));
            }
        }
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
