//! How numbers are written, the same on the page and on the terminal: three significant digits for
//! measurements, a unit beside each.

/// A whole number with thousands set apart: `12,345`.
#[must_use]
pub fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value <= -0.5 {
        grouped.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Three significant digits, and never fewer than the whole number: `0.123`, `1.23`, `12.3`, `1,234`.
#[must_use]
pub fn significant(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => whole(value),
        v if v >= 9.995 => format!("{value:.1}"),
        v if v >= 0.9995 => format!("{value:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.3}"),
    }
}

/// A value without zeros at its end, for the labels of an axis: `0.5`, `1.5`, `2`, `50,000`.
#[must_use]
pub fn tick(value: f64) -> String {
    let text = significant(value);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A time given in microseconds, for the labels of an axis: `500 µs`, `1 ms`.
pub(crate) fn tick_micros(us: f64) -> String {
    match micros(us).split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => micros(us),
    }
}

/// A time given in microseconds, in the unit that suits it: `85.0 µs`, `1.23 ms`, `2.00 s`.
pub(crate) fn micros(us: f64) -> String {
    match us {
        v if v < 999.5 => format!("{} µs", significant(v)),
        v if v < 999_500.0 => format!("{} ms", significant(v / 1e3)),
        v => format!("{} s", significant(v / 1e6)),
    }
}

/// `380–402 µs`, or both ends with their units where these differ; one of them where they read alike.
pub(crate) fn micros_range(low: f64, high: f64) -> String {
    let (low, high) = (micros(low), micros(high));
    match (low.split_once(' '), high.split_once(' ')) {
        _ if low == high => low,
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number}–{high}"),
        _ => format!("{low}–{high}"),
    }
}

/// A ratio: `1.83×`.
pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.2}×")
}

/// Both ends of an interval of whole numbers: `44,000–46,000`.
pub(crate) fn whole_range((low, high): (f64, f64)) -> String {
    format!("{}–{}", whole(low), whole(high))
}

/// Both ends of an interval of ratios: `1.78–1.88`.
pub(crate) fn ratio_range((low, high): (f64, f64)) -> String {
    format!("{low:.2}–{high:.2}")
}

/// Two decimals, for tables of what adds up: `0.53`, `−0.02`, never `-0.00`.
pub(crate) fn hundredths(value: f64) -> String {
    format!("{value:.2}").replace("-0.00", "0.00").replace('-', "−")
}

/// A share given between 0 and 1, as a percentage: `92 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A p-value: `0.031`, `< 0.001`.
pub(crate) fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// A number of cores: `0.9`, never `-0.0`.
pub(crate) fn cores(value: f64) -> String {
    let text = format!("{value:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// `1 worker`, `2 workers`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", whole(number as f64))
}

/// Text for a page, in which no line ends between a number and its percent sign.
pub(crate) fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

/// Words joined as in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0.0, 999.6, 1_234_567.0, -1234.0].map(whole);
        assert_eq!(texts, ["0", "1,000", "1,234,567", "−1,234"]);
    }

    #[test]
    fn a_time_takes_the_unit_that_suits_it() {
        let texts = [0.5, 85.0, 999.6, 1234.0, 2_000_000.0].map(micros);
        assert_eq!(texts, ["0.500 µs", "85.0 µs", "1.00 ms", "1.23 ms", "2.00 s"]);
    }

    #[test]
    fn labels_of_an_axis_have_no_zeros_at_their_end() {
        assert_eq!([0.5, 1.5, 2.0, 50_000.0].map(tick), ["0.5", "1.5", "2", "50,000"]);
        assert_eq!([0.0, 500.0, 1000.0, 2e6].map(tick_micros), ["0 µs", "500 µs", "1 ms", "2 s"]);
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        let words = |list: &[&str]| list.iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
        assert_eq!(listed(&words(&[])), "");
        assert_eq!(listed(&words(&["a"])), "a");
        assert_eq!(listed(&words(&["a", "b", "c"])), "a, b and c");
    }
}
