//! `tools`: whether `load --as` prints what other tools print: each installed tool beside its estimate, in
//! interleaved runs against the same server.
//!
//! The answer takes 50 ms of sleep and hardly any CPU, so that the server decides the latency and not the
//! tool's own slowness, which our run cannot estimate (autocannon compiles its code in the first second: its
//! own warm-up leaves that out). In the second half the server also stops for 300 ms per run, where the
//! tools differ. k6 and wrk2 are not compared: the machines that this ran on had neither. Every ratio must
//! be within 10 % (autocannon prints whole milliseconds: one more or less is accepted).

mod programs;

use std::thread;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use hello_cluster::harness::process::{Signal, signal};

use crate::env::external_tool::ExternalTool;
use crate::env::figures::Spread;
use crate::env::{Failure, TestEnv};
use crate::servers::Server;
use crate::servers::running::RunningServer;
use programs::{Figures, estimate, run as run_tool};

/// How far an estimate may be from the tool's own figure.
const BOUND: f64 = 0.1;

/// When the server stands still after a run began, a warm-up of the tool included, and for how long.
const PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_millis(300));

const TOOLS: [ExternalTool; 4] =
    [ExternalTool::Wrk, ExternalTool::Oha, ExternalTool::Hey, ExternalTool::Autocannon];

#[derive(clap::Args)]
pub struct Options {
    /// Runs of each tool and of its estimate
    #[arg(default_value = "5", value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    rounds: u32,
    /// Length of a run
    #[arg(default_value = "8", value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    seconds: u32,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let Options { rounds, seconds } = options;
    println!("repeat: just perf tools {rounds} {seconds}");
    let (installed, missing): (Vec<ExternalTool>, Vec<_>) =
        TOOLS.into_iter().partition(|tool| tool.is_installed());
    for missing in missing {
        println!("not compared: {} is not in the PATH", missing.name());
    }
    let mut met = true;
    for pausing in [false, true] {
        let what = if pausing { "50 ms, and a pause of 300 ms" } else { "50 ms" };
        println!("{what}, {rounds} × {seconds} s each, interleaved: real, estimated, ratio");
        for &tool in &installed {
            met &= compare(env, tool, options, pausing)?;
        }
    }
    println!("{}", if met { "within 10 %" } else { "not within 10 %" });
    if met { Ok(()) } else { Err(Failure::Bound("a ratio is not within 10 %".to_owned())) }
}

/// Runs a tool and our estimate of it in turn; whether all ratios are within the bound.
fn compare(
    env: &TestEnv,
    tool: ExternalTool,
    options: &Options,
    pausing: bool,
) -> Result<bool, Failure> {
    let (mut real, mut estimated) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let server = RunningServer::start(env, None, Server::Single)?;
        let (url, pid) = (format!("{}sleep?ms=50", server.url()), server.pid());
        let meanwhile = |run: fn(&TestEnv, ExternalTool, &str, u32) -> Result<Figures, Failure>| {
            thread::scope(|scope| {
                if pausing {
                    scope.spawn(move || pause(pid));
                }
                run(env, tool, &url, options.seconds)
            })
        };
        real.push(meanwhile(run_tool)?);
        estimated.push(meanwhile(estimate)?);
    }
    let mut met = true;
    print!("  {:<11}", tool.name());
    for (place, name) in ["p50 ms", "p99 ms", "rps"].into_iter().enumerate() {
        let column = |runs: &[Figures]| Spread::of(runs.iter().map(|run| run[place])).median;
        let (real, estimated) = (column(&real), column(&estimated));
        let ratio = estimated / real;
        let whole = tool == ExternalTool::Autocannon && name != "rps";
        met &= (ratio - 1.0).abs() <= BOUND || (whole && (estimated - real).abs() <= 1.0);
        print!("  {name} {real:>8.2} {estimated:>8.2} {ratio:>6.3}");
    }
    println!();
    Ok(met)
}

/// Has the server stand still once. It is this process's child and reaped only when it is dropped.
fn pause(server: u32) {
    thread::sleep(PAUSE.0);
    let _ = signal(server, Signal::SIGSTOP);
    thread::sleep(PAUSE.1);
    let _ = signal(server, Signal::SIGCONT);
}
