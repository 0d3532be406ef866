//! The planned schedules, against their definitions and a goodness-of-fit test. No clock.

use super::*;

fn dues(profile: &Profile, arrivals: Arrivals, threads: u32, until_s: f64) -> Vec<f64> {
    let mut dues: Vec<f64> = (0..threads)
        .flat_map(|thread| {
            Schedule::new(profile.clone(), arrivals, 42, thread, threads)
                .map(|due| due as f64 / 1e9)
                .take_while(|&due| due < until_s)
        })
        .collect();
    dues.sort_by(f64::total_cmp);
    dues
}

/// The Kolmogorov–Smirnov statistic √n·D of a sorted sample that should be uniform on [0, 1).
pub(crate) fn kolmogorov(sample: &[f64]) -> f64 {
    let n = sample.len() as f64;
    let gap = |(index, &value): (usize, &f64)| {
        (value - index as f64 / n).abs().max((value - (index + 1) as f64 / n).abs())
    };
    sample.iter().enumerate().map(gap).fold(0.0, f64::max) * n.sqrt()
}

/// √n·D exceeds this with probability one in a thousand.
pub(crate) const CRITICAL: f64 = 1.95;

#[test]
fn constant_arrivals_are_evenly_spaced_over_all_threads() {
    for threads in [1, 3, 4] {
        let dues = dues(&Profile::constant(1000.0), Arrivals::Constant, threads, 1.0);
        assert_eq!(dues.len(), 1000);
        for (number, due) in dues.iter().enumerate() {
            assert!((due - number as f64 / 1000.0).abs() < 1e-9, "{number}: {due}");
        }
    }
}

#[test]
fn a_schedule_does_not_drift() {
    let mut schedule = Schedule::new(Profile::constant(1e6), Arrivals::Constant, 1, 0, 1);
    assert_eq!(schedule.nth(100_000_000), Some(100_000_000_000));
}

#[test]
fn poisson_gaps_are_exponential() {
    for threads in [1, 4] {
        let dues = dues(&Profile::constant(5000.0), Arrivals::Poisson, threads, 4.0);
        let mut quantiles: Vec<f64> =
            dues.windows(2).map(|pair| 1.0 - (-(pair[1] - pair[0]) * 5000.0).exp()).collect();
        quantiles.sort_by(f64::total_cmp);
        let statistic = kolmogorov(&quantiles);
        assert!(statistic < CRITICAL, "{statistic}");
        let count = dues.len() as f64;
        assert!((count - 20_000.0).abs() < 4.0 * 20_000_f64.sqrt(), "{count}");
    }
}

#[test]
fn poisson_arrivals_are_uniform_over_the_time() {
    let dues: Vec<f64> = dues(&Profile::constant(5000.0), Arrivals::Poisson, 2, 4.0)
        .iter()
        .map(|due| due / 4.0)
        .collect();
    assert!(kolmogorov(&dues) < CRITICAL);
}

#[test]
fn a_ramp_has_the_arrivals_of_its_integral() {
    let ramp = Stage { length: Some(Duration::from_secs(10)), from: 0.0, to: 2000.0 };
    for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
        let dues = dues(&Profile::stages(vec![ramp]), arrivals, 2, 100.0);
        // By time t there are expected 100·t² arrivals.
        let uniform: Vec<f64> = dues.iter().map(|due| due * due / 100.0).collect();
        assert!(kolmogorov(&uniform) < CRITICAL, "{arrivals:?}");
        assert!((dues.len() as f64 - 10_000.0).abs() < 400.0, "{}", dues.len());
    }
}

#[test]
fn stages_follow_each_other_and_end() {
    let second = Some(Duration::from_secs(1));
    let profile = Profile::stages(vec![
        Stage { length: second, from: 100.0, to: 100.0 },
        Stage { length: second, from: 1000.0, to: 0.0 },
    ]);
    let dues = dues(&profile, Arrivals::Constant, 1, 100.0);
    assert_eq!(dues.iter().filter(|&&due| due < 1.0).count(), 100);
    assert_eq!(dues.len(), 600);
    assert_eq!(profile.length(), Some(Duration::from_secs(2)));
    assert!((profile.mean_rate() - 300.0).abs() < 1e-9);
}

#[test]
fn a_warm_up_runs_at_the_first_rate() {
    let profile = Profile::constant(10.0).after(Duration::from_secs(2));
    assert_eq!(dues(&profile, Arrivals::Constant, 1, 3.0).len(), 30);
}

#[test]
fn the_same_seed_gives_the_same_schedule_and_another_seed_another() {
    let take = |seed| -> Vec<u64> {
        Schedule::new(Profile::constant(100.0), Arrivals::Poisson, seed, 0, 1).take(50).collect()
    };
    assert_eq!(take(1), take(1));
    assert_ne!(take(1), take(2));
}

#[test]
fn rates_that_make_no_schedule_are_not_sound() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e10] {
        assert!(!Profile::constant(rate).is_sound(), "{rate}");
    }
    assert!(Profile::constant(0.5).is_sound());
    assert!(!Profile::stages(vec![]).is_sound());
}
