//! Where one page is not as another: line by line, and in a line tag by tag.

use super::walk::{Token, Walk, tokens};

/// The most differences that are named.
pub const MOST: usize = 10;

/// How many lines to look ahead for one that both pages have.
const AHEAD: usize = 64;

/// Characters of a page that are shown of a difference.
const SHOWN: usize = 60;

/// A place that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, in words.
    pub place: String,
    /// What should be there; empty for something that was added.
    pub expected: String,
    /// What is there; empty for something that is missing.
    pub found: String,
}

/// The first [`MOST`] places where the page found is not as expected; none only if it is the same.
pub fn differences(expected: &str, found: &str) -> Vec<Difference> {
    if expected == found {
        return Vec::new();
    }
    // Most of both is the same: the lines before the first difference and after the last are skipped.
    let same = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
    let begin = expected.as_bytes()[..same].iter().rposition(|byte| *byte == b'\n');
    let begin = begin.map_or(0, |newline| newline + 1);
    let mut all = Differences { expected, places: Vec::new(), all: Vec::new() };
    all.lines(begin, &lines(&expected[begin..]), &lines(&found[begin..]));
    all.all
}

/// The lines of a text with the newlines at their ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The differences found so far.
struct Differences<'a> {
    expected: &'a str,
    places: Vec<String>,
    all: Vec<Difference>,
}

impl<'a> Differences<'a> {
    fn full(&self) -> bool {
        self.all.len() >= MOST
    }

    /// Goes through the lines of both; `at` is where those expected begin.
    fn lines(&mut self, mut at: usize, expected: &[&'a str], found: &[&str]) {
        let (mut e, mut f) = (0, 0);
        while (e < expected.len() || f < found.len()) && !self.full() {
            let (more, other) = apart(&expected[e..], &found[f..]);
            for pair in 0..more.max(other) {
                let should = if pair < more { expected[e + pair] } else { "" };
                let is = if pair < other { found[f + pair] } else { "" };
                self.line(at, should, is);
                at += should.len();
            }
            (e, f) = (e + more, f + other);
            if e < expected.len() && f < found.len() {
                at += expected[e].len();
                (e, f) = (e + 1, f + 1);
            }
        }
    }

    /// Compares one line; an empty one is missing or was added.
    fn line(&mut self, at: usize, expected: &str, found: &str) {
        if expected == found {
            return;
        }
        let (should, is): (Vec<_>, Vec<_>) = (tokens(expected).collect(), tokens(found).collect());
        let alike = should.len() == is.len();
        let pairs = should.iter().zip(&is).filter(|(a, b)| a.text != b.text);
        // Of lines that are not built alike only the first difference means something.
        for (a, b) in pairs.take(if alike { usize::MAX } else { 1 }) {
            self.add(at + a.at, a.text, b.text);
        }
        if !alike && should.iter().zip(&is).all(|(a, b)| a.text == b.text) {
            let common = should.len().min(is.len());
            let text =
                |tokens: &[Token<'_>]| tokens.iter().map(|token| token.text).collect::<String>();
            let place = should.get(common).map_or(expected.len(), |token| token.at);
            self.add(at + place, &text(&should[common..]), &text(&is[common..]));
        }
    }

    fn add(&mut self, at: usize, expected: &str, found: &str) {
        if self.full() {
            return;
        }
        let mut walk = Walk::default();
        tokens(self.expected).take_while(|token| token.at <= at).for_each(|token| walk.step(token));
        let place = walk.place();
        // Of a chart that is another all over one line is enough.
        if !self.places.contains(&place) {
            let (expected, found) = excerpts(expected, found);
            self.all.push(Difference { place: place.clone(), expected, found });
            self.places.push(place);
        }
    }
}

/// How many lines of each to skip until both have the same one.
fn apart(expected: &[&str], found: &[&str]) -> (usize, usize) {
    for distance in 0..AHEAD {
        for e in 0..=distance.min(expected.len()) {
            let f = distance - e;
            if f <= found.len() && expected.get(e) == found.get(f) {
                return (e, f);
            }
        }
    }
    (expected.len(), found.len())
}

/// The parts of both that are not alike, with a little of what is before them.
fn excerpts(expected: &str, found: &str) -> (String, String) {
    let same = expected.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    let begin = same.saturating_sub(SHOWN / 3);
    let shown = |text: &str| -> String {
        // A page may hold anything, and a terminal obeys some of it.
        let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
        text.chars().skip(begin).take(SHOWN).map(plain).collect::<String>().trim().to_owned()
    };
    (shown(expected), shown(found))
}
