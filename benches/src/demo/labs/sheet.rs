//! A lab's sheet, its part of the record: what was guessed, observed and done, and what to think of it.

use reports::format;
use reports::record::LabItem;

use super::lab::Fold;
use super::observe::{Run, back_after_ms, fold, open_when_killed, values};
use super::{Item, Lab};

/// Fills in the sheet; `guesses` are those for the items, as far as there are any.
pub fn fill_in(
    lab: &Lab,
    guesses: &[Option<f64>],
    short: bool,
    runs: &[Run],
) -> reports::record::Lab {
    let guesses = guesses.iter().copied().chain(std::iter::repeat(None));
    let item = |(item, guess): (&Item, Option<f64>)| {
        let values = values(lab, item, runs);
        LabItem {
            name: item.name.clone(),
            guess,
            observed: fold(item.fold, &values),
            low: Some(*item.low.get_ref()),
            high: Some(item.high),
            note: note(lab, item, &values, runs),
        }
    };
    reports::record::Lab {
        name: lab.name().to_owned(),
        title: lab.title.clone(),
        aim: lab.aim.clone(),
        question: lab.question.clone(),
        quantity: lab.quantity.clone(),
        unit: lab.unit.clone(),
        items: lab.item.0.iter().zip(guesses).map(item).collect(),
        explanation: lab.explanation.trim().to_owned(),
        discuss: lab.discuss.0.clone(),
        events: runs.iter().flat_map(|run| run.seen.did.clone()).collect(),
        short,
    }
}

fn note(lab: &Lab, item: &Item, values: &[f64], runs: &[Run]) -> String {
    let place = lab.place_of_round(&item.round);
    let runs: Vec<&Run> = runs.iter().filter(|run| run.seen.round == place).collect();
    let parts =
        [item.note.clone(), spread(item, values), killed(&runs), limited(&runs), doubts(&runs)];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(" ")
}

fn spread(item: &Item, values: &[f64]) -> String {
    let how = match item.fold {
        Fold::Median => "Median",
        Fold::Mean => "Mean",
    };
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match values.len() {
        0 => "Nothing could be observed.".to_owned(),
        1 => String::new(),
        count => {
            let (least, most) = (format::significant(least), format::significant(most));
            format!("{how} of {count}: {least} to {most}.")
        }
    }
}

fn killed(runs: &[&Run]) -> String {
    let open: Vec<f64> = runs
        .iter()
        .filter(|run| run.seen.books.workers.values().any(|life| !life.crashes.is_empty()))
        .map(|run| open_when_killed(&run.seen) as f64)
        .collect();
    let Some(open) = fold(Fold::Median, &open) else { return String::new() };
    let open = format!("{} connections open", format::tick(open));
    match fold(Fold::Median, &back_after_ms(runs)) {
        Some(ms) => format!("{open}; successor after {} ms.", format::significant(ms)),
        None => format!("{open}; no successor."),
    }
}

fn limited(runs: &[&Run]) -> String {
    let results = runs.iter().filter_map(|run| run.trial.result());
    let limited = results.filter(|result| result.generator_limited).count();
    match (limited, runs.len()) {
        (0, _) => String::new(),
        (all, of) if all == of => "The generator was the limit.".to_owned(),
        (some, of) => format!("The generator was the limit in {some} of {of} rounds."),
    }
}

fn doubts(runs: &[&Run]) -> String {
    let is_good = |run: &&&Run| run.trial.result().is_some_and(|result| result.valid);
    let bad = runs.len() - runs.iter().filter(is_good).count();
    match runs.iter().find(|run| !is_good(run)) {
        Some(first) => {
            format!("{} left out: {}", format::count(bad as u64, "round"), why_bad(&first.trial))
        }
        None => String::new(),
    }
}

pub fn in_words(run: &Run) -> String {
    let Some(result) = run.trial.result().filter(|result| result.valid) else {
        return why_bad(&run.trial);
    };
    let failed = match result.errors.total() {
        0 => "none failed".to_owned(),
        failed => format!("{failed} failed"),
    };
    format!("{} requests/s, {failed}", format::significant(result.throughput_rps))
}

fn why_bad(trial: &reports::record::Trial) -> String {
    use reports::record::Outcome;
    match &trial.outcome {
        Outcome::Error(why) => format!("It failed: {why}."),
        Outcome::Result(result) => format!("Not valid: {}", result.reasons.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::labs::find;

    #[test]
    fn what_was_not_observed_is_said_to_be() {
        let lab = find("hash").unwrap();
        let sheet = fill_in(lab, &[Some(50.0)], true, &[]);
        assert_eq!(sheet.items.len(), lab.item.0.len());
        assert_eq!((sheet.items[0].guess, sheet.items[1].guess), (Some(50.0), None));
        assert!(sheet.short && sheet.items.iter().all(|item| item.observed.is_none()));
        assert!(sheet.items[0].note.ends_with("Nothing could be observed."));
    }

    #[test]
    fn the_spread_of_the_rounds_is_told() {
        let lab = find("oversubscription").unwrap();
        let item = &lab.item.0[0];
        assert_eq!(spread(item, &[1.5]), "");
        assert_eq!(spread(item, &[1.5, 1.25, 2.0]), "Median of 3: 1.25 to 2.00.");
    }
}
