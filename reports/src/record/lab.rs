//! What a class guessed before a run, and what it saw: the sheet of one lab of `hello-cluster demo`.

use serde::{Deserialize, Serialize};

/// One lab as it was gone through.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lab {
    /// Its short name, `oversubscription` for example.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is for, in one or two sentences.
    pub aim: String,
    /// What the class was asked before anything ran.
    pub question: String,
    /// What was guessed and observed: `throughput` for example.
    pub quantity: String,
    /// Its unit, `requests/s` or `%` for example; empty for a bare number.
    pub unit: String,
    /// What was asked about, in the order in which it was shown.
    pub items: Vec<LabItem>,
    /// Why it comes out as it does; paragraphs are set apart by an empty line.
    pub explanation: String,
    /// Questions to discuss.
    pub discuss: Vec<String>,
    /// What was done to the cluster, in the order in which it was done.
    pub events: Vec<LabEvent>,
    /// Whether its rounds were shortened.
    pub short: bool,
}

/// One thing that was asked about. All numbers are in the lab's unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabItem {
    /// Its name, `4 workers` for example.
    pub name: String,
    /// The class's guess; `None` where none was given.
    pub guess: Option<f64>,
    /// What was observed; `None` where it could not be.
    pub observed: Option<f64>,
    /// The least that is expected on two cores; `None` without a bound.
    pub low: Option<f64>,
    /// The most that is expected on two cores; `None` without a bound.
    pub high: Option<f64>,
    /// What to keep in mind of the observation; empty where nothing.
    pub note: String,
}

/// One thing that was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabEvent {
    /// The title of the round in which it was done.
    pub round: String,
    /// When, in seconds since the round's measured window began; negative before it.
    pub t_s: f64,
    /// What was done, in one line.
    pub text: String,
}
