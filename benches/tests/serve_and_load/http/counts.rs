//! What the worker's books say of refusals: in the exit event by kind, in the status as a sum.

use std::collections::BTreeMap;

use server::events::Exit;

use super::cases::{Case, refused};
use super::wire::Wire;
use crate::common::{Cluster, eventually, in_every_mode, status_rows};

pub fn status_row(cluster: &Cluster) -> BTreeMap<String, String> {
    status_rows(cluster).remove(0)
}

/// Ends a cluster and gives the errors of all its workers, summed by kind, but for those that are 0.
pub fn errors_of(cluster: Cluster) -> BTreeMap<String, u64> {
    errors_and_requests(cluster).0
}

/// The same, with how many requests were answered.
fn errors_and_requests(mut cluster: Cluster) -> (BTreeMap<String, u64>, u64) {
    assert!(cluster.end_with("SIGTERM").success());
    let (mut sums, mut requests) = (BTreeMap::new(), 0);
    for Exit { counts, .. } in cluster.exits() {
        let errors = serde_json::to_value(counts.errors).unwrap();
        for (kind, count) in errors.as_object().unwrap() {
            *sums.entry(kind.clone()).or_default() += count.as_u64().unwrap();
        }
        requests += counts.requests;
    }
    sums.retain(|_, count| *count > 0);
    (sums, requests)
}

/// The kind by which a refusal is counted (see [`super::slow`] for slow clients).
fn kind(status: u16) -> &'static str {
    match status {
        413 | 414 | 431 => "too_large",
        _ => "protocol",
    }
}

#[test]
fn each_refusal_counts_once_by_its_kind_and_is_no_answered_request() {
    let flags = ["--max-request-line", "100", "--max-body", "10"];
    for (mode, cluster) in in_every_mode(&flags) {
        let mut expected = BTreeMap::new();
        let long = Case { bytes: vec![b'A'; 200], status: 414 };
        for case in refused().into_iter().chain([long]) {
            let mut wire = Wire::offered(&cluster, &case.bytes);
            assert_eq!(wire.answer().status(), case.status, "{mode}: {case}");
            *expected.entry(kind(case.status).to_owned()).or_default() += 1;
        }
        let (errors, requests) = errors_and_requests(cluster);
        assert_eq!((errors, requests), (expected, 0), "{mode}");
    }
}

#[test]
fn what_makes_no_sense_to_the_service_is_counted_apart() {
    let cluster = Cluster::start("single", 1, &[]);
    for _ in 0..3 {
        assert_eq!(cluster.get("/work?rounds=many").status(), 400);
    }
    assert_eq!(status_row(&cluster)["ERRORS"], "3");
    let (errors, requests) = errors_and_requests(cluster);
    assert_eq!((errors, requests), ([("bad_requests".to_owned(), 3)].into(), 3));
}

#[test]
fn the_status_shows_the_sum_of_all_refusals() {
    let cluster = Cluster::start("single", 1, &["--max-body", "10"]);
    for case in refused() {
        let mut wire = Wire::offered(&cluster, &case.bytes);
        assert_eq!(wire.answer().status(), case.status, "{case}");
    }
    let count = refused().len().to_string();
    eventually("all are counted", || status_row(&cluster)["ERRORS"] == count);
    let row = status_row(&cluster);
    assert_eq!((row["REQUESTS"].as_str(), row["ACCEPTED"].as_str()), ("0", count.as_str()));
}
