//! Sleeping until something happens: a signal, a connection, a message from a worker, a deadline.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::workers::Workers;
use crate::status::Snapshot;
use crate::status::door::Door;
use crate::sys::SysError;
use crate::sys::poll::{Watch, wait};
use crate::sys::signal::{Caught, Signals};

#[derive(Debug, Default)]
pub(super) struct Wakeups {
    pub signals: bool,
    pub status: bool,
    /// The admin process has sent something or takes more.
    pub admin: bool,
    /// Listening sockets that have connections for the master.
    pub listeners: Vec<usize>,
    /// Process ids of workers that have sent something or take more.
    pub workers: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Signals,
    Status,
    Admin,
    Listener(usize),
    Worker(u32),
}

/// What wakes the master besides connections and its children.
pub(super) struct Poller {
    pub signals: Signals,
    /// Whether a hang-up means that a terminal was closed.
    pub hang_up_stops: bool,
    pub status_socket: Option<Door>,
}

impl Poller {
    /// Waits for whatever comes first, until `deadline` at most.
    pub fn wait<'fd>(
        &self,
        listeners: impl Iterator<Item = (usize, BorrowedFd<'fd>)>,
        workers: &Workers,
        admin: Option<Watch<'_>>,
        deadline: Option<Instant>,
    ) -> Result<Wakeups, SysError> {
        let input = |fd| Watch::new(fd, false);
        let mut sources = vec![Source::Signals];
        let mut watches = vec![input(self.signals.as_fd())];
        let mut add = |source, watch| {
            sources.push(source);
            watches.push(watch);
        };
        if let Some(socket) = &self.status_socket {
            add(Source::Status, input(socket.as_fd()));
        }
        if let Some(watch) = admin {
            add(Source::Admin, watch);
        }
        for (index, fd) in listeners {
            add(Source::Listener(index), input(fd));
        }
        for handle in workers.handles() {
            if let Some(watch) = handle.watch() {
                add(Source::Worker(handle.process.pid), watch);
            }
        }
        wait(&mut watches, deadline.map(|at| at.saturating_duration_since(Instant::now())))?;
        let mut wakeups = Wakeups::default();
        for (source, _) in sources.iter().zip(&watches).filter(|(_, watch)| watch.woke()) {
            match *source {
                Source::Signals => wakeups.signals = true,
                Source::Status => wakeups.status = true,
                Source::Admin => wakeups.admin = true,
                Source::Listener(index) => wakeups.listeners.push(index),
                Source::Worker(pid) => wakeups.workers.push(pid),
            }
        }
        Ok(wakeups)
    }

    /// The next signal that has come. A hang-up means a stop when a terminal was closed, and
    /// otherwise a rolling restart.
    pub fn next_signal(&self) -> Result<Option<Caught>, SysError> {
        Ok(self.signals.next()?.map(|signal| match signal {
            Caught::HangUp if self.hang_up_stops => Caught::Stop,
            Caught::HangUp => Caught::Renew,
            signal => signal,
        }))
    }

    pub fn serve_status(&self, snapshot: impl Fn() -> Snapshot) {
        if let Some(socket) = &self.status_socket {
            while socket.answer(&snapshot) {}
        }
    }
}
