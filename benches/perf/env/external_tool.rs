//! Load generators of others that are run beside ours.

use std::process::Command;

use hello_cluster::harness::target::detect::find;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalTool {
    Wrk,
    Oha,
    Hey,
    /// Speaking HTTP/1.1.
    H2load,
    Autocannon,
}

impl ExternalTool {
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::Hey => "hey",
            Self::H2load => "h2load",
            Self::Autocannon => "autocannon",
        }
    }

    pub fn is_installed(self) -> bool {
        find(self.name()).is_some()
    }

    /// A closed loop over kept connections, without its URL.
    pub fn command(self, connections: &str, seconds: u32) -> Command {
        let (plain, with_unit) = (seconds.to_string(), format!("{seconds}s"));
        let (fixed, time, length): (&[&str], _, _) = match self {
            Self::Wrk => (&["-t1"], "-d", with_unit),
            Self::Oha => (&["--no-tui", "--output-format", "json"], "-z", with_unit),
            Self::Hey => (&[], "-z", with_unit),
            Self::H2load => (&["--h1", "-t1"], "-D", with_unit),
            Self::Autocannon => (&["--json", "--no-progress"], "-d", plain),
        };
        let mut command = Command::new(self.name());
        command.args(fixed).args(["-c", connections, time, &length]);
        command
    }

    pub fn answers(self, out: &str) -> Option<f64> {
        match self {
            Self::Wrk => {
                out.lines().find_map(|line| line.trim().split_once(" requests in")?.0.parse().ok())
            }
            Self::Oha => {
                let all = json(out)?;
                let statuses = all["statusCodeDistribution"].as_object()?.values();
                Some(statuses.filter_map(Value::as_f64).sum())
            }
            Self::H2load => {
                let line = out.lines().find_map(|line| line.strip_prefix("requests: "))?;
                line.split(", ").find_map(|part| part.strip_suffix(" succeeded")?.parse().ok())
            }
            Self::Autocannon => json(out)?["2xx"].as_f64(),
            Self::Hey => None,
        }
    }
}

pub fn requests_per_second(out: &str) -> Option<f64> {
    out.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:")?.trim().parse().ok())
}

/// What was printed, or its last line (autocannon tells its warm-up in a line before).
pub fn json(text: &str) -> Option<Value> {
    let last = || serde_json::from_str(text.trim().lines().next_back()?).ok();
    serde_json::from_str(text).ok().or_else(last)
}
