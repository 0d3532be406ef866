//! What more workers buy, and who was the limit.

use super::rehearsal::{observed, rehearse, sheet};

#[test]
fn one_worker_is_the_measure_of_two_four_and_eight() {
    let record = rehearse("oversubscription");
    let one = observed(&record, "1 worker");
    assert!(one.is_none_or(|ratio| (ratio - 1.0).abs() < 1e-9), "{one:?}");
    for workers in [2, 4, 8] {
        let ratio = observed(&record, &format!("{workers} workers"));
        assert!(ratio.is_none_or(|ratio| ratio > 0.0));
    }
    let calibration = record.suite.calibration.as_ref().expect("the work was sized");
    let path = format!("/work?rounds={}", calibration.rounds);
    assert!(record.suite.workloads.iter().any(|workload| workload.path == path));
    assert!(sheet(&record).events.is_empty(), "nothing is done to it");
}

#[test]
fn hello_and_work_are_each_set_against_one_worker_of_their_own() {
    let record = rehearse("generator");
    for name in ["hello", "300 µs of work"] {
        assert!(observed(&record, name).is_none_or(|ratio| ratio > 0.0));
    }
    for workload in ["hello", "work"] {
        let of_it = record.trials.iter().filter(|trial| trial.workload == workload);
        assert_eq!(of_it.count(), 2 * record.suite.blocks as usize);
    }
}
