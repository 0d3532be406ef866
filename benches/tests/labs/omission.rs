//! A worker is frozen for a second, seen by a closed loop and by an open one.

use crate::rehearsal::{observed, rehearse, result, sheet};

/// What may be taken away of a stall, as a share of it, by a generator that itself waits for a CPU
/// when it begins.
const MISSED: f64 = 0.2;

#[test]
fn both_loops_meet_the_stall_and_the_open_one_shows_it() {
    let record = rehearse("omission");
    let lab = sheet(&record);
    for trial in &record.trials {
        // The freeze was done by the time noted, and the thaw not asked for before its own.
        let title = if trial.rate.is_some() { "open loop" } else { "closed loop" };
        let of_round = lab.events.iter().filter(|event| event.round.starts_with(title));
        let of_block = of_round.skip(2 * trial.block as usize).take(2);
        let told: Vec<(&str, f64)> =
            of_block.map(|event| (event.text.rsplit(") ").next().unwrap(), event.t_s)).collect();
        let [("was frozen", frozen_s), ("was let go on", thawed_s)] = told[..] else {
            panic!("{told:?}")
        };
        assert!(frozen_s >= 1.0 && thawed_s >= 2.0);
        let stall_us = (2.0 - frozen_s) * 1e6 * (1.0 - MISSED);
        let result = result(trial);
        assert!(result.latency.max >= stall_us, "{stall_us} {:?}", result.latency.max);
        assert_eq!(result.errors.total(), 0, "a stall loses nothing");
        if trial.rate.is_some() {
            // A third of what was due fell into it, so one in a hundred waited for nearly all of it.
            assert!(result.latency.p99 >= 0.5 * stall_us, "{stall_us} {:?}", result.latency.p99);
        }
    }
    let [open, sent] = ["open loop, from when it was due", "the same, from the actual send"]
        .map(|name| observed(&record, name));
    assert!(sent <= open, "{sent:?} {open:?}");
}
