//! The summary for people. Who knows wrk finds the same figures in the same places.
//!
//! Pure text from a result: nothing is measured or printed here.

use std::fmt::Write as _;

use crate::format::{bar, bytes, grouped, micros, plural};
use crate::latency::{Latency, Quantiles};
use crate::plan::{Bound, Model, Plan};
use crate::result::RunResult;
use crate::steer::Held;
use crate::tool_emulation::table::table;

/// Width of the longest bar, in characters.
const BAR: usize = 30;

/// Draws up the summary of a run.
#[must_use]
pub fn summary(plan: &Plan, result: &RunResult) -> String {
    let mut text = String::new();
    heading(&mut text, plan);
    text + &figures(result)
}

/// The summary's figures, without the heading that says what was run.
#[must_use]
pub fn figures(result: &RunResult) -> String {
    let mut text = String::new();
    latency(&mut text, "Latency", &result.latency);
    if let Some(service) = &result.service_latency {
        latency(&mut text, "Service latency, from the actual send", service);
    }
    split(&mut text, result);
    totals(&mut text, result);
    errors(&mut text, result);
    workers(&mut text, result);
    steered(&mut text, result);
    text += &table(&result.latency, result.throughput_rps, &result.tools);
    generator(&mut text, result);
    text
}

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => {
        let _ = writeln!($text, $($argument)*);
    };
}

fn heading(text: &mut String, plan: &Plan) {
    let bound = match plan.bound {
        Bound::Requests(requests) => format!("{} requests", grouped(requests)),
        Bound::Duration(duration) => format!("{duration:?}"),
    };
    let over = plan.unix.as_ref().map(|path| format!(" over unix:{}", path.display()));
    line!(text, "Running {bound} @ {}{}", plan.target, over.unwrap_or_default());
    let threads = plural(u64::from(plan.threads), "thread");
    let connections = plural(u64::from(plan.connections), "connection");
    let each = if plan.is_one_each() { " at a time, a new one each request" } else { "" };
    let warmup = Some(plan.warmup).filter(|warmup| !warmup.is_zero());
    let warmup = warmup.map(|warmup| format!(", after {warmup:?} of warm-up")).unwrap_or_default();
    let (model, awake) = (model(plan), if plan.awake { ", CPUs kept awake" } else { "" });
    line!(text, "  {threads} and {connections}{each}{warmup}, {model}{awake}");
}

fn latency(text: &mut String, title: &str, latency: &Latency) {
    if latency.histogram.is_empty() {
        return;
    }
    let rows = [
        ("p50", latency.p50),
        ("p90", latency.p90),
        ("p99", latency.p99),
        ("p99.9", latency.p999),
        ("max", latency.max),
    ];
    line!(text, "  {title}  (mean {})", micros(latency.mean));
    for (name, value) in rows {
        // Latencies span decades: the bar shows the logarithm.
        let share = (1.0 + value.max(0.0)).ln() / (1.0 + latency.max).ln().max(f64::MIN_POSITIVE);
        line!(text, "    {name:>6} {:>10}  {}", micros(value), bar(share, BAR));
    }
}

/// How requests are sent, in words.
fn model(plan: &Plan) -> String {
    match &plan.model {
        Model::Closed if plan.pipeline == 1 => "closed loop".to_owned(),
        Model::Closed => format!("closed loop, {} in the pipeline", plan.pipeline),
        Model::Open { rate, arrivals, .. } => {
            let (arrivals, rate, seed) = (arrivals.name(), rate.mean_rate(), plan.seed);
            format!("open loop, {arrivals} arrivals at {rate:.0}/s, seed {seed}")
        }
    }
}

fn split(text: &mut String, result: &RunResult) {
    let split = &result.split;
    let parts = [
        ("schedule lag", split.schedule_lag),
        ("send lag", split.send_lag),
        ("server", split.server),
        ("reap lag", split.reap_lag),
    ];
    line!(text, "  Where the time went        p50        p99        max");
    for (name, part) in parts {
        if let Some(Quantiles { p50, p99, max, .. }) = part {
            let [p50, p99, max] = [p50, p99, max].map(micros);
            line!(text, "    {name:<16} {p50:>10} {p99:>10} {max:>10}");
        }
    }
}

