//! Whether `load --as` tells what other tools print: each tool that is installed beside its estimate, in
//! interleaved runs against the same server.
//!
//! ```text
//! just perf tools [ROUNDS] [SECONDS]
//! cargo build --release && cargo run --release --example perf_tools -- 5 8
//! ```
//! The server's answer takes 50 ms by the clock and next to no CPU time, so that the server decides the
//! latency and not the tool, whose own slowness no estimate from our run can know (autocannon's first
//! second, in which its code is compiled, is left out as its own warm-up); in the second half it also stands still for 300 ms in each run, which
//! is where the tools part. wrk, hey, oha and autocannon are compared as far as they are found in the
//! `PATH`. k6 and wrk2 are not: the machines that this ran on had neither. Exit codes: 0 every ratio is
//! within 10 %, 1 one is not (autocannon's milliseconds are whole: one more or less is borne with),
//! 3 something broke.
//!
//! Next: `programs.rs` for how each is run and read, `server.rs`.

#[cfg(target_os = "linux")]
#[path = "../load/median.rs"]
mod median;
#[cfg(target_os = "linux")]
#[path = "../load/program.rs"]
mod program;
#[cfg(target_os = "linux")]
mod programs;
#[cfg(target_os = "linux")]
mod server;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    comparison::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_tools needs Linux");
}

#[cfg(target_os = "linux")]
mod comparison {
    //! The comparison.

    use std::error::Error;
    use std::process::ExitCode;

    use super::median::median;
    use super::programs::{Figures, Program, estimate, installed};
    use super::server::Server;

    /// How far an estimate may be from the tool's own figure.
    const BOUND: f64 = 0.1;

    pub fn main() -> ExitCode {
        match compare_all() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(error) => {
                eprintln!("perf_tools: {error}");
                ExitCode::from(3)
            }
        }
    }

    fn compare_all() -> Result<bool, Box<dyn Error>> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let number = |index: usize, usual: u32| {
            arguments.get(index).map_or(Ok(usual), |text| text.parse::<u32>())
        };
        let (rounds, seconds) = (number(0, 5)?.max(1), number(1, 8)?.max(1));
        let programs = installed();
        println!("repeat: just perf tools {rounds} {seconds}");
        for missing in Program::ALL.iter().filter(|program| !programs.contains(program)) {
            println!("not compared: {} is not in the PATH", missing.name());
        }
        let mut met = true;
        for pausing in [false, true] {
            let what = if pausing { "50 ms, and a pause of 300 ms" } else { "50 ms" };
            println!("{what}, {rounds} × {seconds} s each, interleaved: real, estimated, ratio");
            for &program in &programs {
                met &= compare(program, rounds, seconds, pausing)?;
            }
        }
        println!("{}", if met { "within 10 %" } else { "not within 10 %" });
        Ok(met)
    }

    /// Runs a program and our estimate of it in turn; whether all ratios are within the bound.
    fn compare(
        program: Program,
        rounds: u32,
        seconds: u32,
        pausing: bool,
    ) -> Result<bool, Box<dyn Error>> {
        let (mut real, mut estimated) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let server = Server::start()?;
            real.push(server.meanwhile(pausing, |url| program.run(url, seconds))?);
            estimated.push(server.meanwhile(pausing, |url| estimate(program, url, seconds))?);
        }
        let mut met = true;
        print!("  {:<11}", program.name());
        for (place, name) in ["p50 ms", "p99 ms", "rps"].into_iter().enumerate() {
            let column = |runs: &[Figures]| median(runs.iter().map(|run| run.columns()[place]));
            let (real, estimated) = (column(&real), column(&estimated));
            let ratio = estimated / real;
            let whole = program == Program::Autocannon && name != "rps";
            met &= (ratio - 1.0).abs() <= BOUND || (whole && (estimated - real).abs() <= 1.0);
            print!("  {name} {real:>8.2} {estimated:>8.2} {ratio:>6.3}");
        }
        println!();
        Ok(met)
    }
}
