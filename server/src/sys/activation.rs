//! A listening socket handed over by the service manager (`sd_listen_fds(3)`: `LISTEN_PID`,
//! `LISTEN_FDS`, and the sockets from descriptor 3 on).

use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::stat::{SFlag, fstat};

use super::process;

/// The first descriptor that is handed over.
const FIRST: RawFd = 3;

/// What was handed over makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says it")]
pub enum BadActivation {
    #[error("LISTEN_FDS is '{0}': one listening socket can be handed over, not more")]
    Count(String),
    #[error("LISTEN_FDS hands descriptor {FIRST} over, which is not a socket")]
    NoSocket,
}

/// How many sockets were handed over to this process, going by the two variables.
fn handed_over(pid: Option<&str>, count: Option<&str>) -> Result<bool, BadActivation> {
    let meant_for_us = pid.is_some_and(|pid| pid.parse() == Ok(process::pid()));
    match count {
        Some(count) if meant_for_us => match count {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(BadActivation::Count(count.into())),
        },
        _ => Ok(false),
    }
}

/// The socket that was handed over, if one was. To be called once: it takes the descriptor over.
pub(crate) fn socket() -> Result<Option<OwnedFd>, BadActivation> {
    let [pid, count] = ["LISTEN_PID", "LISTEN_FDS"].map(|name| std::env::var(name).ok());
    if !handed_over(pid.as_deref(), count.as_deref())? {
        return Ok(None);
    }
    // SAFETY: the protocol says that descriptor 3 is ours; nothing of this program has opened it,
    // since whatever it opened itself came later and got a higher number. If it is not open at all,
    // the check below says so before anything else is done with it.
    let fd = unsafe { OwnedFd::from_raw_fd(FIRST) };
    let is_socket =
        fstat(&fd).is_ok_and(|stat| stat.st_mode & SFlag::S_IFMT.bits() == SFlag::S_IFSOCK.bits());
    if !is_socket || fcntl(&fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).is_err() {
        // Not ours to close after all.
        std::mem::forget(fd);
        return Err(BadActivation::NoSocket);
    }
    Ok(Some(fd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_socket_meant_for_this_process_is_taken() {
        let us = process::pid().to_string();
        assert_eq!(handed_over(Some(&us), Some("1")), Ok(true));
        assert_eq!(handed_over(Some("1"), Some("1")), Ok(false));
        assert_eq!(handed_over(None, Some("1")), Ok(false));
        assert_eq!(handed_over(Some(&us), None), Ok(false));
        assert_eq!(handed_over(Some(&us), Some("2")), Err(BadActivation::Count("2".into())));
    }
}
