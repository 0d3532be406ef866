//! What must come out, by other means than the books: queueing theory, arithmetic, counting.

use std::time::Duration;

use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::defect::Defect;
use super::world::{Fate, Seen, World};
use crate::latency::Latency;
use crate::outcome::Outcome;
use crate::pace::{Arrivals, Profile, Schedule};
use crate::plan::tests::small;
use crate::plan::{Bound, Model, Plan};
use crate::result::{Cpu, Facts, RunResult};
use crate::tally::{Window, histogram};
use crate::validity;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// A check: plays a world with a defect seeded, or without, and compares with the theory.
pub type Check = fn(Option<Defect>) -> Result<(), String>;

pub const CHECKS: [(&str, Check); 8] = [
    ("Lindley's recursion", lindley),
    ("the arithmetic of a pause", pause),
    ("a stopped generator is late and the server is not", stopped_generator),
    ("the sends follow the schedule", schedule),
    ("every fate is in its class", fates),
    ("overload loses nothing", overload),
    ("merged percentiles", merged),
    ("the window", window),
];

/// An error when `found` is not `expected`.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, not {expected:?}")) }
}

/// An error when a time deviates by more than a part in five hundred and a microsecond.
fn near(what: &str, found: u64, expected: u64) -> Result<(), String> {
    let allowed = expected / 500 + 1_000;
    let fits = found.abs_diff(expected) <= allowed;
    if fits { Ok(()) } else { Err(format!("{what}: {found} ns, not {expected} ns")) }
}

/// The value at a quantile of a sorted sample, as the histogram defines it.
fn exact(sorted: &[u64], quantile: f64) -> u64 {
    let rank = (quantile * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted[rank.min(sorted.len()) - 1]
}

/// The histogram has the sample's size and quantiles.
fn agrees(histogram: &Histogram<u64>, mut sample: Vec<u64>) -> Result<(), String> {
    sample.sort_unstable();
    same("requests", &histogram.len(), &(sample.len() as u64))?;
    for quantile in [0.1, 0.5, 0.9, 0.99, 0.999, 1.0] {
        let found = histogram.value_at_quantile(quantile);
        near(&format!("quantile {quantile}"), found, exact(&sample, quantile))?;
    }
    Ok(())
}

/// Due times of a schedule, and service times of a mean, both from a seed.
fn stream(arrivals: Arrivals, rate: f64, count: usize) -> Vec<u64> {
    Schedule::new(Profile::constant(rate), arrivals, 7, 0, 1).take(count).collect()
}

/// A world of requests at a constant rate, all with the same service time.
fn constant(rate: f64, count: usize, service: u64) -> World {
    World::new(stream(Arrivals::Constant, rate, count), vec![service; count])
}

fn exponential(mean: u64, count: usize) -> Vec<u64> {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut draw = || (-(1.0 - random.random::<f64>()).ln() * mean as f64) as u64;
    (0..count).map(|_| draw()).collect()
}

/// One server, any arrivals and service times: the wait of each request follows from the last
/// one's (Lindley, 1952). A single connection must show the same, because the line is then only
/// in another place.
fn lindley(defect: Option<Defect>) -> Result<(), String> {
    const COUNT: usize = 20_000;
    for (connections, arrivals) in
        [(1, Arrivals::Poisson), (500, Arrivals::Poisson), (1, Arrivals::Constant)]
    {
        let dues = stream(arrivals, 800.0, COUNT);
        let service = exponential(MS, COUNT);
        let mut wait = 0_u64;
        let mut latencies = vec![service[0]];
        for index in 1..COUNT {
            wait = (wait + service[index - 1]).saturating_sub(dues[index] - dues[index - 1]);
            latencies.push(wait + service[index]);
        }
        let world = World { connections, ..World::new(dues, service) };
        agrees(&world.play(defect).tally.latency, latencies)?;
    }
    Ok(())
}

/// A server that stands still for `P` of `T` at a constant rate delays the share `P/T` of requests
/// by times that lie evenly between 0 and `P`; what a closed loop would show (one delayed request a
/// connection) is far from it.
fn pause(defect: Option<Defect>) -> Result<(), String> {
    const RATE: usize = 1_000;
    let world = World {
        connections: 8,
        server_stop: 4 * SECOND..5 * SECOND,
        ..constant(RATE as f64, 10 * RATE, 10_000)
    };
    let latency = world.play(defect).tally.latency;
    same("requests", &latency.len(), &(10 * RATE as u64))?;
    // Catching up takes 10 µs a request, 10 ms for a thousand: two parts in a hundred.
    for (quantile, expected) in
        [(0.95, SECOND / 2), (0.99, 9 * SECOND / 10), (0.999, 99 * SECOND / 100)]
    {
        let found = latency.value_at_quantile(quantile);
        if found.abs_diff(expected) > expected / 50 {
            return Err(format!("quantile {quantile}: {found} ns, not {expected} ns"));
        }
    }
    near("median", latency.value_at_quantile(0.5), 10_000)
}

/// A generator that stands still is late by up to the whole stop, sends all that came due, and
/// does not charge the server for it.
fn stopped_generator(defect: Option<Defect>) -> Result<(), String> {
    const COUNT: usize = 2_000;
    let world = World {
        connections: COUNT,
        client_stop: SECOND / 2..SECOND,
        ..constant(1_000.0, COUNT, 0)
    };
    let tally = world.play(defect).tally;
    same("requests", &tally.latency.len(), &(COUNT as u64))?;
    near("schedule lag", tally.split.schedule.max(), SECOND / 2)?;
    near("latency", tally.latency.max(), SECOND / 2)?;
    near("service latency", tally.split.service.max(), 0)
}

/// The sends of an unhindered client are those of the schedule: evenly spaced for constant
/// arrivals, and Poisson for Poisson ones (by the Kolmogorov–Smirnov test, at one in a thousand).
fn schedule(defect: Option<Defect>) -> Result<(), String> {
    for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
        let count = 5_000;
        let world = World::new(stream(arrivals, 1_000.0, count), vec![0; count]);
        let sends = World { connections: count, ..world }.play(defect).sends;
        same("sends", &sends.len(), &count)?;
        let mut sample: Vec<f64> = sends
            .windows(2)
            .map(|pair| 1.0 - (-((pair[1] - pair[0]) as f64) / MS as f64).exp())
            .collect();
        sample.sort_by(f64::total_cmp);
        let statistic = crate::pace::tests::kolmogorov(&sample);
        let poisson = statistic < crate::pace::tests::CRITICAL;
        same("Poisson", &poisson, &(arrivals == Arrivals::Poisson))?;
        if arrivals == Arrivals::Constant {
            let even = sends.windows(2).all(|pair| pair[1] - pair[0] == MS);
            same("evenly spaced", &even, &true)?;
        }
    }
    Ok(())
}

