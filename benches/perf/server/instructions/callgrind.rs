//! A server under callgrind, and what that counted.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use loadgen::RunResult;

use crate::env::load::Load;
use crate::env::{Failure, TestEnv, started_by};
use crate::server::contest::Contest;
use crate::servers::running::RunningServer;
use crate::servers::{Program, Server};

const RUN: Duration = Duration::from_secs(600);

pub struct Profile {
    pub total: f64,
    /// Each function's own, the most first.
    pub functions: Vec<(String, f64)>,
    requests: f64,
}

impl Profile {
    /// Counts a server from start to end with so many requests, one after the other.
    pub fn take(contest: &Contest<'_>, server: Server, requests: u32) -> Result<Self, Failure> {
        let (env, cpus) = (contest.env, contest.cpus);
        let file = env.file("callgrind.out");
        let Program { command, address } = server.program(env)?;
        let out = format!("--callgrind-out-file={}", file.display());
        let command = started_by(&["valgrind", "--tool=callgrind", &out], &command);
        let program = Program { command, address };
        let server = RunningServer::run(env, Some(cpus.server), server.name(), program)?;
        let count = requests.to_string();
        let arguments = ["-c", "1", "-n", &count, "-T", "60s"];
        let load = Load::start(env, Some(cpus.generator), &server.url(), &arguments)?;
        let result: RunResult = load.finish(RUN)?;
        server.stop()?;
        if result.lifetime.failed > 0 {
            let failed = result.lifetime.failed;
            return Err(Failure::Broken(format!("load: {failed} requests failed under valgrind")));
        }
        let functions = annotate(env, &file)?;
        let total = functions.iter().map(|(_, count)| count).sum();
        Ok(Self { total, functions, requests: result.lifetime.answered as f64 })
    }

    pub fn beyond(self, shorter: &Self) -> Self {
        let before: HashMap<&str, f64> =
            shorter.functions.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        let less = |(name, count): (String, f64)| {
            let before = before.get(name.as_str()).copied().unwrap_or_default();
            (name, count - before)
        };
        let mut functions: Vec<_> = self.functions.into_iter().map(less).collect();
        functions.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Self {
            total: self.total - shorter.total,
            functions,
            requests: self.requests - shorter.requests,
        }
    }

    /// Instructions a request.
    pub fn each(&self, instructions: f64) -> f64 {
        instructions / self.requests
    }
}

fn annotate(env: &TestEnv, file: &Path) -> Result<Vec<(String, f64)>, Failure> {
    let mut command = Command::new("callgrind_annotate");
    command.args(["--auto=no", "--threshold=100"]).arg(file);
    let output = env.run("callgrind_annotate", command, RUN)?;
    let mut functions: HashMap<String, f64> = HashMap::new();
    for (name, count) in output.lines().filter_map(line) {
        *functions.entry(name).or_default() += count;
    }
    if functions.is_empty() {
        return Err(Failure::broken("callgrind_annotate lists no function"));
    }
    Ok(functions.into_iter().collect())
}

/// A line `1,234 (5.67%)  file:function [object]`: the function and its count. One that has code of
/// several files in it, by inlining, has a line for each.
fn line(line: &str) -> Option<(String, f64)> {
    let (count, rest) = line.trim_start().split_once(" (")?;
    let count = count.replace(',', "").parse().ok()?;
    let (_, place) = rest.split_once("%)")?;
    let (_, function) = place.trim_start().split_once(':')?;
    let name = function.rsplit_once(" [").map_or(function, |(name, _)| name);
    Some((name.to_owned(), count))
}
