//! Numbers as people read them.

/// A bar of a share between 0 and 1, at most so many characters long; what is above zero is seen.
pub fn bar(share: f64, longest: usize) -> String {
    let length = (share.clamp(0.0, 1.0) * longest as f64).round() as usize;
    "█".repeat(if share > 0.0 { length.max(1) } else { 0 })
}

/// Microseconds in a unit that reads well.
pub fn micros(value: f64) -> String {
    if value < 1e3 {
        format!("{value:.1}µs")
    } else if value < 1e6 {
        format!("{:.2}ms", value / 1e3)
    } else {
        format!("{:.2}s", value / 1e6)
    }
}

/// Bytes in a unit that reads well.
pub fn bytes(value: f64) -> String {
    let (mut value, mut unit) = (value, "B");
    for larger in ["KB", "MB", "GB", "TB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, larger);
    }
    if unit == "B" { format!("{value:.0}B") } else { format!("{value:.2}{unit}") }
}

/// A count with its noun.
pub fn plural(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// Digits in groups of three.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_so_that_they_read_well() {
        assert_eq!([micros(12.34), micros(1_500.0), micros(2e6)], ["12.3µs", "1.50ms", "2.00s"]);
        assert_eq!([bytes(12.0), bytes(2048.0)], ["12B", "2.00KB"]);
        assert_eq!([grouped(7), grouped(1_234), grouped(1_234_567)], ["7", "1,234", "1,234,567"]);
        assert_eq!([plural(1, "thread"), plural(2, "thread")], ["1 thread", "2 threads"]);
    }

    #[test]
    fn the_largest_worker_has_the_longest_bar_and_the_smallest_is_seen() {
        assert_eq!(bar(1.0, 30).chars().count(), 30);
        assert_eq!(bar(0.001, 30).chars().count(), 1);
        assert_eq!(bar(0.0, 30), "");
    }
}
