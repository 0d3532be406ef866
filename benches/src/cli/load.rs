//! `hello-cluster load`: the arguments of the load generator, turned into a checked plan.
//!
//! Next: the crate `loadgen`, from its `plan`.

use std::path::PathBuf;
use std::time::Duration;

use loadgen::plan::{Bound, Plan, parse_cpus};
use loadgen::request::Header;
use loadgen::target::Target;

use super::Failure;

/// Without `-n` and `-d`, a run takes this long.
const USUAL_DURATION: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  hello-cluster load http://127.0.0.1:8000/
  hello-cluster load http://127.0.0.1:8000/ -c 64 -d 10s --warmup 1s
  hello-cluster load http://[::1]:8000/ -c 100 -n 10000 --no-keepalive
  hello-cluster load http://127.0.0.1:8000/ -t 2 --cpus 0,1 --json result.json

Exit codes: 0 valid, 2 usage, 3 cannot reach or write, 4 measured but not valid, 130 interrupted.";

/// Arguments of `load`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[arg(help = "What to drive: http://HOST[:PORT]/PATH, an IPv6 address in brackets")]
    url: String,

    /// Connections that are kept busy, over all threads
    #[arg(short, long, value_name = "N", default_value = "10", help_heading = "Load")]
    connections: String,

    /// Measure for this long: 500ms, 2s, 1m [default: 10s]
    #[arg(short, long, value_name = "TIME", conflicts_with = "requests", help_heading = "Load")]
    duration: Option<String>,

    /// Measure this many requests instead of for a time
    #[arg(short = 'n', long, value_name = "N", help_heading = "Load")]
    requests: Option<String>,

    /// Run for this long before measuring
    #[arg(long, value_name = "TIME", default_value = "0s", help_heading = "Load")]
    warmup: String,

    /// How long to wait for a connection or an answer
    #[arg(long, value_name = "TIME", default_value = "5s", help_heading = "Load")]
    timeout: String,

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
    #[arg(long, value_name = "LIST", help_heading = "Generator")]
    cpus: Option<String>,

    /// Write the result as JSON to this file; '-' for the standard output, without the summary
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    json: Option<PathBuf>,

    /// Write a line to the standard error as each phase begins
    #[arg(long, hide = true)]
    phases: bool,
}

/// Where the result goes.
struct Output {
    json: Option<PathBuf>,
    phases: bool,
}

impl Args {
    /// Checks the arguments.
    fn plan(self) -> Result<(Plan, Output), Failure> {
        let cpus = self.cpus.as_deref().map(parse_cpus).transpose().map_err(usage)?;
        let cpus = cpus.unwrap_or_default();
        let threads = match &self.threads {
            Some(threads) => number(threads, "threads")?,
            None => u64::try_from(cpus.len().max(1)).unwrap_or(1),
        };
        let bound = match (&self.requests, &self.duration) {
            (Some(requests), _) => Bound::Requests(number(requests, "requests")?),
            (None, Some(duration)) => Bound::Duration(time(duration, "duration")?),
            (None, None) => Bound::Duration(USUAL_DURATION),
        };
        let headers: Result<_, _> = self.headers.iter().map(|line| Header::parse(line)).collect();
        let plan = Plan {
            target: Target::parse(&self.url).map_err(usage)?,
            headers: headers.map_err(usage)?,
            connections: small(number(&self.connections, "connections")?, "connections")?,
            threads: small(threads, "threads")?,
            bound,
            warmup: time(&self.warmup, "warm-up")?,
            timeout: time(&self.timeout, "timeout")?,
            keepalive: !self.no_keepalive,
            cpus,
        };
        plan.check().map_err(usage)?;
        Ok((plan, Output { json: self.json, phases: self.phases }))
    }
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::usage(error.to_string())
}

/// A whole number.
fn number(text: &str, what: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| usage(format!("'{text}' {what}: give a whole number such as 100")))
}

/// A number of things of which a machine has at most a million.
fn small(number: u64, what: &str) -> Result<u32, Failure> {
    u32::try_from(number)
        .ok()
        .filter(|&number| number <= 1_000_000)
        .ok_or_else(|| usage(format!("{number} {what}: give at most 1000000")))
}

/// A length of time.
fn time(text: &str, what: &str) -> Result<Duration, Failure> {
    humantime::parse_duration(text).map_err(|_| {
        usage(format!("'{text}' is not a {what}: give a time such as 500ms, 2s or 1m"))
    })
}

/// Runs the command.
#[cfg(target_os = "linux")]
pub fn run(args: Args) -> Result<(), Failure> {
    let (plan, output) = args.plan()?;
    run::run(&plan, &output)
}

/// Runs the command.
#[cfg(not(target_os = "linux"))]
pub fn run(args: Args) -> Result<(), Failure> {
    args.plan()?;
    Err(Failure::io("load needs Linux: run it in a container or under WSL2"))
}

#[cfg(target_os = "linux")]
mod run {
    //! Carrying the plan out and writing what came of it.

    use std::io::{self, Write};
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use loadgen::plan::Plan;
    use loadgen::run::{Control, Phase, RunError};
    use loadgen::{RunResult, summary};
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;

    use super::{Failure, Output};

    pub fn run(plan: &Plan, output: &Output) -> Result<(), Failure> {
        let interrupted = on_interrupt().map_err(|error| Failure::io(error.to_string()))?;
        let mut on_phase = |phase: Phase| {
            if output.phases {
                eprintln!("phase {}", phase.name());
            }
        };
        let control = Control { interrupted: &interrupted, on_phase: &mut on_phase };
        let result = loadgen::run(plan, control).map_err(|error| match error {
            RunError::Cpu { .. } | RunError::Descriptors { .. } => {
                Failure::usage(error.to_string())
            }
            _ => Failure::io(error.to_string()),
        })?;
        write(output.json.as_deref(), plan, &result)?;
        verdict(&result)
    }

    /// The first Ctrl-C ends the run early, the second ends the program.
    fn on_interrupt() -> io::Result<Arc<AtomicBool>> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted))?;
            flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(interrupted)
    }

    fn write(json: Option<&Path>, plan: &Plan, result: &RunResult) -> Result<(), Failure> {
        let text = match json {
            Some(path) => {
                let mut object = serde_json::to_string(result)
                    .map_err(|error| Failure::io(format!("cannot write the result: {error}")))?;
                object.push('\n');
                if path.as_os_str() == "-" {
                    object
                } else {
                    std::fs::write(path, object).map_err(|error| {
                        Failure::io(format!("cannot write {}: {error}", path.display()))
                    })?;
                    summary::summary(plan, result)
                }
            }
            None => summary::summary(plan, result),
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| Failure::io(format!("cannot write to the standard output: {error}")))
    }

    fn verdict(result: &RunResult) -> Result<(), Failure> {
        let reasons = || result.reasons.join("; ");
        if result.interrupted {
            return Err(Failure::interrupted(reasons()));
        }
        if !result.valid {
            return Err(Failure::invalid(format!("the measurement is not valid: {}", reasons())));
        }
        Ok(())
    }
}
