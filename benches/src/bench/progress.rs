//! What the suite says while it runs: a bar with the time left on a terminal, plain lines elsewhere.
//!
//! All of it goes to standard error; results go to standard output. Nothing is drawn while a trial
//! is being measured.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use reports::record::{Outcome, Trial};

use crate::harness::target::spec::OWN;

/// The progress of a run.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    begin: Instant,
    total: u32,
    /// Trials that were done before, when the run goes on with another.
    before: u32,
    estimate: Duration,
}

impl Progress {
    /// Begins after `before` trials; `estimate` is the time that one trial was expected to take.
    pub fn begin(total: u32, before: u32, estimate: Duration) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(u64::from(total));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_position(u64::from(before));
            bar.set_message(format!("{} left", in_words(estimate * (total - before))));
            bar
        });
        Self { bar, begin: Instant::now(), total, before, estimate }
    }

    /// Shows that a trial is done.
    pub fn show(&self, trial: &Trial) {
        let done = trial.order + 1;
        let (here, all) = (done - self.before, self.total - self.before);
        let left = in_words(time_left(here, all, self.begin.elapsed(), self.estimate));
        let line = sentence(trial);
        match &self.bar {
            Some(bar) => {
                if went_wrong(trial) {
                    bar.println(&line);
                }
                bar.set_message(format!("{left} left  {line}"));
                bar.set_position(u64::from(done));
            }
            None => eprintln!("[{done}/{total}] {line} ({left} left)", total = self.total),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Whether a trial deserves a line that stays.
fn went_wrong(trial: &Trial) -> bool {
    trial.result().is_none_or(|result| !result.valid)
}

/// One trial in one line.
fn sentence(trial: &Trial) -> String {
    let plural = if trial.workers == 1 { "" } else { "s" };
    let row = row(&trial.target, &trial.mode);
    let name = format!("{}, {row}, {} worker{plural}", trial.workload, trial.workers);
    match &trial.outcome {
        Outcome::Error(why) => format!("{name}: failed: {why}"),
        Outcome::Result(result) if !result.valid => {
            format!("{name}: not valid: {}", result.reasons.join(" "))
        }
        Outcome::Result(result) => {
            let p99_ms = result.latency.p99 / 1e3;
            format!("{name}: {:.0} requests/s, p99 {p99_ms:.2} ms", result.throughput_rps)
        }
    }
}

/// What is measured: the mode alone for this project's own server, or where it has no other name.
pub fn row(target: &str, mode: &str) -> String {
    match target {
        OWN => mode.to_owned(),
        _ if target == mode => mode.to_owned(),
        _ => format!("{target} {mode}"),
    }
}

/// The time left: the mean of the trials so far, with the estimate counted as one more, so that a
/// first trial that was slow by chance does not frighten anybody.
fn time_left(done: u32, total: u32, elapsed: Duration, estimate: Duration) -> Duration {
    let mean = (elapsed + estimate) / (done + 1);
    mean * total.saturating_sub(done)
}

/// A time for people: `40 s`, `2 min 5 s`, `1 h 10 min`.
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::record::{Cpus, Latency, TrialResult};

    fn trial(outcome: Outcome) -> Trial {
        Trial {
            target: "hello-cluster".to_owned(),
            mode: "reuseport".to_owned(),
            workers: 2,
            workload: "hello".to_owned(),
            connections: 8,
            rate: None,
            oversubscribed: false,
            block: 0,
            order: 0,
            cpus: Cpus::default(),
            outcome,
        }
    }

    #[test]
    fn times_are_told_as_people_do() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!([words(0), words(59), words(60)], ["0 s", "59 s", "1 min"]);
        assert_eq!([words(125), words(4200)], ["2 min 5 s", "1 h 10 min"]);
    }

    #[test]
    fn the_time_left_follows_what_the_trials_really_take() {
        let second = Duration::from_secs(1);
        assert_eq!(time_left(1, 11, second, second), 10 * second);
        assert_eq!(time_left(9, 10, 19 * second, second), 2 * second);
        assert_eq!(time_left(10, 10, 20 * second, second), Duration::ZERO);
    }

    #[test]
    fn a_trial_s_line_says_what_came_of_it() {
        let good = TrialResult {
            throughput_rps: 1234.4,
            latency: Latency { p99: 1500.0, ..Latency::default() },
            valid: true,
            ..TrialResult::default()
        };
        let bad = TrialResult { valid: false, reasons: vec!["Why.".to_owned()], ..good.clone() };
        assert_eq!(
            sentence(&trial(Outcome::Result(Box::new(good)))),
            "hello, reuseport, 2 workers: 1234 requests/s, p99 1.50 ms"
        );
        assert!(sentence(&trial(Outcome::Result(Box::new(bad)))).ends_with("not valid: Why."));
        let failed = trial(Outcome::Error("no".to_owned()));
        assert!(sentence(&failed).ends_with("failed: no"));
        assert!(went_wrong(&failed));
    }
}
