//! What no single value of a lab can show: names that refer to nothing, acts beyond the end, ranges
//! that are none.

use super::action::{Act, Action};
use super::lab::{Item, Lab, Lengths, Measure, Round};
use crate::bench::suite::Workload;
use crate::bench::suite::check::unknown;
use crate::bench::suite::find::{Checked, Wrong};

impl Checked for Lab {
    fn check(&self) -> Result<(), Wrong> {
        Workload::check_all(&self.workload.0)?;
        let guess = self.guess.get_ref();
        if guess.min >= guess.max || guess.step <= 0.0 {
            return Err(Wrong::at(&self.guess, "a guess needs `min` < `max` and a `step` above 0"));
        }
        self.round.0.iter().try_for_each(|round| self.check_round(round))?;
        self.item.0.iter().try_for_each(|item| self.check_item(item))
    }
}

impl Lab {
    fn check_round(&self, round: &Round) -> Result<(), Wrong> {
        let workloads: Vec<&str> =
            self.workload.0.iter().map(|it| it.name.get_ref().as_str()).collect();
        if !workloads.contains(&round.workload.get_ref().as_str()) {
            return Err(unknown("workload", &round.workload, &workloads));
        }
        let same = |other: &&Round| {
            let cell = |it: &Round| (it.mode, it.workers, it.workload.get_ref().clone());
            other.name.get_ref() == round.name.get_ref() || cell(other) == cell(round)
        };
        if self.round.0.iter().filter(same).count() > 1 {
            let message = format!(
                "the round `{}` has a namesake, or one of the same mode, workers and workload: the \
                 report would take them for one",
                round.name.get_ref().as_str()
            );
            return Err(Wrong::at(&round.name, message));
        }
        if !round.acts.is_empty() && !round.mode.is_forked() {
            let message = format!("the mode `{}` has no workers to act upon", round.mode.name());
            return Err(Wrong::at(&round.name, message));
        }
        [&self.whole, &self.short].iter().try_for_each(|lengths| round.check_acts(lengths))
    }

    fn check_item(&self, item: &Item) -> Result<(), Wrong> {
        let rounds: Vec<&str> = self.round.0.iter().map(|it| it.name.get_ref().as_str()).collect();
        for name in std::iter::once(&item.round).chain(&item.over) {
            if !rounds.contains(&name.get_ref().as_str()) {
                return Err(unknown("round", name, &rounds));
            }
        }
        let round = &self.round.0[self.place_of_round(&item.round)];
        if item.measure == Measure::NewShare && round.most_workers() == round.workers.0 {
            return Err(Wrong::at(&item.round, "`new-share` needs a round that scales up"));
        }
        let (low, guess) = (*item.low.get_ref(), self.guess.get_ref());
        if low > item.high || low < guess.min || item.high > guess.max {
            let message = format!(
                "the range {low} to {} must rise and lie within what can be guessed, {} to {}",
                item.high, guess.min, guess.max
            );
            return Err(Wrong::at(&item.low, message));
        }
        Ok(())
    }
}

impl Round {
    /// Whether all is done in its order, on workers that there are, while it is measured.
    fn check_acts(&self, lengths: &Lengths) -> Result<(), Wrong> {
        let mut frozen = Vec::new();
        for (place, act) in self.acts.iter().enumerate() {
            let at = act.at.get_ref().0;
            let in_order = place == 0 || self.acts[place - 1].at.get_ref().0 <= at;
            if !in_order || at >= lengths.duration.0 {
                let message =
                    "acts are done one after the other, before the shortened round ends, too";
                return Err(Wrong::at(&act.at, message));
            }
            self.check_worker(act)?;
            match act.action {
                Action::Pause(id) => frozen.push(id),
                Action::Resume(id) => frozen.retain(|it| *it != id),
                _ => {}
            }
        }
        match (frozen.first(), self.acts.last()) {
            (Some(id), Some(last)) => {
                Err(Wrong::at(&last.at, format!("worker {id} is frozen and never let go on")))
            }
            _ => Ok(()),
        }
    }

