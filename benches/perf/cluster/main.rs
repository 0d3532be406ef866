//! What the cluster's supervision is worth, measured: kills, restarts, switches of the mode, the price of
//! dealing, what an idle cluster takes, and what balancing buys when some requests are heavy.
//!
//! ```text
//! just perf cluster kills|restarts|switches|connect|idle|mixed [options]
//! cargo build --release && cargo run --release --example perf_cluster -- kills --help
//! ```
//! Each measurement prints the command that repeats it, a table, and whether its bounds are met;
//! exit codes: 0 they are, 1 they are not (one line says which), 2 usage, 3 something broke,
//! 130 interrupted. Server and load are processes of their own, started anew for each trial.
//!
//! Next: `recipes/mod.rs`, with one file a measurement beside it; `stage/` starts, follows and ends
//! the processes.

#[cfg(target_os = "linux")]
mod recipes;
#[cfg(target_os = "linux")]
mod stage;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    recipes::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_cluster needs Linux");
}
