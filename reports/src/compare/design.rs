//! What may be compared with what: figures of cells whose design differs are figures of different
//! things, and their ratio would say nothing.

use crate::analysis::cells::Cell;
use crate::format;
use crate::record::{Record, Workload};

/// Why two cells may not be compared, `the connections differ (64 and 128)`; `None` when they may.
pub(super) fn obstacle(a: &Cell<'_>, of_a: &Record, b: &Cell<'_>, of_b: &Record) -> Option<String> {
    let differ =
        |what: &str, a: String, b: String| (a != b).then(|| format!("{what} differ ({a} and {b})"));
    let (plan_a, plan_b) = (workload(a, of_a), workload(b, of_b));
    let pace = |cell: &Cell<'_>| match cell.rate {
        None => "closed".to_owned(),
        Some(rate) => format!("{} requests a second", format::significant(rate)),
    };
    let planned = |of: fn(&Workload) -> String| {
        let of = |plan: Option<&Workload>| plan.map_or(String::new(), of);
        (of(plan_a), of(plan_b))
    };
    let (path_a, path_b) = planned(|workload| workload.path.clone());
    let (reuse_a, reuse_b) = planned(|workload| {
        if workload.keepalive { "kept alive" } else { "new for each request" }.to_owned()
    });
    if a.valid_count() == 0 || b.valid_count() == 0 {
        return Some("one side has no valid trial".to_owned());
    }
    differ("the connections", a.connections.to_string(), b.connections.to_string())
        .or_else(|| differ("the loops", pace(a), pace(b)))
        .or_else(|| differ("the connections' lives", reuse_a, reuse_b))
        .or_else(|| differ("the requests", path_a, path_b))
        .or_else(|| differ("the placements", placement(a), placement(b)))
}

fn workload<'a>(cell: &Cell<'_>, record: &'a Record) -> Option<&'a Workload> {
    record.suite.workloads.iter().find(|workload| workload.name == cell.workload)
}

/// On how many CPUs each side ran, and whether they shared them.
fn placement(cell: &Cell<'_>) -> String {
    let Some(cpus) = cell.trials.first().map(|trial| &trial.cpus) else { return String::new() };
    let (server, load) = (cpus.server.len(), cpus.load.len());
    if cpus.shared() {
        format!("server on {server}, generator on {load}, shared")
    } else {
        format!("server on {server}, generator on {load} others")
    }
}
