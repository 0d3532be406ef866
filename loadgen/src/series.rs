//! The time series: the measured window in slices. A request belongs to the slice in which it
//! *ended* (its answer came, or it failed).
//!
//! Memory is bounded: slices begin 100 ms wide, and when there are too many, each two neighbours
//! become one. Widths are therefore powers of two of each other, so that the slices of several
//! threads can be added.

use hdrhistogram::Histogram;

/// The width of a slice at first, in nanoseconds.
const WIDTH_NS: u64 = 100_000_000;

/// More slices than this are never kept.
const MOST: usize = 200;

/// The longest latency that is told apart in a slice, in nanoseconds.
const LONGEST_NS: u64 = 3_600_000_000_000;

#[derive(Debug, Clone)]
pub struct Slice {
    pub good: u64,
    /// Requests that ended otherwise.
    pub errors: u64,
    /// Latencies in nanoseconds, two significant digits.
    pub latency: Histogram<u32>,
}

impl Slice {
    fn new() -> Self {
        let latency = Histogram::new_with_bounds(1, LONGEST_NS, 2);
        Self { good: 0, errors: 0, latency: latency.expect("bounds that the library allows") }
    }

    /// Its latencies in coarse steps: `(begin of the step in microseconds, requests)` in rising order,
    /// empty steps left out. Steps begin at 0, 1, 1.5, 2, 3, 4, 6, 8, … µs: two to each doubling.
    pub fn steps(&self) -> Vec<(f64, u64)> {
        let mut steps: Vec<(f64, u64)> = Vec::new();
        for bar in self.latency.iter_recorded() {
            let (from, count) = (step(bar.value_iterated_to()), bar.count_at_value().into());
            match steps.last_mut() {
                Some((last, sum)) if *last >= from => *sum += count,
                _ => steps.push((from, count)),
            }
        }
        steps
    }

    fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.errors += other.errors;
        self.latency.add(&other.latency).expect("histograms of the same bounds");
    }
}

/// The begin, in microseconds, of the coarse step that a latency in nanoseconds falls into.
fn step(latency_ns: u64) -> f64 {
    let Some(doublings) = (latency_ns / 1000).checked_ilog2() else { return 0.0 };
    let whole = (1_u64 << doublings) as f64;
    if latency_ns as f64 >= 1500.0 * whole { 1.5 * whole } else { whole }
}

/// The slices from the window's begin on.
#[derive(Debug, Clone)]
pub struct Series {
    width: u64,
    slices: Vec<Slice>,
}

impl Default for Series {
    fn default() -> Self {
        Self { width: WIDTH_NS, slices: Vec::new() }
    }
}

impl Series {
    /// A request ended `at` nanoseconds after the window's begin.
    pub fn record(&mut self, at: u64, latency: u64, good: bool) {
        while at / self.width >= MOST as u64 {
            self.fold();
        }
        let index = (at / self.width) as usize;
        while self.slices.len() <= index {
            self.slices.push(Slice::new());
        }
        let slice = &mut self.slices[index];
        if good {
            slice.good += 1;
        } else {
            slice.errors += 1;
        }
        slice.latency.saturating_record(latency);
    }

    fn fold(&mut self) {
        self.width *= 2;
        let mut folded = Vec::with_capacity(MOST);
        let mut slices = std::mem::take(&mut self.slices).into_iter();
        while let Some(mut slice) = slices.next() {
            if let Some(neighbour) = slices.next() {
                slice.add(&neighbour);
            }
            folded.push(slice);
        }
        self.slices = folded;
    }

    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        while self.width < other.width {
            self.fold();
        }
        while other.width < self.width {
            other.fold();
        }
        for (index, slice) in other.slices.iter().enumerate() {
            match self.slices.get_mut(index) {
                Some(mine) => mine.add(slice),
                None => self.slices.push(slice.clone()),
            }
        }
    }

    /// The slices with their begins, in seconds after the window's begin.
    pub fn slices(&self) -> impl Iterator<Item = (f64, &Slice)> {
        (0..)
            .zip(&self.slices)
            .map(|(index, slice): (u64, _)| ((index * self.width) as f64 / 1e9, slice))
    }

    /// The width of a slice in seconds.
    pub fn width_s(&self) -> f64 {
        self.width as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_request_belongs_to_the_slice_in_which_it_ended() {
        let mut series = Series::default();
        series.record(99 * MS, 5, true);
        series.record(100 * MS, 5, true);
        series.record(350 * MS, 5, false);
        let counts: Vec<_> = series.slices().map(|(t, s)| (t, s.good, s.errors)).collect();
        assert_eq!(counts, [(0.0, 1, 0), (0.1, 1, 0), (0.2, 0, 0), (0.3, 0, 1)]);
    }

    #[test]
    fn a_long_run_has_wider_slices_and_loses_nothing() {
        let mut series = Series::default();
        for second in 0..3600 {
            series.record(second * 1000 * MS, 7, true);
        }
        assert!(series.slices().count() <= MOST);
        assert_eq!(series.slices().map(|(_, slice)| slice.good).sum::<u64>(), 3600);
    }

    #[test]
    fn steps_lose_no_request_and_begin_at_or_below_each_latency() {
        let begins = [0, 999, 1_000, 1_499, 1_500, 7_999, 8_000, 2_000_000]
            .map(|ns| (2.0 * step(ns)) as u64);
        assert_eq!(begins, [0, 0, 2, 2, 3, 12, 16, 3072], "in halves of a microsecond");
        let mut series = Series::default();
        for latency in [900, 1_200, 1_300, 80_000] {
            series.record(0, latency, true);
        }
        let (_, slice) = series.slices().next().unwrap();
        assert_eq!(slice.steps(), [(0.0, 1), (1.0, 2), (64.0, 1)]);
    }

    #[test]
    fn series_of_different_widths_add_up() {
        let (mut long, mut short) = (Series::default(), Series::default());
        long.record(100_000 * MS, 7, true);
        short.record(0, 7, true);
        short.record(99_950 * MS / 10, 7, false);
        for (mut one, other) in [(long.clone(), &short), (short.clone(), &long)] {
            one.merge(other);
            assert_eq!(one.slices().map(|(_, slice)| slice.latency.len()).sum::<u64>(), 3);
        }
    }
}
