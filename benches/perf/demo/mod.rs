//! `demo`: what the live page promises: how soon it shows a death and the new process, and what readers of
//! its event stream and one browser cost in throughput.
//!
//! Bounds: each kill is shown within 250 ms and the new process within 1 s, from the click, in the page;
//! three readers cost at most 2 % of the throughput (mean over alternating rounds; the 95 % interval is by
//! Student's t on the log ratios). Without chromium and chromedriver only the readers are measured.

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
