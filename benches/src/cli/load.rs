//! `hello-cluster load`: the arguments of the load generator, turned into a checked plan.
//!
//! Next: the crate `loadgen`, from its `plan`.

use std::path::PathBuf;
use std::time::Duration;

use loadgen::mix::{self, Part};
use loadgen::pace::{Arrivals, Profile};
use loadgen::plan::{Bound, Model, Plan, Wish};
use loadgen::request::Header;
use loadgen::target::Target;
use loadgen::threshold::Threshold;

mod merge;
#[cfg(target_os = "linux")]
mod run;
mod search;
mod values;
mod write;

use super::Failure;
use super::value::{CpuList, cpu_list};
use values::{number, rate, seed, small, stages, time, usage};

/// Without `-n` and `-d`, a run takes this long.
const USUAL_DURATION: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  hello-cluster load http://127.0.0.1:8000/
  hello-cluster load http://127.0.0.1:8000/ -c 64 -d 10s --warmup 1s
  hello-cluster load http://[::1]:8000/ -c 100 -n 10000 --no-keepalive
  hello-cluster load http://127.0.0.1:8000/ -t 2 --cpus 0,1 --json result.json
  hello-cluster load http://127.0.0.1:8000/ -c 64 -R 5000 --arrivals poisson -d 30s
  hello-cluster load http://127.0.0.1:8000/ -c 64 --stages 10s:1000,30s:1000-20000
  hello-cluster load http://127.0.0.1:8000/ -c 64 --mix '95:/,5:/work?rounds=1000'
  hello-cluster load http://127.0.0.1:8000/ -R 1000 -d 5s --fail-if 'p99>10ms' --fail-if 'errors>0'
  hello-cluster load http://127.0.0.1:8000/ -c 64 --find-max --slo p99=10ms
  hello-cluster load --merge one.json two.json

From wrk: -c, -t, -d, -H, -T and --latency mean the same; -H 'Connection: close' is --no-keepalive.
From wrk2: -R.

In the closed loop (the default) each connection sends when its last answer has come. With -R or
--stages requests are due at their times, and latency runs from when a request was due; the latency
from the actual send stands beside it.

Exit codes: 0 valid, 1 a --fail-if was true or no rate keeps the --slo, 2 usage, 3 cannot reach or write, 4 measured but not valid, 130 interrupted.";

