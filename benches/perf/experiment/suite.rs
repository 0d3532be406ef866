//! Suites of one workload, written for a run. The keys are those of `benches/suites/README.md`.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::env::Failure;

#[derive(Debug, Clone, Copy)]
pub struct Suite<'a> {
    pub blocks: u32,
    pub warmup: Duration,
    pub duration: Duration,
    pub mode: &'a str,
    pub workers: u32,
    pub path: &'a str,
    pub keepalive: bool,
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
    pub fn text(&self) -> Result<String, Failure> {
        let Self { blocks, mode, workers, path, keepalive, connections, targets, .. } = self;
        let milliseconds = |time: Duration| format!("{}ms", time.as_millis());
        let mut cells = json!({ "workloads": ["asked"], "workers": [workers] });
        if targets.is_empty() {
            cells["modes"] = json!([mode]);
        } else {
            // The mode of a target of one's own is in its command.
            cells["targets"] = targets.iter().map(|target| target.name).collect();
        }
        // The last thing that `serve` says at its start, once a worker.
        let target = |Target { name, command }: &Target| json!({ "name": name, "command": command, "ready": "started", "worker": "pid" });
        let suite = json!({
            "name": "live",
            "blocks": blocks,
            "warmup": milliseconds(self.warmup),
            "duration": milliseconds(self.duration),
            "workload": [{
                "name": "asked",
                "path": path,
                "keepalive": keepalive,
                "connections": connections,
            }],
            "cells": [cells],
            "target": targets.iter().map(target).collect::<Value>(),
        });
        toml::to_string(&suite).map_err(Failure::cannot("write a suite"))
    }
}
