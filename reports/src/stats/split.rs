//! Why it is not 2×: a speed-up taken apart into what more workers got to use and what a request
//! came to cost.

use crate::record::TrialResult;

use super::ratio::{Ratio, within_blocks};

/// The two factors of a speed-up; their product is the speed-up exactly, block by block.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Server cores in use, against the baseline's: (busy₂/busy₁).
    pub busy: Ratio,
    /// What a request cost the baseline in CPU time, against this cell: (cost₁/cost₂). Below 1 a
    /// request became dearer.
    pub cost: Ratio,
}

/// Server cores in use, master included; `None` without a CPU account.
pub fn busy_cores(result: &TrialResult) -> Option<f64> {
    let cpu = &result.cpu;
    let server = cpu.server_user_s + cpu.server_sys_s + cpu.master_s;
    (cpu.elapsed_s > 0.0 && server > 0.0).then(|| server / cpu.elapsed_s)
}

/// Takes the speed-up of a cell over its baseline apart: throughput = busy ÷ cost in every trial,
/// so rps₂/rps₁ = (busy₂/busy₁) × (cost₁/cost₂). `None` without a block in which both sides have a
/// CPU account.
pub fn split(cell: &[(u32, &TrialResult)], baseline: &[(u32, &TrialResult)]) -> Option<Split> {
    let of = |trials: &[(u32, &TrialResult)], figure: fn(f64, f64) -> f64| -> Vec<(u32, f64)> {
        trials
            .iter()
            .filter(|(_, result)| result.throughput_rps > 0.0)
            .filter_map(|(block, result)| {
                Some((*block, figure(busy_cores(result)?, result.throughput_rps)))
            })
            .collect()
    };
    let busy = |busy: f64, _: f64| busy;
    let cost = |busy: f64, rps: f64| busy / rps;
    Some(Split {
        busy: within_blocks(&of(cell, busy), &of(baseline, busy))?,
        cost: within_blocks(&of(baseline, cost), &of(cell, cost))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Cpu;
    use proptest::prelude::*;

    fn result(busy: f64, rps: f64) -> TrialResult {
        let cpu = Cpu { elapsed_s: 2.0, server_sys_s: 2.0 * busy, ..Cpu::default() };
        TrialResult { throughput_rps: rps, cpu, ..TrialResult::default() }
    }

    #[test]
    fn twice_the_cores_at_a_tenth_more_a_request_is_a_speed_up_of_1_8() {
        let (two, one) = (result(2.0, 180.0), result(1.0, 100.0));
        let split = split(&[(0, &two)], &[(0, &one)]).unwrap();
        assert!((split.busy.point - 2.0).abs() < 1e-9);
        assert!((split.cost.point - 0.9).abs() < 1e-9);
    }

    #[test]
    fn a_server_whose_cpu_time_is_not_known_is_not_taken_apart() {
        let (two, one) = (result(0.0, 180.0), result(1.0, 100.0));
        assert_eq!(split(&[(0, &two)], &[(0, &one)]), None);
    }

    proptest! {
        #[test]
        fn the_factors_multiply_to_the_speed_up(
            trials in prop::collection::vec(((0.1..4.0_f64, 1.0..1e6_f64), (0.1..4.0_f64, 1.0..1e6_f64)), 1..12)
        ) {
            let pairs: Vec<_> = trials
                .iter()
                .map(|&((b2, r2), (b1, r1))| (result(b2, r2), result(b1, r1)))
                .collect();
            let cell: Vec<_> = (0..).zip(pairs.iter().map(|pair| &pair.0)).collect();
            let base: Vec<_> = (0..).zip(pairs.iter().map(|pair| &pair.1)).collect();
            let rps = |side: &[(u32, &TrialResult)]| -> Vec<_> {
                side.iter().map(|(block, result)| (*block, result.throughput_rps)).collect()
            };
            let speedup = within_blocks(&rps(&cell), &rps(&base)).unwrap().point;
            let split = split(&cell, &base).unwrap();
            prop_assert!((split.busy.point * split.cost.point / speedup - 1.0).abs() < 1e-9);
        }
    }
}
