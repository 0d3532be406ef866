//! What a lab's figure says in words: numbers with their unit, and the sentences above the chart.

use super::rows::{Against, Row};
use crate::charts::ruler::Ruler;
use crate::record::{Lab, LabItem};

/// A text with the lab's unit behind it, where there is one.
pub fn with_unit(text: &str, unit: &str) -> String {
    match unit {
        "" => text.to_owned(),
        "×" => format!("{text}×"),
        unit => format!("{text} {unit}"),
    }
}

/// What is shown, with its unit: `throughput, requests/s`.
pub fn quantity(lab: &Lab) -> String {
    match lab.unit.as_str() {
        "" => lab.quantity.clone(),
        unit => format!("{}, {unit}", lab.quantity),
    }
}

/// All numbers of a lab that an axis must hold.
pub fn values(lab: &Lab) -> Vec<f64> {
    let all = |item: &LabItem| [item.guess, item.observed, item.low, item.high];
    lab.items.iter().flat_map(all).flatten().filter(|value| value.is_finite()).collect()
}

/// The sentences above the chart: how guess and observation compare, and whether it came out as
/// expected.
pub fn finding(lab: &Lab, rows: &[Row]) -> String {
    let judged = rows.iter().filter_map(|row| row.against);
    let (as_expected, all) = judged.fold((0, 0), |(within, all), against| {
        (within + usize::from(against == Against::Within), all + 1)
    });
    let expected = match (as_expected, all) {
        (_, 0) => String::new(),
        (1, 1) => " That is as expected on two cores.".to_owned(),
        (0, 1) => " That is not as expected on two cores.".to_owned(),
        _ => format!(" As expected on two cores: {as_expected} of {all}."),
    };
    compared(lab, rows) + &expected
}

/// How guess and observation compare, as one sentence.
fn compared(lab: &Lab, rows: &[Row]) -> String {
    let ruler = Ruler::over(&values(lab), 5);
    let apart = |row: &Row| {
        let (guess, observed) = (row.item.guess?, row.item.observed?);
        Some((ruler.at(guess) - ruler.at(observed)).abs())
    };
    let pairs: Vec<(&Row, f64)> = rows.iter().filter_map(|row| Some((row, apart(row)?))).collect();
    let unit = lab.unit.as_str();
    match pairs.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
        None => unguessed(rows, unit),
        Some((row, _)) if row.guess == row.observed => {
            "Each guess is what was observed.".to_owned()
        }
        Some((row, _)) => {
            let (guess, observed) = (&row.guess, with_unit(&row.observed, unit));
            if let [_] = pairs[..] {
                format!("Guessed: {guess}; observed: {observed} ({}).", row.item.name)
            } else {
                format!(
                    "Guess and observation are farthest apart for ‘{}’: {guess} against {observed}.",
                    row.item.name
                )
            }
        }
    }
}

/// The sentence where nothing can be compared.
fn unguessed(rows: &[Row], unit: &str) -> String {
    let mut observed: Vec<(f64, &str)> =
        rows.iter().filter_map(|row| Some((row.item.observed?, row.observed.as_str()))).collect();
    observed.sort_by(|a, b| a.0.total_cmp(&b.0));
    match observed[..] {
        [] => "Nothing was observed.".to_owned(),
        [(_, only)] => format!("Observed without a guess: {}.", with_unit(only, unit)),
        [(_, least), .., (_, most)] => {
            format!("Observed without a guess: {least} to {}.", with_unit(most, unit))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::rows::rows;

    fn item(name: &str, guess: Option<f64>, observed: Option<f64>) -> LabItem {
        LabItem { name: name.to_owned(), guess, observed, ..LabItem::default() }
    }

    fn said(unit: &str, items: Vec<LabItem>) -> String {
        let lab = Lab { unit: unit.to_owned(), items, ..Lab::default() };
        finding(&lab, &rows(&lab))
    }

    #[test]
    fn a_sign_follows_a_number_and_a_word_stands_apart() {
        assert_eq!(with_unit("1.83", "×"), "1.83×");
        assert_eq!(with_unit("80", "%"), "80 %");
    }

    #[test]
    fn the_pair_that_is_farthest_apart_is_named() {
        let near = item("near", Some(10.0), Some(11.0));
        let far = item("far", Some(40.0), Some(11.5));
        let text = said("ms", vec![near.clone(), far]);
        assert_eq!(text, "Guess and observation are farthest apart for ‘far’: 40 against 11.5 ms.");
        assert_eq!(said("", vec![near]), "Guessed: 10; observed: 11 (near).");
        assert_eq!(
            said("", vec![item("it", Some(2.0), Some(2.0))]),
            "Each guess is what was observed."
        );
    }

    #[test]
    fn without_a_pair_it_says_what_there_is() {
        assert_eq!(said("ms", vec![item("a", Some(1.0), None)]), "Nothing was observed.");
        let three = [5.0, 1.0, 9.0].map(|value| item("a", None, Some(value)));
        assert_eq!(said("ms", three.to_vec()), "Observed without a guess: 1 to 9 ms.");
        assert_eq!(said("ms", three[..1].to_vec()), "Observed without a guess: 5 ms.");
    }

    #[test]
    fn what_was_expected_is_counted_where_anything_was() {
        let expected =
            |observed| LabItem { low: Some(2.0), ..item("a", Some(4.0), Some(observed)) };
        assert!(said("", vec![expected(3.0)]).ends_with(" That is as expected on two cores."));
        assert!(said("", vec![expected(1.0)]).ends_with(" That is not as expected on two cores."));
        let text = said("", vec![expected(3.0), expected(1.0)]);
        assert!(text.ends_with(" As expected on two cores: 1 of 2."));
    }
}
