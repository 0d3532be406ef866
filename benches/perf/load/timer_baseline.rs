//! A loop that only sleeps until each request would be due: what nobody can undercut on a machine
//! without spinning.

use std::thread;
use std::time::{Duration, Instant};

use crate::env::cpus::on;
use crate::env::{Failure, TestEnv, this_program};

#[derive(Debug, Clone, Copy)]
pub struct Lateness {
    pub p50_us: f64,
    pub p99_us: f64,
}

/// Runs the loop as a process of its own, pinned like a generator.
pub fn lateness(env: &TestEnv, cpu: u32, rate: u32, seconds: u32) -> Result<Lateness, Failure> {
    let command = this_program(&["sleep", &rate.to_string(), &seconds.to_string()])?;
    let limit = Duration::from_secs(seconds.into());
    let out = env.run("sleep", on(cpu, command), limit)?;
    let numbers: Result<Vec<f64>, _> = out.split_whitespace().map(str::parse).collect();
    match numbers.as_deref() {
        Ok([p50_us, p99_us]) => Ok(Lateness { p50_us: *p50_us, p99_us: *p99_us }),
        _ => Err(Failure::broken("the loop that only sleeps told nothing")),
    }
}

/// Sleeps from due time to due time, and prints how late it woke: p50 and p99 in microseconds.
pub fn sleep(rate: u32, seconds: u32) -> nix::Result<()> {
    nix::sys::prctl::set_timerslack(1)?;
    let (begin, step) = (Instant::now(), Duration::from_secs(1) / rate.max(1));
    let mut late: Vec<f64> = (0..rate.max(1) * seconds.max(1))
        .map(|index| {
            let due = begin + step * index;
            while let Some(left) = due.checked_duration_since(Instant::now())
                && !left.is_zero()
            {
                thread::sleep(left);
            }
            due.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    late.sort_by(f64::total_cmp);
    let quantile = |share: usize| late[(late.len() - 1) * share / 100];
    println!("{} {}", quantile(50), quantile(99));
    Ok(())
}
