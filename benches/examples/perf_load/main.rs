//! What a request costs the load generator, beside what it costs wrk: interleaved runs against a
//! bare server, each side on a CPU of its own.
//!
//! ```text
//! cargo build --release && cargo run --release --example perf_load [ROUNDS] [SECONDS]
//! ```
//! The cost is the generator's whole CPU time (user and system, from the kernel's accounts) divided
//! by the answers it got. The server is the leanest that will do, in `bare_server.rs`, so that the
//! generator is the limit. Without wrk, only our own cost is shown.

#[cfg(target_os = "linux")]
mod bare_server;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    perf::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_load needs Linux");
}

#[cfg(target_os = "linux")]
mod perf {
    //! The comparison.

    use std::error::Error;
    use std::io::{BufRead, BufReader};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};

    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;

    const CONNECTIONS: &str = "64";
    const SERVER_CPU: &str = "0";
    const CLIENT_CPU: &str = "1";

    /// The word that makes this program the server.
    const SERVE: &str = "--serve";

    /// A generator's CPU microseconds a request, and its rate.
    type Cost = (f64, f64);

    pub fn main() -> Result<(), Box<dyn Error>> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if arguments.first().is_some_and(|word| word == SERVE) {
            return Ok(super::bare_server::serve()?);
        }
        let number = |index: usize, usual: u32| {
            arguments.get(index).map_or(Ok(usual), |text| text.parse::<u32>())
        };
        let (rounds, seconds) = (number(0, 7)?, number(1, 2)?);
        let (server, url) = start_server()?;
        let outcome = compare(&url, rounds, seconds);
        stop(server);
        outcome
    }

    fn start_server() -> Result<(Child, String), Box<dyn Error>> {
        let program = std::env::current_exe()?;
        let mut server = Command::new("taskset")
            .args(["-c", SERVER_CPU])
            .arg(program)
            .arg(SERVE)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = server.stdout.take().ok_or("the server has no output")?;
        BufReader::new(out).read_line(&mut line)?;
        Ok((server, line.trim().to_owned()))
    }

    fn stop(mut server: Child) {
        // It may have ended by itself.
        let _ = server.kill();
        let _ = server.wait();
    }

    fn compare(url: &str, rounds: u32, seconds: u32) -> Result<(), Box<dyn Error>> {
        for (name, keepalive) in [("keep-alive", true), ("a connection a request", false)] {
            let (mut ours, mut theirs, mut ratios) = (vec![], vec![], vec![]);
            for _ in 0..rounds {
                let us = load(url, seconds, keepalive)?;
                ours.push(us);
                if let Some(them) = wrk(url, seconds, keepalive)? {
                    theirs.push(them);
                    ratios.push(us.0 / them.0);
                }
            }
            println!("{name}, {CONNECTIONS} connections, {rounds} × {seconds} s each, interleaved");
            print("load", &ours);
            if ratios.is_empty() {
                println!("  wrk is not installed: no ratio");
            } else {
                print("wrk", &theirs);
                let (low, high) = range(&ratios);
                println!(
                    "  CPU a request, load / wrk: {:.3} ({low:.3} to {high:.3})",
                    median(&ratios)
                );
            }
        }
        Ok(())
    }

    fn load(url: &str, seconds: u32, keepalive: bool) -> Result<Cost, Box<dyn Error>> {
        let mut command = Command::new(program()?);
        command.args(["load", url, "-c", CONNECTIONS, "--cpus", CLIENT_CPU, "--json", "-"]);
        command.args(["-d", &format!("{seconds}s")]);
        if !keepalive {
            command.arg("--no-keepalive");
        }
        let (out, cpu_us) = measured(&mut command)?;
        let result: serde_json::Value = serde_json::from_str(&out)?;
        let requests = result["lifetime"]["answered"].as_f64().ok_or("no count in the result")?;
        Ok((cpu_us / requests, requests / f64::from(seconds)))
    }

    fn wrk(url: &str, seconds: u32, keepalive: bool) -> Result<Option<Cost>, Box<dyn Error>> {
        if Command::new("wrk").arg("-v").output().is_err() {
            return Ok(None);
        }
        let mut command = Command::new("taskset");
        command.args(["-c", CLIENT_CPU, "wrk", "-t1", "-c", CONNECTIONS]);
        command.args(["-d", &format!("{seconds}s")]);
        if !keepalive {
            command.args(["-H", "Connection: close"]);
        }
        let (out, cpu_us) = measured(command.arg(url))?;
        let requests = out
            .lines()
            .find_map(|line| line.trim().split_once(" requests in")?.0.parse::<f64>().ok())
            .ok_or("wrk told no number of requests")?;
        Ok(Some((cpu_us / requests, requests / f64::from(seconds))))
    }

    /// Runs a command to its end: its output, and the CPU microseconds that it used.
    fn measured(command: &mut Command) -> Result<(String, f64), Box<dyn Error>> {
        let before = children_us()?;
        let output = command.stderr(Stdio::inherit()).output()?;
        let used = children_us()? - before;
        Ok((String::from_utf8(output.stdout)?, used))
    }

    /// CPU time of all children that have ended, in microseconds.
    fn children_us() -> nix::Result<f64> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let total = usage.user_time() + usage.system_time();
        Ok(total.num_microseconds() as f64)
    }

    /// The binary beside this example's folder.
    fn program() -> Result<PathBuf, Box<dyn Error>> {
        let example = std::env::current_exe()?;
        let folder =
            example.parent().and_then(|folder| folder.parent()).ok_or("no target folder")?;
        let program = folder.join("hello-cluster");
        if program.exists() {
            Ok(program)
        } else {
            Err("build the binary first: cargo build --release".into())
        }
    }

    fn print(name: &str, costs: &[Cost]) {
        let us: Vec<f64> = costs.iter().map(|cost| cost.0).collect();
        let rates: Vec<f64> = costs.iter().map(|cost| cost.1).collect();
        println!(
            "  {name:<5} {:>7.3} µs of CPU a request, {:>9.0} requests/s (medians)",
            median(&us),
            median(&rates)
        );
    }

    fn range(values: &[f64]) -> (f64, f64) {
        values
            .iter()
            .fold((f64::INFINITY, 0.0), |(low, high), &value| (value.min(low), value.max(high)))
    }

    fn median(values: &[f64]) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        }
    }
}
