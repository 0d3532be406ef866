//! `search`: how well `load --find-max` repeats on real servers, each searched several times: nginx that
//! answers 1,000 requests/s on any machine (a leaky bucket: M/D/1), our server and nginx with enough work
//! to be the limit (hashing, compressing), and nginx with a short answer, which loads the generator as much.
//!
//! Server and generator have a CPU each. The largest rate of a server may be at most 1.1 times its smallest,
//! and every search must be valid.

use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use serde_json::Value;

use crate::env::cpus::Cpus;
use crate::env::figures::{Bounds, Spread};
use crate::env::generator::CONNECTIONS;
use crate::env::load::Load;
use crate::env::{Failure, TestEnv, in_words};
use crate::servers::Server;
use crate::servers::running::RunningServer;

/// The rates of a server may differ by this factor.
const MOST: f64 = 1.1;

const TARGETS: [(&str, Server, &str); 4] = [
    ("single", Server::Single, "work?rounds=20000"),
    ("limited", Server::Nginx, "limited"),
    ("compressing", Server::Nginx, "text"),
    ("nginx", Server::Nginx, ""),
];

#[derive(clap::Args)]
pub struct Options {
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

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let cpus = Cpus::choose()?;
    let Options { rounds, slo, arrivals, budget, awake, only } = options;
    println!(
        "{rounds} searches each for {slo}, {arrivals} arrivals, {CONNECTIONS} connections, {budget:?} \
         at most; server on CPU {}, generator on CPU {}{}",
        cpus.server,
        cpus.generator,
        if *awake { ", kept awake" } else { "" }
    );
    let installed = Server::installed(&TARGETS.map(|(_, server, _)| server));
    let mut bounds = Bounds::default();
    let chosen = |name: &str| only.as_ref().is_none_or(|only| only == name);
    for (name, server, path) in TARGETS {
        if !chosen(name) || !installed.contains(&server) {
            continue;
        }
        println!("{name}, /{path}");
        let mut rates = Vec::new();
        for _ in 0..*rounds {
            let server = RunningServer::start(env, Some(cpus.server), server)?;
            let url = format!("{}{path}", server.url());
            let answer = search(env, cpus.generator, &url, options)?;
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

fn search(env: &TestEnv, cpu: u32, url: &str, options: &Options) -> Result<Value, Failure> {
    let budget = in_words(options.budget);
    let mut arguments = vec!["-c", CONNECTIONS, "--find-max", "--slo", &options.slo];
    arguments.extend(["--budget", &budget, "--arrivals", &options.arrivals]);
    arguments.extend(["-H", "Accept-Encoding: gzip"]);
    arguments.extend(options.awake.then_some("--awake"));
    Load::start(env, Some(cpu), url, &arguments)?.finish(options.budget)
}

fn line(answer: &Value) -> String {
    let figure = |name: &str| answer[name].as_f64().unwrap_or(f64::NAN);
    let reasons = answer["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
    format!(
        "{:.0} requests/s (95 %: {:.0} to {:.0}) in {} probes, {:.0} s, limit: {} {}",
        figure("rate_rps"),
        figure("low_rps"),
        figure("high_rps"),
        answer["probes"].as_array().map_or(0, Vec::len),
        figure("elapsed_s"),
        answer["limit"].as_str().unwrap_or_default(),
        reasons.collect::<Vec<_>>().join(" ")
    )
}
