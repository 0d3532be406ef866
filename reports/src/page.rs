//! The page.
use crate::analysis::Analysis;
use crate::findings;
use crate::record::Record;
use crate::table::{Row, rows};
use askama::Template;

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The template could not be filled in.
    #[error("cannot fill in the page: {0}")]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    record: &'a Record,
    answer: String,
    limit: String,
    rows: Vec<Row>,
}

/// Draws the page of a record: one HTML file that needs nothing else.
///
/// # Errors
/// [`PageError`] when the page could not be put together.
pub fn render(record: &Record) -> Result<String, PageError> {
    let analysis = Analysis::of(record);
    let (answer, limit) = findings::answer(&analysis);
    Ok(Page { record, answer, limit, rows: rows(&analysis) }.render()?)
}
