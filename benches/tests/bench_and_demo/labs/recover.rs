//! A worker is killed under load in each of the forked modes.

use std::collections::BTreeSet;

use super::rehearsal::{item, observed, rehearse, result, sheet};

const MODES: [&str; 4] = ["shared", "reuseport", "round-robin", "least-connections"];

#[test]
fn a_kill_costs_at_most_what_the_process_had_open_and_a_successor_serves() {
    let record = rehearse("recover");
    let modes: BTreeSet<&str> = record.trials.iter().map(|trial| trial.mode.as_str()).collect();
    assert_eq!(modes, BTreeSet::from(MODES));
    // That each round is valid says that no more failed than the killed one had open.
    for trial in &record.trials {
        let result = result(trial);
        assert!(result.lifetime.failed <= u64::from(trial.connections), "{:?}", result.errors);
        assert_eq!(result.workers.len(), 2, "its id is filled again: {:?}", result.workers);
    }
    for mode in MODES {
        assert!(observed(&record, mode).is_none_or(|failed| (0.0..=64.0).contains(&failed)));
        let note = &item(&record, mode).note;
        assert!(note.contains("connections open; successor after"), "{note}");
    }
    let events = &sheet(&record).events;
    assert_eq!(events.len(), record.trials.len());
    for event in events {
        assert!(event.t_s >= 1.0 && event.text.starts_with("Worker 1 (pid "), "{event:?}");
        assert!(event.text.ends_with(" was killed"), "{event:?}");
        assert!(MODES.contains(&event.round.as_str()), "{event:?}");
    }
}
