//! The handout of a lab: two A4 pages on what was asked, done and seen, what it means, and with room to
//! write what the class makes of it.

use askama::Template;

use super::rows::{Round, by_title};
use super::{SHEET, caveat, drawn, paragraphs};
use crate::analysis::Analysis;
use crate::analysis::findings;
use crate::page::document::{Asset, PageError};
use crate::page::embed::Block;
use crate::page::run_details::{Fact, facts};
use crate::record::{Lab, Record};

/// The style sheet of all handouts, and what a lab's has besides.
const STYLES: [&str; 3] = [
    include_str!("../../templates/handout.css"),
    SHEET,
    include_str!("../../templates/lab-handout.css"),
];

/// The facts of a run that a class needs to repeat it.
const FACTS: [&str; 7] =
    ["Command", "Trial", "Placement", "Workload", "Machine", "System", "Program"];

/// Facts that there is room for.
const MOST_FACTS: usize = 12;

/// Rounds that there is room for, and things done in each; the report has all.
const MOST_ROUNDS: usize = 6;
const MOST_DOINGS: usize = 3;

/// Lines to write on, for all questions together.
const LINES: usize = 15;

#[derive(Template)]
#[template(path = "lab-handout.html")]
struct Handout<'a> {
    record: &'a Record,
    lab: &'a Lab,
    style: Asset,
    figure: String,
    caveat: String,
    rounds: Vec<Round<'a>>,
    /// The number of rounds that only the report shows.
    others: usize,
    explanation: Vec<String>,
    /// Lines to write on below each question.
    lines: usize,
    validity: String,
    facts: Vec<Fact>,
    sha256: String,
}

/// Draws the handout of a record, as the page keeps it, with its lab.
pub(crate) fn render(record: &Record, lab: &Lab) -> Result<String, PageError> {
    let mut facts = facts(record);
    facts.retain(|fact| FACTS.contains(&fact.name));
    facts.truncate(MOST_FACTS);
    let mut rounds = by_title(&lab.events, MOST_DOINGS);
    let others = rounds.len().saturating_sub(MOST_ROUNDS);
    rounds.truncate(MOST_ROUNDS);
    let handout = Handout {
        record,
        lab,
        style: Asset::coloured(&STYLES.concat()),
        figure: drawn(lab)?,
        caveat: caveat(lab, record.environment.cores),
        rounds,
        others,
        explanation: paragraphs(&lab.explanation),
        lines: (LINES / lab.discuss.len().max(1)).clamp(2, 5),
        validity: findings::validity(&Analysis::of(record)),
        facts,
        sha256: Block::of(record)?.sha256,
    };
    Ok(handout.render()?)
}
