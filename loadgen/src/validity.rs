//! The verdict of a run on itself: may its figures be used? Pure: from the counts alone.
//!
//! Not valid: nothing was measured; the generator's own counts do not add up; an open loop that was
//! late by more than the server's answers can excuse, or that never sent what was due.
//! A closed loop that the generator limited is valid and labelled so.

use crate::plan::{Plan, RETRY_PAUSE};
use crate::result::RunResult;
use crate::tally::{Tally, Thread};

/// A thread that was busy for more than this share of the window is taken to be the limit.
const BUSY: f64 = 0.9;

/// The 99th percentile of the schedule lag may be this long, in microseconds …
const LAG_US: f64 = 1_000.0;

/// … or this share of the service latency's, if that is longer.
const LAG_SHARE: f64 = 0.1;

/// In a closed loop, requests under way may differ from the connections by this share.
const LITTLE: f64 = 0.05;

/// Little's law holds for long windows: only those are looked at, in seconds.
const LONG_S: f64 = 0.5;

pub(crate) fn is_busy(threads: &[Thread]) -> bool {
    threads.iter().any(|thread| thread.cpu_s > BUSY * thread.elapsed_s)
}

/// Decides whether a result may be used, and writes that into it with the reasons.
pub(crate) fn assess(result: &mut RunResult, tally: &Tally, plan: &Plan) {
    let faults =
        [nothing(result), does_not_add_up(result, tally), late(result), never_sent(result)];
    result.reasons = faults.into_iter().flatten().collect();
    result.valid = result.reasons.is_empty();
    result.generator_limited = !tally.open && is_busy(&result.threads);
    if result.interrupted {
        result.reasons.push(format!("interrupted after {:.3} s of measurement", result.elapsed_s));
    }
    if result.generator_limited {
        result.reasons.push(
            "the generator was the limit (a thread of it was busy for over 90 % of the window): \
             the throughput says something about the pair, not about the server"
                .to_owned(),
        );
    }
    let notes = [gaps(result, plan), retries(result), strayed(result), unlogged(tally, plan)];
    result.reasons.extend(notes.into_iter().flatten());
    for reason in &mut result.reasons {
        *reason = sentence(reason);
    }
}

/// A reason as a sentence: the record keeps one each.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn nothing(result: &RunResult) -> Option<String> {
    if result.requests > 0 || result.interrupted {
        return None;
    }
    Some(if result.errors.total() == 0 {
        "no request began within the measured window".to_owned()
    } else {
        "no good answer came: see the errors".to_owned()
    })
}

fn does_not_add_up(result: &RunResult, tally: &Tally) -> Option<String> {
    let life = &result.lifetime;
    let by_worker: u64 = tally.workers.iter().map(|worker| worker.answers.requests).sum();
    let sound = tally.latency.len() == result.requests + result.errors.total()
        && life.sent == life.answered + life.failed
        && life.answered == by_worker;
    (!sound).then(|| "the generator's own counts do not add up".to_owned())
}

/// An open loop whose own lateness is in the figures.
pub(crate) fn late(result: &RunResult) -> Option<String> {
    let lag = result.split.schedule_lag?.p99;
    let service = result.service_latency.as_ref().map_or(0.0, |latency| latency.p99);
    (lag > LAG_US.max(LAG_SHARE * service)).then(|| {
        format!(
            "the generator could not keep its schedule: it was late by {lag:.0} µs or more in one \
             of a hundred requests"
        )
    })
}

fn never_sent(result: &RunResult) -> Option<String> {
    let schedule = result.schedule.as_ref().filter(|schedule| schedule.never_sent > 0)?;
    (!result.interrupted).then(|| {
        format!(
            "{} of the {} requests that were due were never sent: no connection was free; \
             give a lower rate or more connections",
            schedule.never_sent, schedule.due
        )
    })
}

/// A closed loop whose connections were not always at work.
fn gaps(result: &RunResult, plan: &Plan) -> Option<String> {
    let expected = f64::from(plan.connections) * f64::from(plan.pipeline);
    let found = result.in_flight_mean;
    let short = result.elapsed_s < LONG_S || result.latency.max / 1e6 > LITTLE * result.elapsed_s;
    if result.schedule.is_some() || short || (found / expected - 1.0).abs() < LITTLE {
        return None;
    }
    Some(format!(
        "by Little's law {found:.1} requests were under way on average, not {expected:.0}: \
         connections stood idle between requests"
    ))
}

/// Connections that were steered and had to be replaced.
fn strayed(result: &RunResult) -> Option<String> {
    let replaced = result.lifetime.connections.saturating_sub(result.steered.as_ref()?.connects);
    (replaced > 0).then(|| {
        format!(
            "{replaced} connections were lost and opened again while the run lasted, wherever the \
             server put them: they are not where they were steered to"
        )
    })
}

/// Attempts to connect that failed were repeated, and each is counted.
fn retries(result: &RunResult) -> Option<String> {
    let failed = result.errors.refused + result.errors.connect;
    (failed > 0).then(|| {
        format!(
            "{failed} attempts to connect failed; each counts as a request, and a connection tried \
             again after {} ms",
            RETRY_PAUSE.as_millis()
        )
    })
}