    fn check_worker(&self, act: &Act) -> Result<(), Wrong> {
        let most = self.most_workers();
        match act.action {
            Action::Kill(id) | Action::Pause(id) | Action::Resume(id) if id > most => {
                Err(Wrong::at(&act.at, format!("there is no worker {id}: there are {most}")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::suite::File;
    use crate::demo::labs;

    const GOOD: &str = r#"name = "mine"
title = "Mine"
minutes = 1
aim = "See it."
question = "How many?"
quantity = "failures"
unit = ""
guess = { min = 0, max = 10, step = 1 }
explanation = "So it is."
discuss = ["Why?"]
whole = { blocks = 2, warmup = "0s", duration = "3s" }
short = { blocks = 1, warmup = "0s", duration = "2s" }

[[workload]]
name = "hello"
connections = 4

[[round]]
name = "one"
title = "One"
mode = "shared"
workers = 2
workload = "hello"
acts = [{ at = "500ms", do = "freeze 2" }, { at = "1s", do = "thaw 2" }]

[[item]]
name = "one"
round = "one"
measure = "failed"
low = 0
high = 4
"#;

    fn read(text: &str) -> Result<Lab, String> {
        let file = File { name: "mine.toml".to_owned(), text: text.to_owned() };
        file.read().map_err(|error| error.to_string())
    }

    #[test]
    fn a_good_lab_is_read() {
        let lab = read(GOOD).unwrap();
        assert_eq!((lab.name(), lab.round.0[0].acts.len()), ("mine", 2));
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_its_line() {
        for (from, to, line, says) in [
            ("max = 10", "max = 0", 8, "`min` < `max`"),
            ("workload = \"hello\"", "workload = \"hi\"", 23, "no workload `hi`"),
            ("round = \"one\"", "round = \"two\"", 28, "no round `two`"),
            ("measure = \"failed\"", "measure = \"new-share\"", 28, "scales up"),
            ("measure = \"failed\"", "measure = \"luck\"", 29, "`busiest-share`"),
            ("high = 4", "high = 11", 30, "0 to 10"),
            ("\"1s\", do", "\"2s\", do", 24, "before the shortened round ends"),
            ("\"1s\", do", "\"400ms\", do", 24, "one after the other"),
            ("thaw 2", "thaw 1", 24, "worker 2 is frozen"),
            ("thaw 2", "thaw 3", 24, "no worker 3"),
            ("thaw 2", "hug 2", 24, "`thaw 1`"),
            ("\"shared\"", "\"threads\"", 19, "no workers to act upon"),
            ("unit = \"\"", "units = \"\"", 7, "unknown field `units`"),
        ] {
            assert!(GOOD.contains(from), "the test replaces nothing: {from}");
            let error = read(&GOOD.replace(from, to)).unwrap_err();
            assert!(error.starts_with(&format!("mine.toml:{line}: ")), "{error}");
            assert!(error.contains(says) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn two_rounds_that_the_report_could_not_tell_apart_are_refused() {
        let round = "\n[[round]]\nname = \"other\"\ntitle = \"Other\"\nmode = \"shared\"\nworkers = 2\n\
                     workload = \"hello\"\n";
        let error = read(&format!("{GOOD}{round}")).unwrap_err();
        assert!(error.contains("would take them for one"), "{error}");
    }

    #[test]
    fn no_lab_takes_longer_than_it_says_and_all_of_them_shortened_take_five_minutes() {
        let minute = Duration::from_secs(60);
        let took = |lab: &Lab, short| lab.plan(short, 2, 1).estimate();
        for lab in labs::all() {
            assert!(took(lab, false) <= minute * lab.minutes.0, "{}", lab.name());
        }
        let short: Duration = labs::all().iter().map(|lab| took(lab, true)).sum();
        assert!(short <= minute * 4, "{short:?}");
    }

    #[test]
    fn every_key_is_explained_in_the_readme_of_the_labs() {
        let readme = include_str!("../../../labs/README.md");
        for from in [
            "unit = \"\"",
            "step = 1",
            "blocks = 2,",
            "workload = \"hello\"",
            "at = \"1s\",",
            "low = 0",
        ] {
            let sign =
                if from.contains("step") || from.ends_with(',') { "x = 1," } else { "x = 1\n" };
            let error = read(&GOOD.replacen(from, &format!("{sign} {from}"), 1)).unwrap_err();
            let (_, known) = error.split_once("expected ").unwrap_or_else(|| panic!("{error}"));
            for key in known.split([' ', ',']).filter(|word| word.starts_with('`')) {
                assert!(readme.contains(key), "{key} is not explained");
            }
        }
    }
}
