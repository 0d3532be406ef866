//! What the worker's books say of refusals: in the exit event by kind, in the status as a sum.

use std::collections::BTreeMap;

use crate::common::{self, Cluster};
use crate::wire::Wire;

/// The cells of each worker in the table of `serve --status`, by their headings.
pub fn status_rows(cluster: &Cluster) -> Vec<BTreeMap<String, String>> {
    let (code, table, errors) =
        common::run(&["serve", "--status", "--listen", &cluster.address.to_string()]);
    assert_eq!((code, errors.as_str()), (0, ""));
    let mut lines = table.lines().skip(1);
    let headings: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let row = |line: &str| {
        let cells = line.split_whitespace().map(str::to_owned);
        headings.iter().map(|heading| (*heading).to_owned()).zip(cells).collect()
    };
    lines.map(row).collect()
}

/// The cells of a cluster's only worker.
pub fn status_row(cluster: &Cluster) -> BTreeMap<String, String> {
    status_rows(cluster).remove(0)
}

/// Ends a cluster and gives the errors of all its workers, summed by kind, but for those that are 0.
pub fn errors_of(mut cluster: Cluster) -> BTreeMap<String, u64> {
    assert!(cluster.end_with("SIGTERM").success());
    let mut sums = BTreeMap::new();
    for event in cluster.events_named("exit") {
        for (kind, count) in event["errors"].as_object().unwrap() {
            *sums.entry(kind.clone()).or_default() += count.as_u64().unwrap();
        }
    }
    sums.retain(|_, count| *count > 0);
    sums
}
