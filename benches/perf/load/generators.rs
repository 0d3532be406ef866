//! Running each load generator to its end, and what that cost.

use std::process::Command;
use std::time::Duration;

use loadgen::RunResult;

use super::timer_baseline::Lateness;
use crate::env::cpus::{of_ended_children, on};
use crate::env::external_tool::ExternalTool;
use crate::env::load::Load;
use crate::env::{Failure, TestEnv};

/// Connections of every run.
pub const CONNECTIONS: &str = "64";

/// How long a generator may take beyond its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A load generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// An engine of ours, by its name.
    Engine(&'static str),
    External(ExternalTool),
}

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU microseconds a request.
    pub us: f64,
    /// Requests a second.
    pub rps: f64,
}

impl Generator {
    const ALL: [Self; 8] = [
        Self::Engine("uring"),
        Self::Engine("epoll"),
        Self::Engine("hyper"),
        Self::Engine("reqwest"),
        Self::External(ExternalTool::Wrk),
        Self::External(ExternalTool::Oha),
        Self::External(ExternalTool::H2load),
        Self::External(ExternalTool::Autocannon),
    ];

    /// Ours as far as they work here, and those of the others that are here; without keep-alive,
    /// those that can do without.
    pub fn installed(env: &TestEnv, keepalive: bool) -> Vec<Self> {
        let can = |generator: &Self| {
            use ExternalTool::{Autocannon, H2load};
            keepalive || !matches!(generator, Self::External(H2load | Autocannon))
        };
        Self::ALL.into_iter().filter(can).filter(|generator| generator.works(env)).collect()
    }

    fn works(self, env: &TestEnv) -> bool {
        match self {
            Self::Engine("uring") => {
                let url = "http://127.0.0.1:9/";
                let asked = env.command(&["load", "--engine", "uring", url]).output();
                asked.is_ok_and(|asked| !String::from_utf8_lossy(&asked.stderr).contains("refuses"))
            }
            Self::Engine(_) => true,
            Self::External(tool) => tool.is_installed(),
        }
    }

    /// Whether it is an engine that parses the answers itself: one of those that are measured with.
    pub fn parses_itself(self) -> bool {
        matches!(self, Self::Engine("uring" | "epoll"))
    }

    /// The program's name, or our engine's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Engine(name) => name,
            Self::External(tool) => tool.name(),
        }
    }

    /// Runs a closed loop for some seconds.
    pub fn run(
        self,
        env: &TestEnv,
        cpu: u32,
        url: &str,
        seconds: u32,
        keepalive: bool,
    ) -> Result<Cost, Failure> {
        let limit = Duration::from_secs(seconds.into()) + PATIENCE;
        let before = of_ended_children()?;
        let answers = match self {
            Self::Engine(name) => {
                let length = format!("{seconds}s");
                let mut arguments = vec!["-c", CONNECTIONS, "-d", &length, "--engine", name];
                arguments.extend((!keepalive).then_some("--no-keepalive"));
                let result: RunResult = Load::start_on(env, cpu, url, &arguments)?.finish(limit)?;
                Some(result.lifetime.answered as f64)
            }
            Self::External(tool) => {
                let command = external(tool, url, seconds, keepalive);
                tool.answers(&env.run(tool.name(), on(cpu, command), limit)?)
            }
        };
        let answers = answers
            .ok_or_else(|| Failure::Broken(format!("{} told no number of answers", self.name())))?;
        let used = of_ended_children()?.saturating_sub(before);
        Ok(Cost { us: used.as_secs_f64() * 1e6 / answers, rps: answers / f64::from(seconds) })
    }
}

fn external(tool: ExternalTool, url: &str, seconds: u32, keepalive: bool) -> Command {
    let mut command = tool.command(CONNECTIONS, seconds);
    let closing = match tool {
        ExternalTool::Wrk => Some("-HConnection: close"),
        ExternalTool::Oha => Some("--disable-keepalive"),
        _ => None,
    };
    command.args(closing.filter(|_| !keepalive)).arg(url);
    command
}

/// How late our open loop sends at a constant rate.
pub fn lateness(
    env: &TestEnv,
    cpu: u32,
    url: &str,
    seconds: u32,
    rate: u32,
) -> Result<Lateness, Failure> {
    let length = format!("{seconds}s");
    let arguments = ["-c", CONNECTIONS, "-R", &rate.to_string(), "-d", &length];
    let limit = Duration::from_secs(seconds.into()) + PATIENCE;
    let result: RunResult = Load::start_on(env, cpu, url, &arguments)?.finish(limit)?;
    let lag = result.split.schedule_lag;
    let lag = lag.ok_or_else(|| Failure::broken("load told no schedule lag"))?;
    Ok(Lateness { p50_us: lag.p50, p99_us: lag.p99 })
}
