//! The handout: two A4 pages for a class, without what only a reader at a screen needs. What is left to
//! the report, for want of room, it says.

use askama::Template;

use super::PageError;
use super::document::Asset;
use super::embed::{self, Block};
use super::run_details::{Fact, facts};
use super::workload_charts::{Charts, Owner, charts_of, owners};
use crate::analysis::diagnosis;
use crate::analysis::findings::{self, KeyFigure};
use crate::analysis::{Analysis, Figures, WorkloadFigures};
use crate::format::{self, unbroken};
use crate::lab;
use crate::record::Record;

/// The style sheet but for the colours.
const STYLE: &str = include_str!("../../templates/handout.css");

/// Workloads that have room beside each other; the report has all.
const ABREAST: usize = 3;

/// The facts of a run that a class needs to repeat it.
const FACTS: [&str; 9] =
    ["Command", "Suite", "Order", "Trial", "Placement", "Workload", "Machine", "System", "Program"];

#[derive(Template)]
#[template(path = "handout.html")]
struct Handout<'a> {
    record: &'a Record,
    style: Asset,
    answer: String,
    limit: String,
    validity: String,
    key_figures: Vec<KeyFigure>,
    /// The workload in the large charts: where more workers bought most.
    lead: Option<&'a Charts<'a>>,
    workloads: &'a [Charts<'a>],
    /// The number of workloads that only the report shows.
    others: usize,
    owners: Vec<Owner>,
    /// What limits the best cell of each workload, and what would help.
    limits: Vec<String>,
    facts: Vec<Fact>,
    questions: [String; 3],
    sha256: String,
}

/// Draws the handout of a record, or of its lab where it is of one: one HTML file of two A4 pages when
/// printed.
///
/// # Errors
/// [`PageError`] when a chart or the page could not be put together.
pub fn render(record: &Record) -> Result<String, PageError> {
    let record = embed::kept(record);
    if let Some(lab) = &record.lab {
        return lab::handout::render(&record, lab);
    }
    let analysis = Analysis::of(&record);
    let charts = charts_of(&analysis)?;
    let (answer, limit) = findings::answer(&analysis);
    let lead = lead(&analysis).map(|workload| workload.name);
    let mut facts = facts(&record);
    facts.retain(|fact| FACTS.contains(&fact.name));
    let handout = Handout {
        record: &record,
        style: Asset::coloured(STYLE),
        answer: unbroken(&answer),
        limit: unbroken(&limit),
        validity: findings::validity(&analysis),
        key_figures: findings::key_figures(&analysis),
        lead: charts.iter().find(|workload| Some(workload.name) == lead),
        workloads: &charts[..charts.len().min(ABREAST)],
        others: charts.len().saturating_sub(ABREAST),
        owners: owners(&analysis),
        limits: limits(&analysis),
        facts,
        questions: questions(&analysis),
        sha256: Block::of(&record)?.sha256,
    };
    Ok(handout.render()?)
}

/// The workload whose best speed-up is the largest.
fn lead<'a>(analysis: &'a Analysis<'_>) -> Option<&'a WorkloadFigures<'a>> {
    let gain = |workload: &WorkloadFigures<'_>| {
        workload.best().and_then(|f| f.speedup.ratio()).map_or(0.0, |ratio| ratio.point)
    };
    let closed = analysis.workloads.iter().filter(|workload| !workload.open());
    closed.max_by(|a, b| gain(a).total_cmp(&gain(b)))
}

/// One sentence a workload, and the advice that goes with it where there is any.
fn limits(analysis: &Analysis<'_>) -> Vec<String> {
    let limit = |workload: &WorkloadFigures<'_>| {
        let cell = workload.telling()?;
        let diagnosis = cell.diagnosis.as_ref()?;
        let advice = diagnosis.first().map_or("", |first| diagnosis::advice(first.cause));
        let (name, cell) = (workload.name, cell.cell.label());
        Some(format!("{name}, {cell}: {}. {advice}", diagnosis.words()).trim_end().to_owned())
    };
    analysis.workloads.iter().filter_map(limit).collect()
}

/// Three questions, each answered by a chart of the handout, in terms of this very run.
fn questions(analysis: &Analysis<'_>) -> [String; 3] {
    let point = |figures: &Figures<'_>| figures.speedup.ratio().map_or(0.0, |ratio| ratio.point);
    let gains = analysis.workloads.iter().filter_map(|workload| {
        let best = workload.best()?;
        Some((workload.name, best.cell.workers, point(best)))
    });
    let short = gains.filter(|(_, workers, gain)| *gain < f64::from(*workers));
    let first = short.min_by(|a, b| a.2.total_cmp(&b.2)).map_or_else(
        || "What does a second worker have to share with the first, and what not?".to_owned(),
        |(name, workers, gain)| {
            format!(
                "{workers} workers made {name} {} as fast, not {workers}.00×. Whose were the other \
                 core-seconds, and what would have to change for them to be the server’s?",
                format::ratio(gain)
            )
        },
    );
    let modes: Vec<String> =
        analysis.series().iter().map(crate::analysis::cells::Series::label).collect();
    let second = format!(
        "Who chose the worker in {}? Find the mode that dealt connections most unevenly: was it \
         slower for that, or its 99th percentile longer? Why, or why not?",
        format::listed(&modes)
    );
    let blocks = format::count(u64::from(analysis.record.suite.blocks), "block");
    let third = format!(
        "The intervals come from {blocks}. Which claim of this handout would you not make yet, and \
         what would you measure again: more blocks, longer trials, or a generator on another machine?"
    );
    [first, second, third]
}
