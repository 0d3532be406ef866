//! The page: one HTML file that fetches nothing and is complete without its styles and its script.
//! This file gathers what the template shows; the template (`templates/page.html`) only places it.

pub(crate) mod document;
pub mod embed;
pub mod handout;
pub(crate) mod run_details;
mod script;
pub mod verify;
pub(crate) mod workload_charts;

use askama::Template;
pub use document::PageError;

use crate::analysis::cells::OWN_TARGET;
use crate::analysis::findings::{self, KeyFigure};
use crate::analysis::tables::distribution::{self, Dealt};
use crate::analysis::tables::speedup_breakdown::{self, Why};
use crate::analysis::tables::tool_estimates as told_table;
use crate::analysis::tables::usl_fit::{self, Law};
use crate::analysis::tables::warmup::Going;
use crate::analysis::tables::{self, Row, rows};
use crate::analysis::{Analysis, WorkloadFigures, tool_estimate};
use crate::charts::style::{Look, looks};
use crate::charts::{ChartError, scheme};
use crate::format::unbroken;
use crate::lab;
use crate::modes::{self, Mode};
use crate::record::Record;
use document::Asset;
use embed::Block;
use run_details::{Fact, facts};
use workload_charts::{Charts, Owner, charts_of, owners};

/// A mode as the page explains it.
struct Explained {
    mode: Mode,
    drawing: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    record: &'a Record,
    analysis: &'a Analysis<'a>,
    style: Asset,
    script: Asset,
    answer: String,
    limit: String,
    validity: String,
    /// The section of the lab; empty where the run was none.
    lab: String,
    key_figures: Vec<KeyFigure>,
    workloads: Vec<Charts<'a>>,
    owners: Vec<Owner>,
    oversubscribed: bool,
    /// Whether any workload has a heat map.
    heat: bool,
    /// Whether charts of core-seconds leave cells to the table.
    abridged: bool,
    modes: Vec<Explained>,
    other_series: Vec<String>,
    rows: Vec<Row>,
    why: Vec<Why>,
    told: Vec<told_table::Row>,
    words: Vec<told_table::Words>,
    dealt: Vec<Dealt>,
    going: Vec<Going>,
    laws: Vec<Law>,
    /// How many comparisons each family of verdicts has.
    families: String,
    /// Verdicts that another test, or the correction, puts in doubt.
    remarks: Vec<String>,
    facts: Vec<Fact>,
    /// The record itself, to check the page by.
    block: Block,
    version: &'static str,
}

/// Draws the page of a record, from what [`embed::kept`] keeps of it: one HTML file that needs nothing
/// else and holds that record.
///
/// # Errors
/// [`PageError`] when a chart or the page could not be put together.
pub fn render(record: &Record) -> Result<String, PageError> {
    draw(&embed::kept(record))
}

fn draw(record: &Record) -> Result<String, PageError> {
    let analysis = Analysis::of(record);
    let series = analysis.series();
    let looks = looks(&series);
    let workloads = charts_of(&analysis)?;
    let (answer, limit) = headline(record, &analysis);
    let page = Page {
        style: Asset::style(if record.lab.is_some() { lab::SHEET } else { "" }),
        script: Asset::script(),
        answer: unbroken(&answer),
        limit,
        validity: findings::validity(&analysis),
        lab: lab::section(record)?,
        key_figures: findings::key_figures(&analysis),
        heat: workloads.iter().any(|charts| charts.heatmap.is_some()),
        workloads,
        owners: owners(&analysis),
        oversubscribed: record.trials.iter().any(|trial| trial.oversubscribed),
        abridged: analysis.workloads.iter().any(WorkloadFigures::is_abridged),
        modes: explained(&analysis, &looks)?,
        other_series: series
            .iter()
            .filter(|s| s.target != OWN_TARGET || modes::find(&s.mode).is_none())
            .map(crate::analysis::cells::Series::label)
            .collect(),
        rows: rows(&analysis),
        why: speedup_breakdown::rows(&analysis),
        told: told_table::rows(&analysis),
        words: told_table::words(&analysis),
        dealt: distribution::rows(&analysis),
        going: tables::warmup::rows(&analysis),
        laws: usl_fit::rows(&analysis),
        families: findings::families(&analysis),
        remarks: findings::doubts(&analysis),
        facts: facts(record),
        block: Block::of(record)?,
        version: embed::VERSION,
        record,
        analysis: &analysis,
    };
    Ok(page.render()?)
}

/// The heading of the page and the sentence below it. That of a lab is its title: what its rounds say of
/// speed comes second.
fn headline(record: &Record, analysis: &Analysis<'_>) -> (String, String) {
    let (answer, limit) = findings::answer(analysis);
    match &record.lab {
        Some(lab) => (lab.title.clone(), unbroken(format!("{answer} {limit}").trim_end())),
        None => (answer, limit),
    }
}

/// Each mode of `hello-cluster` that was measured; one that only other systems have is not its own.
fn explained(analysis: &Analysis<'_>, looks: &[Look]) -> Result<Vec<Explained>, ChartError> {
    looks
        .iter()
        .filter(|look| look.series.target == OWN_TARGET)
        .filter_map(|look| Some((look, *modes::find(&look.series.mode)?)))
        .enumerate()
        .map(|(index, (look, mode))| {
            Ok(Explained {
                mode,
                drawing: scheme::draw(&format!("m{index}"), &mode, look)?,
                rows: tables::modes::rows(analysis, &look.series),
            })
        })
        .collect()
}
