//! The recipes of `just perf`: measurements of speed, and of what the project promises, as ratios in
//! one run and against bounds.
//!
//! ```text
//! just perf cluster|demo|experiment|load|search|server|tools [options]
//! cargo build --release && cargo run --release -p perf -- cluster kills --help
//! ```
//! A recipe prints the command that repeats it, a table, and whether its bounds are met. Exit codes:
//! 0 they are, 1 they are not (one line says which), 2 usage, 3 something broke, 130 interrupted.
//! Server and load are processes of their own, started anew for each trial from the binary that
//! `cargo build --release` made; what is not installed is told and left out.

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
