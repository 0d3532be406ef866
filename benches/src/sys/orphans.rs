//! Adopting the processes that a child leaves behind, and collecting those that have ended.

use std::io;

use nix::sys::prctl::set_child_subreaper;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

/// From now on, descendants whose parents end become children of the calling process.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(true)?)
}

/// The exit code of a child that has ended, by a shell's rules: 128 and the signal's number for a
/// killed one.
pub type Ended = (u32, i32);

/// The next child that has ended; `None`: none has, but some live. An error (`ECHILD`): there are no
/// children at all.
pub fn reap() -> io::Result<Option<Ended>> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG))? {
            WaitStatus::Exited(pid, code) => return Ok(Some((pid.as_raw().cast_unsigned(), code))),
            WaitStatus::Signaled(pid, signal, _) => {
                return Ok(Some((pid.as_raw().cast_unsigned(), 128 + signal as i32)));
            }
            WaitStatus::StillAlive => return Ok(None),
            _ => {}
        }
    }
}
