//! What a record says, in sentences. Each is computed from the figures and names its interval; none
//! says "faster" or "slower" when the interval holds 1. Next: [`crate::table`], the figures behind.

use crate::analysis::{Analysis, Figures, Speedup, WorkloadFigures};
use crate::format;
use crate::record::{Record, TrialResult};
use crate::stats::cores::{Cores, Limit};
use crate::stats::fairness::Dealing;
use crate::stats::ratio::{Ratio, Verdict};

/// The result of a run in two sentences: what more workers bought, and what limits it.
#[must_use]
pub fn headline(record: &Record) -> String {
    let (answer, limit) = answer(&Analysis::of(record));
    [answer, limit].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The two sentences apart; the second is empty when CPU time was not recorded.
#[must_use]
pub fn answer(analysis: &Analysis<'_>) -> (String, String) {
    if analysis.validity.valid == 0 {
        let none = "No trial is valid, so this run says nothing about speed.".to_owned();
        return (none, String::new());
    }
    let clauses: Vec<String> = analysis.workloads.iter().map(speedup_clause).collect();
    let limits: Vec<String> = analysis
        .workloads
        .iter()
        .filter_map(|workload| {
            let cell = workload.best().or_else(|| workload.rivals().first().copied())?;
            Some(format!("for {} {}", workload.name, limit_clause(cell)?))
        })
        .collect();
    let limit = if limits.is_empty() {
        String::new()
    } else {
        format!("What limits it: {}.", limits.join("; "))
    };
    (sentence(&clauses.join("; ")), limit)
}

/// One of the large figures at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFigure {
    /// What it is: the name of a workload.
    pub name: String,
    /// The figure.
    pub value: String,
    /// Its interval, or why it has none.
    pub evidence: String,
    /// Where it was measured, and what may be said of it.
    pub note: String,
}

/// The best speed-up over one worker for each workload; where there is none, the throughput.
#[must_use]
pub fn key_figures(analysis: &Analysis<'_>) -> Vec<KeyFigure> {
    analysis.workloads.iter().filter_map(key_figure).collect()
}

fn key_figure(workload: &WorkloadFigures<'_>) -> Option<KeyFigure> {
    let at = |f: &Figures<'_>| format!("{} {}", f.cell.series.label(), with_workers(f));
    if let Some((best, ratio)) = workload.best().and_then(|f| Some((f, f.speedup.ratio()?))) {
        let verdict = match ratio.verdict() {
            Verdict::More => "",
            Verdict::Less => ": slower than one",
            Verdict::Same => ": no difference beyond 5 %",
            Verdict::Undecided => ": not to be told from chance",
            Verdict::TooFew => ": dots only",
        };
        return Some(KeyFigure {
            name: format!("{}: best speed-up over one worker", workload.name),
            value: format::ratio(ratio.point),
            evidence: evidence(ratio),
            note: format!("{}{verdict}", at(best)),
        });
    }
    let first = *workload.rivals().first()?;
    let throughput = first.throughput?;
    Some(KeyFigure {
        name: format!("{}: most requests a second", workload.name),
        value: format::whole(throughput.point),
        evidence: throughput.interval.map_or_else(
            || format!("{}: too few for an interval", format::count(throughput.n as u64, "trial")),
            |(low, high)| format!("95 % {}–{}", format::whole(low), format::whole(high)),
        ),
        note: format!("{}; no one-worker cell to compare with", at(first)),
    })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// `with 2 workers work runs 1.86× as fast as with one (round-robin, 95 % 1.83–1.89)`.
fn speedup_clause(workload: &WorkloadFigures<'_>) -> String {
    let name = workload.name;
    let Some(best) = workload.best() else {
        return format!("{name} has no valid pair of one and more workers to compare");
    };
    let Some(ratio) = best.speedup.ratio() else {
        return format!("{name} was not compared");
    };
    let workers = best.cell.workers;
    let how = format!("{}, {}", best.cell.series.label(), evidence(ratio));
    let point = format::ratio(ratio.point);
    match ratio.verdict() {
        Verdict::More | Verdict::TooFew => {
            format!("with {workers} workers {name} runs {point} as fast as with one ({how})")
        }
        Verdict::Less => format!(
            "with {workers} workers {name} runs at no more than {point} the speed of one ({how})"
        ),
        Verdict::Same => format!(
            "with {workers} workers {name} runs as fast as with one, give or take 5 % \
             ({point}, {how})"
        ),
        Verdict::Undecided => format!(
            "with {workers} workers {name} shows no speed-up that this run could tell from chance \
             ({point}, {how})"
        ),
    }
}

/// `95 % 1.83–1.89, 6 blocks`, or why there is no interval.
#[must_use]
pub fn evidence(ratio: &Ratio) -> String {
    let blocks = format::count(ratio.blocks.len() as u64, "block");
    match ratio.interval {
        Some((low, high)) => format!("95 % {low:.2}–{high:.2}, {blocks}"),
        None => format!("{blocks}: too few for an interval"),
    }
}

/// `the server and its generator share the CPUs (of 2.0 cores …)`; `None` without CPU accounts.
fn limit_clause(figures: &Figures<'_>) -> Option<String> {
    let cores = figures.cores.as_ref()?;
    let what = match figures.limit? {
        Limit::Steal => "the hypervisor took CPU time away",
        Limit::Others => "other programs took CPU time away",
        Limit::SharedCpus => "server and generator share the CPUs",
        Limit::Generator => "the generator used up its own CPUs",
        Limit::Master => "the master, a single thread, is busy all the time",
        Limit::Workers => "the workers use all the CPU they can",
        Limit::NotCpu => "CPUs stood idle, so it is not CPU time",
        Limit::Mixed => "the CPUs are busy, and no one owner accounts for it",
    };
    Some(format!("{what} ({})", usage(cores)))
}

/// `of 2.0 cores the server used 1.1, the generator 0.9, others 0.0; 0.0 stood idle`.
#[must_use]
pub fn usage(cores: &Cores) -> String {
    let mut owners = vec![
        format!("the server used {}", format::cores(cores.server())),
        format!("the generator {}", format::cores(cores.load())),
    ];
    for (owner, value) in [("other programs", cores.other), ("the hypervisor", cores.steal)] {
        if value >= 0.05 {
            owners.push(format!("{owner} {}", format::cores(value)));
        }
    }
    if cores.idle >= 0.05 {
        owners.push(format!("nobody {}", format::cores(cores.idle)));
    }
    format!("of {} cores {}", format::cores(cores.total), format::listed(&owners))
}

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
    match a.against(b, |result| result.throughput_rps) {
        None => format!("{name}: {fast} and {next} {at}: {rates}, in no common block"),
        Some(ratio) => {
            let (point, evidence) = (format::ratio(ratio.point), evidence(&ratio));
            match ratio.verdict() {
                Verdict::More => format!(
                    "{name}: {fast} answers {point} as many requests as {next} {at} ({evidence})"
                ),
                Verdict::Same => {
                    format!("{name}: {fast} and {next} are within 5 % of each other {at}")
                }
                Verdict::Less | Verdict::Undecided => format!(
                    "{name}: this run cannot tell {fast} and {next} apart {at} ({point}, {evidence})"
                ),
                Verdict::TooFew => format!("{name}: {fast} and {next} {at}: {rates} ({evidence})"),
            }
        }
    }
}

