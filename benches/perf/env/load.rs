//! The load generator as a process of its own, and its result.

use std::time::Duration;

use hello_cluster::harness::process::{Child, Signal, signal};
use loadgen::RunResult;
use serde::de::DeserializeOwned;

use super::cpus::on;
use super::{Failure, PATIENCE, TestEnv};

/// For loads that are ended rather than end.
pub const UNTIL_ENDED: &str = "1h";

/// A running load; killed when dropped.
pub struct Load<'a> {
    env: &'a TestEnv,
    child: Child,
}

impl<'a> Load<'a> {
    /// Starts `load URL` with further arguments, and keeps it on a CPU if one is given.
    pub fn start(
        env: &'a TestEnv,
        cpu: Option<u32>,
        url: &str,
        arguments: &[&str],
    ) -> Result<Self, Failure> {
        let mut command = env.command(&["load", url]);
        command.args(arguments);
        command.args(cpu.iter().flat_map(|cpu| ["--cpus".to_owned(), cpu.to_string()]));
        command.args(["--json", "-"]);
        Ok(Self { env, child: Child::spawn("load", on(cpu, command), None)? })
    }

    pub fn run(
        env: &'a TestEnv,
        url: &str,
        length: Duration,
        arguments: &[&str],
    ) -> Result<RunResult, Failure> {
        Self::start(env, None, url, arguments)?.finish(length)
    }

    pub fn expect_alive(&mut self) -> Result<(), Failure> {
        Ok(self.child.expect_running("be told to end")?)
    }

    /// Ends it: nothing more is sent, and what is outstanding is awaited for a second.
    pub fn interrupt(self) -> Result<RunResult, Failure> {
        signal(self.child.pid(), Signal::SIGINT).map_err(Failure::cannot("interrupt load"))?;
        self.finish(Duration::ZERO)
    }

    /// Waits for its end after this time, and reads its result: that of a search or of a run.
    pub fn finish<T: DeserializeOwned>(mut self, length: Duration) -> Result<T, Failure> {
        // A load that is not valid (exit code 4) or was interrupted (130) has a result all the same.
        let (_, output) = self.child.await_end(length + PATIENCE, &self.env.interrupt)?;
        if output.is_empty() {
            let words = self.child.last_words();
            return Err(Failure::Broken(format!("load has no result: {words}")));
        }
        serde_json::from_str(&output).map_err(Failure::cannot("read load's result"))
    }
}
