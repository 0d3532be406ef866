//! The ways of sharing connections out: a closed list, one file each.
//!
//! `single` and `threads` are one process; the others are the *forked modes*, whose common questions
//! are the methods of [`Sharing`]. Read [`round_robin`] first.

pub mod least_connections;
pub mod reuseport;
pub(crate) mod reuseport_filter;
pub mod round_robin;
pub mod shared;
pub mod single;
pub mod threads;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::Family;
use least_connections::Fewest;
use reuseport_filter::ReuseportFilter;
use round_robin::Turn;

text_enum! {
    /// How connections reach the workers. Modes are shown in this order.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Mode, fn name {
        /// One process with one thread that does all: the baseline.
        Single = "single",
        /// One process with several threads that take work from each other.
        Threads = "threads",
        /// Every worker accepts from one socket; whoever wakes first has the connection.
        Shared = "shared",
        /// A listening socket per worker; the kernel's hash chooses.
        Reuseport = "reuseport",
        /// The master accepts and deals connections out in turn.
        RoundRobin = "round-robin",
        /// The master accepts and deals to the worker that has the fewest connections.
        LeastConnections = "least-connections",
    }
}

impl Mode {
    /// Whether it can share out the connections of this family of sockets.
    pub(crate) fn check_family(self, family: Family) -> Result<(), NoGroup> {
        match (self, family) {
            (Self::Reuseport, Family::Unix) => Err(NoGroup(self)),
            _ => Ok(()),
        }
    }

    /// Whether it has a master that forks workers.
    #[must_use]
    pub fn is_forked(self) -> bool {
        !matches!(self, Self::Single | Self::Threads)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A mode that needs a group of sockets, on a Unix socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "mode {0} needs a group of sockets on one address (SO_REUSEPORT), and Unix sockets form none: \
     choose another mode, or a TCP address"
)]
pub struct NoGroup(pub Mode);

/// A name that is no mode's.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no mode '{0}': the modes are single, threads, shared, reuseport, round-robin and \
     least-connections"
)]
pub struct UnknownMode(String);

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == name);
        found.ok_or_else(|| UnknownMode(name.into()))
    }
}

/// Where a worker's connections come from. Whatever the mode, the master can also deal it some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intake {
    /// It accepts from the master's listening socket with this index.
    Socket(usize),
    /// The master accepts, and passes them over the channel.
    Dealt,
}

/// A worker as a mode sees it when it chooses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Whether it takes connections at all.
    pub ready: bool,
    /// How many more connections may be under way to it, unacknowledged.
    pub credit: usize,
    /// Connections that it has open or that are under way to it.
    pub load: u64,
}

impl Candidate {
    /// Whether a connection can be dealt to it now.
    pub(crate) fn available(self) -> bool {
        self.ready && self.credit > 0
    }
}

/// A forked mode at work.
#[derive(Debug, Default)]
pub(crate) enum Sharing {
    #[default]
    Shared,
    Reuseport(Turn),
    RoundRobin(Turn),
    LeastConnections(Fewest),
}

impl Sharing {
    /// The mode's state at start; `None` for a mode that forks nobody.
    pub fn of(mode: Mode) -> Option<Self> {
        Some(match mode {
            Mode::Single | Mode::Threads => return None,
            Mode::Shared => Self::Shared,
            Mode::Reuseport => Self::Reuseport(Turn::default()),
            Mode::RoundRobin => Self::RoundRobin(Turn::default()),
            Mode::LeastConnections => Self::LeastConnections(Fewest::default()),
        })
    }

    pub fn mode(&self) -> Mode {
        match self {
            Self::Shared => Mode::Shared,
            Self::Reuseport(_) => Mode::Reuseport,
            Self::RoundRobin(_) => Mode::RoundRobin,
            Self::LeastConnections(_) => Mode::LeastConnections,
        }
    }

    /// How many listening sockets this number of workers needs.
    pub fn sockets(&self, workers: u32) -> u32 {
        match self {
            Self::Reuseport(_) => reuseport::sockets(workers),
            Self::Shared | Self::RoundRobin(_) | Self::LeastConnections(_) => 1,
        }
    }

    /// Which of all `sockets` new connections go to; `kept[i]`: the one that worker `i + 1` surely
    /// accepts from.
    pub fn steer(&self, kept: &[Option<usize>], sockets: usize) -> ReuseportFilter {
        match self {
            Self::Reuseport(_) => reuseport::steer(kept, sockets),
            Self::Shared | Self::RoundRobin(_) | Self::LeastConnections(_) => {
                ReuseportFilter::only(0)
            }
        }
    }

    /// Whether the master has to accept what is queued on the socket with this index.
    pub fn master_serves(&self, socket: usize, kept: &[Option<usize>]) -> bool {
        match self {
            Self::Shared | Self::Reuseport(_) => !kept.contains(&Some(socket)),
            Self::RoundRobin(_) | Self::LeastConnections(_) => true,
        }
    }

    /// Where the connections of worker `id` come from.
    pub fn intake(&self, id: u32) -> Intake {
        match self {
            Self::Shared => Intake::Socket(shared::SOCKET),
            Self::Reuseport(_) => reuseport::intake(id),
            Self::RoundRobin(_) | Self::LeastConnections(_) => Intake::Dealt,
        }
    }

    /// The index of the worker that gets a connection which the master has accepted; `None` when
    /// nobody can take one.
    pub fn choose(&mut self, workers: &[Candidate]) -> Option<usize> {
        match self {
            Self::Shared => workers.iter().position(|worker| worker.available()),
            Self::Reuseport(turn) | Self::RoundRobin(turn) => turn.choose(workers),
            Self::LeastConnections(fewest) => fewest.choose(workers),
        }
    }

    /// How often a worker lost its turn because it could not take a connection.
    pub fn skips(&self) -> u64 {
        match self {
            Self::RoundRobin(turn) => turn.skips(),
            Self::Shared | Self::Reuseport(_) | Self::LeastConnections(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_found_by_its_name_and_others_are_not() {
        for mode in Mode::ALL {
            assert_eq!(mode.name().parse::<Mode>().unwrap(), mode);
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
            assert_eq!(Sharing::of(mode).is_some(), mode.is_forked());
            assert!(Sharing::of(mode).is_none_or(|sharing| sharing.mode() == mode));
        }
        let error = "roundrobin".parse::<Mode>().unwrap_err().to_string();
        for mode in Mode::ALL {
            assert!(error.contains(mode.name()), "{error}");
        }
    }

    /// Every queue has somebody who empties it, whoever is alive and whatever they still do of the
    /// mode before.
    #[test]
    fn no_queue_is_left_to_nobody() {
        let posts = [None, Some(0), Some(1), Some(2)];
        for mode in Mode::ALL {
            let Some(sharing) = Sharing::of(mode) else { continue };
            for pattern in 0..64_usize {
                let kept: Vec<_> =
                    (0..3).map(|worker| posts[pattern >> (2 * worker) & 3]).collect();
                for socket in 0..3 {
                    let served = sharing.master_serves(socket, &kept);
                    assert!(served || kept.contains(&Some(socket)), "{mode}: {socket}, {kept:?}");
                }
            }
        }
    }
}
