//! The peer: the same hello-worker on Node's own cluster module.
//!
//! Next: `node_cluster.js`, the program; `recipes/connect.rs`, which measures it.

use std::process::Command;
use std::time::Duration;

use super::process::Process;
use super::{Failure, Stage};

const SOURCE: &str = include_str!("node_cluster.js");

/// How long Node may take to start.
const START: Duration = Duration::from_secs(20);

/// A running cluster of Node's; killed with all its workers when dropped.
pub struct NodeCluster {
    _process: Process,
    /// Where it listens.
    pub url: String,
}

/// The installed version, if there is one.
pub fn version() -> Option<String> {
    let output = Command::new("node").arg("--version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl NodeCluster {
    /// Starts it on a free port and waits until all its workers take connections.
    pub fn start(stage: &Stage, workers: u32) -> Result<Self, Failure> {
        let program = stage.file("node_cluster.js");
        std::fs::write(&program, SOURCE).map_err(Failure::of("write Node's program"))?;
        let mut command = Command::new("node");
        command.arg(program).arg(workers.to_string());
        let mut process = Process::start(stage, "node", &mut command)?;
        let url = stage.wait("cluster of Node's", START, || {
            process.expect_alive()?;
            let output = process.output();
            let urls: Vec<_> = output.lines().filter(|line| line.starts_with("http")).collect();
            Ok((urls.len() >= workers as usize).then(|| urls[0].to_owned()))
        })?;
        Ok(Self { _process: process, url })
    }
}