/// Arguments of `load`.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[arg(
        help = "What to drive: http://HOST[:PORT]/PATH, an IPv6 address in brackets",
        required_unless_present = "merge"
    )]
    url: Option<String>,

    /// Connections that are kept busy, over all threads
    #[arg(short, long, value_name = "N", default_value = "10", help_heading = "Load")]
    connections: String,

    /// Measure for this long: 500ms, 2s, 1m [default: 10s, or as long as --stages]
    #[arg(short, long, value_name = "TIME", conflicts_with = "requests", help_heading = "Load")]
    duration: Option<String>,

    /// Measure this many requests instead of for a time
    #[arg(short = 'n', long, value_name = "N", help_heading = "Load")]
    requests: Option<String>,

    /// Run for this long before measuring
    #[arg(long, value_name = "TIME", default_value = "0s", help_heading = "Load")]
    warmup: String,

    /// How long to wait for a connection or an answer
    #[arg(short = 'T', long, value_name = "TIME", default_value = "5s", help_heading = "Load")]
    timeout: String,

    /// Open loop: requests a second that are due, whether answers have come or not
    #[arg(short = 'R', long, value_name = "RATE", help_heading = "Load")]
    rate: Option<String>,

    /// Open loop at changing rates: TIME:RATE holds, TIME:FROM-TO is a ramp
    #[arg(
        long,
        value_name = "TIME:RATE,…",
        conflicts_with_all = ["rate", "duration", "requests"],
        help_heading = "Load"
    )]
    stages: Option<String>,

    /// How an open loop's requests lie around the rate: constant or poisson
    #[arg(long, value_name = "KIND", default_value = "constant", help_heading = "Load")]
    arrivals: String,

    /// Seed of Poisson arrivals and of the mix [default: a new one, told in the result]
    #[arg(long, value_name = "N", help_heading = "Load")]
    seed: Option<String>,

    /// Requests under way on a connection at a time
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Load")]
    pipeline: String,

    /// Open a new connection after this many requests, so that a balancer may move the client
    #[arg(long, value_name = "N", conflicts_with = "no_keepalive", help_heading = "Load")]
    requests_per_connection: Option<String>,

    /// Ask for several paths, each as often as its weight says; replaces the URL's path
    #[arg(long, value_name = "WEIGHT:PATH,…", help_heading = "Request")]
    mix: Option<String>,

    /// The request's method
    #[arg(long, value_name = "METHOD", default_value = "GET", help_heading = "Request")]
    method: String,

    /// The request's body: a text, or @FILE for a file's content
    #[arg(long, value_name = "TEXT|@FILE", help_heading = "Request")]
    body: Option<String>,

    /// Open a new connection for each request (on 127.0.0.0/8 from addresses in turn)
    #[arg(long, help_heading = "Request")]
    no_keepalive: bool,

    /// Send this header too; may be repeated
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'", help_heading = "Request")]
    headers: Vec<String>,

    /// Threads, each with its own event loop [default: one per CPU in --cpus, else 1]
    #[arg(short, long, value_name = "N", help_heading = "Generator")]
    threads: Option<String>,

    /// Pin the threads to these CPUs, in turn: 0,2-3
    #[arg(
        long,
        value_name = "LIST",
        value_parser = cpu_list,
        help_heading = "Generator"
    )]
    cpus: Option<CpuList>,

    /// What moves the bytes: uring, epoll, or auto for the cheapest that works here
    #[arg(long, value_name = "ENGINE", default_value = "auto", help_heading = "Generator")]
    engine: String,

    /// Open loop: spin for the last stretch before a request is due; needs --cpus and a CPU left over
    #[arg(long, help_heading = "Generator")]
    spin: bool,

    /// Write the result as JSON to this file; '-' for the standard output, without the summary
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    json: Option<PathBuf>,

    /// Write the time series as CSV to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    csv: Option<PathBuf>,

    /// Write the latencies as a log that HDR histogram tools read (V2) to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    hdr: Option<PathBuf>,

    /// Exit with 1 if this is true of the result: 'p99>10ms', 'errors>1%', 'rps<1000'; may be repeated
    #[arg(long, value_name = "CONDITION", help_heading = "Output")]
    fail_if: Vec<String>,

    /// Run nothing; add the results of generators that ran side by side (from --json) instead
    #[arg(
        long,
        value_name = "RESULT.json",
        num_args = 2..,
        conflicts_with_all = ["url", "csv", "hdr"],
        help_heading = "Output"
    )]
    merge: Vec<PathBuf>,

    #[command(flatten)]
    search: search::Options,

    /// Accepted for those who come from wrk: the percentiles are always shown
    #[arg(long, hide = true)]
    latency: bool,

    /// Write a line to the standard error as each phase begins
    #[arg(long, hide = true)]
    phases: bool,
}

/// Where the result goes.
struct Output {
    json: Option<PathBuf>,
    csv: Option<PathBuf>,
    hdr: Option<PathBuf>,
    fail_if: Vec<Threshold>,
    phases: bool,
}

impl Args {
    /// Checks what is to be written, and takes it out.
    fn output(&mut self) -> Result<Output, Failure> {
        let fail_if: Result<_, _> = self.fail_if.iter().map(|text| text.parse()).collect();
        Ok(Output {
            json: self.json.take(),
            csv: self.csv.take(),
            hdr: self.hdr.take(),
            fail_if: fail_if.map_err(usage)?,
            phases: self.phases,
        })
    }

