//! The generator's own limit, and others that kept it from running: what to make of probes in which it was late.

use super::{Observation, Probe, Search, Stage};

/// So often in a row the generator is late at a rate that it cannot keep.
const LATE_IN_A_ROW: usize = 3;

/// How far a step goes down when nothing but late probes come.
const STEP_BACK: f64 = 0.98;

impl Search {
    /// The last probe once more, if the generator was late in it, but not too often in a row.
    pub(super) fn again(&self) -> Option<(Stage, f64)> {
        let (last, _) = self.seen.last()?;
        let late = self.seen.iter().rev().take_while(|(probe, observation)| {
            same_rate(probe, last) && observation.late.is_some()
        });
        (1..LATE_IN_A_ROW).contains(&late.count()).then_some((last.stage, last.rate))
    }

    /// The lowest rate at which the generator, busy throughout, was late again and again, if it never
    /// kept such a rate.
    pub(super) fn ceiling(&self) -> Option<f64> {
        let kept = |(probe, observation): &(Probe, Observation)| {
            if observation.late.is_none() { probe.rate } else { 0.0 }
        };
        let most = self.seen.iter().map(kept).fold(0.0, f64::max);
        let rows = self.seen.windows(LATE_IN_A_ROW).filter(|row| {
            row.iter().all(|(probe, observation)| {
                observation.late.as_ref().is_some_and(|late| late.busy)
                    && same_rate(&row[0].0, probe)
            })
        });
        let rates = rows.map(|row| row[0].0.rate).filter(|rate| *rate > most);
        rates.min_by(f64::total_cmp)
    }

    /// A factor below 1 while the generator is late in every probe: at a lower rate it may not be.
    pub(super) fn step_back(&self) -> f64 {
        let late = self.seen.iter().rev().take_while(|(_, seen)| seen.late.is_some()).count();
        STEP_BACK.powf((late / LATE_IN_A_ROW) as f64)
    }
}

fn same_rate(one: &Probe, other: &Probe) -> bool {
    one.stage == other.stage && (one.rate - other.rate).abs() <= f64::EPSILON * one.rate
}
