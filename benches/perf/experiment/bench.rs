//! `hello-cluster bench` on a suite of ours: started, followed by whoever wants to, its record read.
//!
//! Next: [`super::faults`], which follows it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reports::record::Record;

use crate::stage::process::Process;
use crate::stage::{Failure, Stage};

/// The exit code of a run with a trial that failed or is not valid: there is a record nevertheless.
const NOT_VALID: i32 = 4;

/// A run under way; killed with all its processes when dropped.
pub struct Bench<'a> {
    stage: &'a Stage,
    process: Process,
    out: PathBuf,
}

impl<'a> Bench<'a> {
    /// Starts a run of this suite, on one CPU where one is given.
    pub fn start(
        stage: &'a Stage,
        suite: &str,
        seed: Option<u64>,
        cpu: Option<usize>,
    ) -> Result<Self, Failure> {
        let (file, out) = (stage.file("suite.toml"), stage.file("run"));
        fs::write(&file, suite).map_err(Failure::of("write a suite"))?;
        let mut command = match cpu {
            None => Command::new(&stage.program),
            Some(cpu) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", &cpu.to_string()]).arg(&stage.program);
                command
            }
        };
        command.arg("bench").arg(&file).arg("--out").arg(&out);
        command.args(seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
        Ok(Self { stage, process: Process::start(stage, "bench", &mut command)?, out })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Fails when it has ended.
    pub fn expect_alive(&mut self) -> Result<(), Failure> {
        self.process.expect_alive()
    }

    /// Waits for its end, and reads its record.
    pub fn record(&mut self, limit: Duration) -> Result<Record, Failure> {
        let status = self.process.end(self.stage, limit)?;
        if !status.success() && status.code() != Some(NOT_VALID) {
            let words = self.process.last_words();
            return Err(Failure::Broken(format!("bench ended with {status}: {words}")));
        }
        let path = self.out.join("record.json");
        let text = fs::read_to_string(&path).map_err(Failure::of("read the record"))?;
        Record::from_json(&text)
            .map_err(|error| Failure::Broken(format!("{}: {error}", path.display())))
    }

    /// Copies its record to this file.
    pub fn keep(&self, to: &Path) -> Result<(), Failure> {
        let kept = fs::copy(self.out.join("record.json"), to).map(|_| ());
        kept.map_err(Failure::of(&format!("keep the record as {}", to.display())))
    }
}
