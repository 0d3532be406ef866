//! The findings of charts: one sentence each, which is also the chart's accessible name.

use super::{evidence, limit_clause, sentence, speedup_clause, with_workers};
use crate::analysis::contrasts::Question;
use crate::analysis::tables::warmup::CLASSES;
use crate::analysis::{Figures, Speedup, WorkloadFigures};
use crate::format;
use crate::stats::fairness::Dealing;
use crate::stats::ratio::Verdict;

/// The finding of a throughput chart: the two fastest modes at the largest number of workers.
#[must_use]
pub fn throughput(workload: &WorkloadFigures<'_>) -> String {
    let name = workload.name;
    let rivals = workload.rivals();
    let Some(&first) = rivals.first() else {
        return format!("{name}: no valid trial");
    };
    let at = with_workers(first);
    let rate = |f: &Figures<'_>| format::whole(f.throughput.map_or(0.0, |t| t.point));
    let (a, b) = match rivals.get(1) {
        None => {
            let label = first.cell.series.label();
            return format!("{name}: {label} answers {} requests a second {at}", rate(first));
        }
        Some(second) => (first, *second),
    };
    let (fast, next) = (a.cell.series.label(), b.cell.series.label());
    let rates = format!("{} and {} requests a second", rate(a), rate(b));
    match workload.contrast(Question::Throughput, a, b) {
        None => format!("{name}: {fast} and {next} {at}: {rates}, in no common block"),
        Some(ratio) => {
            let (point, evidence) = (format::ratio(ratio.point), evidence(&ratio));
            match ratio.verdict() {
                Verdict::More => format!(
                    "{name}: {fast} answers {point} as many requests as {next} {at} ({evidence})"
                ),
                Verdict::Same => {
                    format!("{name}: {fast} and {next} are within 2 % of each other {at}")
                }
                Verdict::Less | Verdict::Undecided => format!(
                    "{name}: this run cannot tell {fast} and {next} apart {at} ({point}, {evidence})"
                ),
                Verdict::TooFew => format!("{name}: {fast} and {next} {at}: {rates} ({evidence})"),
            }
        }
    }
}

/// The finding of a speed-up chart.
pub fn speedup(workload: &WorkloadFigures<'_>) -> String {
    let clause = speedup_clause(workload);
    let efficiency = match workload.best().map(|best| &best.speedup) {
        Some(Speedup::Over { efficiency: Some(share), .. }) => {
            format!(": {} of ideal", format::percent(*share))
        }
        _ => String::new(),
    };
    let text = sentence(&clause);
    format!("{}{efficiency}", text.trim_end_matches('.'))
}

/// The finding of a latency chart: the lowest against the highest 99th percentile.
pub fn latency(workload: &WorkloadFigures<'_>) -> String {
    let name = workload.name;
    let p99 = |f: &Figures<'_>| f.latency.percentile(0.99).unwrap_or(f64::INFINITY);
    let mut rivals = workload.rivals();
    rivals.retain(|f| f.latency.count() > 0);
    rivals.sort_by(|a, b| p99(a).total_cmp(&p99(b)));
    let (Some(&low), Some(&high)) = (rivals.first(), rivals.last()) else {
        return format!("{name}: no latency was recorded");
    };
    let at = with_workers(low);
    let (a, b) = (low.cell.series.label(), high.cell.series.label());
    if rivals.len() == 1 {
        return format!(
            "{name}: 99 % of answers of {a} came within {} {at}",
            format::micros(p99(low))
        );
    }
    let both = format!("{} and {}", format::micros(p99(low)), format::micros(p99(high)));
    match workload.contrast(Question::P99, high, low) {
        None => format!("{name}: 99th percentiles of {a} and {b} {at}: {both}"),
        Some(ratio) => {
            let (point, evidence) = (format::ratio(ratio.point), evidence(&ratio));
            match ratio.verdict() {
                Verdict::More => format!(
                    "{name}: {b}'s 99th percentile is {point} that of {a} {at} ({evidence})"
                ),
                Verdict::Same => format!(
                    "{name}: 99th percentiles of {a} and {b} are within 2 % of each other {at}"
                ),
                Verdict::Less | Verdict::Undecided => format!(
                    "{name}: 99th percentiles of {a} and {b} cannot be told apart {at} \
                     ({point}, {evidence})"
                ),
                Verdict::TooFew => {
                    format!("{name}: 99th percentiles of {a} and {b} {at}: {both} ({evidence})")
                }
            }
        }
    }
}

/// The finding of a distribution chart: how each mode dealt its connections.
pub fn fairness(workload: &WorkloadFigures<'_>) -> String {
    let name = workload.name;
    let labels = |dealing: Dealing| -> Vec<String> {
        let dealt = |f: &&&Figures<'_>| f.dealing == Some(dealing);
        workload.widest().iter().filter(dealt).map(|f| f.cell.series.label()).collect()
    };
    let clauses: Vec<String> = [
        (Dealing::Even, "to within one connection"),
        (Dealing::Evened, "more evenly than chance would"),
        (Dealing::Chance, "as unevenly as chance would"),
        (Dealing::Biased, "more unevenly than chance would"),
    ]
    .into_iter()
    .filter_map(|(dealing, how)| {
        let labels = labels(dealing);
        (!labels.is_empty()).then(|| format!("{} {how}", format::listed(&labels)))
    })
    .collect();
    if clauses.is_empty() {
        return format!("{name}: no spread over workers was recorded");
    }
    let turn = out_of_turn(workload);
    format!("{name}: connections were dealt by {}{turn}", clauses.join(", by "))
}

/// What to say of modes that promise strict turns and did not keep them: most − least above 1.
fn out_of_turn(workload: &WorkloadFigures<'_>) -> String {
    let broken: Vec<String> = workload
        .widest()
        .iter()
        .filter(|f| f.cell.series.mode == "round-robin")
        .filter_map(|f| {
            let most = f.spreads.iter().map(|spread| spread.range).max()?;
            (most > 1).then(|| format!("{} by {most}", f.cell.series.label()))
        })
        .collect();
    if broken.is_empty() {
        return String::new();
    }
    format!("; strict turns differ by one at most, here {}", format::listed(&broken))
}

/// The finding of a chart of core-seconds.
pub fn cores(workload: &WorkloadFigures<'_>) -> String {
    workload.telling().and_then(|cell| Some((cell, limit_clause(cell)?))).map_or_else(
        || format!("{}: CPU time was not recorded", workload.name),
        |(cell, limit)| {
            let (label, at) = (cell.cell.series.label(), with_workers(cell));
            format!("{}, {label} {at}: {limit}", workload.name)
        },
    )
}

/// The finding of a warm-up chart: how many trials were steady, and how many were not.
pub fn warm_up(workload: &WorkloadFigures<'_>) -> String {
    let valid = workload.cells.iter().flat_map(|figures| figures.cell.valid());
    let classes: Vec<&str> = valid
        .filter_map(|(_, result)| Some(result.warmup.as_ref()?.class.as_str()))
        .filter(|class| !class.is_empty())
        .collect();
    let counts: Vec<String> = CLASSES
        .into_iter()
        .filter_map(|class| {
            let trials = classes.iter().filter(|other| **other == class).count();
            (trials > 0).then(|| match class {
                "no steady state" => format!("{trials} without a steady state"),
                _ => format!("{trials} {class}"),
            })
        })
        .collect();
    if counts.is_empty() {
        return format!("{}: too few slices to classify", workload.name);
    }
    let trials = format::count(classes.len() as u64, "trial");
    format!("{}: of {trials}, {}", workload.name, format::listed(&counts))
}
