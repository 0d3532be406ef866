//! One comparison of a server with itself: a run of six blocks, its ratio, its verdict.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use reports::record::Record;
use reports::stats::MIN_BLOCKS;
use reports::stats::ratio::{Verdict, within_blocks};
use serde::{Deserialize, Serialize};

use crate::env::{Failure, TestEnv};
use crate::experiment::bench_run::BenchRun;
use crate::experiment::suite::{Suite, Target};

const MODE: &str = "reuseport";
const WARMUP: Duration = Duration::from_millis(200);

/// How long a trial may take beside its load: starting and ending processes on a busy machine.
const BESIDE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    pub seed: u64,
    /// b/a by throughput.
    ratio: f64,
    /// Its interval; `None` where a trial was not valid.
    interval: Option<(f64, f64)>,
    pub claim: Claim,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    Faster,
    Slower,
    /// That both are the same within 2 %.
    Same,
    Undecided,
    /// There is no verdict: fewer than six blocks are complete.
    None,
}

impl Comparison {
    pub fn make(env: &TestEnv, seed: u64, duration: Duration) -> Result<Self, Failure> {
        let targets = ["a", "b"].map(|name| Target::serve(name, &env.program, MODE, &[]));
        let blocks = MIN_BLOCKS as u32;
        let suite = Suite {
            blocks,
            warmup: WARMUP,
            duration,
            mode: MODE,
            workers: 1,
            path: "/",
            keepalive: true,
            connections: 64,
            targets: &targets,
        };
        let mut bench = BenchRun::start(env, &suite.text()?, Some(seed), None)?;
        let record = bench.record((WARMUP + duration + BESIDE) * 2 * blocks)?;
        Self::of(seed, &record)
    }

    fn of(seed: u64, record: &Record) -> Result<Self, Failure> {
        let rates = |target: &str| -> Vec<(u32, f64)> {
            let trials = record.trials.iter().filter(|trial| trial.target == target);
            let valid = trials.filter_map(|trial| {
                let result = trial.result().filter(|result| result.valid)?;
                Some((trial.block, result.throughput_rps))
            });
            valid.collect()
        };
        let ratio = within_blocks(&rates("b"), &rates("a"))
            .ok_or_else(|| Failure::broken("no block has two valid trials"))?;
        let claim = match ratio.verdict() {
            Verdict::More => Claim::Faster,
            Verdict::Less => Claim::Slower,
            Verdict::Same => Claim::Same,
            Verdict::Undecided => Claim::Undecided,
            Verdict::TooFew => Claim::None,
        };
        Ok(Self { seed, ratio: ratio.point, interval: ratio.interval, claim })
    }

    pub fn save(&self, file: &Path) -> Result<(), Failure> {
        let add = || -> io::Result<()> {
            let mut line = serde_json::to_string(self)?;
            line.push('\n');
            File::options().create(true).append(true).open(file)?.write_all(line.as_bytes())
        };
        add().map_err(Failure::cannot(format!("write {}", file.display())))
    }
}

/// The comparisons that a file keeps; none when there is no such file.
pub fn saved(file: &Path) -> Result<Vec<Comparison>, Failure> {
    let tried = format!("read {}", file.display());
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(Failure::cannot(&tried))?,
    };
    let lines = text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::from));
    lines.collect::<Result<_, _>>().map_err(Failure::cannot(&tried))
}

impl fmt::Display for Comparison {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interval =
            self.interval.map_or("none".to_owned(), |(low, high)| format!("{low:.4} to {high:.4}"));
        let words = match self.claim {
            Claim::Faster => "faster",
            Claim::Slower => "slower",
            Claim::Same => "the same within 2 %",
            Claim::Undecided => "not enough data",
            Claim::None => "none: a trial was not valid",
        };
        write!(to, "{:>12} {:>7.4}  {interval:<16} {words}", self.seed, self.ratio)
    }
}
