//! A lab's file: the question, what is done, and what is expected of it, with every key checked.
//!
//! `benches/labs/README.md` explains the keys.

use serde::Deserialize;
use toml::Spanned;

use super::action::{Act, Action};
use crate::bench::plan::{Cell, Plan, order};
use crate::bench::suite::Workload;
use crate::bench::suite::values::{Bounded, Length, Name, NonEmpty};
use crate::harness::target::spec::TargetSpec;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    name: Name,
    pub title: String,
    /// How long it takes at most, whole, in minutes.
    pub minutes: Bounded<1, 10>,
    pub aim: String,
    pub question: String,
    /// What is guessed and observed.
    pub quantity: String,
    /// Its unit; empty for a bare number.
    pub unit: String,
    pub guess: Spanned<Guess>,
    pub whole: Lengths,
    pub short: Lengths,
    /// What clients ask for: `[[workload]]`, as in a suite.
    pub workload: NonEmpty<Workload>,
    pub round: NonEmpty<Round>,
    pub item: NonEmpty<Item>,
    /// Why it comes out as it does; paragraphs are set apart by an empty line.
    pub explanation: String,
    pub discuss: NonEmpty<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guess {
    pub min: f64,
    pub max: f64,
    pub step: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lengths {
    pub blocks: Bounded<1, 100>,
    /// Load before each measurement that no figure includes.
    pub warmup: Length,
    #[serde(deserialize_with = "Length::measurement")]
    pub duration: Length,
}

/// One `[[round]]`: a trial that is repeated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    pub name: Spanned<Name>,
    pub title: String,
    pub mode: server::Mode,
    pub workers: Bounded<1, 64>,
    pub workload: Spanned<Name>,
    #[serde(default)]
    pub acts: Vec<Act>,
}

/// One `[[item]]`: a value that is guessed and observed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub name: String,
    pub round: Spanned<Name>,
    pub measure: Measure,
    /// It is told as a multiple of the same in this round.
    pub over: Option<Spanned<Name>>,
    /// What becomes of the values of several blocks. Default: `"median"`.
    #[serde(default)]
    pub fold: Fold,
    /// The least expected on two cores, and the most (`high`).
    pub low: Spanned<f64>,
    pub high: f64,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    Throughput,
    /// The busiest worker's share of the connections, in per cent.
    BusiestShare,
    /// The share of the workers that were not there at first, in per cent of the answers from half a
    /// second after the last act on.
    NewShare,
    /// The 99th percentile of latency in milliseconds: from when a request was due, in an open loop.
    P99,
    /// The same from the actual send.
    ServiceP99,
    /// Requests that got no answer.
    Failed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fold {
    #[default]
    Median,
    /// Their mean, where each value is a draw of a lottery.
    Mean,
}

impl Lab {
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    pub fn lengths(&self, short: bool) -> &Lengths {
        if short { &self.short } else { &self.whole }
    }

    /// Its trials: every round once a block, in an order shuffled by the seed.
    pub fn plan(&self, short: bool, cores: u32, seed: u64) -> Plan {
        let lengths = self.lengths(short);
        let cell = |round: &Round| Cell {
            target: 0,
            mode: round.mode.name().to_owned(),
            workers: round.workers.0,
            workload: self.place_of_workload(round),
            oversubscribed: round.most_workers() > cores,
        };
        let cells: Vec<Cell> = self.round.0.iter().map(cell).collect();
        Plan {
            name: self.name().to_owned(),
            description: self.aim.clone(),
            blocks: lengths.blocks.0,
            warmup: lengths.warmup.0,
            duration: lengths.duration.0,
            seed,
            workloads: self.workload.0.clone(),
            targets: vec![TargetSpec::own()],
            skipped: Vec::new(),
            trials: order::blocks(cells.len(), lengths.blocks.0, seed),
            cells,
            notes: Vec::new(),
        }
    }

    pub fn place_of_workload(&self, round: &Round) -> usize {
        let is_it = |workload: &Workload| workload.name.get_ref() == round.workload.get_ref();
        self.workload.0.iter().position(is_it).unwrap_or(0)
    }

    pub fn place_of_round(&self, name: &Spanned<Name>) -> usize {
        let is_it = |round: &Round| round.name.get_ref() == name.get_ref();
        self.round.0.iter().position(is_it).unwrap_or(0)
    }
}

impl Round {
    /// The most workers that it has at any time.
    pub fn most_workers(&self) -> u32 {
        let scaled = self.acts.iter().filter_map(|act| match act.action {
            Action::Scale(workers) => Some(workers),
            _ => None,
        });
        scaled.fold(self.workers.0, u32::max)
    }

    /// The workers that are killed in it, each as often as it is.
    pub fn kills(&self) -> Vec<u32> {
        let killed = |act: &Act| match act.action {
            Action::Kill(id) => Some(id),
            _ => None,
        };
        self.acts.iter().filter_map(killed).collect()
    }
}
