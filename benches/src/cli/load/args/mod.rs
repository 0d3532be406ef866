//! The arguments of `hello-cluster load`, each value read as it comes in.

mod values;

use std::path::PathBuf;
use std::time::Duration;

use loadgen::mix;
use loadgen::pace::Arrivals;
use loadgen::request::Header;
use loadgen::search::Objective;
use loadgen::steer::Steer;
use loadgen::target::Target;
use loadgen::threshold::Threshold;

use crate::cli::value::{CpuList, cpu_list, duration};
pub use values::{Body, Stages, new_seed};
use values::{
    Engine, Mix, Tools, arrivals, budget, count, count_u32, engine, rate, snapshot_period, tools,
    wrk_time,
};

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
  hello-cluster load http://127.0.0.1:8000/ -c 64 --steer equal
  hello-cluster load https://127.0.0.1:8443/ --cacert ca.pem
  hello-cluster load --unix /tmp/hello.sock http://localhost/work?rounds=1000
  hello-cluster load http://127.0.0.1:8000/ -c 64 -R 5000 --as wrk,wrk2 --as hey
  hello-cluster load http://127.0.0.1:8000/ -c 64 --find-max --slo p99=10ms
  hello-cluster load http://127.0.0.1:8000/ -c 64 -d 1m --snapshots 1s --json - 2> snapshots.jsonl
  hello-cluster load --merge one.json two.json

From wrk: -c, -t, -d, -H, -T and --latency mean the same, with their values (-d 10, -c 1k);
-H 'Connection: close' is --no-keepalive. From wrk2: -R.

In the closed loop (the default) each connection sends when its last answer has come. With -R or
--stages requests are due at their times, and latency runs from when a request was due; the latency
from the actual send stands beside it.

Exit codes: 0 valid, 1 a --fail-if was true or no rate keeps the --slo, 2 usage, 3 cannot reach or write, 4 measured but not valid, 130 interrupted.";

/// Arguments of `load`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[arg(
        help = "What to drive: http[s]://HOST[:PORT]/PATH, an IPv6 address in brackets",
        value_parser = Target::parse,
        required_unless_present_any = ["merge", "unix"]
    )]
    pub url: Option<Target>,

    #[command(flatten)]
    pub request: RequestArgs,
    #[command(flatten)]
    pub load: LoadArgs,
    #[command(flatten)]
    pub generator: GeneratorArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub search: SearchArgs,
}

/// What is asked for.
#[derive(clap::Args)]
#[command(next_help_heading = "Request")]
pub struct RequestArgs {
    /// Connect to this Unix socket; the URL, which may be left out, still gives path and Host
    #[arg(long, value_name = "PATH")]
    pub unix: Option<PathBuf>,

    /// Ask for several paths, each as often as its weight says; replaces the URL's path
    #[arg(long, value_name = "WEIGHT:PATH,…", value_parser = mix::parse)]
    pub mix: Option<Mix>,

    /// The request's method
    #[arg(long, value_name = "METHOD", default_value = "GET")]
    pub method: String,

    /// The request's body: a text, or @FILE for a file's content
    #[arg(long, value_name = "TEXT|@FILE")]
    pub body: Option<Body>,

    /// Speak HTTP/2 from the start; --pipeline N is then N requests at a time on a connection
    #[arg(long)]
    pub http2: bool,

    /// With https: believe these certificates (PEM) too
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub cacert: Option<PathBuf>,

    /// With https: believe every certificate
    #[arg(long)]
    pub insecure: bool,

    /// Open a new connection for each request (on 127.0.0.0/8 from addresses in turn)
    #[arg(long)]
    pub no_keepalive: bool,

    /// Send this header too; may be repeated
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'", value_parser = Header::parse)]
    pub headers: Vec<Header>,
}

/// How much is asked for, and when.
#[derive(clap::Args)]
#[command(next_help_heading = "Load")]
pub struct LoadArgs {
    /// Connections that are kept busy, over all threads
    #[arg(short, long, value_name = "N", default_value = "10", value_parser = count_u32)]
    pub connections: u32,

    /// Measure for this long: 500ms, 2s, 1m [default: 10s, or as long as --stages]
    #[arg(short, long, value_name = "TIME", conflicts_with = "requests", value_parser = wrk_time)]
    pub duration: Option<Duration>,

    /// Measure this many requests instead of for a time
    #[arg(short = 'n', long, value_name = "N", value_parser = count)]
    pub requests: Option<u64>,

    /// Run for this long before measuring
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub warmup: Duration,

    /// How long to wait for a connection or an answer
    #[arg(short = 'T', long, value_name = "TIME", default_value = "5s", value_parser = wrk_time)]
    pub timeout: Duration,

    /// Open loop: requests a second that are due, whether answers have come or not
    #[arg(short = 'R', long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<f64>,