fn with_workers(figures: &Figures<'_>) -> String {
    format!("with {}", format::count(u64::from(figures.cell.workers), "worker"))
}

/// The finding of a speed-up chart.
#[must_use]
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
#[must_use]
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
    let figure = |result: &TrialResult| result.latency.p99;
    match high.against(low, figure) {
        None => format!("{name}: 99th percentiles of {a} and {b} {at}: {both}"),
        Some(ratio) => {
            let (point, evidence) = (format::ratio(ratio.point), evidence(&ratio));
            match ratio.verdict() {
                Verdict::More => format!(
                    "{name}: {b}'s 99th percentile is {point} that of {a} {at} ({evidence})"
                ),
                Verdict::Same => format!(
                    "{name}: 99th percentiles of {a} and {b} are within 5 % of each other {at}"
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
#[must_use]
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
    format!("{name}: connections were dealt by {}", clauses.join(", by "))
}

/// The finding of a chart of requests by worker: the largest share that a worker had.
#[must_use]
pub fn requests_spread(workload: &WorkloadFigures<'_>) -> String {
    let largest = |f: &Figures<'_>| -> Option<f64> {
        let shares: Vec<f64> = f
            .cell
            .valid()
            .filter(|(_, result)| result.workers.len() > 1)
            .filter_map(|(_, result)| {
                let counts = result.workers.iter().map(|w| w.requests.max(w.client_requests));
                let (most, sum) = (counts.clone().max()?, counts.sum::<u64>());
                (sum > 0).then(|| most as f64 * result.workers.len() as f64 / sum as f64)
            })
            .collect();
        crate::stats::median(&shares)
    };
    let clauses: Vec<String> = workload
        .widest()
        .iter()
        .filter_map(|f| {
            Some(format!("{} with {}", format::percent(largest(f)?), f.cell.series.label()))
        })
        .collect();
    if clauses.is_empty() {
        return format!("{}: requests by worker were not recorded", workload.name);
    }
    format!(
        "{}: in the median trial the busiest worker answered {} of an even share",
        workload.name,
        format::listed(&clauses)
    )
}

/// The finding of a chart of core-seconds.
#[must_use]
pub fn cores(workload: &WorkloadFigures<'_>) -> String {
    let rivals = workload.rivals();
    let cell = workload.best().or_else(|| rivals.first().copied());
    cell.and_then(|cell| Some((cell, limit_clause(cell)?))).map_or_else(
        || format!("{}: CPU time was not recorded", workload.name),
        |(cell, limit)| {
            let (label, at) = (cell.cell.series.label(), with_workers(cell));
            format!("{}, {label} {at}: {limit}", workload.name)
        },
    )
}

/// Whether the measurement is valid, in one sentence.
#[must_use]
pub fn validity(analysis: &Analysis<'_>) -> String {
    let v = &analysis.validity;
    if v.complete() {
        return format!("All {} trials ran and are valid.", v.valid);
    }
    let mut parts = Vec::new();
    if v.interrupted() {
        parts.push(format!("The run was interrupted after {} of {} trials", v.run, v.planned));
    }
    let failed = v.left_out.iter().filter(|trial| !trial.finished).count();
    let invalid = v.left_out.len() - failed;
    parts.push(format!("{} of {} trials are valid", v.valid, v.run));
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if invalid > 0 {
        parts.push(format!("{invalid} ran but may not be used"));
    }
    format!("{}.", parts.join("; "))
}
