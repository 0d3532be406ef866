//! Latency over time: the slices of several trials laid over each other, then counted by time and
//! coarse step of latency. Counts are added, percentiles never averaged.

use std::collections::BTreeMap;

use crate::record::{Heat, SeriesPoint, TrialResult};

/// More columns than this are folded, each two neighbours into one.
const MOST_COLUMNS: usize = 30;

impl Heat {
    /// Lays the trials' slices over each other; `None` where no trial kept steps, or none has two
    /// slices. Trials whose slices have another width than the first's are left out.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a TrialResult>) -> Option<Self> {
        let mut width = None;
        let mut columns: Vec<BTreeMap<u64, u64>> = Vec::new();
        for series in trials.into_iter().map(|trial| trial.series.as_slice()) {
            let own = slice_width(series);
            let width = *width.get_or_insert(own?);
            if own.is_none_or(|own| (own - width).abs() > 0.01 * width) {
                continue;
            }
            for slice in series {
                let column = (slice.t_s / width).round() as usize;
                columns.resize_with(columns.len().max(column + 1), BTreeMap::new);
                for &(from, count) in &slice.steps {
                    // The bits of non-negative floats sort as the floats do.
                    *columns[column].entry(from.abs().to_bits()).or_default() += count;
                }
            }
        }
        let mut width_s = width.filter(|_| columns.iter().any(|column| !column.is_empty()))?;
        while columns.len() > MOST_COLUMNS {
            columns = columns.chunks(2).map(merged).collect();
            width_s *= 2.0;
        }
        let plain = |column: BTreeMap<u64, u64>| {
            column.into_iter().map(|(bits, count)| (f64::from_bits(bits), count)).collect()
        };
        Some(Self { width_s, columns: columns.into_iter().map(plain).collect() })
    }

    /// The lowest and the highest step that any request fell into.
    pub fn steps(&self) -> Option<(f64, f64)> {
        let all = || self.columns.iter().flatten().map(|&(from, _)| from);
        Some((all().min_by(f64::total_cmp)?, all().max_by(f64::total_cmp)?))
    }

    /// The 99th percentile of each column, in microseconds: the end of the step in which it lies.
    /// Columns with fewer than a thousand answers are left out.
    pub(crate) fn p99(&self) -> Vec<f64> {
        self.columns.iter().filter_map(|column| p99(column)).collect()
    }
}

/// The end of the step that begins at `from` microseconds: steps begin at 0, 1, 1.5, 2, 3, 4, 6, ….
pub fn step_end(from: f64) -> f64 {
    if from < 1.0 {
        return 1.0;
    }
    // A power of two is followed by one and a half times it, that by the next power.
    if from.log2().fract() < 0.2 { from * 1.5 } else { from / 1.5 * 2.0 }
}

fn p99(column: &[(f64, u64)]) -> Option<f64> {
    let sum: u64 = column.iter().map(|&(_, count)| count).sum();
    let rank = sum - sum / 100;
    let reached = column.iter().scan(0, |seen, &(from, count)| {
        *seen += count;
        Some((from, *seen))
    });
    let (from, _) = reached.into_iter().find(|&(_, seen)| seen >= rank)?;
    (sum >= 1000).then(|| step_end(from))
}

/// Seconds from one slice to the next.
fn slice_width(series: &[SeriesPoint]) -> Option<f64> {
    let width = series.get(1)?.t_s - series[0].t_s;
    (width > 0.0 && width.is_finite()).then_some(width)
}

fn merged(columns: &[BTreeMap<u64, u64>]) -> BTreeMap<u64, u64> {
    let mut sum = BTreeMap::new();
    for (&step, &count) in columns.iter().flatten() {
        *sum.entry(step).or_default() += count;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(slices: &[&[(f64, u64)]], width: f64) -> TrialResult {
        let slice = |(index, steps): (usize, &&[(f64, u64)])| SeriesPoint {
            t_s: index as f64 * width,
            steps: steps.to_vec(),
            ..SeriesPoint::default()
        };
        let series = slices.iter().enumerate().map(slice).collect();
        TrialResult { series, ..TrialResult::default() }
    }

    #[test]
    fn counts_of_the_same_time_and_step_add_up_over_trials() {
        let one = trial(&[&[(1.0, 2)], &[(3.0, 1)]], 0.1);
        let other = trial(&[&[(1.0, 5), (64.0, 1)], &[]], 0.1);
        let heat = Heat::of([&one, &other]).unwrap();
        assert_eq!(heat.columns, [vec![(1.0, 7), (64.0, 1)], vec![(3.0, 1)]]);
        assert_eq!(heat.steps(), Some((1.0, 64.0)));
    }

    #[test]
    fn a_long_run_is_folded_and_loses_nothing() {
        let slices: Vec<&[(f64, u64)]> = vec![&[(8.0, 3)]; 100];
        let heat = Heat::of([&trial(&slices, 0.1)]).unwrap();
        assert!(heat.columns.len() <= MOST_COLUMNS);
        assert!((heat.width_s - 0.4).abs() < 1e-9);
        assert_eq!(heat.columns.iter().flatten().map(|step| step.1).sum::<u64>(), 300);
    }

    #[test]
    fn a_columns_percentile_is_read_where_there_are_a_thousand_answers() {
        let heat = Heat {
            width_s: 0.1,
            columns: vec![
                vec![(8.0, 989), (64.0, 11)],
                vec![(8.0, 990), (64.0, 10)],
                vec![(8.0, 9)],
            ],
        };
        assert_eq!(heat.p99(), [96.0, 12.0]);
    }

    #[test]
    fn slices_without_steps_make_no_heat_map() {
        assert_eq!(Heat::of([&trial(&[&[], &[]], 0.1)]), None);
        assert_eq!(Heat::of([&trial(&[&[(1.0, 1)]], 0.1)]), None);
        assert_eq!(Heat::of([]), None);
    }

    #[test]
    fn steps_meet_without_a_gap() {
        let begins = [0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 3072.0, 4096.0];
        for pair in begins[..9].windows(2).chain(begins[9..].windows(2)) {
            assert!((step_end(pair[0]) - pair[1]).abs() < 1e-9, "{pair:?}");
        }
    }
}
