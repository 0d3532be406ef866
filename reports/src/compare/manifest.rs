//! What differs between the machines and the plans of two records, key by key, so that a field added
//! to the record later is compared without a line here.

use serde_json::{Map, Value};

use crate::record::Record;

/// A fact that two records tell differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is, in words.
    pub what: String,
    /// In the first record; `—` when it does not tell.
    pub a: String,
    /// In the second.
    pub b: String,
}

/// Keys that differ from run to run by themselves, or that are compared cell by cell.
const PASSING: [&str; 16] = [
    "load_1m",
    "busy_before",
    "frequency",
    "thermal_throttles",
    "resumed",
    "warnings",
    "kernel_command_line",
    "name",
    "description",
    "planned_trials",
    "workloads",
    "calibration",
    "calibrations",
    "rates",
    "skipped",
    "source",
];

/// All differences: the machine's first, then the plan's.
pub(super) fn differences(a: &Record, b: &Record) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", &json(&a.environment), &json(&b.environment), &mut found);
    compare("", &json(&a.suite), &json(&b.suite), &mut found);
    found
}

fn json(part: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(part) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn compare(
    prefix: &str,
    a: &Map<String, Value>,
    b: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
    for key in keys.filter(|key| !PASSING.contains(&key.as_str())) {
        let (left, right) = (a.get(key), b.get(key));
        if left == right {
            continue;
        }
        let what = format!("{prefix}{}", key.replace('_', " "));
        match (left, right) {
            (Some(Value::Object(left)), Some(Value::Object(right))) => {
                compare(&format!("{what}: "), left, right, found);
            }
            _ => found.push(Difference { what, a: shown(left), b: shown(right) }),
        }
    }
}

/// A value as a reader sees it: text without quotes, lists with commas.
fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| shown(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(Value::Object(fields)) => {
            fields.values().map(|value| shown(Some(value))).collect::<Vec<_>>().join(" ")
        }
        Some(other) => other.to_string(),
    };
    if text.trim().is_empty() { "—".to_owned() } else { text }
}
