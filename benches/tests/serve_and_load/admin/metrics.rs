//! `/metrics`: read by a parser of the format, and by its rules.
#![allow(clippy::float_cmp, reason = "what is compared are whole numbers, far below 2^53")]

use std::collections::{BTreeMap, BTreeSet};

use prometheus_parse::{Scrape, Value};

use super::operator::{Operator, start, start_in_each_mode};
use crate::common::{events, eventually};

/// The series of a page and their values, by the parser's reading.
fn scrape(operator: &Operator) -> BTreeMap<String, f64> {
    let answer = operator.get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    check_the_rules(&answer.body);
    let scrape = Scrape::parse(answer.body.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let mut series = BTreeMap::new();
    for sample in scrape.samples {
        let (Value::Counter(value) | Value::Gauge(value)) = sample.value else {
            panic!("{} has a type", sample.metric);
        };
        let labels: BTreeMap<_, _> = sample.labels.iter().collect();
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let name = format!("{}{{{}}}", sample.metric, labels.join(","));
        assert!(series.insert(name.clone(), value).is_none(), "{name} is there twice");
    }
    series
}

/// What the format demands beyond what parsers check: HELP and TYPE once for each metric and before
/// its samples, which stand together; names of counters, and only those, end in `_total`.
fn check_the_rules(page: &str) {
    assert!(page.ends_with('\n'));
    let mut known = BTreeSet::new();
    let mut now = String::new();
    for line in page.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["#", "HELP", name, ..] => {
                assert!(known.insert(name.to_owned()), "{name} is explained twice");
                name.clone_into(&mut now);
            }
            ["#", "TYPE", name, kind] => {
                assert_eq!(name, now);
                assert!(["counter", "gauge"].contains(&kind), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            }
            [series, value] => {
                assert_eq!(series.split('{').next().unwrap(), now, "{line}");
                assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            }
            _ => panic!("{line}"),
        }
    }
}

#[test]
fn counters_add_up_and_never_fall_when_a_process_is_replaced() {
    start_in_each_mode(2, &[], |mode, cluster, operator| {
        for _ in 0..20 {
            assert_eq!(cluster.get("/").status(), 200);
        }
        assert_eq!(cluster.get("/work").status(), 400);
        let sum = |page: &BTreeMap<String, f64>, name: &str| -> f64 {
            page.iter().filter(|(series, _)| series.starts_with(name)).map(|(_, value)| value).sum()
        };
        let before = scrape(&operator);
        assert_eq!(sum(&before, "hello_cluster_worker_requests_total{"), 21.0);
        assert_eq!(sum(&before, "hello_cluster_worker_connections_total{"), 21.0);
        assert_eq!(sum(&before, "hello_cluster_worker_errors_total{kind=bad_requests,"), 1.0);
        assert_eq!(before[&format!("hello_cluster_mode_info{{mode={mode}}}")], 1.0);
        operator.command("/workers/1/kill");
        cluster.wait_for_events(events::listening, 3);
        operator.wait_until_ready(1);
        let after = scrape(&operator);
        for (series, value) in &before {
            if series.contains("_total") {
                assert!(after[series] >= *value, "{series} fell from {value} to {}", after[series]);
            }
        }
        assert_eq!(sum(&after, "hello_cluster_worker_requests_total{"), 21.0);
        assert_eq!(after["hello_cluster_worker_restarts_total{worker=1}"], 1.0);
        assert_eq!(after["hello_cluster_worker_restarts_total{worker=2}"], 0.0);
        assert_eq!(after["hello_cluster_workers_wanted{}"], 2.0);
        assert_eq!(after["hello_cluster_workers_ready{}"], 2.0);
    });
}

#[test]
fn gauges_follow_what_they_show() {
    let (cluster, operator) = start("round-robin", 2, &[]);
    let open: Vec<_> = (0..3).map(|_| cluster.served_connection()).collect();
    let connections = || -> f64 {
        let page = scrape(&operator);
        let of_workers = page.iter().filter(|(name, _)| name.contains("_connections_open{"));
        of_workers.map(|(_, value)| value).sum()
    };
    assert_eq!(connections(), 3.0);
    drop(open);
    eventually("closed connections", || connections() == 0.0);
    operator.command("/workers/2/stop");
    let page = scrape(&operator);
    assert_eq!(page["hello_cluster_worker_ready{worker=1}"], 1.0);
    assert_eq!(page["hello_cluster_worker_ready{worker=2}"], 0.0);
}
