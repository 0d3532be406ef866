//! Sleeping until something happens: a signal, a connection, a word from a worker, a deadline.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::Master;
use super::admin::Office;
use crate::Error;
use crate::sys::poll::{Watch, wait};

/// How long an acknowledgement may go unseen. Workers acknowledge on the scoreboard, which wakes
/// nobody, so while any is outstanding the master looks at least this often. It delays nothing but
/// the end of a connection that its worker closes without a word, and only if nothing else wakes
/// the master before.
const ACKNOWLEDGEMENT_LOOK: Duration = Duration::from_millis(2);

/// How often to look whether workers that can take no more have room again.
const FULL_LOOK: Duration = Duration::from_millis(50);

/// What woke the master.
#[derive(Debug, Default)]
pub(super) struct Woken {
    /// Signals are there to be read.
    pub signals: bool,
    /// Somebody asks for the status.
    pub door: bool,
    /// The admin process has said something or takes more.
    pub admin: bool,
    /// Listening sockets that have connections for the master.
    pub listeners: Vec<usize>,
    /// Process ids of workers that have said something or take more.
    pub channels: Vec<u32>,
}

/// What a watched descriptor stands for.
#[derive(Debug, Clone, Copy)]
enum Source {
    Signals,
    Door,
    Admin,
    Listener(usize),
    Channel(u32),
}

impl Master<'_> {
    /// Waits for whatever comes first.
    pub(super) fn wait(&self) -> Result<Woken, Error> {
        let mut sources = vec![Source::Signals];
        let mut watches = vec![Watch::new(self.signals.as_fd(), false)];
        if let Some(door) = &self.door {
            sources.push(Source::Door);
            watches.push(Watch::new(door.as_fd(), false));
        }
        if let Some(watch) = self.admin.as_ref().and_then(Office::watch) {
            sources.push(Source::Admin);
            watches.push(watch);
        }
        for index in self.queues_to_empty() {
            sources.push(Source::Listener(index));
            watches.push(Watch::new(self.group.sockets[index].as_fd(), false));
        }
        for handle in self.handles().filter(|handle| !handle.deaf) {
            sources.push(Source::Channel(handle.who.pid));
            watches.push(Watch::new(handle.channel.as_fd(), handle.lane.blocked));
        }
        wait(&mut watches, self.next_deadline())?;
        let mut woken = Woken::default();
        for (source, _) in sources.iter().zip(&watches).filter(|(_, watch)| watch.woke()) {
            match *source {
                Source::Signals => woken.signals = true,
                Source::Door => woken.door = true,
                Source::Admin => woken.admin = true,
                Source::Listener(index) => woken.listeners.push(index),
                Source::Channel(pid) => woken.channels.push(pid),
            }
        }
        Ok(woken)
    }

    /// The listening sockets whose connections the master is to accept, if it can deal any.
    fn queues_to_empty(&self) -> Vec<usize> {
        if self.stop.is_some() || !self.dealer.can_deal(&self.seats[..self.wanted as usize]) {
            return Vec::new();
        }
        let serves = |&index: &usize| self.dealer.sharing().master_serves(index, &self.kept);
        (0..self.group.sockets.len()).filter(serves).collect()
    }

    /// How long until something is due; `None` when nothing is.
    fn next_deadline(&self) -> Option<Duration> {
        let now = Instant::now();
        let kills = self.leaving.iter().filter_map(|handle| handle.kill_at);
        let acknowledgements = self
            .handles()
            .any(|handle| handle.lane.awaits_acknowledgement())
            .then(|| now + ACKNOWLEDGEMENT_LOOK);
        // Workers that are full do not say when they have room again.
        let can_deal = self.dealer.can_deal(&self.seats[..self.wanted as usize]);
        let all_full = !can_deal && self.live.contains(&true);
        let room = all_full.then(|| now + FULL_LOOK);
        let starts = self.next_start();
        let others = match self.stop {
            Some(stop) => (!stop.ended).then_some(stop.deadline),
            None => Some(self.rounds.due()),
        };
        let all = kills.chain(acknowledgements).chain(room).chain(starts).chain(others);
        let admin = self.admin.as_ref().and_then(|office| office.due(self.stop.is_none()));
        let first = all.chain(self.dealer.paused_until()).chain(admin).min()?;
        Some(first.saturating_duration_since(now))
    }
}
