//! Waiting for several descriptors at once.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::{Named, SysError};

#[derive(Debug)]
pub(crate) struct Watch<'fd>(PollFd<'fd>);

impl<'fd> Watch<'fd> {
    /// Waits until there is something to read (or the other side has gone), and, if asked for, also
    /// until there is room to write.
    pub fn new(fd: BorrowedFd<'fd>, room_to_write: bool) -> Self {
        let write = if room_to_write { PollFlags::POLLOUT } else { PollFlags::empty() };
        Self(PollFd::new(fd, PollFlags::POLLIN | write))
    }

    /// Waits only until there is room to write (or the other side has gone).
    pub fn for_room(fd: BorrowedFd<'fd>) -> Self {
        Self(PollFd::new(fd, PollFlags::POLLOUT))
    }

    pub fn woke(&self) -> bool {
        self.0.any().unwrap_or(true)
    }
}

/// Whether a line can be written to this descriptor now without waiting.
pub(crate) fn takes_a_line(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(fd, PollFlags::POLLOUT)];
    let _ = nix::poll::poll(&mut fds, PollTimeout::ZERO);
    fds[0].revents().is_some_and(|events| events.contains(PollFlags::POLLOUT))
}

/// Waits until something happens on any of the descriptors, at most for `timeout` (rounded up to
/// the millisecond; `None`: as long as it takes).
pub(crate) fn wait(watches: &mut [Watch<'_>], timeout: Option<Duration>) -> Result<(), SysError> {
    let millis = timeout.map(|timeout| timeout.as_micros().div_ceil(1000));
    let timeout = millis.map_or(PollTimeout::NONE, |millis| {
        PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
    });
    let mut fds: Vec<PollFd<'_>> = watches.iter().map(|watch| watch.0.clone()).collect();
    match nix::poll::poll(&mut fds, timeout) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(errno).named("poll"),
    }
    for (watch, fd) in watches.iter_mut().zip(fds) {
        watch.0 = fd;
    }
    Ok(())
}
