//! Tables and paragraphs for a terminal.

/// The widest line, in columns.
pub const WIDTH: usize = 100;

/// A column of a table: its heading, whether it holds numbers (set to the right), and a row's value.
pub(crate) type Column<R> = (&'static str, bool, fn(&R) -> String);

/// Aligned columns; where they are too wide together, those in `yielding` are cut short with `…`, the
/// first of them first, to eight characters at most.
pub(crate) fn grid<R>(columns: &[Column<R>], rows: &[R], yielding: &[usize]) -> String {
    let headings = columns.iter().map(|(heading, ..)| (*heading).to_owned()).collect();
    let values = rows.iter().map(|row| columns.iter().map(|(.., value)| value(row)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(headings).chain(values).collect();
    let width = |index: usize| lines.iter().map(|line| line[index].chars().count()).max();
    let mut widths: Vec<usize> = (0..columns.len()).filter_map(width).collect();
    let gaps = 2 * (columns.len() - 1);
    for &index in yielding {
        let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(WIDTH);
        widths[index] = widths[index].saturating_sub(excess).max(8.min(widths[index]));
    }
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).zip(columns);
        let line: Vec<String> =
            cells.map(|((value, width), (_, number, _))| aligned(value, *width, *number)).collect();
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
