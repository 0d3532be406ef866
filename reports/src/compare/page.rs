//! A comparison as a page: one HTML file that needs nothing else.

use askama::Template;

use super::class::{self, Row};
use super::{Compared, Comparison, Pair, Side, text};
use crate::analysis::Analysis;
use crate::analysis::cells::Series;
use crate::charts::runs::{self, Run};
use crate::charts::{Chart, ChartError, forest};
use crate::format;
use crate::page::document::{Asset, PageError};
use crate::stats::ratio::Verdict;
use crate::stats::welch::Unpaired;
use crate::svg::data_key::Figure;

#[derive(Template)]
#[template(path = "compare.html")]
struct Page<'a> {
    title: String,
    style: Asset,
    script: Asset,
    answer: String,
    sentences: Vec<String>,
    caveat: &'static str,
    comparison: Option<&'a Comparison<'a>>,
    chart: Option<Chart>,
    /// Of each workload its charts: two runs as two series, or many records as strips.
    charts: Vec<(String, Vec<Chart>)>,
    pairs: Vec<Shown>,
    class: Vec<Row>,
}

/// A cell's row as it is shown.
struct Shown {
    workload: String,
    key: String,
    series: String,
    cell: String,
    /// A, B, B ÷ A, interval and verdict of the throughput.
    throughput: [String; 5],
    /// B ÷ A with its interval: 99th percentile, CPU a request.
    others: [String; 2],
    /// Why it is not comparable; empty when it is.
    obstacle: String,
}

/// Draws the page of two records.
///
/// # Errors
/// [`PageError`].
pub fn render(comparison: &Comparison<'_>) -> Result<String, PageError> {
    let answer = finding(comparison);
    let page = Page {
        title: format!("{} and {}", comparison.a.name, comparison.b.name),
        style: Asset::style(""),
        script: Asset::script(),
        chart: forest::draw("forest", &ratios(&comparison.pairs), &answer)?,
        charts: two_runs(comparison)?,
        answer,
        sentences: Vec::new(),
        caveat: text::CAVEAT,
        comparison: Some(comparison),
        pairs: comparison.pairs.iter().map(shown).collect(),
        class: Vec::new(),
    };
    Ok(page.render()?)
}

