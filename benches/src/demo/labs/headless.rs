//! Labs without a page: for a teacher before the lesson, and for tests.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use reports::format::significant;
use reports::record::LabItem;

use super::{Finished, Lab, LabError, Scene, run};
use crate::harness::interrupt::Interrupt;

#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    Valid,
    /// So many rounds failed or are not valid.
    NotValid(usize),
}

/// Performs these labs in turn and prints what each observed; of several, each has a folder in `out`.
pub fn headless(
    labs: &[&'static Lab],
    short: bool,
    out: Option<&Path>,
    interrupt: &Interrupt,
) -> Result<Ending, LabError> {
    let mut bad = 0;
    for lab in labs {
        let folder = out.map(|out| if labs.len() == 1 { out.into() } else { out.join(lab.name()) });
        let plan = lab.plan(short, 1, 0);
        let seconds = plan.estimate().as_secs();
        eprintln!("{}: {} rounds, about {seconds} s", lab.title, plan.trials.len());
        let finished = run(lab, &[], short, folder.as_deref(), interrupt, &mut tell)?;
        let trials = &finished.record.trials;
        bad += trials.iter().filter(|it| it.result().is_none_or(|it| !it.valid)).count();
        // A reader who has gone away must not turn a finished lab into a failure.
        let _ = io::stdout().lock().write_all(result(&finished).as_bytes());
    }
    Ok(if bad == 0 { Ending::Valid } else { Ending::NotValid(bad) })
}

fn tell(scene: Scene) {
    match scene {
        Scene::Round { number, of, round, .. } => eprintln!("[{number}/{of}] {}", round.title),
        Scene::Did { t_s, text } => eprintln!("        {t_s:.2} s: {text}"),
        Scene::Ended { text } => eprintln!("        {text}"),
        Scene::Serving { .. } | Scene::Loading { .. } | Scene::Snapshot(_) | Scene::Closing => {}
    }
}

fn result(finished: &Finished) -> String {
    let Some(lab) = &finished.record.lab else { return String::new() };
    let unit = if lab.unit.is_empty() { String::new() } else { format!(" ({})", lab.unit) };
    let mut text = format!("\n{}\n{}{unit}:\n", lab.title, lab.quantity);
    let widest = lab.items.iter().map(|item| item.name.chars().count()).max().unwrap_or(0);
    for item in &lab.items {
        let _ = writeln!(text, "  {:<widest$}  {}", item.name, observed(item));
    }
    let _ = writeln!(text, "Report: {}", finished.folder.join("index.html").display());
    let _ = writeln!(text, "Handout: {}", finished.folder.join("handout.html").display());
    text
}

/// What was observed of an item, beside what is expected on two cores.
fn observed(item: &LabItem) -> String {
    let value = item.observed.map_or_else(|| "-".to_owned(), significant);
    let (Some(low), Some(high)) = (item.low, item.high) else { return value };
    let is_expected = item.observed.is_none_or(|value| (low..=high).contains(&value));
    let verdict = if is_expected { "expected" } else { "NOT as expected" };
    let range = format!("{verdict}: {} to {}", significant(low), significant(high));
    format!("{value}  ({range}) {}", item.note).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_expected_range_is_said_to_be() {
        let item = |observed| LabItem {
            observed,
            low: Some(1.0),
            high: Some(2.0),
            note: "Once.".to_owned(),
            ..LabItem::default()
        };
        assert_eq!(observed(&item(Some(1.5))), "1.50  (expected: 1.00 to 2.00) Once.");
        assert_eq!(observed(&item(Some(2.5))), "2.50  (NOT as expected: 1.00 to 2.00) Once.");
        assert_eq!(observed(&item(None)), "-  (expected: 1.00 to 2.00) Once.");
    }
}
