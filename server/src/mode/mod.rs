//! The ways of sharing connections out: a closed list, one file each.
//!
//! A forked mode answers three questions with the same verbs: how many sockets the master binds
//! ([`Sharing::sockets`]), where a worker's connections come from ([`Sharing::intake`]), and, where
//! the master accepts, who is next ([`Sharing::choose`]). Read [`round_robin`] first.

pub mod reuseport;
pub mod round_robin;
pub mod single;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// How connections reach the workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// One process that does all: the baseline.
    Single,
    /// A listening socket a worker; the kernel's hash chooses.
    Reuseport,
    /// The master accepts and deals connections out in turn.
    RoundRobin,
}

impl Mode {
    /// All modes, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Single, Self::Reuseport, Self::RoundRobin];

    /// The name on the command line and in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Reuseport => "reuseport",
            Self::RoundRobin => "round-robin",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no mode's.
#[derive(Debug, thiserror::Error)]
#[error("there is no mode '{0}': the modes are single, reuseport and round-robin")]
pub struct UnknownMode(String);

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == name);
        found.ok_or_else(|| UnknownMode(name.into()))
    }
}

/// Where a worker's connections come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
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
}

impl Candidate {
    /// Whether a connection can be dealt to it now.
    #[must_use]
    pub fn available(self) -> bool {
        self.ready && self.credit > 0
    }
}

/// A forked mode at work.
#[derive(Debug)]
pub(crate) enum Sharing {
    /// See [`reuseport`].
    Reuseport,
    /// See [`round_robin`].
    RoundRobin(round_robin::Turn),
}

impl Sharing {
    /// The mode's state at start; `None` for `single`, which forks nobody.
    pub fn of(mode: Mode) -> Option<Self> {
        match mode {
            Mode::Single => None,
            Mode::Reuseport => Some(Self::Reuseport),
            Mode::RoundRobin => Some(Self::RoundRobin(round_robin::Turn::default())),
        }
    }

    /// How many listening sockets the master binds.
    pub fn sockets(&self, workers: u32) -> u32 {
        match self {
            Self::Reuseport => reuseport::sockets(workers),
            Self::RoundRobin(_) => round_robin::SOCKETS,
        }
    }

    /// Where the connections of worker `id` come from.
    pub fn intake(&self, id: u32) -> Intake {
        match self {
            Self::Reuseport => reuseport::intake(id),
            Self::RoundRobin(_) => Intake::Dealt,
        }
    }

    /// Whether the master accepts.
    pub fn master_accepts(&self) -> bool {
        match self {
            Self::Reuseport => false,
            Self::RoundRobin(_) => true,
        }
    }

    /// The index of the worker that gets the next connection; `None` when nobody can take one.
    pub fn choose(&mut self, workers: &[Candidate]) -> Option<usize> {
        match self {
            Self::Reuseport => None,
            Self::RoundRobin(turn) => turn.choose(workers),
        }
    }

    /// How often a worker lost its turn because it could not take a connection.
    pub fn skips(&self) -> u64 {
        match self {
            Self::Reuseport => 0,
            Self::RoundRobin(turn) => turn.skips(),
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
        }
        let error = "roundrobin".parse::<Mode>().unwrap_err().to_string();
        for mode in Mode::ALL {
            assert!(error.contains(mode.name()), "{error}");
        }
    }
}
