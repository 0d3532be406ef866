//! The sheet of a lab: what a class guessed beside what it saw, on the report's page, on paper and in
//! other pages. This file makes figure and section.

pub(crate) mod handout;
pub(crate) mod rows;
pub(crate) mod words;

use std::sync::LazyLock;

use askama::Template;

use crate::charts::guess;
use crate::format::unbroken;
use crate::page::document::PageError;
use crate::record::{Lab, Record};
use crate::svg::escaped;
use crate::svg::roles;
use rows::{Round, Row};

/// The style sheet of figure and section, but for the colours.
pub(crate) const SHEET: &str = include_str!("../../templates/lab.css");

/// The style sheet for a page of another kind that shows [`figure`]: its colours (custom properties of
/// the root, for light and dark, and classes), then its layout.
pub static STYLE: LazyLock<String> = LazyLock::new(|| roles::style_sheet() + SHEET);

#[derive(Template)]
#[template(path = "lab-figure.html")]
struct Figure {
    finding: String,
    /// Both variants of the chart; empty where there is no number.
    svg: String,
    quantity: String,
    rows: Vec<Row>,
    /// Whether anything was expected.
    ranged: bool,
}

#[derive(Template)]
#[template(path = "lab.html")]
struct Section<'a> {
    lab: &'a Lab,
    figure: String,
    explanation: Vec<String>,
    rounds: Vec<Round<'a>>,
    caveat: String,
}

/// One `figure` element: a sentence, the chart, and its table. Its ids begin with `lab`, so a page has
/// room for one.
#[must_use]
pub fn figure(lab: &Lab) -> String {
    drawn(lab).unwrap_or_else(|why| {
        format!("<figure><figcaption>{}</figcaption></figure>", escaped(&why.to_string()))
    })
}

/// The same, where what goes wrong is told.
pub(crate) fn drawn(lab: &Lab) -> Result<String, PageError> {
    let rows = rows::rows(lab);
    let figure = Figure {
        finding: unbroken(&words::finding(lab, &rows)),
        svg: guess::draw("lab", lab)?.map_or(String::new(), |chart| chart.svg),
        quantity: unbroken(&words::quantity(lab)),
        ranged: rows.iter().any(|row| !row.expected.is_empty()),
        rows,
    };
    Ok(figure.render()?)
}

/// The section of the report's page; empty where the run was no lab.
pub(crate) fn section(record: &Record) -> Result<String, PageError> {
    let Some(lab) = &record.lab else { return Ok(String::new()) };
    let section = Section {
        lab,
        figure: drawn(lab)?,
        explanation: paragraphs(&lab.explanation),
        rounds: rows::rounds(&lab.events),
        caveat: caveat(lab, record.environment.cores),
    };
    Ok(section.render()?)
}

/// The paragraphs of a text: an empty line sets them apart.
fn paragraphs(text: &str) -> Vec<String> {
    let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = text.split("\n\n").map(|part| unbroken(&words(part)));
    all.filter(|paragraph| !paragraph.is_empty()).collect()
}

/// What to keep in mind of all figures of a lab on a machine with so many cores; empty where nothing.
fn caveat(lab: &Lab, cores: u32) -> String {
    let ranged = lab.items.iter().any(|item| item.low.or(item.high).is_some());
    let short = if lab.short { "The rounds were shortened, so its figures are rough." } else { "" };
    let elsewhere = if ranged && !matches!(cores, 0 | 2) {
        let noun = if cores == 1 { "CPU" } else { "CPUs" };
        format!("What is expected holds on two cores; this machine has {cores} {noun}.")
    } else {
        String::new()
    };
    let parts = [short.to_owned(), elsewhere];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::LabItem;

    #[test]
    fn an_empty_line_sets_paragraphs_apart_and_other_ends_of_lines_do_not() {
        assert_eq!(paragraphs("One\ntwo.\n\n  Three 5 %.\n"), ["One two.", "Three 5\u{a0}%."]);
        assert_eq!(paragraphs(""), [""; 0]);
    }

    #[test]
    fn what_is_expected_is_not_claimed_for_other_machines() {
        let item = LabItem { low: Some(1.0), ..LabItem::default() };
        let lab = Lab { items: vec![item], ..Lab::default() };
        assert_eq!(caveat(&lab, 2), "");
        assert_eq!(
            caveat(&lab, 8),
            "What is expected holds on two cores; this machine has 8 CPUs."
        );
        assert_eq!(caveat(&Lab::default(), 8), "");
        let short = Lab { short: true, ..Lab::default() };
        assert_eq!(caveat(&short, 8), "The rounds were shortened, so its figures are rough.");
    }
}
