//! The arguments of `hello-cluster load`.
//!
//! Next: [`super`], which turns them into a checked plan.

use std::path::PathBuf;

use super::{search, secure, tools};
use crate::cli::value::{CpuList, cpu_list};

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
        help = "What to drive: http[s]://HOST[:PORT]/PATH, an IPv6 address in brackets",
        required_unless_present_any = ["merge", "unix"]
    )]
    pub url: Option<String>,

    /// Connect to this Unix socket; the URL, which may be left out, still gives path and Host
    #[arg(long, value_name = "PATH", help_heading = "Request")]
    pub unix: Option<PathBuf>,

    /// Connections that are kept busy, over all threads
    #[arg(short, long, value_name = "N", default_value = "10", help_heading = "Load")]
    pub connections: String,

    /// Measure for this long: 500ms, 2s, 1m [default: 10s, or as long as --stages]
    #[arg(short, long, value_name = "TIME", conflicts_with = "requests", help_heading = "Load")]
    pub duration: Option<String>,

    /// Measure this many requests instead of for a time
    #[arg(short = 'n', long, value_name = "N", help_heading = "Load")]
    pub requests: Option<String>,

    /// Run for this long before measuring
    #[arg(long, value_name = "TIME", default_value = "0s", help_heading = "Load")]
    pub warmup: String,

    /// How long to wait for a connection or an answer
    #[arg(short = 'T', long, value_name = "TIME", default_value = "5s", help_heading = "Load")]
    pub timeout: String,

    /// Open loop: requests a second that are due, whether answers have come or not
    #[arg(short = 'R', long, value_name = "RATE", help_heading = "Load")]
    pub rate: Option<String>,

    /// Open loop at changing rates: TIME:RATE holds, TIME:FROM-TO is a ramp
    #[arg(
        long,
        value_name = "TIME:RATE,…",
        conflicts_with_all = ["rate", "duration", "requests"],
        help_heading = "Load"
    )]
    pub stages: Option<String>,

    /// How an open loop's requests lie around the rate: constant or poisson
    #[arg(long, value_name = "KIND", default_value = "constant", help_heading = "Load")]
    pub arrivals: String,

    /// Seed of Poisson arrivals and of the mix [default: a new one, told in the result]
    #[arg(long, value_name = "N", help_heading = "Load")]
    pub seed: Option<String>,

    /// Requests under way on a connection at a time
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Load")]
    pub pipeline: String,

    /// Open a new connection after this many requests, so that a balancer may move the client
    #[arg(long, value_name = "N", conflicts_with = "no_keepalive", help_heading = "Load")]
    pub requests_per_connection: Option<String>,

    /// Before the run, reopen connections until the workers hold equally many (equal), or as many as
    /// these weights say (3:1): tells imbalance from capacity. For servers that name their workers
    #[arg(long, value_name = "equal|W:W…", help_heading = "Load")]
    pub steer: Option<String>,

    /// Ask for several paths, each as often as its weight says; replaces the URL's path
    #[arg(long, value_name = "WEIGHT:PATH,…", help_heading = "Request")]
    pub mix: Option<String>,

    /// The request's method
    #[arg(long, value_name = "METHOD", default_value = "GET", help_heading = "Request")]
    pub method: String,

    /// The request's body: a text, or @FILE for a file's content
    #[arg(long, value_name = "TEXT|@FILE", help_heading = "Request")]
    pub body: Option<String>,

    #[command(flatten)]
    pub secure: secure::SecureArgs,

    /// Open a new connection for each request (on 127.0.0.0/8 from addresses in turn)
    #[arg(long, help_heading = "Request")]
    pub no_keepalive: bool,

    /// Send this header too; may be repeated
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'", help_heading = "Request")]
    pub headers: Vec<String>,

    /// Threads, each with its own event loop [default: one per CPU in --cpus, else 1]
    #[arg(short, long, value_name = "N", help_heading = "Generator")]
    pub threads: Option<String>,

    /// Pin the threads to these CPUs, in turn: 0,2-3
    #[arg(
        long,
        value_name = "LIST",
        value_parser = cpu_list,
        help_heading = "Generator"
    )]
    pub cpus: Option<CpuList>,

    /// What moves the bytes: uring, epoll, auto for the cheapest that works here; or the client
    /// libraries hyper and reqwest, to see what they cost
    #[arg(long, value_name = "ENGINE", default_value = "auto", help_heading = "Generator")]
    pub engine: String,

    /// Open loop: spin for the last stretch before a request is due; needs --cpus and a CPU left over
    #[arg(long, help_heading = "Generator")]
    pub spin: bool,

    /// Keep all CPUs of the machine from sleeping while it runs, so that wake-ups are in no latency;
    /// needs root
    #[arg(long, help_heading = "Generator")]
    pub awake: bool,

    /// Write the result as JSON to this file; '-' for the standard output, without the summary
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub json: Option<PathBuf>,

    /// Write the time series as CSV to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub csv: Option<PathBuf>,

    /// Write the latencies as a log that HDR histogram tools read (V2) to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub hdr: Option<PathBuf>,

    /// Exit with 1 if this is true of the result: 'p99>10ms', 'errors>1%', 'rps<1000'; may be repeated
    #[arg(long, value_name = "CONDITION", help_heading = "Output")]
    pub fail_if: Vec<String>,

    /// So often (100ms to 10s), from the window's begin on, write a line of JSON to the standard error:
    /// counts so far, and the latencies of what ended since the line before. The last one has
    /// "end":true and the result's counts
    #[arg(long, value_name = "TIME", help_heading = "Output")]
    pub snapshots: Option<String>,

    /// Run nothing; add the results of generators that ran side by side (from --json) instead
    #[arg(
        long,
        value_name = "RESULT.json",
        num_args = 2..,
        conflicts_with_all = ["url", "unix", "csv", "hdr", "snapshots"],
        help_heading = "Output"
    )]
    pub merge: Vec<PathBuf>,

    #[command(flatten)]
    pub tools: tools::ToolArgs,

    #[command(flatten)]
    pub search: search::Options,

    /// Accepted for those who come from wrk: the percentiles are always shown
    #[arg(long, hide = true)]
    pub latency: bool,

    /// Write a line to the standard error as each phase begins
    #[arg(long, hide = true)]
    pub phases: bool,
}
