//! A server under callgrind, and what that counted.
//!
//! Next: back to [`super`].

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::contender::{Contender, Program};
use crate::rounds::Arena;
use crate::server::Server;
use crate::stage::load::Load;
use crate::stage::process::Process;
use crate::stage::{Failure, Stage};

/// How long all requests of a run may take.
const RUN: Duration = Duration::from_secs(600);

/// How long reading the counts may take.
const READ: Duration = Duration::from_secs(60);

/// Instructions by function.
pub struct Profile {
    /// All instructions.
    pub total: f64,
    /// Each function's own, the most first.
    pub functions: Vec<(String, f64)>,
    /// Requests that were answered.
    requests: f64,
}

impl Profile {
    /// Counts a server from start to end with so many requests, one after the other.
    pub fn take(arena: &Arena<'_>, contender: Contender, requests: u32) -> Result<Self, Failure> {
        let (stage, cpus) = (arena.stage, &arena.cpus);
        let file = stage.file("callgrind.out");
        let program = under_callgrind(contender.program(stage)?, &file);
        let server = Server::run(stage, cpus, contender.name(), program)?;
        let (count, cpu) = (requests.to_string(), cpus.generator.to_string());
        let arguments = ["-c", "1", "-n", &count, "-T", "60s", "--cpus", &cpu];
        let load = cpus.on(cpus.generator, || Load::start(stage, &server.url(), &arguments))?;
        let result = load.finish(RUN)?;
        server.stop()?;
        if result.lifetime.failed > 0 {
            let failed = result.lifetime.failed;
            return Err(Failure::Broken(format!("load: {failed} requests failed under valgrind")));
        }
        let functions = annotate(stage, &file)?;
        let total = functions.iter().map(|(_, count)| count).sum();
        Ok(Self { total, functions, requests: result.lifetime.answered as f64 })
    }

    /// What this run has beyond a shorter one.
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

fn under_callgrind(program: Program, file: &Path) -> Program {
    let Program { command: inner, address } = program;
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", file.display()));
    command.arg(inner.get_program()).args(inner.get_args());
    Program { command, address }
}

/// Every function's own instructions, as `callgrind_annotate` tells them.
fn annotate(stage: &Stage, file: &Path) -> Result<Vec<(String, f64)>, Failure> {
    let mut command = Command::new("callgrind_annotate");
    command.args(["--auto=no", "--threshold=100"]).arg(file);
    let mut annotate = Process::start(stage, "callgrind_annotate", &mut command)?;
    annotate.end(stage, READ)?;
    let mut functions: HashMap<String, f64> = HashMap::new();
    for (name, count) in annotate.output().lines().filter_map(line) {
        *functions.entry(name).or_default() += count;
    }
    if functions.is_empty() {
        let words = annotate.last_words();
        return Err(Failure::Broken(format!("callgrind_annotate lists no function: {words}")));
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
