//! The searches, and how far their rates lie apart.
//!
//! Next: `loadgen::search`, which is measured here.

use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use serde_json::Value;

use crate::contender::Contender;
use crate::cpus::Cpus;
use crate::server::Server;
use crate::stage::figures::{Bounds, Spread};
use crate::stage::process::Process;
use crate::stage::{Failure, Stage};

/// Connections of every search.
const CONNECTIONS: &str = "64";

/// The rates of a server may differ by this factor.
const MOST: f64 = 1.1;

/// How long a search may take beyond its budget.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who is searched: what it is called, and for which path.
const TARGETS: [(&str, Contender, &str); 4] = [
    ("single", Contender::Single, "work?rounds=20000"),
    ("limited", Contender::Nginx, "limited"),
    ("compressing", Contender::Nginx, "text"),
    ("nginx", Contender::Nginx, ""),
];

/// Repeats a search for the highest rate; exit code 1 when the rates differ by more than a tenth
#[derive(Parser)]
#[command(name = "perf_search", bin_name = "just perf search")]
struct Arguments {
    /// Searches of each server
    #[arg(default_value = "5", value_parser = RangedU64ValueParser::<u32>::new().range(1..=100))]
    rounds: u32,
    /// What is promised
    #[arg(long, value_name = "PROMISE", default_value = "p99=10ms")]
    slo: String,
    /// How a search's requests lie around the rate
    #[arg(long, value_name = "KIND", default_value = "poisson")]
    arrivals: String,
    /// The most time that a search may take
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = humantime::parse_duration)]
    budget: Duration,
    /// Keep the CPUs awake meanwhile (needs root)
    #[arg(long)]
    awake: bool,
    /// Search this server only
    #[arg(long, value_name = "SERVER", value_parser = TARGETS.map(|(name, ..)| name))]
    only: Option<String>,
}

/// Reads the command line and carries it out.
pub fn main() -> ExitCode {
    let Err(failure) = run(&Arguments::parse()) else { return ExitCode::SUCCESS };
    eprintln!("perf_search: {failure}");
    ExitCode::from(failure.code())
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let stage = Stage::set()?;
    let cpus = Cpus::choose()?;
    let Arguments { rounds, slo, arrivals, budget, awake, only } = arguments;
    println!(
        "{rounds} searches each for {slo}, {arrivals} arrivals, {CONNECTIONS} connections, {budget:?} \
         at most; server on CPU {}, generator on CPU {}{}",
        cpus.server,
        cpus.generator,
        if *awake { ", kept awake" } else { "" }
    );
    let wanted = TARGETS.map(|(_, contender, _)| contender);
    let installed = Contender::installed(&wanted);
    let mut bounds = Bounds::default();
    let chosen = |name: &str| only.as_ref().is_none_or(|only| only == name);
    for (name, contender, path) in TARGETS {
        if !chosen(name) || !installed.contains(&contender) {
            continue;
        }
        println!("{name}, /{path}");
        let mut rates = Vec::new();
        for _ in 0..*rounds {
            let server = Server::start(&stage, &cpus, contender)?;
            let url = format!("{}{path}", server.url());
            let answer = search(&stage, &cpus, &url, arguments)?;
            server.stop()?;
            println!("  {}", line(&answer));
            bounds.require(answer["valid"] == true, || format!("{name}: a search was not valid"));
            rates.push(answer["rate_rps"].as_f64().unwrap_or(f64::NAN));
        }
        let rates = Spread::of(rates);
        let ratio = rates.high / rates.low;
        println!("  {rates:.0} requests/s, largest / smallest {ratio:.3}");
        bounds.require(ratio <= MOST, || format!("{name}: {ratio:.3}, not {MOST} or less"));
    }
    bounds.verdict("the searches repeat")
}

/// Makes one search to its end; its answer.
fn search(stage: &Stage, cpus: &Cpus, url: &str, arguments: &Arguments) -> Result<Value, Failure> {
    let budget = humantime::format_duration(arguments.budget).to_string();
    let cpu = cpus.generator.to_string();
    let mut command = Command::new(&stage.program);
    command.args(["load", url, "-c", CONNECTIONS, "--cpus", &cpu, "--json", "-", "--find-max"]);
    command.args(["--slo", &arguments.slo, "--budget", &budget]);
    command.args(["--arrivals", &arguments.arrivals, "-H", "Accept-Encoding: gzip"]);
    command.args(arguments.awake.then_some("--awake"));
    let mut load = cpus.on(cpus.generator, || Process::start(stage, "load", &mut command))?;
    load.end(stage, arguments.budget + PATIENCE)?;
    serde_json::from_str(&load.output())
        .map_err(|_| Failure::Broken(format!("the search has no answer: {}", load.last_words())))
}

/// An answer in a line.
fn line(answer: &Value) -> String {
    let figure = |name: &str| answer[name].as_f64().unwrap_or(f64::NAN);
    let word = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let reasons = answer["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
    format!(
        "{:.0} requests/s (95 %: {:.0} to {:.0}) in {} probes, {:.0} s, limit: {} {}",
        figure("rate_rps"),
        figure("low_rps"),
        figure("high_rps"),
        answer["probes"].as_array().map_or(0, Vec::len),
        figure("elapsed_s"),
        word("limit"),
        reasons.collect::<Vec<_>>().join(" ")
    )
}
