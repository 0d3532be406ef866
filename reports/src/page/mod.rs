//! The page: one HTML file that fetches nothing and is complete without its styles and its script.
//! This file gathers what the template shows; the template (`templates/page.html`) only places it.

pub mod embed;
pub mod handout;
pub mod run_details;
pub mod script;
pub mod verify;

use askama::Template;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::analysis::cells::OWN_TARGET;
use crate::analysis::findings::{self, KeyFigure};
use crate::analysis::tables::distribution::{self, Dealt};
use crate::analysis::tables::speedup_breakdown::{self, Why};
use crate::analysis::tables::tool_estimates as told_table;
use crate::analysis::tables::usl_fit::{self, Law};
use crate::analysis::tables::warmup::Going;
use crate::analysis::tables::{self, Row, rows};
use crate::analysis::{Analysis, WorkloadFigures};
use crate::charts::style::{Look, looks};
use crate::charts::{
    Chart, ChartError, cores, heatmap, latency, percentiles, scheme, speedup, throughput, told,
    warmup, workers,
};
use crate::format::unbroken;
use crate::lab;
use crate::modes::{self, Mode};
use crate::page::embed::Block;
use crate::page::run_details::{Fact, facts};
use crate::record::Record;
use crate::svg::roles::{self, OWNERS, Role};

/// The style sheet but for the colours, which [`roles::style_sheet`] gives.
const STYLE: &str = include_str!("../../templates/page.css");

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The template could not be filled in.
    #[error("cannot fill in the page: {0}")]
    Template(#[from] askama::Error),
    /// The record could not be put into the page.
    #[error("cannot keep the record in the page: {0}")]
    Record(#[from] serde_json::Error),
}

/// The charts of one workload; `None` where there was nothing to draw.
pub(crate) struct Charts<'a> {
    pub name: &'a str,
    pub description: &'a str,
    /// Whether its throughput was set by a rate, and so says nothing.
    pub open: bool,
    pub throughput: Option<Chart>,
    pub speedup: Option<Chart>,
    pub cores: Option<Chart>,
    pub latency: Option<Chart>,
    pub percentiles: Option<Chart>,
    pub heatmap: Option<Chart>,
    pub told: Option<Chart>,
    pub connections: Option<Chart>,
    pub warmup: Option<Chart>,
}

/// A mode as the page explains it.
struct Explained {
    mode: Mode,
    drawing: String,
    rows: Vec<Row>,
}

/// An owner of CPU time in the legend.
pub(crate) struct Owner {
    pub name: &'static str,
    pub role: Role,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    record: &'a Record,
    analysis: &'a Analysis<'a>,
    style: String,
    style_digest: String,
    script: String,
    script_digest: String,
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
    let (style, style_digest) = match record.lab {
        Some(_) => coloured(&[STYLE, lab::SHEET].concat()),
        None => style_with_digest(),
    };
    let (script, script_digest) = script_with_digest();
    let page = Page {
        style_digest,
        style,
        script,
        script_digest,
        answer: unbroken(&answer),
        limit,
        validity: findings::validity(&analysis),
        lab: lab::section(record)?,
        key_figures: findings::key_figures(&analysis),
        heat: workloads.iter().any(|charts| charts.heatmap.is_some()),
        workloads,
        owners: owners(&analysis),
        oversubscribed: record.trials.iter().any(|trial| trial.oversubscribed),
        abridged: analysis.workloads.iter().any(|w| w.cells.len() > cores::MOST_ROWS),
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

/// The charts of all workloads.
pub(crate) fn charts_of<'a>(analysis: &'a Analysis<'_>) -> Result<Vec<Charts<'a>>, ChartError> {
    let looks = looks(&analysis.series());
    let workloads = analysis.workloads.iter().enumerate();
    workloads.map(|(index, workload)| charts(index, workload, &looks)).collect()
}

/// The owners of CPU time that have a visible part in some cell.
pub(crate) fn owners(analysis: &Analysis<'_>) -> Vec<Owner> {
    let accounts =
        analysis.workloads.iter().flat_map(|w| &w.cells).filter_map(|f| f.cores.as_ref());
    cores::visible_owners(accounts)
        .into_iter()
        .map(|index| Owner { name: cores::OWNER_NAMES[index], role: OWNERS[index] })
        .collect()
}

fn charts<'a>(
    index: usize,
    workload: &WorkloadFigures<'a>,
    looks: &[Look],
) -> Result<Charts<'a>, ChartError> {
    let id = |chart: &str| format!("{chart}{index}");
    let closed = !workload.open();
    Ok(Charts {
        name: workload.name,
        description: workload.workload.map_or("", |planned| &planned.description),
        open: workload.open(),
        throughput: if closed { throughput::draw(&id("t"), workload, looks)? } else { None },
        speedup: if closed { speedup::draw(&id("s"), workload, looks)? } else { None },
        cores: cores::draw(&id("c"), workload)?,
        latency: latency::draw(&id("l"), workload, looks)?,
        percentiles: percentiles::draw(&id("p"), workload, looks)?,
        heatmap: heatmap::draw(&id("h"), workload)?,
        told: told::draw(&id("a"), workload, looks)?,
        connections: workers::draw(&id("w"), workload, looks)?,
        warmup: warmup::draw(&id("u"), workload, looks)?,
    })
}

/// The style sheet of all pages, and its digest for the content policy.
pub(crate) fn style_with_digest() -> (String, String) {
    coloured(STYLE)
}

/// A style sheet with the colours before it, and its digest for the content policy.
pub(crate) fn coloured(style: &str) -> (String, String) {
    let style = format!("{}{style}", roles::style_sheet());
    let digest = digest(&style);
    (style, digest)
}

/// The script of all pages, and its digest for the content policy.
pub(crate) fn script_with_digest() -> (String, String) {
    let script = script::text();
    let digest = digest(&script);
    (script, digest)
}

/// The digest by which the content policy knows an element's text: CSP Level 3, section 2.3.1.
fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(hash))
}
