//! A loop that only sleeps until each request would be due: what nobody can undercut on a machine
//! without spinning.

use std::error::Error;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::generators::CLIENT_CPU;

/// The word that makes this program the sleeper.
pub const WORD: &str = "--sleep";

/// How late a loop was, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Lateness {
    /// Median.
    pub p50_us: f64,
    /// 99th percentile.
    pub p99_us: f64,
}

/// Runs the sleeper as a process of its own, pinned like a generator.
pub fn lateness(rate: u32, seconds: u32) -> Result<Lateness, Box<dyn Error>> {
    let mut command = Command::new("taskset");
    command.args(["-c", CLIENT_CPU]).arg(std::env::current_exe()?);
    command.args([WORD, &rate.to_string(), &seconds.to_string()]);
    let out = String::from_utf8(command.output()?.stdout)?;
    let mut numbers = out.split_whitespace().map(str::parse::<f64>);
    match (numbers.next(), numbers.next()) {
        (Some(p50_us), Some(p99_us)) => Ok(Lateness { p50_us: p50_us?, p99_us: p99_us? }),
        _ => Err("the sleeper told nothing".into()),
    }
}

/// Sleeps from due time to due time, and prints how late it woke: p50 and p99 in microseconds.
pub fn main(rate: u32, seconds: u32) -> nix::Result<()> {
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
