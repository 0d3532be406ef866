//! Suites of one workload, written for a run. The keys are those of `benches/suites/README.md`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use toml::Value;

/// What is asked of which server.
#[derive(Debug, Clone, Copy)]
pub struct Suite<'a> {
    /// Blocks.
    pub blocks: u32,
    /// Before each measurement.
    pub warmup: Duration,
    /// Length of each measurement.
    pub duration: Duration,
    /// How connections are shared out.
    pub mode: &'a str,
    /// Workers.
    pub workers: u32,
    /// What is asked for.
    pub path: &'a str,
    /// Whether a connection carries many requests.
    pub keepalive: bool,
    /// Concurrent connections.
    pub connections: u32,
    /// Servers started by a command of their own, in the place of the suite's own way.
    pub targets: &'a [Target],
}

/// A `[[target]]` of the suite: our server, started by a command.
#[derive(Debug, Clone)]
pub struct Target {
    name: &'static str,
    command: Vec<String>,
}

impl Target {
    /// `serve` with further arguments.
    pub fn serve(name: &'static str, program: &Path, mode: &str, further: &[&str]) -> Self {
        let program = program.display().to_string();
        let mut command = vec![program, "serve".to_owned(), "--mode".to_owned(), mode.to_owned()];
        let usual = ["--workers", "{workers}", "--listen", "127.0.0.1:{port}"];
        command.extend(usual.iter().chain(further).map(|word| (*word).to_owned()));
        Self { name, command }
    }

    /// The same, started by other words that take it as their last arguments.
    pub fn started_by(mut self, words: &[&str]) -> Self {
        self.command.splice(0..0, words.iter().map(|word| (*word).to_owned()));
        self
    }
}

impl Suite<'_> {
    /// The suite's file.
    pub fn text(&self) -> String {
        let Self { blocks, workers, keepalive, connections, .. } = self;
        let time = |time: Duration| quoted(&format!("{}ms", time.as_millis()));
        let mut text = format!(
            "name = \"live\"\nblocks = {blocks}\nwarmup = {}\nduration = {}\n\n\
             [[workload]]\nname = \"asked\"\npath = {}\nkeepalive = {keepalive}\n\
             connections = {connections}\n\n\
             [[cells]]\nworkloads = [\"asked\"]\nworkers = [{workers}]\n",
            time(self.warmup),
            time(self.duration),
            quoted(self.path),
        );
        let names: Vec<String> = self.targets.iter().map(|target| quoted(target.name)).collect();
        // The mode of a target of one's own is in its command.
        let what = if names.is_empty() { "modes" } else { "targets" };
        let list = if names.is_empty() { quoted(self.mode) } else { names.join(", ") };
        text.extend([what, " = [", &list, "]\n"]);
        for target in self.targets {
            let words: Vec<String> = target.command.iter().map(|word| quoted(word)).collect();
            // The last thing that `serve` says at its start, once a worker.
            let _ = write!(
                text,
                "\n[[target]]\nname = {}\ncommand = [{}]\nready = \"started\"\nworker = \"pid\"\n",
                quoted(target.name),
                words.join(", ")
            );
        }
        text
    }
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
