//! How many comparisons the verdicts were corrected for, and where another test or the correction
//! puts one in doubt.

use crate::analysis::contrasts::Question;
use crate::analysis::{Analysis, WorkloadFigures};
use crate::format;
use crate::stats::ratio::Ratio;

/// The families of verdicts with the number of comparisons in each.
pub fn families(analysis: &Analysis<'_>) -> String {
    let tested = |ratios: Vec<&Ratio>| ratios.iter().filter(|r| r.tests.is_some()).count() as u64;
    let pairs = |question: Question| {
        let all = analysis.workloads.iter().flat_map(|workload| &workload.contrasts);
        all.filter(|contrast| contrast.question == question).map(|c| &c.ratio).collect()
    };
    format!(
        "{} with one worker, {} of modes by throughput, {} by 99th percentile",
        format::count(tested(speedups(analysis).map(|(_, ratio)| ratio).collect()), "comparison"),
        tested(pairs(Question::Throughput)),
        tested(pairs(Question::P99))
    )
}

/// Speed-ups whose cells are named, open loops left out.
fn speedups<'a>(analysis: &'a Analysis<'_>) -> impl Iterator<Item = (String, &'a Ratio)> {
    let closed = |workload: &&WorkloadFigures<'_>| !workload.open();
    analysis.workloads.iter().filter(closed).flat_map(|workload| {
        workload.cells.iter().filter_map(|figures| {
            let name = format!("{}, {}", workload.name, figures.cell.label());
            Some((name, figures.speedup.ratio()?))
        })
    })
}

/// One sentence for each speed-up about which Wilcoxon's signed ranks disagree with Student's t, or
/// whose interval excludes 1 by itself and no longer as one of many.
pub fn doubts(analysis: &Analysis<'_>) -> Vec<String> {
    let of = |(name, ratio): (String, &Ratio)| {
        let ranks = ratio.dissent().map(|p| {
            let p = format::p_value(p);
            let sides = if ratio.tests.is_some_and(|tests| tests.t_alone) {
                "Student’s t shows a difference, and Wilcoxon’s signed ranks do not"
            } else {
                "Wilcoxon’s signed ranks show a difference, and Student’s t does not"
            };
            format!("{name}: {sides} (p = {p}): look at the dots.")
        });
        let correction = ratio.corrected_away().then(|| {
            format!(
                "{name}: alone its interval would show a difference, among so many it does not."
            )
        });
        ranks.into_iter().chain(correction)
    };
    speedups(analysis).flat_map(of).collect()
}
