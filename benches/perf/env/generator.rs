//! A load generator in a closed loop over kept connections, pinned to a CPU, and what that cost.

use std::time::Duration;

use loadgen::RunResult;

use super::cpus::{of_ended_children, on};
use super::external_tool::{ExternalTool, requests_per_second};
use super::load::Load;
use super::{Failure, TestEnv, in_words};

pub const CONNECTIONS: &str = "64";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// `hello-cluster load`, by this engine or by the one that it chooses.
    Load(Option<&'static str>),
    /// In whole seconds.
    External(ExternalTool),
}

#[derive(Debug)]
pub struct Driven {
    /// Answers over its whole life.
    pub answers: f64,
    pub rps: f64,
    /// CPU time of the generator's process over its whole life.
    pub cpu: Duration,
    /// Why it is no use as a measurement of the server.
    pub problem: Option<String>,
}

impl Generator {
    pub fn name(self) -> &'static str {
        match self {
            Self::Load(engine) => engine.unwrap_or("load"),
            Self::External(tool) => tool.name(),
        }
    }

    pub fn drive(
        self,
        env: &TestEnv,
        cpu: u32,
        url: &str,
        length: Duration,
        more: &[&str],
    ) -> Result<Driven, Failure> {
        let before = of_ended_children()?;
        let (answers, rps, problem) = match self {
            Self::Load(engine) => {
                let engine = engine.map_or(vec![], |engine| vec!["--engine", engine]);
                let result = load(env, cpu, url, length, &[more, &engine].concat())?;
                (
                    Some(result.lifetime.answered as f64),
                    Some(result.throughput_rps),
                    problem(&result),
                )
            }
            Self::External(tool) => {
                let seconds = length.as_secs_f64().ceil();
                let mut command = tool.command(CONNECTIONS, seconds as u32);
                command.args(more).arg(url);
                let limit = Duration::from_secs_f64(seconds);
                let out = env.run(tool.name(), on(cpu, command), limit)?;
                let failed =
                    |line: &&str| line.contains("Socket errors") || line.contains("Non-2xx");
                let problem = out.lines().find(failed).map(|line| line.trim().to_owned());
                let answers = tool.answers(&out);
                let mean = answers.map(|answers| answers / seconds);
                (answers, requests_per_second(&out).or(mean), problem)
            }
        };
        let name = self.name();
        let (answers, rps) = answers
            .zip(rps)
            .ok_or_else(|| Failure::Broken(format!("{name} told no number of answers")))?;
        // Of all that was started since, only the generator has ended.
        let cpu = of_ended_children()?.saturating_sub(before);
        Ok(Driven { answers, rps, cpu, problem: problem.map(|why| format!("{name}: {why}")) })
    }
}

impl Driven {
    pub fn checked(mut self) -> Result<Self, Failure> {
        self.problem.take().map_or(Ok(self), |why| Err(Failure::Broken(why)))
    }
}

/// Ours with further arguments, valid or not.
pub fn load(
    env: &TestEnv,
    cpu: u32,
    url: &str,
    length: Duration,
    more: &[&str],
) -> Result<RunResult, Failure> {
    let time = in_words(length);
    let arguments = [&["-c", CONNECTIONS, "-d", &time], more].concat();
    Load::start(env, Some(cpu), url, &arguments)?.finish(length)
}

pub fn problem(result: &RunResult) -> Option<String> {
    match result.lifetime.failed {
        0 => (!result.valid).then(|| result.reasons.join(" ")),
        failed => Some(format!("{failed} requests failed")),
    }
}
