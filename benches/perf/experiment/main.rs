//! Whether the experiment keeps its promises on a live system: is the cause of a slow trial named,
//! and does a server that is compared with itself come out as faster or slower only as rarely as it
//! may?
//!
//! ```text
//! just perf experiment faults|same [options]
//! cargo build --release && cargo run --release --example perf_experiment -- faults --help
//! ```
//! Both run `hello-cluster bench` on suites of their own, as a user would, and judge the record by
//! the code that the page is made by. Each prints the command that repeats it, a table, and whether
//! its bounds are met; exit codes: 0 they are, 1 they are not (one line says which), 2 usage,
//! 3 something broke, 130 interrupted.
//!
//! Next: `recipes/mod.rs`, with one file a measurement beside it; `faults/` injects what
//! is to be found; `bench.rs` runs a suite.

#[cfg(target_os = "linux")]
mod bench;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod recipes;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_cluster starts servers and loads itself; here the suite does")]
#[path = "../cluster/stage/mod.rs"]
mod stage;
#[cfg(target_os = "linux")]
mod suite;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    recipes::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_experiment needs Linux");
}
