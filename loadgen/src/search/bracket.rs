//! Enclosing the threshold: which rate to try while nothing, or little, is known.
//!
//! From below, so that no probe leaves the server with a long queue: it begins at seven tenths of
//! the capacity that a closed loop showed, which is seldom off by much. Up by growing steps while
//! the promise holds, down by growing steps while it breaks, then to the geometric middle.
//!
//! That a probe errs near the threshold does no harm: [`super::fit`] is not bound to the enclosure.
//! But a machine that stalls breaks the promise at any rate, and may enclose a threshold that is far
//! off: so the upper end is tried twice, and breaks the promise only if most of its probes do.

use super::Verdict;

/// Where to begin, as a share of the estimated capacity.
const BEGIN: f64 = 0.7;

/// Steps up: a factor each, the last one from then on.
const UP: [f64; 5] = [1.2, 1.3, 1.5, 2.0, 3.0];

/// Steps down.
const DOWN: [f64; 4] = [1.5, 2.0, 4.0, 8.0];

/// Rates that are this close enclose the threshold.
const CLOSE: f64 = 1.15;

/// Below this share of the estimated capacity nothing is tried.
const LEAST: f64 = 0.01;

/// The lowest rate tried, in requests a second.
const LOWEST: f64 = 1.0;

/// The generator's limit is known well enough when it is this close to a rate that was kept.
const CLOSE_TO_CEILING: f64 = 1.06;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bracket {
    Try(f64),
    /// The threshold lies between a rate that keeps the promise and one that breaks it.
    Enclosed {
        low: f64,
        high: f64,
    },
    /// The promise is broken even at this rate, the lowest tried.
    Never(f64),
    /// The promise holds at this rate, and the generator cannot offer much more; zero when it cannot
    /// offer any.
    AtLeast(f64),
}

/// Decides, from the rates tried so far with what came of them, and from the lowest rate that the
/// generator could not keep.
pub fn next(tried: &[(f64, Verdict)], ceiling: Option<f64>, capacity: f64) -> Bracket {
    let begin = (BEGIN * capacity).max(LOWEST);
    let rates = |verdict| tried.iter().filter(move |(_, it)| *it == verdict).map(|(rate, _)| *rate);
    let count = |rate: f64, verdict| tried.iter().filter(|it| **it == (rate, verdict)).count();
    let breaks = |rate: &f64| count(*rate, Verdict::Breaks) > count(*rate, Verdict::Holds);
    let high = rates(Verdict::Breaks).filter(breaks).min_by(f64::total_cmp);
    let below = |rate: &f64| high.is_none_or(|high| *rate < high);
    let low = rates(Verdict::Holds).filter(below).max_by(f64::total_cmp);
    let step = |steps: &[f64], verdict| steps[(rates(verdict).count() - 1).min(steps.len() - 1)];
    match (low, high, ceiling) {
        (Some(low), Some(high), _) if high / low <= CLOSE => {
            let again = count(high, Verdict::Breaks) == 1;
            if again { Bracket::Try(high) } else { Bracket::Enclosed { low, high } }
        }
        (Some(low), Some(high), _) => Bracket::Try((low * high).sqrt()),
        (None, Some(high), _) if high <= (LEAST * capacity).max(LOWEST) => Bracket::Never(high),
        (None, Some(high), _) => Bracket::Try((high / step(&DOWN, Verdict::Breaks)).max(LOWEST)),
        (Some(low), None, Some(ceiling)) if ceiling / low <= CLOSE_TO_CEILING => {
            Bracket::AtLeast(low)
        }
        (Some(low), None, Some(ceiling)) => Bracket::Try((low * ceiling).sqrt()),
        (Some(low), None, None) => Bracket::Try(low * step(&UP, Verdict::Holds)),
        (None, None, Some(ceiling)) if ceiling <= (LEAST * capacity).max(LOWEST) => {
            Bracket::AtLeast(0.0)
        }
        (None, None, Some(ceiling)) => Bracket::Try((ceiling / 1.5).max(LOWEST)),
        (None, None, None) => Bracket::Try(begin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays the enclosing against a threshold; the rates tried, and the end.
    fn play(threshold: f64, ceiling: f64, capacity: f64) -> (Vec<f64>, Bracket) {
        let mut tried: Vec<(f64, Verdict)> = Vec::new();
        let mut lowest_late = None;
        for _ in 0..60 {
            match next(&tried, lowest_late, capacity) {
                Bracket::Try(rate) if rate > ceiling => {
                    lowest_late = Some(lowest_late.map_or(rate, |late: f64| late.min(rate)));
                    tried.push((rate, Verdict::Late));
                }
                Bracket::Try(rate) if rate > threshold => tried.push((rate, Verdict::Breaks)),
                Bracket::Try(rate) => tried.push((rate, Verdict::Holds)),
                end => return (tried.into_iter().map(|(rate, _)| rate).collect(), end),
            }
        }
        panic!("no end after {tried:?}")
    }

    #[test]
    fn the_threshold_is_enclosed_from_any_estimate_in_few_steps() {
        for capacity in [100.0, 1_000.0, 5_000.0] {
            for threshold in [60.0, 540.0, 990.0, 4_000.0] {
                let (tried, end) = play(threshold, 1e9, capacity);
                let Bracket::Enclosed { low, high } = end else { panic!("{end:?}") };
                assert!(low <= threshold && threshold < high && high / low <= CLOSE);
                assert!(tried.len() <= 12, "{tried:?}");
            }
        }
    }

    #[test]
    fn a_probe_that_was_spoiled_by_chance_encloses_nothing() {
        let spoiled = [(700.0, Verdict::Breaks), (466.7, Verdict::Holds), (640.0, Verdict::Holds)];
        assert_eq!(next(&spoiled, None, 1_000.0), Bracket::Try(700.0));
        let [first, second, third] = spoiled;
        let again = |verdict| next(&[first, second, third, (700.0, verdict)], None, 1_000.0);
        assert_eq!(again(Verdict::Breaks), Bracket::Enclosed { low: 640.0, high: 700.0 });
        assert!(matches!(again(Verdict::Holds), Bracket::Try(rate) if rate > 800.0));
    }

    #[test]
    fn a_good_estimate_never_overloads_the_server_by_much() {
        let (tried, _) = play(950.0, 1e9, 1_000.0);
        assert!(tried.iter().all(|rate| *rate <= 1_100.0), "{tried:?}");
    }

    #[test]
    fn a_promise_that_is_never_kept_ends_at_the_lowest_rate() {
        let (tried, end) = play(0.0, 1e9, 1_000.0);
        assert!(matches!(end, Bracket::Never(rate) if rate <= 10.0), "{end:?}");
        assert!(tried.len() <= 6, "{tried:?}");
    }

    #[test]
    fn where_the_generator_is_the_limit_the_answer_is_close_below_it() {
        let (_, end) = play(f64::INFINITY, 800.0, 1_000.0);
        let Bracket::AtLeast(rate) = end else { panic!("{end:?}") };
        assert!((750.0..=800.0).contains(&rate), "{rate}");
        assert_eq!(play(f64::INFINITY, 0.0, 1_000.0).1, Bracket::AtLeast(0.0));
    }
}