    /// Open loop at changing rates: TIME:RATE holds, TIME:FROM-TO is a ramp
    #[arg(
        long,
        value_name = "TIME:RATE,…",
        conflicts_with_all = ["rate", "duration", "requests"]
    )]
    pub stages: Option<Stages>,

    /// How an open loop's requests lie around the rate: constant or poisson
    #[arg(long, value_name = "KIND", default_value = "constant", value_parser = arrivals(), hide_possible_values = true)]
    pub arrivals: Arrivals,

    /// Seed of Poisson arrivals and of the mix [default: a new one, told in the result]
    #[arg(long, value_name = "N", value_parser = count)]
    pub seed: Option<u64>,

    /// Requests under way on a connection at a time
    #[arg(long, value_name = "N", default_value = "1", value_parser = count_u32)]
    pub pipeline: u32,

    /// Open a new connection after this many requests, so that a balancer may move the client
    #[arg(long, value_name = "N", conflicts_with = "no_keepalive", value_parser = count)]
    pub requests_per_connection: Option<u64>,

    /// Before the run, reopen connections until the workers hold equally many (equal), or as many as
    /// these weights say (3:1): tells imbalance from capacity. For servers that name their workers
    #[arg(long, value_name = "equal|W:W…")]
    pub steer: Option<Steer>,
}

/// How the generator works.
#[derive(clap::Args)]
#[command(next_help_heading = "Generator")]
pub struct GeneratorArgs {
    /// Threads, each with its own event loop [default: one per CPU in --cpus, else 1]
    #[arg(short, long, value_name = "N", value_parser = count_u32)]
    pub threads: Option<u32>,

    /// Pin the threads to these CPUs, in turn: 0,2-3
    #[arg(long, value_name = "LIST", value_parser = cpu_list)]
    pub cpus: Option<CpuList>,

    /// What moves the bytes: uring, epoll, auto for the cheapest that works here; or the client
    /// libraries hyper and reqwest, to see what they cost
    #[arg(long, value_name = "ENGINE", default_value = "auto", value_parser = engine(), hide_possible_values = true)]
    pub engine: Engine,

    /// Open loop: spin for the last stretch before a request is due; needs --cpus and a CPU left over
    #[arg(long)]
    pub spin: bool,

    /// Keep all CPUs of the machine from sleeping while it runs, so that wake-ups are in no latency;
    /// needs root
    #[arg(long)]
    pub awake: bool,
}

/// Where the result goes.
#[derive(clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write the result as JSON to this file; '-' for the standard output, without the summary
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write the time series as CSV to this file
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Write the latencies as a log that HDR histogram tools read (V2) to this file
    #[arg(long, value_name = "FILE")]
    pub hdr: Option<PathBuf>,

    /// Exit with 1 if this is true of the result: 'p99>10ms', 'errors>1%', 'rps<1000'; may be repeated
    #[arg(long, value_name = "CONDITION")]
    pub fail_if: Vec<Threshold>,

    /// So often (100ms to 10s), from the window's begin on, write a line of JSON to the standard error:
    /// counts so far, and the latencies of what ended since the line before. The last one has
    /// "end":true and the result's counts
    #[arg(long, value_name = "TIME", value_parser = snapshot_period)]
    pub snapshots: Option<Duration>,

    /// Run nothing; add the results of generators that ran side by side (from --json) instead
    #[arg(
        long,
        value_name = "RESULT.json",
        num_args = 2..,
        conflicts_with_all = ["url", "unix", "csv", "hdr", "snapshots"]
    )]
    pub merge: Vec<PathBuf>,

    /// Show what these tools would have printed of the same run: wrk, wrk2, oha, hey, autocannon, k6
    /// or all; may be repeated (logs 32 bytes a request, of 20 million at most)
    #[arg(long = "as", value_name = "TOOL,…", value_parser = tools, conflicts_with = "merge")]
    pub tools: Vec<Tools>,

    /// Write a line to the standard error as each phase begins
    #[arg(long, hide = true)]
    pub phases: bool,

    /// Accepted for those who come from wrk: the percentiles are always shown
    #[arg(long, hide = true)]
    pub latency: bool,
}

impl OutputArgs {
    /// The tools of all `--as`, each once and in their order.
    pub fn tools(&self) -> Tools {
        let mut tools = self.tools.concat();
        tools.sort_unstable();
        tools.dedup();
        tools
    }
}

/// What is searched for.
#[derive(clap::Args)]
#[command(next_help_heading = "Search")]
pub struct SearchArgs {
    /// Find the highest rate of an open loop that keeps --slo, with its 95 % interval
    #[arg(long)]
    pub find_max: bool,

    /// With --find-max: what is promised: p99=10ms (p50, p90, p99, p99.9), errors=0.1%; may be
    /// repeated, all must hold
    #[arg(long, value_name = "PROMISE")]
    pub slo: Vec<Objective>,

    /// With --find-max: the most time that it may take, all in all [default: 2m]
    #[arg(long, value_name = "TIME", value_parser = budget)]
    pub budget: Option<Duration>,
}
