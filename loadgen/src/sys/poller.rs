//! Waiting for many descriptors at once: epoll, level-triggered, to the nanosecond.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

/// Events taken at a time: a cap, so that an answer is never stamped long after it came.
const BATCH: u16 = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    pub writable: bool,
    /// One event only, until it is asked for again.
    pub once: bool,
}

impl Interest {
    fn flags(self) -> EpollFlags {
        let mut flags = EpollFlags::EPOLLIN;
        flags.set(EpollFlags::EPOLLOUT, self.writable);
        flags.set(EpollFlags::EPOLLONESHOT, self.once);
        flags
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// The number given when the descriptor was added.
    pub token: u64,
    pub readable: bool,
    /// It can be written, or has failed.
    pub writable: bool,
}

/// An epoll instance with room for a batch of events.
pub struct Poller {
    epoll: Epoll,
    events: Vec<EpollEvent>,
    /// Whether the kernel lacks `epoll_pwait2` (before 5.11): then sleeps are whole milliseconds.
    coarse: bool,
}

impl Poller {
    pub fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Self { epoll, events: vec![EpollEvent::empty(); usize::from(BATCH)], coarse: false })
    }

    /// Watches a descriptor until it is closed.
    pub fn add(&self, fd: impl AsFd, token: u64, interest: Interest) -> io::Result<()> {
        Ok(self.epoll.add(fd, EpollEvent::new(interest.flags(), token))?)
    }

    pub fn modify(&self, fd: impl AsFd, token: u64, interest: Interest) -> io::Result<()> {
        Ok(self.epoll.modify(fd, &mut EpollEvent::new(interest.flags(), token))?)
    }

    pub fn remove(&self, fd: impl AsFd) -> io::Result<()> {
        Ok(self.epoll.delete(fd)?)
    }

    /// Waits for events for `timeout_ns` at most; returns how many came.
    pub fn wait(&mut self, timeout_ns: u64) -> io::Result<usize> {
        let result = if self.coarse { self.wait_ms(timeout_ns) } else { self.wait_ns(timeout_ns) };
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            Err(error) if error.raw_os_error() == Some(libc::ENOSYS) && !self.coarse => {
                self.coarse = true;
                self.wait(timeout_ns)
            }
            result => result,
        }
    }

    /// The `index`-th event of the last batch.
    pub fn event(&self, index: usize) -> Event {
        let event = &self.events[index];
        let flags = event.events();
        let failed = EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP;
        Event {
            token: event.data(),
            readable: flags.intersects(EpollFlags::EPOLLIN | failed),
            writable: flags.intersects(EpollFlags::EPOLLOUT | failed),
        }
    }

    fn wait_ms(&mut self, timeout_ns: u64) -> io::Result<usize> {
        let ms = u16::try_from(timeout_ns.div_ceil(1_000_000)).unwrap_or(u16::MAX);
        Ok(self.epoll.wait(&mut self.events, ms)?)
    }

    fn wait_ns(&mut self, timeout_ns: u64) -> io::Result<usize> {
        let timeout = libc::timespec {
            tv_sec: (timeout_ns / 1_000_000_000).cast_signed(),
            tv_nsec: (timeout_ns % 1_000_000_000).cast_signed(),
        };
        // SAFETY: `epoll_pwait2(2)`: the descriptor is open, the buffer has room for the `BATCH`
        // events that are announced (`EpollEvent` is a transparent `epoll_event`), the time lives
        // through the call, and a null signal mask means none.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.0.as_raw_fd(),
                self.events.as_mut_ptr(),
                libc::c_int::from(BATCH),
                &raw const timeout,
                std::ptr::null::<libc::sigset_t>(),
                0_usize,
            )
        };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }
}
