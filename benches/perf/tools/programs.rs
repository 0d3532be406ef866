//! How each tool is run and what it prints, and our estimate of it.

use std::time::Duration;

use serde_json::Value;

use crate::env::external_tool::{ExternalTool, json, requests_per_second};
use crate::env::load::Load;
use crate::env::{Failure, TestEnv};

const CONNECTIONS: &str = "8";

/// What is compared: median and 99th percentile in milliseconds, requests a second.
pub type Figures = [f64; 3];

pub fn run(env: &TestEnv, tool: ExternalTool, url: &str, seconds: u32) -> Result<Figures, Failure> {
    let mut command = tool.command(CONNECTIONS, seconds);
    match tool {
        ExternalTool::Wrk => command.args(["--latency", "--timeout", "5s"]),
        ExternalTool::Autocannon => {
            command.args(["--warmup", "[", "-c", CONNECTIONS, "-d", "1", "]"])
        }
        _ => &mut command,
    };
    command.arg(url);
    let limit = Duration::from_secs(seconds.into());
    let out = env.run(tool.name(), command, limit)?;
    let figures = match tool {
        ExternalTool::Oha => {
            let pointers = ["latencyPercentiles/p50", "latencyPercentiles/p99"];
            from_json(&out, pointers, "summary/requestsPerSec", 1e3)
        }
        ExternalTool::Autocannon => {
            from_json(&out, ["latency/p50", "latency/p99"], "requests/average", 1.0)
        }
        _ => from_text(tool, &out),
    };
    figures
        .ok_or_else(|| Failure::Broken(format!("cannot read what {} printed:\n{out}", tool.name())))
}

/// Reads lines such as `50%  5.21ms` (wrk) and `50% in 0.0052 secs` (hey, which of old writes two
/// percent signs).
fn from_text(tool: ExternalTool, out: &str) -> Option<Figures> {
    let at = |percent: &str| {
        let mut lines = out.lines().filter_map(|line| line.trim().strip_prefix(percent));
        let value = lines.next()?.trim_start_matches('%').trim();
        match tool {
            ExternalTool::Hey => {
                let seconds = value.strip_prefix("in ")?.split(' ').next()?;
                seconds.parse().ok().map(|seconds: f64| seconds * 1e3)
            }
            _ => millis(value),
        }
    };
    Some([at("50%")?, at("99%")?, requests_per_second(out)?])
}

/// Reads two latencies, of which `to_ms` make a millisecond, and a rate.
fn from_json(out: &str, latencies: [&str; 2], rate: &str, to_ms: f64) -> Option<Figures> {
    let all = json(out)?;
    let read = |place: &str| all.pointer(&format!("/{place}")).and_then(Value::as_f64);
    Some([read(latencies[0])? * to_ms, read(latencies[1])? * to_ms, read(rate)?])
}

/// What `load --as` says that the tool would have printed.
pub fn estimate(
    env: &TestEnv,
    tool: ExternalTool,
    url: &str,
    seconds: u32,
) -> Result<Figures, Failure> {
    let length = format!("{seconds}s");
    let arguments = ["-c", CONNECTIONS, "-d", &length, "--as", tool.name()];
    let result = Load::run(env, url, Duration::from_secs(seconds.into()), &arguments)?;
    let figures = result.tools.first().and_then(|estimate| {
        let to_ms = match estimate.unit.as_str() {
            "us" => 1e-3,
            "ms" => 1.0,
            _ => 1e3,
        };
        Some([estimate.p50? * to_ms, estimate.p99? * to_ms, estimate.rps?])
    });
    figures.ok_or_else(|| Failure::broken("load told no estimate"))
}

/// A time as wrk writes it, in milliseconds.
fn millis(text: &str) -> Option<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let (number, unit) =
        units.iter().find_map(|&(unit, ms)| Some((text.strip_suffix(unit)?, ms)))?;
    number.parse::<f64>().ok().map(|number| number * unit)
}
