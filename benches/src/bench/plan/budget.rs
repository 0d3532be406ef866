//! A time budget: what is left out, and in which order, so that a run fits into it.
//!
//! First go the middle ones of the worker counts that `auto` stands for, then blocks above the six
//! that an interval needs, then length of each measurement, to half at most. What was cut is said.

use std::time::Duration;

use super::cells::{Machine, cells};
use super::{Overrides, Plan};
use crate::bench::suite::Suite;
use crate::bench::suite::workers::Workers;

/// Blocks that are never cut: fewer give no interval.
const FEWEST_BLOCKS: u32 = 6;

/// A measurement is never cut below this.
const SHORTEST: Duration = Duration::from_millis(500);

impl Plan {
    /// Fills in the cells, and cuts until the budget holds.
    pub(super) fn fit(&mut self, suite: &Suite, overrides: &Overrides, cores: u32) {
        let mut auto = Workers::Auto.counts(cores);
        let fill = |plan: &mut Self, auto: &[u32]| {
            let machine = Machine { targets: &plan.targets, cores, auto };
            plan.cells = cells(suite, overrides, &machine);
        };
        fill(self, &auto);
        let Some(budget) = self.budget(suite, overrides) else { return };
        let mut cut = Vec::new();
        if overrides.workers.is_none() {
            while self.estimate() > budget && auto.len() > 2 {
                cut.push(auto.remove(auto.len() / 2));
                fill(self, &auto);
            }
        }
        self.note_counts(&mut cut, budget);
        if overrides.blocks.is_none() {
            self.cut_blocks(budget);
        }
        if overrides.duration.is_none() {
            self.cut_duration(budget);
        }
        if self.estimate() > budget {
            self.notes.push(format!(
                "The run takes longer than its budget of {}: nothing more can be left out.",
                humantime::format_duration(budget)
            ));
        }
    }

    /// The budget: the command line's, or the suite's own as long as the command line does not ask
    /// for more than the suite.
    fn budget(&mut self, suite: &Suite, overrides: &Overrides) -> Option<Duration> {
        if overrides.budget.is_some() {
            return overrides.budget;
        }
        let budget = suite.budget?.0;
        if overrides.blocks.is_some() || overrides.duration.is_some() || overrides.workers.is_some()
        {
            if self.estimate() > budget {
                self.notes.push(format!(
                    "The suite's budget of {} is set aside: the command line asks for more.",
                    humantime::format_duration(budget)
                ));
            }
            return None;
        }
        Some(budget)
    }

    fn note_counts(&mut self, cut: &mut [u32], budget: Duration) {
        if cut.is_empty() {
            return;
        }
        cut.sort_unstable();
        let cut: Vec<String> = cut.iter().map(u32::to_string).collect();
        self.notes.push(format!(
            "Left out to stay within {}: the worker counts {}. Name them with --workers to run \
             them.",
            humantime::format_duration(budget),
            cut.join(", ")
        ));
    }

    fn cut_blocks(&mut self, budget: Duration) {
        let planned = self.blocks;
        while self.estimate() > budget && self.blocks > FEWEST_BLOCKS {
            self.blocks -= 1;
        }
        if self.blocks < planned {
            self.notes.push(format!(
                "{} blocks instead of {planned} to stay within {}.",
                self.blocks,
                humantime::format_duration(budget)
            ));
        }
    }

    fn cut_duration(&mut self, budget: Duration) {
        let planned = self.duration;
        let shortest = (planned / 2).max(SHORTEST).min(planned);
        let trials = (self.cells.len() as u32 * self.blocks).max(1);
        let too_long = self.estimate().saturating_sub(budget) / trials;
        if too_long.is_zero() || shortest == planned {
            return;
        }
        // Whole tenths of a second are as fine as the warm-up's slices.
        let fitting = planned.saturating_sub(too_long).as_millis() as u64 / 100 * 100;
        self.duration = Duration::from_millis(fitting).max(shortest);
        self.notes.push(format!(
            "Each measurement takes {} instead of {} to stay within {}.",
            humantime::format_duration(self.duration),
            humantime::format_duration(planned),
            humantime::format_duration(budget)
        ));
    }
}