fn result(seen: &Seen, window: Window) -> RunResult {
    let (rate, arrivals, spin) = (Profile::constant(1.0), Arrivals::Constant, false);
    let model = Model::Open { rate, arrivals, spin };
    let bound = Bound::Duration(Duration::from_nanos(window.end - window.begin));
    let plan = Plan { model, bound, ..small() };
    let cpu = Cpu::default();
    let (steered, interrupted) = (None, false);
    let facts = Facts { plan: &plan, engine: "none", note: None, steered, interrupted, cpu };
    let mut result = RunResult::new(&seen.tally, facts);
    validity::assess(&mut result, &seen.tally, &plan);
    result
}

/// Each fate is in its class, each request in the distribution, time-outs with their whole wait.
fn fates(defect: Option<Defect>) -> Result<(), String> {
    const ROUNDS: usize = 100;
    let [good, bad, empty] = [200, 500, 204].map(Fate::Answer);
    let round = [good, bad, Fate::Silence, Fate::Loss, Fate::Refusal, empty];
    let count = ROUNDS * round.len();
    let world = World {
        connections: count,
        fates: round.repeat(ROUNDS),
        timeout: 200 * MS,
        window: Window { begin: 0, end: 10 * SECOND },
        ..constant(100.0, count, MS)
    };
    let seen = world.play(defect);
    let result = result(&seen, world.window);
    let errors = &result.errors;
    let found =
        [result.requests, errors.status, errors.timeout, errors.closed_early, errors.refused];
    same("classes", &found, &[200, 100, 100, 100, 100])?;
    same("in the distribution", &seen.tally.latency.len(), &(count as u64))?;
    same("sent", &seen.tally.lifetime.sent, &(count as u64))?;
    near("longest", seen.tally.latency.max(), 200 * MS)?;
    same("valid", &result.valid, &true)
}

/// More is due than can be answered: all of it is counted, what was never sent with its wait.
fn overload(defect: Option<Defect>) -> Result<(), String> {
    let count = 2_000;
    let world = World {
        timeout: SECOND,
        window: Window { begin: 0, end: 2 * SECOND },
        ..constant(1_000.0, count, 10 * MS)
    };
    let seen = world.play(defect);
    let result = result(&seen, world.window);
    // One answer in 10 ms until the wait for answers ends at 3 s.
    same("answered", &result.requests, &300)?;
    same("unanswered", &result.errors.unanswered, &1_700)?;
    same("valid", &result.valid, &false)?;
    // The first that was never sent was due at 300 ms and given up at 3 s.
    near("longest", seen.tally.latency.max(), 2_700 * MS)
}

/// Two threads, one fast and one slow: percentiles are those of all requests together.
fn merged(defect: Option<Defect>) -> Result<(), String> {
    let play = |service, count| constant(100.0, count, service).play(defect).tally;
    let (mut one, other) = (play(MS / 10, 9_900), play(5 * MS, 100));
    let mut expected = vec![MS / 10; 9_900];
    expected.extend_from_slice(&[5 * MS; 100]);
    if defect == Some(Defect::AveragedPercentiles) {
        let p99 = |tally: &crate::tally::Tally| Latency::new(&tally.latency).p99;
        let average = f64::midpoint(p99(&one), p99(&other));
        return near("p99", (average * 1e3) as u64, exact(&expected, 0.99));
    }
    one.merge(&other);
    agrees(&one.latency, expected)
}

/// What was due in the window is measured, and nothing else, whenever it ends.
fn window(defect: Option<Defect>) -> Result<(), String> {
    let count = 3_000;
    let world = World {
        connections: count,
        window: Window { begin: SECOND, end: 2 * SECOND },
        ..constant(1_000.0, count, 900_000)
    };
    let mut expected = histogram();
    expected.saturating_record_n(900_000, 1_000);
    let seen = world.play(defect);
    same("measured", &seen.tally.latency.len(), &expected.len())?;
    near("longest", seen.tally.latency.max(), expected.max())?;
    same("good", &seen.tally.class(Outcome::Ok), &1_000)
}
