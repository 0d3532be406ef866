//! The numbers of a page, each with its place: what two versions that draw differently can be compared
//! by.

use std::collections::BTreeMap;

use super::differences::{Difference, MOST};
use super::walk::{Walk, tokens};

/// What came of comparing two pages' numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Places that both pages have.
    pub places: usize,
    /// Places that one of them has.
    pub unmatched: usize,
    /// The first places where the numbers differ.
    pub differences: Vec<Difference>,
}

/// Compares the numbers of two pages, place by place.
pub fn compare(expected: &str, found: &str) -> Compared {
    let (expected, found) = (numbers_of(expected), numbers_of(found));
    let places = expected.keys().filter(|place| found.contains_key(*place)).count();
    let differing = expected.iter().filter_map(|(place, should)| {
        let is = found.get(place).filter(|is| *is != should)?;
        let (expected, found) = (should.join(" "), is.join(" "));
        Some(Difference { place: place.clone(), expected, found })
    });
    Compared {
        places,
        unmatched: expected.len() + found.len() - 2 * places,
        differences: differing.take(MOST).collect(),
    }
}

/// The numbers of tables, key figures and charts, by place.
fn numbers_of(page: &str) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut walk = Walk::default();
    for token in tokens(page) {
        walk.step(token);
        if token.is_tag() {
            continue;
        }
        if let Some(place) = walk.key() {
            all.entry(place).or_default().extend(numbers(token.text));
        }
    }
    all.retain(|_, numbers| !numbers.is_empty());
    all
}

/// The numbers in a text, without what sets their thousands apart.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let part = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    let words = text.split(move |letter| !part(letter));
    let numbers = words.map(|word| word.trim_matches(['.', ',']).replace(',', ""));
    numbers.filter(|number| !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_the_words_about_them() {
        let found: Vec<String> = numbers("1,234 requests/s (95 % 1,200–1,268), 1.83×.").collect();
        assert_eq!(found, ["1234", "95", "1200", "1268", "1.83"]);
    }

    #[test]
    fn a_column_that_only_one_page_has_is_counted_and_not_compared() {
        let page = |cells: &str| {
            format!(
                "<div class=\"scroll\" role=\"region\" aria-label=\"CPU\"><table><thead><tr><th>a</th>\
                 <th>b</th></tr></thead><tbody><tr><th>x</th>{cells}</tr></tbody></table></div>"
            )
        };
        let compared = compare(&page("<td>1</td>"), &page("<td>1</td><td>3</td>"));
        assert_eq!((compared.places, compared.unmatched), (1, 1));
        assert_eq!(compared.differences, []);
    }
}
