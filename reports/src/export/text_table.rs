//! Tables and paragraphs for a terminal.

/// The widest line, in columns.
pub const WIDTH: usize = 100;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    heading: &'static str,
    /// Numbers are set to the right.
    number: bool,
}

impl From<(&'static str, bool)> for Column {
    fn from((heading, number): (&'static str, bool)) -> Self {
        Self { heading, number }
    }
}

/// Aligned columns; where they are too wide together, those in `yielding` are cut short with `…`, the
/// first of them first, to eight characters at most.
pub(crate) fn grid(columns: &[Column], rows: &[Vec<String>], yielding: &[usize]) -> String {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let longest = rows.iter().map(|row| row[index].chars().count()).max();
            longest.unwrap_or(0).max(column.heading.chars().count())
        })
        .collect();
    let gaps = 2 * (columns.len() - 1);
    for &index in yielding {
        let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(WIDTH);
        widths[index] = widths[index].saturating_sub(excess).max(8.min(widths[index]));
    }
    let headings: Vec<String> = columns.iter().map(|column| column.heading.to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&headings).chain(rows) {
        let line: Vec<String> = row
            .iter()
            .zip(&widths)
            .zip(columns)
            .map(|((value, &width), column)| aligned(value, width, column.number))
            .collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn aligned(value: &str, width: usize, right: bool) -> String {
    let value = if value.chars().count() > width {
        value.chars().take(width - 1).chain(['…']).collect()
    } else {
        value.to_owned()
    };
    if right { format!("{value:>width$}") } else { format!("{value:<width$}") }
}

/// Breaks a text between words into lines of at most [`WIDTH`] columns. (textwrap, without its tables of
/// widths, counts each dash and quotation mark as two columns, and would break elsewhere.)
pub(crate) fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += width;
    }
    lines.push('\n');
    lines
}
