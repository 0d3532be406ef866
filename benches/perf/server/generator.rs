//! Who drives a server: ours in a closed loop, or wrk as a cross-check; pinned, one thread.

use std::time::Duration;

use clap::ValueEnum;
use loadgen::RunResult;

use crate::env::cpus::{of_ended_children, on};
use crate::env::external_tool::{ExternalTool, requests_per_second};
use crate::env::load::Load;
use crate::env::{Failure, TestEnv, in_words};

/// Connections that are kept and kept busy.
pub const CONNECTIONS: &str = "64";

/// How long a generator may take beyond its time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Generator {
    /// `hello-cluster load`.
    Load,
    /// wrk; it takes whole seconds.
    Wrk,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requests {
    /// GETs that say nothing but their host.
    Plain,
    /// Requests for the same, but that do not take the shortcut past hyper.
    NotPlain,
}

/// What a closed loop came to.
#[derive(Debug, Clone, Copy)]
pub struct Driven {
    /// Answers over its whole life.
    pub answers: f64,
    /// Answers a second.
    pub rps: f64,
    /// CPU time of the generator's process over its whole life.
    pub cpu: Duration,
}

impl Generator {
    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Wrk => "wrk",
        }
    }

    /// Whether it is there.
    pub fn is_installed(self) -> bool {
        self == Self::Load || ExternalTool::Wrk.is_installed()
    }

    /// Drives a closed loop with these requests.
    pub fn drive(
        self,
        env: &TestEnv,
        cpu: u32,
        url: &str,
        length: Duration,
        requests: Requests,
    ) -> Result<Driven, Failure> {
        let more: &[&str] = match (requests, self) {
            (Requests::Plain, _) => &[],
            (Requests::NotPlain, Self::Load) => &["--method", "HEAD"],
            (Requests::NotPlain, Self::Wrk) => &["-H", "Connection: keep-alive"],
        };
        let before = of_ended_children()?;
        let (answers, rps) = match self {
            Self::Load => {
                let result = closed_loop(env, cpu, url, length, more)?;
                (result.lifetime.answered as f64, result.throughput_rps)
            }
            Self::Wrk => wrk(env, cpu, url, length, more)?,
        };
        // Of all that was started since, only the generator has ended.
        Ok(Driven { answers, rps, cpu: of_ended_children()?.saturating_sub(before) })
    }
}

/// Ours in a closed loop, without a failed request.
pub fn closed_loop(
    env: &TestEnv,
    cpu: u32,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<RunResult, Failure> {
    let result = load(env, cpu, url, length, more)?;
    if result.valid {
        Ok(result)
    } else {
        Err(Failure::Broken(format!("load: {}", result.reasons.join(" "))))
    }
}

/// Ours with further arguments, valid or not; no request may fail.
pub fn load(
    env: &TestEnv,
    cpu: u32,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<RunResult, Failure> {
    let time = in_words(length);
    let arguments = [&["-c", CONNECTIONS, "-d", &time], more].concat();
    let load = Load::start_on(env, cpu, url, &arguments)?;
    let result: RunResult = load.finish(length + PATIENCE)?;
    match result.lifetime.failed {
        0 => Ok(result),
        failed => Err(Failure::Broken(format!("load: {failed} requests failed"))),
    }
}

/// wrk: answers, and answers a second.
fn wrk(
    env: &TestEnv,
    cpu: u32,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<(f64, f64), Failure> {
    let seconds = length.as_secs_f64().ceil() as u32;
    let mut command = ExternalTool::Wrk.command(CONNECTIONS, seconds);
    command.arg(url).args(more);
    let limit = Duration::from_secs(seconds.into()) + PATIENCE;
    let output = env.run("wrk", on(cpu, command), limit)?;
    let failed = |line: &&str| line.contains("Socket errors") || line.contains("Non-2xx");
    if let Some(line) = output.lines().find(failed) {
        return Err(Failure::Broken(format!("wrk: {}", line.trim())));
    }
    let answers = ExternalTool::Wrk.answers(&output);
    answers
        .zip(requests_per_second(&output))
        .ok_or_else(|| Failure::broken("wrk tells no number of requests"))
}
