//! The status for Prometheus, in its text format 0.0.4.
//!
//! Counters carry the worker's id, not the process's: they go on when a process is replaced. They
//! begin anew only with the cluster.

use std::fmt::{Display, Write};

use crate::scoreboard::Errors;
use crate::status::{ProcessState, Snapshot, WorkerTotals};

pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The kinds of metrics, as the format names them.
const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";

/// A metric of each worker id: name, kind, what it is, and its value.
type OfWorker = (&'static str, &'static str, &'static str, fn(&WorkerTotals) -> f64);

const OF_WORKERS: [OfWorker; 8] = [
    ("connections_total", COUNTER, "Connections accepted or dealt.", |it| {
        it.counts.connections as f64
    }),
    ("connections_open", GAUGE, "Connections open now.", |it| it.counts.open as f64),
    ("requests_total", COUNTER, "Requests answered.", |it| it.counts.requests as f64),
    ("response_body_bytes_total", COUNTER, "Bytes of the bodies of answers.", |it| {
        it.counts.bytes as f64
    }),
    ("given_back_total", COUNTER, "Connections that could not be received.", |it| {
        it.counts.lost as f64
    }),
    ("vain_wakes_total", COUNTER, "Wakes for a connection another had.", |it| {
        it.counts.vain_wakes as f64
    }),
    ("busy_seconds_total", COUNTER, "Seconds not spent waiting.", |it| it.counts.busy_s),
    ("restarts_total", COUNTER, "Processes started after the first.", |it| {
        f64::from(it.processes.saturating_sub(1))
    }),
];

pub(super) fn text(snapshot: &Snapshot) -> String {
    let mut page = Page(String::new());
    of_cluster(&mut page, snapshot);
    for (name, kind, help, value) in OF_WORKERS {
        let name = format!("worker_{name}");
        page.head(&name, kind, help);
        for total in &snapshot.totals {
            page.sample(&name, &[("worker", &total.id)], value(total));
        }
    }
    page.head("worker_ready", GAUGE, "Whether a worker takes connections.");
    for total in &snapshot.totals {
        let ready =
            snapshot.rows.iter().any(|row| row.id == total.id && row.state == ProcessState::Ready);
        page.sample("worker_ready", &[("worker", &total.id)], f64::from(u8::from(ready)));
    }
    page.head("worker_cpu_seconds_total", COUNTER, "CPU time, as of the last heartbeat.");
    for total in &snapshot.totals {
        for (mode, seconds) in [("user", total.cpu_user_s), ("system", total.cpu_sys_s)] {
            let labels: [(_, &dyn Display); 2] = [("worker", &total.id), ("mode", &mode)];
            page.sample("worker_cpu_seconds_total", &labels, seconds);
        }
    }
    page.head("worker_errors_total", COUNTER, "Errors on connections, by kind.");
    for total in &snapshot.totals {
        for (kind, count) in by_kind(total.counts.errors) {
            let labels: [(_, &dyn Display); 2] = [("worker", &total.id), ("kind", &kind)];
            page.sample("worker_errors_total", &labels, count);
        }
    }
    page.0
}

fn of_cluster(page: &mut Page, snapshot: &Snapshot) {
    page.head("mode_info", GAUGE, "How connections are shared out: the label says it.");
    page.sample("mode_info", &[("mode", &snapshot.mode)], 1.0);
    let ready = snapshot.rows.iter().filter(|row| row.state == ProcessState::Ready).count();
    let admin = snapshot.admin;
    let single = [
        ("uptime_seconds", GAUGE, "Seconds since the master began.", snapshot.uptime_s),
        ("workers_wanted", GAUGE, "Workers that there are to be.", snapshot.workers.into()),
        ("workers_ready", GAUGE, "Processes that take connections.", ready as f64),
        (
            "waiting_connections",
            GAUGE,
            "Accepted connections that nobody can take yet.",
            snapshot.waiting as f64,
        ),
        (
            "skipped_turns_total",
            COUNTER,
            "Turns that a worker lost because it could not take a connection.",
            snapshot.skips as f64,
        ),
        (
            "admin_restarts_total",
            COUNTER,
            "Admin processes started after the first.",
            admin.map_or(0.0, |admin| admin.restarts.into()),
        ),
        (
            "admin_missed_events_total",
            COUNTER,
            "Events that the admin process was too slow for.",
            admin.map_or(0.0, |admin| admin.missed_events as f64),
        ),
    ];
    for (name, kind, help, value) in single {
        page.head(name, kind, help);
        page.sample(name, &[], value);
    }
}

/// The errors under the names that they have everywhere else.
fn by_kind(errors: Errors) -> Vec<(String, f64)> {
    let Ok(serde_json::Value::Object(kinds)) = serde_json::to_value(errors) else {
        return Vec::new();
    };
    kinds.into_iter().filter_map(|(kind, count)| Some((kind, count.as_f64()?))).collect()
}

/// Lines of the format; every name gets the prefix of this program. No label here has a character
/// that would need escaping.
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP hello_cluster_{name} {help}"));
        self.line(format_args!("# TYPE hello_cluster_{name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &dyn Display)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.line(format_args!("hello_cluster_{name}{labels} {value}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // To write to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}