fn totals(text: &mut String, result: &RunResult) {
    let (requests, read) = (plural(result.requests, "request"), bytes(result.bytes as f64));
    line!(text, "  {requests} in {:.2}s, {read} read", result.elapsed_s);
    line!(text, "Requests/sec: {:>12.2}", result.throughput_rps);
    if result.elapsed_s > 0.0 {
        line!(text, "Transfer/sec: {:>12}", bytes(result.bytes as f64 / result.elapsed_s));
    }
}

fn errors(text: &mut String, result: &RunResult) {
    let classes = result.errors.by_class();
    if classes.is_empty() {
        line!(text, "Errors: none");
        return;
    }
    let list: Vec<_> = classes
        .iter()
        .map(|(class, count)| format!("{} {}", class.name(), grouped(*count)))
        .collect();
    line!(text, "Errors: {} ({})", grouped(result.errors.total()), list.join(", "));
    for (name, count) in &result.errors.errno {
        line!(text, "  {name}: {}", grouped(*count));
    }
}

fn workers(text: &mut String, result: &RunResult) {
    let most = result.workers.iter().map(|worker| worker.client_requests).max().unwrap_or(0);
    if most == 0 || result.workers.iter().all(|worker| worker.id.is_none() && worker.pid.is_none())
    {
        return;
    }
    line!(text, "Workers (whole run, warm-up included):");
    for worker in &result.workers {
        let name = match (worker.id, worker.pid) {
            (Some(id), Some(pid)) => format!("{id} (pid {pid})"),
            (Some(id), None) => id.to_string(),
            (None, Some(pid)) => format!("pid {pid}"),
            (None, None) => "not named".to_owned(),
        };
        let [requests, connections] = [worker.client_requests, worker.connections].map(grouped);
        let bar = bar(worker.client_requests as f64 / most as f64, BAR);
        line!(text, "  {name:<16} {requests:>12} req {connections:>8} conn  {bar}");
    }
}

fn steered(text: &mut String, result: &RunResult) {
    let Some(steered) = &result.steered else { return };
    let held = |held: &Held| {
        let name = held.id.or(held.pid).unwrap_or_default();
        format!("{} on worker {name}", grouped(held.connections))
    };
    let held: Vec<_> = steered.held.iter().map(held).collect();
    line!(text, "Steered: {} ({})", held.join(", "), plural(steered.connects, "connect"));
}

fn generator(text: &mut String, result: &RunResult) {
    let cpu = &result.cpu;
    if cpu.elapsed_s > 0.0 {
        let used = cpu.load_user_s + cpu.load_sys_s;
        let share = 100.0 * used / cpu.elapsed_s;
        let requests = Some(result.throughput_rps * cpu.elapsed_s).filter(|it| *it > 0.0);
        let each = requests.map(|it| format!(", {:.2} µs a request", used * 1e6 / it));
        let http2 = if result.http_version == "HTTP/2" { " over HTTP/2" } else { "" };
        let split = format!("user {:.2}s, system {:.2}s", cpu.load_user_s, cpu.load_sys_s);
        let (by, each) = (&result.engine, each.unwrap_or_default());
        line!(text, "Generator CPU: {share:.0}% of a core by {by}{http2} ({split}){each}");
    }
    line!(text, "Verdict: {}", if result.valid { "VALID" } else { "INVALID" });
    for reason in &result.reasons {
        line!(text, "  - {reason}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::small;
    use crate::result::{Cpu, Errors, Worker};

    #[test]
    fn the_summary_tells_rate_errors_workers_and_verdict() {
        let worker = |id, pid, client_requests| {
            let (id, pid, connections) = (Some(id), Some(pid), 1);
            Worker { id, pid, connections, client_requests, latency: None }
        };
        let result = RunResult {
            throughput_rps: 1234.5,
            requests: 10,
            elapsed_s: 1.0,
            errors: Errors { timeout: 3, ..Errors::default() },
            workers: vec![worker(1, 77, 10), worker(2, 78, 5)],
            engine: "epoll".into(),
            cpu: Cpu { elapsed_s: 1.0, load_user_s: 0.1, load_sys_s: 0.2 },
            valid: true,
            ..RunResult::default()
        };
        let text = summary(&small(), &result);
        let rate = "Requests/sec:      1234.50";
        for part in [rate, "timeout 3", "1 (pid 77)", "30% of a core by epoll", "VALID"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