/// The log for other tools' figures has a bound.
fn unlogged(tally: &Tally, plan: &Plan) -> Option<String> {
    let log = tally.log.as_ref().filter(|log| log.beyond > 0 && !plan.tools.is_empty())?;
    Some(format!(
        "the log for --as was full: the estimates leave out the last {} of {} measured requests; \
         measure for a shorter time",
        log.beyond,
        log.beyond + log.entries.len() as u64
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::{Latency, Quantiles};
    use crate::log::Log;
    use crate::outcome::Outcome;
    use crate::plan::Tool;
    use crate::plan::tests::small;
    use crate::result::{Errors, Schedule};
    use crate::tally::{Lifetime, Window};
    use crate::timestamps::Timestamps;

    /// A sound result of one request, and the tally that it comes from.
    fn sound(open: bool) -> (RunResult, Tally) {
        let mut tally = Tally::new(Window { begin: 0, end: 1_000_000_000 }, open);
        tally.end(Timestamps { begin: 0, sent: 0, woken: 9, end: 9 }, Outcome::Ok);
        tally.workers[0].answers.requests = 1;
        let lifetime = Lifetime { sent: 1, answered: 1, failed: 0, connections: 1 };
        let schedule = open.then(|| Schedule { due: 1, ..Schedule::default() });
        let (requests, elapsed_s, in_flight_mean) = (1, 1.0, 2.0);
        let counts = RunResult { requests, schedule, lifetime, ..RunResult::default() };
        (RunResult { elapsed_s, in_flight_mean, ..counts }, tally)
    }

    fn verdict(open: bool, change: impl Fn(&mut RunResult)) -> (bool, String) {
        let (mut result, tally) = sound(open);
        change(&mut result);
        assess(&mut result, &tally, &small());
        (result.valid, result.reasons.join(" "))
    }

    #[test]
    fn a_sound_run_is_valid_without_a_word() {
        assert_eq!(verdict(false, |_| ()), (true, String::new()));
        assert_eq!(verdict(true, |_| ()), (true, String::new()));
    }

    #[test]
    fn a_run_without_a_good_answer_is_not_valid() {
        let (valid, reasons) = verdict(false, |result| {
            result.requests = 0;
            result.errors = Errors { refused: 1, ..Errors::default() };
        });
        assert!(!valid && reasons.contains("No good answer"), "{reasons}");
    }

    #[test]
    fn counts_that_do_not_add_up_are_not_valid() {
        let changes: [fn(&mut RunResult); 3] = [
            |result| result.lifetime.sent = 2,
            |result| result.requests = 2,
            |result| result.lifetime = Lifetime { sent: 2, answered: 2, ..Lifetime::default() },
        ];
        for change in changes {
            let (valid, reasons) = verdict(false, change);
            assert!(!valid && reasons.contains("do not add up"), "{reasons}");
        }
    }

    #[test]
    fn a_schedule_that_was_not_kept_is_not_valid() {
        let lag = |p99| Some(Quantiles { p99, ..Quantiles::default() });
        let (valid, reasons) = verdict(true, |result| result.split.schedule_lag = lag(1_001.0));
        assert!(!valid && reasons.contains("schedule"), "{reasons}");
        let (valid, _) = verdict(true, |result| {
            result.split.schedule_lag = lag(1_001.0);
            result.service_latency = Some(Latency { p99: 20_000.0, ..Latency::default() });
        });
        assert!(valid, "beside answers of 20 ms a lag of 1 ms is nothing");
    }

    #[test]
    fn what_was_never_sent_is_not_valid() {
        let (valid, reasons) = verdict(true, |result| {
            result.schedule = Some(Schedule { due: 5, never_sent: 3, ..Schedule::default() });
        });
        assert!(!valid && reasons.contains("3 of the 5"), "{reasons}");
    }

    #[test]
    fn a_busy_thread_labels_a_closed_loop_and_leaves_it_valid() {
        assert!(is_busy(&[Thread { cpu_s: 1.9, elapsed_s: 2.0 }]));
        assert!(!is_busy(&[Thread { cpu_s: 1.7, elapsed_s: 2.0 }]));
        let busy = |result: &mut RunResult| {
            result.threads = vec![Thread { cpu_s: 1.9, elapsed_s: 2.0 }];
        };
        assert_eq!(verdict(true, busy), (true, String::new()), "an open loop has a schedule");
        let (valid, reasons) = verdict(false, busy);
        assert!(valid && reasons.contains("generator was the limit"), "{reasons}");
    }

    #[test]
    fn connections_that_strayed_are_noted() {
        let (valid, reasons) = verdict(false, |result| {
            result.steered = Some(crate::steer::Steered { connects: 1, ..Default::default() });
            result.lifetime.connections = 3;
        });
        assert!(valid && reasons.contains("2 connections were lost"), "{reasons}");
    }

    #[test]
    fn a_log_that_was_full_is_noted_with_what_is_missing() {
        let (mut result, mut tally) = sound(false);
        let mut log = Log::new(1);
        for _ in 0..4 {
            log.record(Timestamps { begin: 0, sent: 0, woken: 9, end: 9 }, Outcome::Ok, 0);
        }
        tally.log = Some(log);
        let plan = Plan { tools: vec![Tool::Wrk], ..small() };
        assess(&mut result, &tally, &plan);
        let reasons = result.reasons.join(" ");
        assert!(result.valid && reasons.contains("the last 3 of 4 measured"), "{reasons}");
    }

    #[test]
    fn idle_connections_in_a_closed_loop_are_noted() {
        let (valid, reasons) = verdict(false, |result| result.in_flight_mean = 1.8);
        assert!(valid && reasons.contains("Little"), "{reasons}");
    }
}
