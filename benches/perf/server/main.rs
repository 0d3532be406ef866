//! How fast the server is, measured against others side by side: nginx, Node, hyper as it comes and a
//! loop that only reads and writes; what supervision costs; what ten thousand idle connections cost;
//! and which instructions a request takes.
//!
//! ```text
//! just perf server [keepalive|price|idle|instructions] [options]
//! cargo build --release && cargo run --release --example perf_server -- keepalive --help
//! ```
//! Without a word it makes all of them. Each measurement prints the command that repeats it, a table,
//! and whether its bounds are met; exit codes: 0 they are, 1 they are not (one line says which),
//! 2 usage, 3 something broke, 130 interrupted. What is not installed is told and left out.
//!
//! Next: `recipes/mod.rs`, with one file a measurement beside it; `contender/` starts who is
//! measured, `generator.rs` who drives it, `rounds.rs` has them take turns.

#[cfg(target_os = "linux")]
mod answer;
#[cfg(target_os = "linux")]
#[path = "../load/bare_server.rs"]
mod bare_server;
#[cfg(target_os = "linux")]
mod contender;
#[cfg(target_os = "linux")]
mod cpus;
#[cfg(target_os = "linux")]
mod generator;
#[cfg(target_os = "linux")]
mod recipes;
#[cfg(target_os = "linux")]
mod rounds;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_cluster follows a cluster's events; here a server only answers")]
#[path = "../cluster/stage/mod.rs"]
mod stage;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    recipes::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_server needs Linux");
}
