//! What a request costs each engine of the load generator, beside what it costs wrk, oha, h2load and
//! autocannon, and how late an open loop sends: interleaved runs against a bare server, each side on
//! a CPU of its own.
//!
//! ```text
//! cargo build --release && cargo run --release --example perf_load [ROUNDS] [SECONDS]
//! ```
//! The cost is the generator's whole CPU time (user and system, from the kernel's accounts) divided
//! by the answers it got. The server is the leanest that will do, in `bare_server.rs`, so that the
//! generator is the limit. How the programs are run is in `generators.rs`; a lateness that no
//! program could avoid on this machine is measured by `sleeper.rs`. With valgrind installed,
//! `instructions.rs` counts what an engine does in user space beside a loop that does nothing else
//! than it must (`bare_client.rs`).

#[cfg(target_os = "linux")]
mod bare_client;
#[cfg(target_os = "linux")]
mod bare_server;
#[cfg(target_os = "linux")]
mod generators;
#[cfg(target_os = "linux")]
mod instructions;
#[cfg(target_os = "linux")]
mod median;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod sleeper;

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
    use std::process::{Child, Command, Stdio};

    use super::bare_server::{self, Answers};
    use super::generators::{CONNECTIONS, Cost, Kind, lateness, run};
    use super::median::median;
    use super::{bare_client, instructions, sleeper};

    const SERVER_CPU: &str = "0";

    /// The word that makes this program the server.
    const SERVE: &str = "--serve";

    /// What the server answers.
    const ANSWERS: Answers<'_> = Answers {
        kept: b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n",
        closing: Some(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"),
    };

    pub fn main() -> Result<(), Box<dyn Error>> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let number = |index: usize, usual: u32| {
            arguments.get(index).map_or(Ok(usual), |text| text.parse::<u32>())
        };
        match arguments.first().map(String::as_str) {
            Some(SERVE) => return Ok(bare_server::serve(&ANSWERS)?),
            Some(bare_client::WORD) => {
                let url = arguments.get(1).ok_or("no URL")?;
                return Ok(bare_client::drive(url, u64::from(number(2, 1)?))?);
            }
            Some(sleeper::WORD) => return Ok(sleeper::main(number(1, 1)?, number(2, 1)?)?),
            _ => {}
        }
        let (rounds, seconds) = (number(0, 7)?, number(1, 2)?);
        let (server, url) = start_server()?;
        let outcome = compare_all(&url, rounds, seconds);
        stop(server);
        outcome
    }

    fn compare_all(url: &str, rounds: u32, seconds: u32) -> Result<(), Box<dyn Error>> {
        let capacity = compare("keep-alive", url, rounds, seconds, true)?;
        compare("a connection a request", url, rounds, seconds, false)?;
        compare_lateness(url, rounds, seconds, (capacity / 10.0) as u32)?;
        instructions::compare(url)
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

    /// What a request costs each generator; returns our rate.
    fn compare(
        name: &str,
        url: &str,
        rounds: u32,
        seconds: u32,
        keepalive: bool,
    ) -> Result<f64, Box<dyn Error>> {
        let mut costs: Vec<(Kind, Vec<Cost>)> =
            Kind::installed(keepalive).into_iter().map(|kind| (kind, Vec::new())).collect();
        for _ in 0..rounds {
            for (kind, costs) in &mut costs {
                costs.push(run(*kind, url, seconds, keepalive)?);
            }
        }
        println!("{name}, {CONNECTIONS} connections, {rounds} × {seconds} s each, interleaved");
        let ours: Vec<_> = costs.iter().filter(|(kind, _)| kind.is_own()).collect();
        for (kind, theirs) in &costs {
            let us = median(theirs.iter().map(|cost| cost.us));
            let rate = median(theirs.iter().map(|cost| cost.rps));
            let name = kind.name();
            print!("  {name:<10} {us:>7.3} µs of CPU a request, {rate:>8.0} requests/s");
            for (own, ours) in &ours {
                let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a.us / b.us).collect();
                let ratio = median(ratios.iter().copied());
                let (low, high) = range(&ratios);
                if own != kind {
                    print!("; {} costs {ratio:.3} of it ({low:.3} to {high:.3})", own.name());
                }
            }
            println!();
        }
        let rates = |(_, costs): &&(Kind, Vec<Cost>)| median(costs.iter().map(|cost| cost.rps));
        Ok(ours.iter().map(rates).fold(0.0, f64::max))
    }

    /// How late requests are sent at a constant rate, beside how late a loop is that only sleeps.
    fn compare_lateness(
        url: &str,
        rounds: u32,
        seconds: u32,
        rate: u32,
    ) -> Result<(), Box<dyn Error>> {
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(lateness(url, seconds, rate)?);
            floor.push(sleeper::lateness(rate, seconds)?);
        }
        println!(
            "open loop at {rate} requests/s, a tenth of capacity, sleeping: lag behind schedule"
        );
        let line = |name: &str, lags: &[sleeper::Lateness]| {
            let p50 = median(lags.iter().map(|lag| lag.p50_us));
            let p99 = median(lags.iter().map(|lag| lag.p99_us));
            println!("  {name:<21} p50 {p50:>6.1} µs, p99 {p99:>7.1} µs (medians)");
        };
        line("load", &ours);
        line("a loop that only sleeps", &floor);
        let ratios: Vec<f64> = ours.iter().zip(&floor).map(|(a, b)| a.p99_us / b.p99_us).collect();
        let (low, high) = range(&ratios);
        let ratio = median(ratios.iter().copied());
        println!("  p99, load / sleeping only: {ratio:.3} ({low:.3} to {high:.3})");
        Ok(())
    }

    fn range(values: &[f64]) -> (f64, f64) {
        values
            .iter()
            .fold((f64::INFINITY, 0.0), |(low, high), &value| (value.min(low), value.max(high)))
    }
}
