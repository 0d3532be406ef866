//! What it costs to be watched: throughput with and without readers, in turn within one run.

use std::io::Read as _;
use std::time::{Duration, Instant};

use procfs::process::all_processes;
use procfs::ticks_per_second;
use reports::stats::{mean, t_interval};

use super::show::Show;
use crate::env::figures::{Bounds, Spread};
use crate::env::{Failure, TestEnv};
use reports_testing::browser::Driver;

const READERS: usize = 3;

/// They may take this share of the throughput.
const MOST: f64 = 0.02;

/// How long the load runs before anything is measured, and a change before it counts.
const SETTLING: Duration = Duration::from_secs(1);

pub fn of_the_stream(
    env: &TestEnv,
    rounds: u32,
    seconds: u32,
    bounds: &mut Bounds,
) -> Result<(), Failure> {
    let show = Show::start(env)?;
    let (ratio, low, high) = ratio(
        rounds,
        || rate(env, &show, seconds),
        || {
            let mut readers = Vec::new();
            for _ in 0..READERS {
                let mut stream = show.reader()?.into_inner();
                // Dropped by its server when the demonstration ends.
                readers.push(stream.try_clone().map_err(Failure::cannot("hold a reader"))?);
                std::thread::spawn(move || {
                    let mut bytes = vec![0; 1 << 16];
                    while matches!(stream.read(&mut bytes), Ok(count) if count > 0) {}
                });
            }
            let rate = rate(env, &show, seconds)?;
            for reader in readers {
                let _ = reader.shutdown(std::net::Shutdown::Both);
            }
            Ok(rate)
        },
    )?;
    println!(
        "throughput with {READERS} readers of the stream ÷ without: {ratio:.4} (95 % {low:.4} to \
         {high:.4}, {rounds} rounds × {seconds} s)"
    );
    bounds.require(ratio >= 1.0 - MOST, || format!("{READERS} readers leave {ratio:.4} of it"));
    Ok(())
}

pub fn of_a_browser(
    env: &TestEnv,
    browser: &Driver,
    rounds: u32,
    seconds: u32,
) -> Result<(), Failure> {
    let show = Show::start(env)?;
    let mut cpu = Vec::new();
    let (ratio, low, high) = ratio(
        rounds,
        || rate(env, &show, seconds),
        || {
            browser.open(&show.url);
            let (before, began) = (cpu_of_browsers(), Instant::now());
            let rate = rate(env, &show, seconds)?;
            cpu.push((cpu_of_browsers() - before) / began.elapsed().as_secs_f64());
            browser.open("about:blank");
            Ok(rate)
        },
    )?;
    println!(
        "throughput with one browser showing the page ÷ without: {ratio:.3} (95 % {low:.3} to \
         {high:.3}, {rounds} rounds × {seconds} s); it used {:.2} of a core",
        Spread::of(cpu).median
    );
    Ok(())
}

/// Throughput with readers ÷ without, which take turns in being first: the geometric mean and its 95 %
/// interval by Student's t on the logarithms.
fn ratio(
    rounds: u32,
    without: impl Fn() -> Result<f64, Failure>,
    mut with: impl FnMut() -> Result<f64, Failure>,
) -> Result<(f64, f64, f64), Failure> {
    let mut logs = Vec::new();
    for round in 0..rounds {
        let with_first = round.is_multiple_of(2).then(&mut with).transpose()?;
        let without = without()?;
        let with = with_first.map_or_else(&mut with, Ok)?;
        logs.push((with / without).ln());
    }
    let mean = mean(&logs).unwrap_or_default();
    let (low, high) = t_interval(&logs, 0.95).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    Ok((mean.exp(), low.exp(), high.exp()))
}

/// Requests that the cluster answers a second, once things have settled.
fn rate(env: &TestEnv, show: &Show, seconds: u32) -> Result<f64, Failure> {
    env.pause(SETTLING)?;
    let (before, began) = (show.answered()?, Instant::now());
    env.pause(Duration::from_secs(seconds.into()))?;
    let after = show.answered()?;
    Ok((after - before) as f64 / began.elapsed().as_secs_f64())
}

/// CPU seconds that all processes of the browser have used so far.
fn cpu_of_browsers() -> f64 {
    let ticks = all_processes().into_iter().flatten().filter_map(|process| {
        let stat = process.ok()?.stat().ok()?;
        stat.comm.starts_with("chrom").then_some(stat.utime + stat.stime)
    });
    ticks.sum::<u64>() as f64 / ticks_per_second() as f64
}
