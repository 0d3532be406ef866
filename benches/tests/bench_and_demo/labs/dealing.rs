//! Who has the connections: the hash and the turn, and a worker that comes later.

use super::rehearsal::{observed, rehearse, result, sheet};

#[test]
fn the_turn_gives_each_worker_as_many_connections_and_the_hash_what_chance_will() {
    let record = rehearse("hash");
    for trial in &record.trials {
        let dealt: Vec<u64> = result(trial).workers.iter().map(|it| it.connections).collect();
        assert_eq!(dealt.len(), trial.workers as usize);
        // On a busy machine a thread of the generator may have no time to make its connections.
        let all: u64 = dealt.iter().sum();
        assert!(all <= 4, "{dealt:?}");
        if trial.mode == "round-robin" && all == 4 {
            assert!(dealt.iter().all(|count| *count == 4 / u64::from(trial.workers)), "{dealt:?}");
        }
    }
    for workers in [2, 4] {
        let fair = 100.0 / f64::from(workers);
        for mode in ["reuseport", "round-robin"] {
            let busiest = observed(&record, &format!("{mode}, {workers} workers"));
            let most = if mode == "reuseport" { 100.0 } else { fair };
            let is_share = |share| (fair..=most).contains(&share);
            assert!(busiest.is_none_or(is_share), "{mode}, {workers}: {busiest:?}");
        }
    }
}

#[test]
fn kept_connections_stay_where_they_are_and_new_ones_do_not() {
    let record = rehearse("keepalive");
    assert!(observed(&record, "kept connections").is_none_or(|share| share <= 0.0));
    for name in ["a connection a request", "kept, then a rolling restart"] {
        let share = observed(&record, name);
        assert!(share.is_none_or(|share| share > 0.0 && share < 100.0), "{name}: {share:?}");
    }
    for trial in &record.trials {
        let result = result(trial);
        assert_eq!(result.workers.len(), 2, "the new one has a line: {:?}", result.workers);
        assert_eq!(result.lifetime.failed, 0, "neither scaling nor a restart loses anything");
        assert_eq!(result.lifetime.connections <= 16, trial.workload == "kept");
    }
    let texts: Vec<&str> = sheet(&record).events.iter().map(|event| event.text.as_str()).collect();
    assert_eq!(texts.iter().filter(|text| text.starts_with("2 workers")).count(), 3);
    assert_eq!(texts.iter().filter(|text| text.starts_with("A rolling restart")).count(), 1);
}
