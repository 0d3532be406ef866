//! The table of guesses and observations, a row an item, and what was done, a line each.

use crate::format::{significant, whole};
use crate::record::{Lab, LabEvent, LabItem};

/// One item with its numbers as text; empty where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The item, without numbers that are none.
    pub item: LabItem,
    /// The first part of its figures' keys: `lab/2`.
    pub key: String,
    pub guess: String,
    pub observed: String,
    /// The range that is expected on two cores.
    pub expected: String,
    /// Where the observation lies, if there are both.
    pub against: Option<Against>,
}

/// Where an observation lies against what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    Below,
    Within,
    Above,
}

impl Row {
    /// In a word where the observation lies against what was expected; empty without both.
    pub fn verdict(&self) -> &'static str {
        match self.against {
            None => "",
            Some(Against::Below) => "below",
            Some(Against::Within) => "within",
            Some(Against::Above) => "above",
        }
    }
}

/// The rows of a lab, in the order of its items.
pub fn rows(lab: &Lab) -> Vec<Row> {
    lab.items.iter().enumerate().map(|(index, item)| row(index, item)).collect()
}

fn row(index: usize, item: &LabItem) -> Row {
    let text = |value: Option<f64>| value.map_or(String::new(), number);
    let [guess, observed, low, high] = [item.guess, item.observed, item.low, item.high]
        .map(|value| value.filter(|number| number.is_finite()));
    Row {
        item: LabItem { guess, observed, low, high, ..item.clone() },
        key: format!("lab/{}", index + 1),
        guess: text(guess),
        observed: text(observed),
        expected: range(low, high),
        against: observed.and_then(|observed| against(observed, low, high)),
    }
}

/// A number as the sheet shows it: whole numbers as they are, others with three significant digits.
pub fn number(value: f64) -> String {
    let text = if value.fract() == 0.0 { whole(value) } else { significant(value) };
    text.replace('-', "−")
}

/// `18–24`, `at least 18`, `at most 24`.
fn range(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (None, None) => String::new(),
        (Some(low), None) => format!("at least {}", number(low)),
        (None, Some(high)) => format!("at most {}", number(high)),
        (Some(low), Some(high)) if number(low) == number(high) => number(low),
        (Some(low), Some(high)) if low < 0.0 => format!("{} to {}", number(low), number(high)),
        (Some(low), Some(high)) => format!("{}–{}", number(low), number(high)),
    }
}

fn against(observed: f64, low: Option<f64>, high: Option<f64>) -> Option<Against> {
    match (low, high) {
        (None, None) => None,
        (Some(low), _) if observed < low => Some(Against::Below),
        (_, Some(high)) if observed > high => Some(Against::Above),
        _ => Some(Against::Within),
    }
}

/// What was done in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round<'a> {
    pub title: &'a str,
    /// When, and what: `1.2 s`, `worker 1 was killed`.
    pub doings: Vec<(String, &'a str)>,
    /// The number of those that are left out.
    pub more: usize,
}

/// What was done, round by round: events of one round that follow each other are together.
pub fn rounds(events: &[LabEvent]) -> Vec<Round<'_>> {
    let same = |a: &LabEvent, b: &LabEvent| a.round == b.round;
    events
        .chunk_by(same)
        .map(|events| Round {
            title: &events[0].round,
            doings: events.iter().map(|event| (seconds(event.t_s), event.text.as_str())).collect(),
            more: 0,
        })
        .collect()
}

/// The same with all events of one title together, however often its round was run: the first `most` of
/// them, and the number of the others.
pub fn by_title(events: &[LabEvent], most: usize) -> Vec<Round<'_>> {
    let mut all: Vec<Round<'_>> = Vec::new();
    for round in rounds(events) {
        match all.iter_mut().find(|known| known.title == round.title) {
            Some(known) => known.doings.extend(round.doings),
            None => all.push(round),
        }
    }
    for round in &mut all {
        round.more = round.doings.len().saturating_sub(most);
        round.doings.truncate(most);
    }
    all
}

/// A time in tenths of a second: `1.2 s`, `−0.3 s`, never `−0.0 s`.
fn seconds(value: f64) -> String {
    let text = format!("{value:.1} s");
    if text == "-0.0 s" { "0.0 s".to_owned() } else { text.replace('-', "−") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_need_to_be() {
        assert_eq!([0.0, 3.0, 20_000.0, -4.0].map(number), ["0", "3", "20,000", "−4"]);
        assert_eq!(
            [1.834, 20_123.4, 0.0123, -1.5].map(number),
            ["1.83", "20,123", "0.012", "−1.50"]
        );
    }

    #[test]
    fn a_range_may_be_open_on_either_side() {
        assert_eq!(range(Some(18.0), Some(24.0)), "18–24");
        assert_eq!(range(Some(18.0), None), "at least 18");
        assert_eq!(range(None, Some(0.5)), "at most 0.500");
        assert_eq!(range(Some(-2.0), Some(3.0)), "−2 to 3");
        assert_eq!(range(Some(0.0), Some(0.0)), "0");
        assert_eq!(range(None, None), "");
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let item = LabItem {
            guess: Some(f64::NAN),
            observed: Some(2.0),
            low: Some(f64::NEG_INFINITY),
            ..LabItem::default()
        };
        let row = row(0, &item);
        assert_eq!(
            (row.guess.as_str(), row.observed.as_str(), row.expected.as_str()),
            ("", "2", "")
        );
        assert_eq!((row.item.guess, row.against), (None, None));
    }

    #[test]
    fn the_ends_of_a_range_belong_to_it() {
        for (observed, verdict) in [
            (1.9, Against::Below),
            (2.0, Against::Within),
            (3.0, Against::Within),
            (3.1, Against::Above),
        ] {
            assert_eq!(against(observed, Some(2.0), Some(3.0)), Some(verdict));
        }
        assert_eq!(against(1.0, None, None), None);
    }

    #[test]
    fn events_of_one_round_are_together_and_a_round_that_comes_again_is_another() {
        let event =
            |round: &str, t_s| LabEvent { round: round.to_owned(), t_s, text: String::new() };
        let events = [event("a", -0.04), event("a", 1.26), event("b", -1.5), event("a", 2.0)];
        let rounds = rounds(&events);
        assert_eq!(rounds.iter().map(|round| round.title).collect::<Vec<_>>(), ["a", "b", "a"]);
        assert_eq!(rounds[0].doings, [("0.0 s".to_owned(), ""), ("1.3 s".to_owned(), "")]);
        assert_eq!(rounds[1].doings[0].0, "−1.5 s");
        let together = by_title(&events, 2);
        assert_eq!(together.iter().map(|round| round.title).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((together[0].doings.len(), together[0].more), (2, 1));
        assert_eq!((together[1].doings.len(), together[1].more), (1, 0));
    }
}
