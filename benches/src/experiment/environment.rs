//! The manifest: which machine this is and what state it is in before the run.
//!
//! A figure without its machine is no figure. What cannot be found out stays empty; nothing here can
//! fail. Next: [`warnings`] for what spoils a measurement.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit};
use reports::record::Environment;

/// Load average from which other programs are worth a warning.
const BUSY: f64 = 0.5;

/// How long `git` may take to tell the revision.
const GIT: Duration = Duration::from_secs(2);

/// Looks around; `allowed` are the CPUs that this run may use.
pub fn look(allowed: &[u32]) -> Environment {
    let cpuinfo = read("/proc/cpuinfo");
    let mut environment = Environment {
        os: os_name(&read("/etc/os-release")),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        cpu_model: field(&cpuinfo, "model name").unwrap_or_default(),
        cores: allowed.len() as u32,
        memory_bytes: memory(&read("/proc/meminfo")),
        virtualisation: virtualisation(&cpuinfo),
        load_1m: first_number(&read("/proc/loadavg")).unwrap_or(0.0),
        somaxconn: read("/proc/sys/net/core/somaxconn").trim().parse().unwrap_or(0),
        open_files: getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: revision().unwrap_or_default(),
        warnings: Vec::new(),
    };
    environment.warnings = warnings(&environment, cfg!(debug_assertions));
    environment
}

/// What may spoil the measurement, one sentence each.
fn warnings(environment: &Environment, debug: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if debug {
        warnings.push(
            "This is a debug build: its figures say little. Run it with `cargo run --release`."
                .to_owned(),
        );
    }
    if environment.load_1m > BUSY {
        warnings.push(format!(
            "The load average was {:.2} before the start: other programs were running.",
            environment.load_1m
        ));
    }
    if environment.cores < 4 {
        warnings.push(format!(
            "CPUs: {}. With as many workers, the generator takes a part of what the \
             server could use.",
            environment.cores
        ));
    }
    if (1..1024).contains(&environment.open_files) {
        warnings.push(format!(
            "A process may open {} files only: many connections will fail.",
            environment.open_files
        ));
    }
    warnings
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The value behind `name :` in a file such as `/proc/cpuinfo`.
fn field(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value)
}

/// `PRETTY_NAME` of os-release(5).
fn os_name(text: &str) -> String {
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or_default().trim_matches('"').to_owned()
}

/// `MemTotal` in bytes; the file counts in kB, which are KiB.
fn memory(text: &str) -> u64 {
    let total = field(text, "MemTotal").unwrap_or_default();
    total.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn first_number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

/// Container and hypervisor, as far as they show.
fn virtualisation(cpuinfo: &str) -> String {
    let mut found = Vec::new();
    if ["/.dockerenv", "/run/.containerenv"].iter().any(|path| Path::new(path).exists()) {
        found.push("container".to_owned());
    }
    let flags = field(cpuinfo, "flags").unwrap_or_default();
    if flags.split(' ').any(|flag| flag == "hypervisor") {
        let vendor = read("/sys/class/dmi/id/sys_vendor").trim().to_owned();
        found.push(if vendor.is_empty() {
            "virtual machine".to_owned()
        } else {
            format!("virtual machine ({vendor})")
        });
    }
    found.join(", ")
}

/// The revision of the source that this binary was built from, while its checkout is still there;
/// `git` gets a bounded time, as everything here does.
fn revision() -> Option<String> {
    let mut git = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR")])
        .args(["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + GIT;
    while git.try_wait().ok()?.is_none() {
        if Instant::now() > deadline {
            let _ = git.kill();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = git.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Environment {
        Environment { cores: 8, load_1m: 0.1, open_files: 4096, ..Environment::default() }
    }

    #[test]
    fn a_quiet_machine_with_cores_to_spare_has_no_warning() {
        assert!(warnings(&quiet(), false).is_empty());
    }

    #[test]
    fn what_spoils_a_measurement_is_said() {
        let busy = Environment { load_1m: 1.5, cores: 2, open_files: 256, ..quiet() };
        let warnings = warnings(&busy, true);
        assert_eq!(warnings.len(), 4);
        assert!(warnings[0].contains("debug build"));
        assert!(warnings[1].contains("1.50"));
    }

    #[test]
    fn proc_and_etc_files_are_read_as_they_are_written() {
        assert_eq!(
            os_name("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"),
            "Debian GNU/Linux 12"
        );
        assert_eq!(memory("MemTotal:       16384 kB\nMemFree: 1 kB\n"), 16384 * 1024);
        assert_eq!(
            field("processor\t: 0\nmodel name\t: Some CPU\n", "model name").unwrap(),
            "Some CPU"
        );
        assert_eq!(first_number("0.42 0.40 0.30 1/200 999"), Some(0.42));
    }

    #[test]
    fn this_machine_can_be_looked_at() {
        let environment = look(&[0, 1]);
        assert_eq!(environment.cores, 2);
        assert!(!environment.kernel.is_empty());
        assert!(environment.memory_bytes > 0);
    }
}
