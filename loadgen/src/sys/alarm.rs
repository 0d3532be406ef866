//! A timer with the kernel's precision: an async runtime's own timers tick in milliseconds.

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::unix::AsyncFd;

/// A timer that rings once.
pub struct Alarm(AsyncFd<Timer>);

struct Timer(TimerFd);

impl AsRawFd for Timer {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl Alarm {
    /// A timer that is not set; to be made inside the runtime.
    pub fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = Timer(TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?);
        // SAFETY: the descriptor is the timer's own, which lives and stays the same as long as this.
        let registered = unsafe { AsyncFd::register(timer) };
        registered.map(Self).map_err(|error| error.into_parts().1)
    }

    /// Sets it to ring after so many nanoseconds, at once for 0; what was set before is forgotten.
    pub fn set(&self, nanos: u64) -> io::Result<()> {
        // Zero would switch it off.
        let after = Expiration::OneShot(Duration::from_nanos(nanos.max(1)).into());
        Ok(self.0.get_ref().0.set(after, TimerSetTimeFlags::empty())?)
    }

    pub async fn wait(&self) -> io::Result<()> {
        loop {
            let mut guard = self.0.readable().await?;
            if let Ok(rang) = guard.try_io(|timer| timer.get_ref().heed()) {
                return rang;
            }
        }
    }
}

impl Timer {
    /// Takes note that it rang; [`io::ErrorKind::WouldBlock`] if it has not.
    fn heed(&self) -> io::Result<()> {
        match nix::unistd::read(self.0.as_fd(), &mut [0; 8]) {
            Ok(_) => Ok(()),
            Err(Errno::EAGAIN) => Err(io::ErrorKind::WouldBlock.into()),
            Err(errno) => Err(errno.into()),
        }
    }
}
