//! What a record says, in sentences. Each is computed from the figures and names its interval; none
//! says "faster" or "slower" when the interval holds 1. Here is what holds for the whole run; the
//! sentences above charts are in `findings/charts.rs`.

mod caveats;
mod charts;
mod headline_numbers;
mod steadiness;
mod tool_estimates;

pub(crate) use caveats::{doubts, families};
pub use charts::throughput;
pub(crate) use charts::{cores, fairness, latency, speedup, warm_up};
pub(crate) use headline_numbers::{KeyFigure, key_figures};
pub(crate) use steadiness::{percentiles, steadiness};
pub(crate) use tool_estimates::told;

use crate::analysis::{Analysis, Figures, WorkloadFigures};
use crate::format;
use crate::record::Record;
use crate::stats::cores::Cores;
use crate::stats::ratio::{Ratio, Verdict};

/// The result of a run in two sentences: what more workers bought, and what limits it.
#[must_use]
pub fn headline(record: &Record) -> String {
    let (answer, limit) = answer(&Analysis::of(record));
    [answer, limit].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The two sentences apart; the second is empty when CPU time was not recorded.
pub(crate) fn answer(analysis: &Analysis<'_>) -> (String, String) {
    if analysis.validity.valid == 0 {
        let none = "No trial is valid, so this run says nothing about speed.".to_owned();
        return (none, String::new());
    }
    let limits = limits(analysis);
    let limit = if limits.is_empty() {
        String::new()
    } else {
        format!("What limits it: {}.", limits.join("; "))
    };
    (sentence(&speedups(analysis).join("; ")), limit)
}

/// One clause for all workloads that gained with the same number of workers, one for those that
/// have too few blocks for intervals, then one for each other.
fn speedups(analysis: &Analysis<'_>) -> Vec<String> {
    type Group<'a> = (u32, Verdict, Vec<(&'a str, &'a Ratio)>);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut others = Vec::new();
    for workload in analysis.workloads.iter().filter(|workload| !workload.open()) {
        let best = workload.best().and_then(|f| Some((f.cell.workers, f.speedup.ratio()?)));
        let Some((workers, ratio)) = best else {
            others.push(speedup_clause(workload));
            continue;
        };
        let verdict = ratio.verdict();
        if !matches!(verdict, Verdict::More | Verdict::TooFew) {
            others.push(speedup_clause(workload));
            continue;
        }
        let entry = (workload.name, ratio);
        match groups.iter_mut().find(|(n, v, _)| (*n, *v) == (workers, verdict)) {
            Some((_, _, members)) => members.push(entry),
            None => groups.push((workers, verdict, vec![entry])),
        }
    }
    let groups = groups.into_iter().map(|(workers, verdict, members)| {
        let each: Vec<String> =
            members.iter().enumerate().map(|(i, (name, r))| gain(i == 0, name, r)).collect();
        let few = if verdict == Verdict::TooFew { ": too few blocks for intervals" } else { "" };
        format!("with {workers} workers, {}{few}", format::listed(&each))
    });
    groups.chain(others).collect()
}

/// `hello runs 1.12× as fast as with one (95 % 1.10–1.14)`; after the first only `work 1.94× (…)`.
fn gain(first: bool, name: &str, ratio: &Ratio) -> String {
    let point = format::ratio(ratio.point);
    let evidence = match ratio.interval {
        Some((low, high)) if first => format!("95 % {low:.2}–{high:.2}"),
        Some((low, high)) => format!("{low:.2}–{high:.2}"),
        None => format::count(ratio.blocks.len() as u64, "block"),
    };
    if first {
        format!("{name} runs {point} as fast as with one ({evidence})")
    } else {
        format!("{name} {point} ({evidence})")
    }
}

/// One clause for all workloads with the same limit.
fn limits(analysis: &Analysis<'_>) -> Vec<String> {
    let mut limits: Vec<(&str, Vec<String>)> = Vec::new();
    for workload in analysis.workloads.iter().filter(|workload| !workload.open()) {
        let Some(cell) = workload.telling() else { continue };
        let (Some(diagnosis), Some(cores)) = (&cell.diagnosis, &cell.cores) else { continue };
        let limit = diagnosis.words();
        let member = format!("{} ({})", workload.name, usage(cores));
        match limits.iter_mut().find(|(other, _)| *other == limit) {
            Some((_, members)) => members.push(member),
            None => limits.push((limit, vec![member])),
        }
    }
    let clause =
        |(limit, members): (&str, Vec<String>)| format!("{limit} for {}", format::listed(&members));
    limits.into_iter().map(clause).collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// `with 2 workers, work runs 1.86× as fast as with one (round-robin, 95 % 1.83–1.89)`.
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
            format!("with {workers} workers, {name} runs {point} as fast as with one ({how})")
        }
        Verdict::Less => format!(
            "with {workers} workers, {name} runs at no more than {point} the speed of one ({how})"
        ),
        Verdict::Same => format!(
            "with {workers} workers, {name} runs as fast as with one, give or take 2 % \
             ({point}, {how})"
        ),
        Verdict::Undecided => format!(
            "with {workers} workers, {name} shows no speed-up that this run could tell from chance \
             ({point}, {how})"
        ),
    }
}

/// `95 % 1.83–1.89, 6 blocks`, or why there is no interval; and where the interval alone would say
/// more than the verdict does, why that is so.
pub(crate) fn evidence(ratio: &Ratio) -> String {
    let blocks = format::count(ratio.blocks.len() as u64, "block");
    let caution =
        if ratio.corrected_away() { "; not enough among so many comparisons" } else { "" };
    match ratio.interval {
        Some((low, high)) => format!("95 % {low:.2}–{high:.2}, {blocks}{caution}"),
        None => format!("{blocks}: too few for an interval"),
    }
}

/// `the server and its generator share the CPUs (of 2.0 cores …)`; `None` without CPU accounts.
fn limit_clause(figures: &Figures<'_>) -> Option<String> {
    let words = figures.diagnosis.as_ref()?.words();
    Some(format!("{words} ({})", usage(figures.cores.as_ref()?)))
}

/// `of 2.0 cores the server used 1.1, the generator 0.9, others 0.0; 0.0 stood idle`.
pub(crate) fn usage(cores: &Cores) -> String {
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

fn with_workers(figures: &Figures<'_>) -> String {
    format!("with {}", format::count(u64::from(figures.cell.workers), "worker"))
}

/// Whether the measurement is valid, in one sentence.
pub(crate) fn validity(analysis: &Analysis<'_>) -> String {
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
