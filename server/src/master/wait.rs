//! Sleeping until something happens: a signal, a connection, a word from a worker, a deadline.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::Master;
use crate::Error;
use crate::sys::poll::{Watch, wait};

/// What woke the master.
#[derive(Debug, Default)]
pub(super) struct Woken {
    /// Signals are there to be read.
    pub signals: bool,
    /// Connections wait in the accept queue.
    pub listener: bool,
    /// Seats whose worker has said something or takes more.
    pub channels: Vec<usize>,
}

impl Master<'_> {
    /// Waits for whatever comes first.
    pub(super) fn wait(&self) -> Result<Woken, Error> {
        let mut watches = vec![Watch::new(self.signals.as_fd(), false)];
        let listener = self
            .listeners
            .sockets
            .first()
            .filter(|_| self.stop.is_none() && self.dealer.wants_connections(&self.seats));
        watches.extend(listener.map(|fd| Watch::new(fd.as_fd(), false)));
        let before_channels = watches.len();
        let mut seats = Vec::with_capacity(self.seats.len());
        for (index, seat) in self.seats.iter().enumerate() {
            if let Some(handle) = seat.handle.as_ref().filter(|handle| !handle.deaf) {
                seats.push(index);
                watches.push(Watch::new(handle.channel.as_fd(), handle.lane.blocked));
            }
        }
        wait(&mut watches, self.next_deadline())?;
        let (first, channels) = watches.split_at(before_channels);
        Ok(Woken {
            signals: first[0].woke(),
            listener: first.get(1).is_some_and(Watch::woke),
            channels: seats
                .into_iter()
                .zip(channels)
                .filter_map(|(index, watch)| watch.woke().then_some(index))
                .collect(),
        })
    }

    /// How long until something is due; `None` when nothing is.
    fn next_deadline(&self) -> Option<Duration> {
        let empty = self.seats.iter().filter(|seat| seat.handle.is_none()).map(|seat| seat.due);
        let due = match self.stop {
            Some(stop) => Some(stop.deadline),
            None => empty.min(),
        };
        let first = due.into_iter().chain(self.dealer.paused_until()).min()?;
        Some(first.saturating_duration_since(Instant::now()))
    }
}