    /// Checks what is to be run.
    fn plan(&self) -> Result<Plan, Failure> {
        let cpus = self.cpus.clone().map(|list| list.0).unwrap_or_default();
        let threads = match &self.threads {
            Some(threads) => number(threads, "threads")?,
            None => u64::try_from(cpus.len().max(1)).unwrap_or(1),
        };
        let target = Target::parse(self.url.as_deref().unwrap_or_default()).map_err(usage)?;
        let headers: Result<_, _> = self.headers.iter().map(|line| Header::parse(line)).collect();
        let (model, bound) = self.load()?;
        let plan = Plan {
            mix: match &self.mix {
                Some(mix) => mix::parse(mix).map_err(usage)?,
                None => vec![Part { weight: 1, path: target.path.clone() }],
            },
            target,
            model,
            method: self.method.clone(),
            body: values::body(self.body.as_deref())?,
            headers: headers.map_err(usage)?,
            connections: small(number(&self.connections, "connections")?, "connections")?,
            threads: small(threads, "threads")?,
            bound,
            warmup: time(&self.warmup, "warm-up")?,
            timeout: time(&self.timeout, "timeout")?,
            per_connection: match &self.requests_per_connection {
                _ if self.no_keepalive => Some(1),
                Some(requests) => Some(number(requests, "requests a connection")?),
                None => None,
            },
            pipeline: small(number(&self.pipeline, "requests in the pipeline")?, "requests")?,
            seed: seed(self.seed.as_deref())?,
            cpus,
            engine: self.engine()?,
        };
        plan.check().map_err(usage)?;
        Ok(plan)
    }

    /// What is to move the bytes.
    fn engine(&self) -> Result<Wish, Failure> {
        match self.engine.as_str() {
            "auto" => Ok(Wish::Auto),
            "uring" => Ok(Wish::Uring),
            "epoll" => Ok(Wish::Epoll),
            other => Err(usage(format!("'{other}' as engine: give auto, uring or epoll"))),
        }
    }

    /// How an open loop's requests lie around the rate.
    fn arrivals(&self) -> Result<Arrivals, Failure> {
        match self.arrivals.as_str() {
            "constant" => Ok(Arrivals::Constant),
            "poisson" => Ok(Arrivals::Poisson),
            other => Err(usage(format!("'{other}' arrivals: give constant or poisson"))),
        }
    }

    /// When requests are sent, and what ends the measurement.
    fn load(&self) -> Result<(Model, Bound), Failure> {
        let arrivals = self.arrivals()?;
        let open = |rate| Model::Open { rate, arrivals, spin: self.spin };
        if let Some(text) = &self.stages {
            let (profile, length) = stages(text)?;
            return Ok((open(profile), Bound::Duration(length)));
        }
        let bound = match (&self.requests, &self.duration) {
            (Some(requests), _) => Bound::Requests(number(requests, "requests")?),
            (None, Some(duration)) => Bound::Duration(time(duration, "duration")?),
            (None, None) => Bound::Duration(USUAL_DURATION),
        };
        Ok(match &self.rate {
            Some(text) => (open(Profile::constant(rate(text)?)), bound),
            None => (Model::Closed, bound),
        })
    }
}

/// Runs the command.
#[cfg(target_os = "linux")]
pub fn run(mut args: Args) -> Result<(), Failure> {
    let output = args.output()?;
    if let Some(goal) = search::Goal::of(&args, &output)? {
        return search::run(&goal, &output);
    }
    if !args.merge.is_empty() {
        return merge::run(&args.merge, &output);
    }
    run::run(&args.plan()?, &output)
}

/// Runs the command.
#[cfg(not(target_os = "linux"))]
pub fn run(mut args: Args) -> Result<(), Failure> {
    let output = args.output()?;
    if !args.merge.is_empty() {
        return merge::run(&args.merge, &output);
    }
    search::Goal::of(&args, &output)?;
    args.plan()?;
    super::elsewhere::needs_linux("load")
}
