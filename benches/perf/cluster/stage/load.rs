//! The load generator as a process of its own, and its result.
//!
//! Next: [`super::figures`].

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use loadgen::RunResult;
use nix::sys::signal::Signal;

use super::process::{Process, signal};
use super::{Failure, Stage};

/// For loads that are ended rather than end.
pub const UNTIL_ENDED: &str = "1h";

/// How long a load may take to end once it was told to.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running load; killed when dropped.
pub struct Load<'a> {
    stage: &'a Stage,
    process: Process,
    json: PathBuf,
}

impl<'a> Load<'a> {
    /// Starts `load URL` with further arguments.
    pub fn start(stage: &'a Stage, url: &str, arguments: &[&str]) -> Result<Self, Failure> {
        let json = stage.file("load.json");
        let mut command = Command::new(&stage.program);
        command.args(["load", url]).args(arguments).arg("--json").arg(&json);
        Ok(Self { stage, process: Process::start(stage, "load", &mut command)?, json })
    }

    /// Runs a load to its end.
    pub fn run(
        stage: &'a Stage,
        url: &str,
        length: Duration,
        arguments: &[&str],
    ) -> Result<RunResult, Failure> {
        Self::start(stage, url, arguments)?.finish(length + PATIENCE)
    }

    /// Fails when it has ended.
    pub fn expect_alive(&mut self) -> Result<(), Failure> {
        self.process.expect_alive()
    }

    /// Ends it: nothing more is sent, and what is outstanding is awaited for a second.
    pub fn interrupt(self) -> Result<RunResult, Failure> {
        signal(self.process.pid(), Signal::SIGINT)?;
        self.finish(PATIENCE)
    }

    /// Waits for its end, looking every millisecond, and reads its result.
    pub fn finish(mut self, limit: Duration) -> Result<RunResult, Failure> {
        self.process.end(self.stage, limit)?;
        // A load that is not valid (exit code 4) or was interrupted (130) has a result all the same.
        let text = std::fs::read_to_string(&self.json).map_err(|_| {
            Failure::Broken(format!("load has no result: {}", self.process.last_words()))
        })?;
        serde_json::from_str(&text)
            .map_err(|error| Failure::Broken(format!("load's result cannot be read: {error}")))
    }
}
