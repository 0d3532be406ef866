//! Running each load generator to its end, and what that cost.

use std::error::Error;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::program::program;
use super::sleeper::Lateness;

/// Connections of every run.
pub const CONNECTIONS: &str = "64";

/// The CPU that every generator is pinned to.
pub const CLIENT_CPU: &str = "1";

/// A load generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ours, by `io_uring`.
    Uring,
    /// Ours, by epoll.
    Epoll,
    /// Ours, by hyper.
    Hyper,
    /// Ours, by reqwest.
    Reqwest,
    /// wrk.
    Wrk,
    /// oha.
    Oha,
    /// h2load, speaking HTTP/1.1.
    H2load,
    /// autocannon.
    Autocannon,
}

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU microseconds a request.
    pub us: f64,
    /// Requests a second.
    pub rps: f64,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Uring,
        Self::Epoll,
        Self::Hyper,
        Self::Reqwest,
        Self::Wrk,
        Self::Oha,
        Self::H2load,
        Self::Autocannon,
    ];

    /// Ours as far as they work here, and those of the others that are here; without keep-alive,
    /// those that can do without.
    pub fn installed(keepalive: bool) -> Vec<Self> {
        let can = |kind: &&Self| keepalive || !matches!(kind, Self::H2load | Self::Autocannon);
        Self::ALL.iter().filter(can).copied().filter(|kind| kind.works()).collect()
    }

    fn works(self) -> bool {
        match self {
            Self::Epoll | Self::Hyper | Self::Reqwest => true,
            Self::Uring => {
                let url = "http://127.0.0.1:9/";
                let asked = program().ok().map(|program| {
                    Command::new(program).args(["load", "--engine", "uring", url]).output()
                });
                let said = asked.and_then(Result::ok).map(|output| output.stderr);
                said.is_some_and(|said| !String::from_utf8_lossy(&said).contains("refuses"))
            }
            _ => Command::new(self.name()).arg("--version").output().is_ok(),
        }
    }

    /// Whether it is an engine of ours.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Uring | Self::Epoll | Self::Hyper | Self::Reqwest)
    }

    /// Whether it parses the answers itself: one of those that are measured with.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Uring | Self::Epoll)
    }

    /// The program's name, or our engine's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uring => "uring",
            Self::Epoll => "epoll",
            Self::Hyper => "hyper",
            Self::Reqwest => "reqwest",
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::H2load => "h2load",
            Self::Autocannon => "autocannon",
        }
    }

    fn command(self, url: &str, seconds: u32, keepalive: bool) -> Result<Command, Box<dyn Error>> {
        let length = format!("{seconds}s");
        let mut command = Command::new("taskset");
        command.args(["-c", CLIENT_CPU]);
        match self {
            Self::Uring | Self::Epoll | Self::Hyper | Self::Reqwest => {
                command.arg(program()?).args(["load", "-c", CONNECTIONS, "-d", &length]);
                command.args(["--cpus", CLIENT_CPU, "--json", "-", "--engine", self.name()]);
                command.args((!keepalive).then_some("--no-keepalive"));
            }
            Self::Wrk => {
                command.args(["wrk", "-t1", "-c", CONNECTIONS, "-d", &length]);
                command.args((!keepalive).then_some("-HConnection: close"));
            }
            Self::Oha => {
                command.args(["oha", "-c", CONNECTIONS, "-z", &length]);
                command.args(["--no-tui", "--output-format", "json"]);
                command.args((!keepalive).then_some("--disable-keepalive"));
            }
            Self::H2load => {
                command.args(["h2load", "--h1", "-t1", "-c", CONNECTIONS, "-D", &length]);
            }
            Self::Autocannon => {
                command.args(["autocannon", "--json", "--no-progress", "-c", CONNECTIONS]);
                command.args(["-d", &seconds.to_string()]);
            }
        }
        command.arg(url);
        Ok(command)
    }

    /// The number of answers, from what the program printed.
    fn answers(self, out: &str) -> Option<f64> {
        match self {
            Self::Uring | Self::Epoll | Self::Hyper | Self::Reqwest => {
                json(out)?["lifetime"]["answered"].as_f64()
            }
            Self::Wrk => {
                out.lines().find_map(|line| line.trim().split_once(" requests in")?.0.parse().ok())
            }
            Self::Oha => {
                let statuses = &json(out)?["statusCodeDistribution"];
                Some(statuses.as_object()?.values().filter_map(serde_json::Value::as_f64).sum())
            }
            Self::H2load => {
                let line = out.lines().find_map(|line| line.strip_prefix("requests: "))?;
                line.split(", ").find_map(|part| part.strip_suffix(" succeeded")?.parse().ok())
            }
            Self::Autocannon => json(out)?["2xx"].as_f64(),
        }
    }
}

/// Runs a generator in a closed loop for some seconds.
pub fn run(kind: Kind, url: &str, seconds: u32, keepalive: bool) -> Result<Cost, Box<dyn Error>> {
    let (out, cpu_us) = measured(&mut kind.command(url, seconds, keepalive)?)?;
    let answers =
        kind.answers(&out).ok_or_else(|| format!("{} told no number of answers", kind.name()))?;
    Ok(Cost { us: cpu_us / answers, rps: answers / f64::from(seconds) })
}

/// How late our open loop sends at a constant rate.
pub fn lateness(url: &str, seconds: u32, rate: u32) -> Result<Lateness, Box<dyn Error>> {
    let mut command = Command::new(program()?);
    command.args(["load", url, "-c", CONNECTIONS, "-R", &rate.to_string()]);
    command.args(["-d", &format!("{seconds}s"), "--cpus", CLIENT_CPU, "--json", "-"]);
    let (out, _) = measured(&mut command)?;
    let result = json(&out).ok_or("load told no result")?;
    let lag = |quantile: &str| result["split"]["schedule_lag"][quantile].as_f64();
    match (lag("p50"), lag("p99")) {
        (Some(p50_us), Some(p99_us)) => Ok(Lateness { p50_us, p99_us }),
        _ => Err("load told no schedule lag".into()),
    }
}

fn json(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

/// Runs a command to its end: its output, and the CPU microseconds that it used.
fn measured(command: &mut Command) -> Result<(String, f64), Box<dyn Error>> {
    let before = children_us()?;
    let output = command.stderr(Stdio::inherit()).output()?;
    let used = children_us()? - before;
    Ok((String::from_utf8(output.stdout)?, used))
}

/// CPU time of all children that have ended, in microseconds.
fn children_us() -> nix::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let total = usage.user_time() + usage.system_time();
    Ok(total.num_microseconds() as f64)
}
