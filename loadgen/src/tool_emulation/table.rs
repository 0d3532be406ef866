//! The estimates as a table for people, beside what this generator measured of the same run.

use std::fmt::Write as _;

use super::Estimate;
use crate::format::micros;
use crate::latency::Latency;
use crate::plan::Tool;

const NOTHING: &str = "–";

const HEAD: [&str; 8] = ["", "p50", "p90", "p99", "p99.9", "max", "mean", "requests/sec"];

/// The table with a sentence a tool; empty when no tool was asked for.
pub fn table(truth: &Latency, rps: f64, tools: &[Estimate]) -> String {
    let mut text = String::new();
    if tools.is_empty() {
        return text;
    }
    let mut rows = vec![HEAD.map(str::to_owned), truth_row(truth, rps)];
    rows.extend(tools.iter().map(row));
    let _ = writeln!(text, "What other tools would have printed of this run:");
    for row in &rows {
        let [name, cells @ ..] = row;
        let _ = write!(text, "  {name:<12}");
        for cell in cells {
            let _ = write!(text, " {cell:>12}");
        }
        text.push('\n');
    }
    for Estimate { tool, says, .. } in tools {
        let _ = writeln!(text, "  - {tool}: {says}");
    }
    text
}

/// This generator's figures: from the intended start, every outcome in.
fn truth_row(latency: &Latency, rps: f64) -> [String; 8] {
    let Latency { p50, p90, p99, p999, max, mean, .. } = latency;
    let [p50, p90, p99, p999, max, mean] = [p50, p90, p99, p999, max, mean].map(|us| micros(*us));
    ["the truth".to_owned(), p50, p90, p99, p999, max, mean, format!("{rps:.2}")]
}

fn row(estimate: &Estimate) -> [String; 8] {
    let Estimate { tool, p50, p90, p99, p999, max, mean, rps, .. } = estimate;
    let known: Option<Tool> = tool.parse().ok();
    let cell = |value: &Option<f64>| match (value, known) {
        (Some(value), Some(tool)) => super::print(tool, estimate, *value),
        _ => NOTHING.to_owned(),
    };
    let [p50, p90, p99, p999, max, mean] = [p50, p90, p99, p999, max, mean].map(cell);
    let rps = rps.map_or(NOTHING.to_owned(), |rps| format!("{rps:.2}"));
    [tool.clone(), p50, p90, p99, p999, max, mean, rps]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_has_a_row_in_its_own_rounding_and_a_sentence() {
        let truth = Latency { p50: 5_123.0, max: 9_000.0, ..Latency::default() };
        let hey = Estimate {
            tool: "hey".into(),
            p50: Some(0.0051),
            rps: Some(99.5),
            says: "It stamps.".into(),
            ..Estimate::default()
        };
        let text = table(&truth, 100.0, &[hey]);
        let lines: Vec<Vec<_>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(lines[2][..3], ["the", "truth", "5.12ms"]);
        assert_eq!(lines[3], ["hey", "0.0051", "secs", "–", "–", "–", "–", "–", "99.50"]);
        assert_eq!(lines[4], ["-", "hey:", "It", "stamps."]);
    }

    #[test]
    fn without_a_tool_there_is_no_table() {
        assert_eq!(table(&Latency::default(), 1.0, &[]), "");
    }
}
