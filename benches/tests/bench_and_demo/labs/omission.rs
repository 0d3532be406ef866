//! A worker is frozen for a second, seen by a closed loop and by an open one.

use super::rehearsal::{observed, rehearse, result, sheet};

/// What a histogram may take away of a stall, as a share of it.
const ROUNDED: f64 = 0.05;

#[test]
fn a_stall_loses_nothing_and_an_open_loop_shows_the_whole_of_it() {
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
        assert_eq!(result(trial).errors.total(), 0, "a stall loses nothing");
        if trial.rate.is_some() {
            // However late the generator is: what was due when the stall began waited to its end, and
            // as a third of all was due in it, one in a hundred waited for nearly as long.
            let stall_us = (2.0 - frozen_s) * 1e6 * (1.0 - ROUNDED);
            let latency = &result(trial).latency;
            assert!(latency.max >= stall_us, "{stall_us} {}", latency.max);
            assert!(latency.p99 >= 0.5 * stall_us, "{stall_us} {}", latency.p99);
        }
    }
    let [open, sent] = ["open loop, from when it was due", "the same, from the actual send"]
        .map(|name| observed(&record, name));
    assert!(sent <= open, "{sent:?} {open:?}");
}
