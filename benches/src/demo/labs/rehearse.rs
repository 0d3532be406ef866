//! Labs without a page: for a teacher before the lesson, and for tests. Next: [`super::perform`].

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use reports::format::significant;
use reports::record::LabItem;

use super::{Finished, Lab, LabError, Scene, perform};
use crate::experiment::interrupt::Interrupt;

/// How a rehearsal ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every round of every lab is valid.
    Valid,
    /// So many rounds failed or are not valid.
    NotValid(usize),
}

/// Performs these labs one after the other, and says what each observed. `out` is the folder of one
/// lab; of several, each has one of its name in it.
///
/// # Errors
/// [`LabError`], after which no further lab is performed.
pub fn rehearse(
    labs: &[&Lab],
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
        let finished = perform(lab, &[], short, folder.as_deref(), interrupt, &mut tell)?;
        let trials = &finished.record.trials;
        bad += trials.iter().filter(|it| it.result().is_none_or(|it| !it.valid)).count();
        // A reader who has gone away must not turn a finished lab into a failure.
        let _ = io::stdout().lock().write_all(result(&finished).as_bytes());
    }
    Ok(if bad == 0 { Ending::Valid } else { Ending::NotValid(bad) })
}

/// Says on standard error how it goes.
fn tell(scene: Scene<'_>) {
    match scene {
        Scene::Round { number, of, round, .. } => eprintln!("[{number}/{of}] {}", round.title),
        Scene::Did { t_s, text } => eprintln!("        {t_s:.2} s: {text}"),
        Scene::Ended { text } => eprintln!("        {text}"),
        Scene::Serving { .. } | Scene::Loading { .. } | Scene::Snapshot(_) | Scene::Closing => {}
    }
}

/// What a lab observed, as text.
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

fn observed(item: &LabItem) -> String {
    let (Some(low), Some(high)) = (item.low, item.high) else { return String::new() };
    let expected = format!("expected {} to {}", significant(low), significant(high));
    match item.observed {
        Some(value) if (low..=high).contains(&value) => {
            format!("{}  ({expected}) {}", significant(value), item.note)
        }
        Some(value) => {
            format!(
                "{}  (NOT as expected: {} to {}) {}",
                significant(value),
                significant(low),
                significant(high),
                item.note
            )
        }
        None => format!("-  ({expected}) {}", item.note),
    }
}
