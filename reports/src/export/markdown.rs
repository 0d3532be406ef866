//! A record's figures for a ticket: the answer, the key figures and the tables, in Markdown.

use crate::analysis::Analysis;
use crate::analysis::findings::{self, KeyFigure};
use crate::analysis::tables::{Row, rows};
use crate::lab;
use crate::page::embed::{self, Block};
use crate::record::{Lab, Record};

/// The columns of a table: heading, and value in a row.
type Figure = (&'static str, fn(&Row) -> &str);

const NAMES: [Figure; 3] =
    [("workload", |r| &r.workload), ("mode", |r| &r.series), ("workers", |r| &r.workers)];

const RATES: [Figure; 6] = [
    ("requests/s", |r| &r.rps),
    ("95 % interval", |r| &r.rps_interval),
    ("speed-up", |r| &r.speedup),
    ("95 % interval", |r| &r.speedup_interval),
    ("verdict", |r| &r.verdict),
    ("valid", |r| &r.trials),
];

const TIMES: [Figure; 5] = [
    ("p50", |r| &r.latency[0]),
    ("p90", |r| &r.latency[1]),
    ("p99", |r| &r.latency[2]),
    ("p99.9", |r| &r.latency[3]),
    ("largest", |r| &r.latency[4]),
];

const CPU: [Figure; 5] = [
    ("server cores", |r| &r.cores[0]),
    ("generator cores", |r| &r.cores[2]),
    ("idle cores", |r| &r.cores[4]),
    ("server µs/request", |r| &r.cpu_us[0]),
    ("generator µs/request", |r| &r.cpu_us[1]),
];

/// The figures as Markdown, ending in a newline.
///
/// # Errors
/// None in practice: every record has a form in JSON.
pub fn markdown(record: &Record) -> serde_json::Result<String> {
    let record = embed::kept(record);
    let analysis = Analysis::of(&record);
    let (answer, limit) = findings::answer(&analysis);
    let rows = rows(&analysis);
    let mut parts = record.lab.as_ref().map_or_else(Vec::new, sheet);
    parts.push(format!("**{}**", escaped(&answer)));
    parts.extend([limit, findings::validity(&analysis)].iter().map(|text| escaped(text)));
    let keys: Vec<String> = findings::key_figures(&analysis).iter().map(bullet).collect();
    parts.push(keys.join("\n"));
    for (name, columns) in
        [("Throughput", &RATES[..]), ("Latency", &TIMES[..]), ("CPU time", &CPU[..])]
    {
        parts.push(format!("### {name}\n\n{}", table(&rows, columns)));
    }
    if rows.iter().any(|row| row.workers.ends_with('*')) {
        parts.push(escaped("* more workers than CPUs"));
    }
    parts.push(format!(
        "Run {} of {}, {} CPUs, `{}`; record SHA-256 `{}`.",
        escaped(&record.id),
        escaped(&record.created),
        record.environment.cores,
        record.command.replace('`', "'"),
        Block::of(&record)?.sha256
    ));
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n\n") + "\n")
}

fn bullet(key: &KeyFigure) -> String {
    let KeyFigure { name, value, evidence, note } = key;
    let [name, value, evidence, note] = [name, value, evidence, note].map(|text| escaped(text));
    format!("- {name}: **{value}** ({evidence}), {note}")
}

/// A lab's title and question, its guesses and observations, and what comes of them.
fn sheet(lab: &Lab) -> Vec<String> {
    let rows = lab::rows::rows(lab);
    let cells = |row: &lab::rows::Row| {
        let texts = [&row.item.name, &row.guess, &row.observed, &row.expected, &row.item.note];
        line(texts.map(|text| escaped(text)))
    };
    let head = "| for | guess | observed | expected on two cores | note |\n\
                | --- | ---: | ---: | ---: | --- |";
    let lines: Vec<String> =
        std::iter::once(head.to_owned()).chain(rows.iter().map(cells)).collect();
    vec![
        format!("### {}", escaped(&lab.title)),
        escaped(&lab.question),
        format!("{}:\n\n{}", escaped(&lab::words::quantity(lab)), lines.join("\n")),
        escaped(&lab::words::finding(lab, &rows)),
    ]
}

/// A row of a table.
fn line(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |", cells.into_iter().collect::<Vec<_>>().join(" | "))
}

fn table(rows: &[Row], columns: &[Figure]) -> String {
    let columns: Vec<&Figure> = NAMES.iter().chain(columns).collect();
    let headings = line(columns.iter().map(|(heading, _)| (*heading).to_owned()));
    let side = |index| if index < 2 { "---" } else { "---:" };
    let sides = line((0..columns.len()).map(|index| side(index).to_owned()));
    let cells = |row: &Row| line(columns.iter().map(|(_, value)| escaped(value(row))));
    let lines = [headings, sides].into_iter().chain(rows.iter().map(cells));
    lines.collect::<Vec<_>>().join("\n")
}

/// Text in which nothing means anything to Markdown.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' => {
                safe.extend(['\\', letter]);
            }
            control if control.is_control() => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_stays_text() {
        assert_eq!(escaped("a|b\n<c>*"), "a\\|b \\<c\\>\\*");
    }
}
