//! How well `load --find-max` repeats on real servers: the same search some times over against nginx
//! that gives out a thousand answers a second whatever the machine (a leaky bucket: M/D/1), against our
//! server and against nginx with work enough that they are the limit (hashing, compressing), and against
//! nginx that only says hello, where the generator has nearly as much to do.
//!
//! ```text
//! just perf search [ROUNDS] [--slo p99=10ms] [--budget 2m] [--awake] [--only nginx]
//! cargo build --release && cargo run --release --example perf_search -- 5
//! ```
//! Server and generator have a CPU each. Each search prints its rate and interval, each server the ratio
//! of its largest rate to its smallest, which must be at most 1.1. Exit codes: 0 it is, 1 it is not, or a
//! search was not valid, 2 usage, 3 something broke, 130 interrupted. What is not installed
//! is told and left out.
//!
//! Next: `searches.rs`; the servers are those of `perf_server`.

#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_server looks at more of an answer")]
#[path = "../server/answer.rs"]
mod answer;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_server starts more")]
#[path = "../load/bare_server.rs"]
mod bare_server;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_server starts more")]
#[path = "../server/contender/mod.rs"]
mod contender;
#[cfg(target_os = "linux")]
#[path = "../server/cpus.rs"]
mod cpus;
#[cfg(target_os = "linux")]
mod searches;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_server looks at a server's CPU time, too")]
#[path = "../server/server.rs"]
mod server;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_cluster follows a cluster's events; here a server only answers")]
#[path = "../cluster/stage/mod.rs"]
mod stage;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    searches::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_search needs Linux");
}
