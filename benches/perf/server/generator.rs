//! Who drives a server: ours in a closed loop, or wrk as a cross-check; pinned, one thread.
//!
//! Next: [`super::rounds`].

use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;
use loadgen::RunResult;
use nix::sys::resource::{UsageWho, getrusage};

use crate::contender::find;
use crate::cpus::Cpus;
use crate::stage::load::Load;
use crate::stage::process::Process;
use crate::stage::{Failure, Stage};

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
        self == Self::Load || find("wrk").is_some()
    }

    /// Drives a closed loop with these requests.
    pub fn drive(
        self,
        stage: &Stage,
        cpus: &Cpus,
        url: &str,
        length: Duration,
        requests: Requests,
    ) -> Result<Driven, Failure> {
        let more: &[&str] = match (requests, self) {
            (Requests::Plain, _) => &[],
            (Requests::NotPlain, Self::Load) => &["--method", "HEAD"],
            (Requests::NotPlain, Self::Wrk) => &["-H", "Connection: keep-alive"],
        };
        let before = children()?;
        let (answers, rps) = match self {
            Self::Load => {
                let result = closed_loop(stage, cpus, url, length, more)?;
                (result.lifetime.answered as f64, result.throughput_rps)
            }
            Self::Wrk => wrk(stage, cpus, url, length, more)?,
        };
        // Of all that was started since, only the generator has ended.
        Ok(Driven { answers, rps, cpu: children()?.saturating_sub(before) })
    }
}

/// Ours in a closed loop, without a failed request.
pub fn closed_loop(
    stage: &Stage,
    cpus: &Cpus,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<RunResult, Failure> {
    let result = load(stage, cpus, url, length, more)?;
    if result.valid {
        Ok(result)
    } else {
        Err(Failure::Broken(format!("load: {}", result.reasons.join(" "))))
    }
}

/// Ours with further arguments, valid or not; no request may fail.
pub fn load(
    stage: &Stage,
    cpus: &Cpus,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<RunResult, Failure> {
    let (cpu, time) = (cpus.generator.to_string(), humantime::format_duration(length).to_string());
    let arguments = [&["-c", CONNECTIONS, "-d", &time, "--cpus", &cpu], more].concat();
    let load = cpus.on(cpus.generator, || Load::start(stage, url, &arguments))?;
    // Its end is awaited at short intervals: not while it measures.
    stage.pause(length)?;
    let result = load.finish(PATIENCE)?;
    match result.lifetime.failed {
        0 => Ok(result),
        failed => Err(Failure::Broken(format!("load: {failed} requests failed"))),
    }
}

/// wrk: answers, and answers a second.
fn wrk(
    stage: &Stage,
    cpus: &Cpus,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<(f64, f64), Failure> {
    let length = Duration::from_secs(length.as_secs_f64().ceil() as u64);
    let mut command = Command::new("wrk");
    command.args(["-t", "1", "-c", CONNECTIONS, "-d", &format!("{}s", length.as_secs()), url]);
    command.args(more);
    let mut wrk = cpus.on(cpus.generator, || Process::start(stage, "wrk", &mut command))?;
    stage.pause(length)?;
    wrk.end(stage, PATIENCE)?;
    let output = wrk.output();
    let failed = |line: &&str| line.contains("Socket errors") || line.contains("Non-2xx");
    if let Some(line) = output.lines().find(failed) {
        return Err(Failure::Broken(format!("wrk: {}", line.trim())));
    }
    let answers =
        output.lines().find_map(|line| line.split_once(" requests in ")?.0.trim().parse().ok());
    let rps =
        output.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok());
    answers.zip(rps).ok_or_else(|| Failure::Broken("wrk tells no number of requests".into()))
}

/// CPU time of all children that have ended and were awaited.
fn children() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|errno| {
        Failure::Broken(format!("cannot read the children's CPU time: {errno}"))
    })?;
    let micros = |time: nix::sys::time::TimeVal| {
        Duration::new(time.tv_sec().cast_unsigned(), time.tv_usec() as u32 * 1000)
    };
    Ok(micros(usage.user_time()) + micros(usage.system_time()))
}
