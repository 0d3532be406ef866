//! `hello-cluster bench` on a suite of ours: started, followed by whoever wants to, its record read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hello_cluster::harness::process::Child;
use reports::record::Record;

use crate::env::cpus::on;
use crate::env::{Failure, TestEnv};

/// The exit code of a run with a trial that failed or is not valid: there is a record nevertheless.
const NOT_VALID: i32 = 4;

/// A run under way; killed with all its processes when dropped.
pub struct BenchRun<'a> {
    env: &'a TestEnv,
    child: Child,
    out: PathBuf,
}

impl<'a> BenchRun<'a> {
    pub fn start(
        env: &'a TestEnv,
        suite: &str,
        seed: Option<u64>,
        cpu: Option<u32>,
    ) -> Result<Self, Failure> {
        let (file, out) = (env.file("suite.toml"), env.file("run"));
        fs::write(&file, suite).map_err(Failure::cannot("write a suite"))?;
        let mut command = env.command(&["bench"]);
        command.arg(&file).arg("--out").arg(&out);
        command.args(seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
        Ok(Self { env, child: Child::spawn("bench", on(cpu, command), None)?, out })
    }

    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    pub fn expect_alive(&mut self) -> Result<(), Failure> {
        Ok(self.child.expect_running("begin its trial")?)
    }

    pub fn record(&mut self, limit: Duration) -> Result<Record, Failure> {
        let (status, _) = self.child.await_end(limit, &self.env.interrupt)?;
        if !status.success() && status.code() != Some(NOT_VALID) {
            let words = self.child.last_words();
            return Err(Failure::Broken(format!("bench ended with {status}: {words}")));
        }
        let path = self.out.join("record.json");
        let text = fs::read_to_string(&path).map_err(Failure::cannot("read the record"))?;
        Record::from_json(&text)
            .map_err(|error| Failure::Broken(format!("{}: {error}", path.display())))
    }

    pub fn keep(&self, to: &Path) -> Result<(), Failure> {
        let kept = fs::copy(self.out.join("record.json"), to).map(|_| ());
        kept.map_err(Failure::cannot(format!("keep the record as {}", to.display())))
    }
}
