//! How each tool is run and what it prints, and our estimate of it.

use std::error::Error;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Connections of every run.
const CONNECTIONS: &str = "8";

/// A tool that is compared where it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// wrk.
    Wrk,
    /// oha.
    Oha,
    /// hey.
    Hey,
    /// autocannon.
    Autocannon,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Median in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
    /// Requests a second.
    pub rps: f64,
}

impl Figures {
    /// All of them.
    pub fn columns(&self) -> [f64; 3] {
        [self.p50_ms, self.p99_ms, self.rps]
    }
}

/// The programs in the `PATH`.
pub fn installed() -> Vec<Program> {
    Program::ALL.into_iter().filter(|program| program.is_there()).collect()
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wrk, Self::Oha, Self::Hey, Self::Autocannon];

    /// Its name, also that for `--as`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::Hey => "hey",
            Self::Autocannon => "autocannon",
        }
    }

    fn is_there(self) -> bool {
        let mut command = Command::new(self.name());
        command.arg("--version").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    }

    /// Runs it to its end.
    pub fn run(self, url: &str, seconds: u32) -> Result<Figures, Box<dyn Error>> {
        let length = format!("{seconds}s");
        let mut command = Command::new(self.name());
        match self {
            Self::Wrk => {
                command.args(["-t1", "-c", CONNECTIONS, "-d", &length, "--latency"]);
                command.args(["--timeout", "5s"]);
            }
            Self::Oha => {
                command.args(["-c", CONNECTIONS, "-z", &length]);
                command.args(["--no-tui", "--output-format", "json"]);
            }
            Self::Hey => {
                command.args(["-c", CONNECTIONS, "-z", &length]);
            }
            Self::Autocannon => {
                command.args(["--json", "--no-progress", "-c", CONNECTIONS]);
                command.args(["-d", &seconds.to_string()]);
                command.args(["--warmup", "[", "-c", CONNECTIONS, "-d", "1", "]"]);
            }
        }
        let out = output(command.arg(url))?;
        let figures = match self {
            Self::Wrk | Self::Hey => self.read_text(&out),
            Self::Oha => from_json(&out, ["/latencyPercentiles/p50", "/latencyPercentiles/p99"])
                .zip(json(&out).and_then(|all| all.pointer("/summary/requestsPerSec")?.as_f64()))
                .map(|([p50, p99], rps)| Figures { p50_ms: p50 * 1e3, p99_ms: p99 * 1e3, rps }),
            Self::Autocannon => from_json(&out, ["/latency/p50", "/latency/p99"])
                .zip(json(&out).and_then(|all| all.pointer("/requests/average")?.as_f64()))
                .map(|([p50_ms, p99_ms], rps)| Figures { p50_ms, p99_ms, rps }),
        };
        figures.ok_or_else(|| format!("cannot read what {} printed:\n{out}", self.name()).into())
    }

    /// Reads lines such as `50%  5.21ms` (wrk) and `50% in 0.0052 secs` (hey, which of old writes two
    /// percent signs).
    fn read_text(self, out: &str) -> Option<Figures> {
        let at = |percent: &str| {
            let mut lines = out.lines().filter_map(|line| line.trim().strip_prefix(percent));
            let value = lines.next()?.trim_start_matches('%').trim();
            match self {
                Self::Hey => {
                    value.strip_prefix("in ")?.split(' ').next()?.parse().ok().map(|s: f64| s * 1e3)
                }
                _ => millis(value),
            }
        };
        let mut rates = out.lines().filter_map(|line| line.trim().strip_prefix("Requests/sec:"));
        let rps = rates.next()?.trim().parse().ok()?;
        Some(Figures { p50_ms: at("50%")?, p99_ms: at("99%")?, rps })
    }
}

/// What `load --as` says that the program would have printed.
pub fn estimate(program: Program, url: &str, seconds: u32) -> Result<Figures, Box<dyn Error>> {
    let mut command = Command::new(super::program::program()?);
    command.args(["load", url, "-c", CONNECTIONS, "-d", &format!("{seconds}s")]);
    let out = output(command.args(["--as", program.name(), "--json", "-"]))?;
    let read = || {
        let all = json(&out)?;
        let estimate = all.pointer("/as/0")?;
        let to_ms = match estimate["unit"].as_str()? {
            "us" => 1e-3,
            "ms" => 1.0,
            _ => 1e3,
        };
        let figure = |name: &str| estimate[name].as_f64();
        let (p50_ms, p99_ms) = (figure("p50")? * to_ms, figure("p99")? * to_ms);
        Some(Figures { p50_ms, p99_ms, rps: figure("rps")? })
    };
    read().ok_or_else(|| format!("load told no estimate: {out}").into())
}

/// A time as wrk writes it, in milliseconds.
fn millis(text: &str) -> Option<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let (number, unit) =
        units.iter().find_map(|&(unit, ms)| Some((text.strip_suffix(unit)?, ms)))?;
    number.parse::<f64>().ok().map(|number| number * unit)
}

/// What was printed, or its last line (autocannon tells its warm-up in a line before).
fn json(text: &str) -> Option<Value> {
    let last = || serde_json::from_str(text.trim().lines().next_back()?).ok();
    serde_json::from_str(text).ok().or_else(last)
}

fn from_json(text: &str, pointers: [&str; 2]) -> Option<[f64; 2]> {
    let all = json(text)?;
    let [one, other] = pointers.map(|pointer| all.pointer(pointer).and_then(Value::as_f64));
    Some([one?, other?])
}

/// Runs a command to its end; what it wrote.
fn output(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    Ok(String::from_utf8(output.stdout)?)
}