/// Draws the page of many records.
///
/// # Errors
/// [`PageError`].
pub fn render_class(sides: &[Side<'_>]) -> Result<String, PageError> {
    let (class, sentences) = class::table(sides);
    let page = Page {
        title: format::count(sides.len() as u64, "record"),
        style: Asset::style(""),
        script: Asset::script(),
        answer: format!(
            "What more workers bought, in {}",
            format::count(sides.len() as u64, "record")
        ),
        sentences,
        caveat: "Machines differ, so figures of different records are not set against each other. \
                 Each speed-up is against one worker on the same machine.",
        comparison: None,
        chart: None,
        charts: class::strips(sides)?,
        pairs: Vec::new(),
        class,
    };
    Ok(page.render()?)
}

/// The throughput ratios of all comparable cells.
fn ratios(pairs: &[Pair]) -> Vec<forest::Row> {
    let row = |pair: &Pair| {
        let ratio = pair.outcome.as_ref().ok()?.throughput.as_ref()?.ratio;
        let label = format!("{}, {}", pair.workload, pair.cell);
        Some(forest::Row {
            series: pair.series.clone(),
            title: format!("{label}: {}", text::ratio(&ratio)),
            label,
            figure: Figure { key: format!("{}/ratio", pair.key) },
            point: ratio.point,
            interval: ratio.shown.map(|shown| shown.interval),
        })
    };
    pairs.iter().filter_map(row).collect()
}

/// The charts of each workload of which both runs have a comparable cell, mode by mode.
fn two_runs(comparison: &Comparison<'_>) -> Result<Vec<(String, Vec<Chart>)>, ChartError> {
    let sides = [comparison.a, comparison.b];
    let analyses = sides.map(|side| Analysis::of(side.record));
    let names = [format!("A: {}", sides[0].name), format!("B: {}", sides[1].name)];
    let mut all = Vec::new();
    for (index, a) in analyses[0].workloads.iter().enumerate() {
        let Some(b) = analyses[1].workloads.iter().find(|b| b.name == a.name) else { continue };
        let runs = [Run { name: &names[0], workload: a }, Run { name: &names[1], workload: b }];
        let mut modes: Vec<&Series> = a.cells.iter().map(|figures| &figures.cell.series).collect();
        modes.dedup();
        let mut charts = Vec::new();
        for (place, mode) in modes.into_iter().enumerate() {
            // The widest cell of both speaks for the mode.
            let own = |pair: &&Pair| pair.workload == a.name && pair.series == mode.label();
            let widest = comparison.pairs.iter().filter(own).rfind(|pair| pair.outcome.is_ok());
            let Some((pair, Ok(ratios))) = widest.map(|pair| (pair, &pair.outcome)) else {
                continue;
            };
            let id = |kind: &str| format!("{kind}{index}-{place}");
            if let Some(compared) = &ratios.throughput {
                let finding = sentence(pair, "throughput", compared);
                charts.push(runs::throughput(&id("t"), &runs, mode, finding)?);
            }
            if let Some(compared) = &ratios.p99 {
                let finding = sentence(pair, "99th percentile", compared);
                charts.extend(runs::latency(&id("l"), &runs, mode, finding)?);
            }
        }
        if !charts.is_empty() {
            all.push((a.name.to_owned(), charts));
        }
    }
    Ok(all)
}

/// `hello, reuseport × 2: throughput of B is 0.94× that of A (0.91–0.97), slower`.
fn sentence(pair: &Pair, what: &str, compared: &Compared) -> String {
    let Pair { workload, cell, .. } = pair;
    let (point, evidence) = (format::ratio(compared.ratio.point), text::evidence(&compared.ratio));
    let verdict = match compared.verdict {
        Verdict::Undecided => ": not to be told from chance",
        Verdict::Same => ": the same within 2 %",
        Verdict::More | Verdict::Less | Verdict::TooFew => "",
    };
    format!("{workload}, {cell}: B’s {what} is {point} A’s ({evidence}){verdict}")
}

/// The result in one sentence: how many cells got faster, slower, stayed or cannot be told.
fn finding(comparison: &Comparison<'_>) -> String {
    let verdicts: Vec<Verdict> = comparison
        .pairs
        .iter()
        .filter_map(|pair| Some(pair.outcome.as_ref().ok()?.throughput.as_ref()?.verdict))
        .collect();
    let (a, b) = (comparison.a.name, comparison.b.name);
    if verdicts.is_empty() {
        return format!("No cell of {a} and {b} can be compared by throughput");
    }
    let clause = |words: &str, of: &[Verdict]| {
        let cells = verdicts.iter().filter(|verdict| of.contains(verdict)).count();
        (cells > 0).then(|| format!("{words} in {cells}"))
    };
    let clauses: Vec<String> = [
        clause("faster", &[Verdict::More]),
        clause("slower", &[Verdict::Less]),
        clause("the same within 2 %", &[Verdict::Same]),
        clause("not to be told from chance", &[Verdict::Undecided, Verdict::TooFew]),
    ]
    .into_iter()
    .flatten()
    .collect();
    let cells = format::count(verdicts.len() as u64, "cell");
    format!("{b} against {a}, {cells}: {}", format::listed(&clauses))
}

fn shown(pair: &Pair) -> Shown {
    let mut row = Shown {
        workload: pair.workload.clone(),
        key: pair.key.clone(),
        series: pair.series.clone(),
        cell: pair.cell.clone(),
        throughput: Default::default(),
        others: Default::default(),
        obstacle: String::new(),
    };
    match &pair.outcome {
        Err(why) => row.obstacle = format!("not comparable because {why}"),
        Ok(ratios) => {
            if let Some(compared) = &ratios.throughput {
                row.throughput = throughput(compared);
            }
            let other = |compared: &Option<Compared>| {
                compared.as_ref().map_or(String::new(), |c| short(&c.ratio))
            };
            row.others = [other(&ratios.p99), other(&ratios.cpu)];
        }
    }
    row
}

/// `0.94× (0.91–0.97)`.
fn short(ratio: &Unpaired) -> String {
    let point = format::ratio(ratio.point);
    match text::interval(ratio) {
        none if none.is_empty() => point,
        interval => format!("{point} ({interval})"),
    }
}

fn throughput(compared: &Compared) -> [String; 5] {
    [
        format::whole(compared.a),
        format::whole(compared.b),
        format::ratio(compared.ratio.point),
        text::interval(&compared.ratio),
        compared.verdict.words().to_owned(),
    ]
}
