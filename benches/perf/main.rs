//! The recipes of `just perf`: speed as ratios in one run, and what the project promises, against bounds.
//!
//! ```text
//! just perf cluster|demo|experiment|load|search|server|tools [options]
//! cargo build --release && cargo run --release -p perf -- cluster kills --help
//! ```
//! A recipe prints the command that repeats it, a table, and whether its bounds are met. Exit codes: 0 met,
//! 1 not met (one line says which), 2 usage, 3 broken, 130 interrupted. Each trial starts a new server and
//! a new load from the release binary. Programs that are not installed are named and left out.

#[cfg(target_os = "linux")]
mod cli;
#[cfg(target_os = "linux")]
mod cluster;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
mod env;
#[cfg(target_os = "linux")]
mod experiment;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod search;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod servers;
#[cfg(target_os = "linux")]
mod tools;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    cli::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf needs Linux");
}
