//! A figure that stands in a chart and in a table: both carry its key, so that a script can lead from
//! one to the other and a test can hold them against each other.

use crate::svg::escaped;

/// A figure by its key. The mark's title holds the text that the table shows for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Cell and quantity: `hello/reuseport/2/64/rps`.
    pub key: String,
}

impl Figure {
    /// The attributes of an element that shows it, with a space before each.
    pub fn attributes(&self) -> String {
        format!(" data-figure=\"{}\"", escaped(&self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_key_stays_text() {
        let figure = Figure { key: "a\"<b>/rps".to_owned() };
        assert_eq!(figure.attributes(), " data-figure=\"a&quot;&lt;b&gt;/rps\"");
    }
}
