//! `load`: what a request costs each engine of the load generator, wrk, oha, h2load and autocannon, and how
//! late an open loop sends: interleaved runs against a bare server, each side on its own CPU.
//!
//! The cost is the generator's whole CPU time (user and system, by the kernel) per answer. The server is the
//! leanest possible ([`BuiltIn::Short`]), so that the generator is the limit. [`timer_baseline`] measures
//! the lateness that no program can avoid here. With valgrind, [`instructions`] counts user-space
//! instructions beside the minimal loop of [`bare_client`].

pub mod bare_client;
mod generators;
mod instructions;
pub mod timer_baseline;

use std::time::Duration;

use clap::builder::RangedU64ValueParser;

use crate::env::cpus::Cpus;
use crate::env::figures::Spread;
use crate::env::generator::{CONNECTIONS, load};
use crate::env::{Failure, TestEnv};
use crate::servers::running::RunningServer;
use crate::servers::{BuiltIn, Server};
use generators::{installed, parses_itself};
use timer_baseline::Lateness;

#[derive(clap::Args)]
pub struct Options {
    /// Rounds, each with a run of everything
    #[arg(default_value = "7", value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    rounds: u32,
    /// Length of a run
    #[arg(default_value = "2", value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    seconds: u32,
}

struct Cost {
    /// CPU microseconds a request.
    us: f64,
    rps: f64,
}

struct Comparison<'a> {
    env: &'a TestEnv,
    /// The CPU that every generator is pinned to.
    cpu: u32,
    url: &'a str,
    options: &'a Options,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let cpus = Cpus::choose()?;
    let server = Server::BuiltIn(BuiltIn::Short);
    let server = RunningServer::start(env, Some(cpus.server), server)?;
    let comparison = Comparison { env, cpu: cpus.generator, url: &server.url(), options };
    let capacity = comparison.costs("keep-alive", true)?;
    comparison.costs("a connection a request", false)?;
    comparison.lateness((capacity / 10.0) as u32)?;
    instructions::compare(env, comparison.url)
}

impl Comparison<'_> {
    /// What a request costs each generator; returns our rate.
    fn costs(&self, name: &str, keepalive: bool) -> Result<f64, Failure> {
        let Self { env, cpu, url, options: &Options { rounds, seconds } } = *self;
        let mut costs: Vec<_> = installed(env, keepalive)
            .into_iter()
            .map(|(generator, arguments)| (generator, arguments, Vec::new()))
            .collect();
        for _ in 0..rounds {
            for (generator, arguments, costs) in &mut costs {
                let length = Duration::from_secs(seconds.into());
                let driven = generator.drive(env, cpu, url, length, arguments)?;
                let us = driven.cpu.as_secs_f64() * 1e6 / driven.answers;
                costs.push(Cost { us, rps: driven.answers / f64::from(seconds) });
            }
        }
        println!("{name}, {CONNECTIONS} connections, {rounds} × {seconds} s each, interleaved");
        let ours: Vec<_> = costs.iter().filter(|(it, ..)| parses_itself(*it)).collect();
        for (generator, _, theirs) in &costs {
            let us = Spread::of(theirs.iter().map(|cost| cost.us)).median;
            let rate = Spread::of(theirs.iter().map(|cost| cost.rps)).median;
            let name = generator.name();
            print!("  {name:<10} {us:>7.3} µs of CPU a request, {rate:>8.0} requests/s");
            for (own, _, ours) in ours.iter().filter(|(own, ..)| own != generator) {
                let us = |costs: &[Cost]| costs.iter().map(|cost| cost.us).collect::<Vec<_>>();
                let Spread { median, low, high } = Spread::of_ratios(us(ours), us(theirs));
                print!("; {} costs {median:.3} of it ({low:.3} to {high:.3})", own.name());
            }
            println!();
        }
        let rates = ours.iter().map(|(.., costs)| Spread::of(costs.iter().map(|cost| cost.rps)));
        Ok(rates.map(|rates| rates.median).fold(0.0, f64::max))
    }

    /// How late requests are sent at a constant rate, beside how late a loop is that only sleeps.
    fn lateness(&self, rate: u32) -> Result<(), Failure> {
        let Self { env, cpu, url, options: &Options { rounds, seconds } } = *self;
        let (mut ours, mut baseline) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let length = Duration::from_secs(seconds.into());
            let result = load(env, cpu, url, length, &["-R", &rate.to_string()])?;
            let lag = result.split.schedule_lag;
            let lag = lag.ok_or_else(|| Failure::broken("load told no schedule lag"))?;
            ours.push(Lateness { p50_us: lag.p50, p99_us: lag.p99 });
            baseline.push(timer_baseline::lateness(env, cpu, rate, seconds)?);
        }
        println!(
            "open loop at {rate} requests/s, a tenth of capacity, sleeping: lag behind schedule"
        );
        let line = |name: &str, lags: &[Lateness]| {
            let p50 = Spread::of(lags.iter().map(|lag| lag.p50_us)).median;
            let p99 = Spread::of(lags.iter().map(|lag| lag.p99_us)).median;
            println!("  {name:<21} p50 {p50:>6.1} µs, p99 {p99:>7.1} µs (medians)");
        };
        line("load", &ours);
        line("a loop that only sleeps", &baseline);
        let p99 = |lags: &[Lateness]| lags.iter().map(|lag| lag.p99_us).collect::<Vec<_>>();
        println!(
            "  p99, load / sleeping only: {:.3}",
            Spread::of_ratios(p99(&ours), p99(&baseline))
        );
        Ok(())
    }
}
