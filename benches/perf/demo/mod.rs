//! `demo`: what the live page promises: how soon a death is shown and the new process serves, what readers
//! of its stream of events cost in throughput, and what one browser costs.
//!
//! Bounds: at every kill down is shown within 250 ms and the new process is shown serving within 1 s, both
//! from the click, in the page itself; three readers take at most 2 % of the throughput (a mean over rounds
//! in which with and without take turns; its 95 % interval by Student's t on the log ratios is told, too).
//! Without chromium and chromedriver only the readers are measured, and it says so.

use clap::builder::RangedU64ValueParser;

use crate::env::figures::Bounds;
use crate::env::{Failure, TestEnv};

mod deaths;
mod readers;
mod show;

#[derive(clap::Args)]
pub struct Options {
    /// Kills
    #[arg(default_value = "20", value_parser = RangedU64ValueParser::<u32>::new().range(1..=1000))]
    kills: u32,
    /// Rounds with readers and without
    #[arg(default_value = "7", value_parser = RangedU64ValueParser::<u32>::new().range(2..=1000))]
    rounds: u32,
    /// Length of each measurement
    #[arg(default_value = "4", value_parser = RangedU64ValueParser::<u32>::new().range(1..=1000))]
    seconds: u32,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let &Options { kills, rounds, seconds } = options;
    println!("repeat: just perf demo {kills} {rounds} {seconds}");
    let mut bounds = Bounds::default();
    if let Some(browser) = reports_testing::browser::browser() {
        deaths::measure(env, &browser, kills, &mut bounds)?;
        readers::of_a_browser(env, &browser, rounds, seconds)?;
    }
    readers::of_the_stream(env, rounds, seconds, &mut bounds)?;
    bounds.verdict("the live page keeps its promises")
}
