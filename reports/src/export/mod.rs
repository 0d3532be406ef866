//! A record's figures for other programs: CSV, one row a cell, and JSON with what each column means.
//! They are from what the page keeps of the record, so they are the page's figures, not rounded.

mod columns;
mod markdown;
pub mod svg_export;
pub mod terminal;
pub mod text_table;

use serde_json::{Map, Value, json};

pub use markdown::markdown;

use crate::analysis::findings;
use crate::analysis::{Analysis, Figures};
use crate::page::embed::{self, VERSION};
use crate::record::Record;
use columns::COLUMNS;

/// The version of the shape that [`json`] writes; columns may be added to it without a new one.
pub const SCHEMA: u32 = 1;

/// The figures as CSV (RFC 4180, lines ending in a newline): the names of [`COLUMNS`], then a row a
/// cell. Empty: not measured, or not defined.
#[must_use]
pub fn csv(record: &Record) -> String {
    let record = embed::kept(record);
    let analysis = Analysis::of(&record);
    let names = COLUMNS.map(|column| column.name.to_owned()).join(",");
    let rows = cells(&analysis)
        .map(|figures| COLUMNS.map(|column| field(&(column.value)(figures))).join(","));
    std::iter::once(names).chain(rows).map(|line| line + "\n").collect()
}

/// The figures as JSON, ending in a newline: the record's identity, the answer in words, the meaning of
/// each column, and the cells.
///
/// # Errors
/// None in practice: every record has a form in JSON.
pub fn json(record: &Record) -> serde_json::Result<String> {
    let record = embed::kept(record);
    let analysis = Analysis::of(&record);
    let (answer, limit) = findings::answer(&analysis);
    let meanings: Map<String, Value> =
        COLUMNS.iter().map(|column| (column.name.to_owned(), column.meaning.into())).collect();
    let mut figures = json!({
        "schema": SCHEMA,
        "kind": "figures of a hello-cluster record",
        "version": VERSION,
        "record": {
            "id": record.id,
            "created": record.created,
            "command": record.command,
            "seed": record.seed,
            "suite": record.suite.name,
            "sha256": embed::Block::of(&record)?.sha256,
        },
        "answer": answer,
        "limit": limit,
        "validity": findings::validity(&analysis),
        "columns": meanings,
        "cells": cells(&analysis).map(object).collect::<Vec<_>>(),
    });
    if let Some(lab) = &record.lab {
        figures["lab"] = serde_json::to_value(lab)?;
    }
    Ok(serde_json::to_string_pretty(&figures)? + "\n")
}

fn cells<'a>(analysis: &'a Analysis<'a>) -> impl Iterator<Item = &'a Figures<'a>> {
    analysis.workloads.iter().flat_map(|workload| &workload.cells)
}

fn object(figures: &Figures<'_>) -> Value {
    COLUMNS.iter().map(|column| (column.name.to_owned(), (column.value)(figures))).collect()
}

/// A value as a field: text in quotes where it needs them.
fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.contains(['"', ',', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_where_a_reader_would_cut_it() {
        assert_eq!(field(&"plain".into()), "plain");
        assert_eq!(field(&"a, \"b\"".into()), "\"a, \"\"b\"\"\"");
        assert_eq!(field(&Value::Null), "");
        assert_eq!(field(&1.5.into()), "1.5");
    }

    #[test]
    fn no_two_columns_have_one_name() {
        let mut names = COLUMNS.map(|column| column.name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
