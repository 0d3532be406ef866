//! The answer of a search, for programs and for people. Pure text: nothing is measured or printed here.

use std::fmt::Write as _;
use std::time::Duration;

use loadgen::search::{Found, Limit, Objective, Observation, Probe, Search, Verdict};
use serde::Serialize;

use super::Goal;

/// How the answer is found, in a sentence.
const METHOD: &str = "bracketing from a closed loop's rate, then a monotone curve of the share beyond \
                      the limit (quasi-binomial, logit against the logarithm of the rate) through \
                      adaptive probes of an open loop, without the requests that the generator's \
                      absences touched; 95 % interval by Student's t, widened by 1.4; \
                      a long run confirms";

/// The answer, in the shape that programs read.
#[derive(Serialize)]
pub struct Answer {
    pub slo: Vec<String>,
    /// The highest rate that keeps it, in requests a second; `None` when none does.
    pub rate_rps: Option<f64>,
    /// The ends of its 95 % interval; `None` where there is none.
    pub low_rps: Option<f64>,
    pub high_rps: Option<f64>,
    pub method: &'static str,
    pub probes: Vec<Row>,
    /// What sets the rate: `server`, `generator` or `search`.
    pub limit: &'static str,
    /// The part of the promise that breaks first.
    pub breaks_first: Option<String>,
    /// Whether the machine's CPUs were kept from sleeping.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub awake: bool,
    /// Whether it may be used as the highest rate.
    pub valid: bool,
    /// Why not, or what to keep in mind.
    pub reasons: Vec<String>,
    /// Whether it was ended before its time.
    pub interrupted: bool,
    pub elapsed_s: f64,
}

#[derive(Serialize)]
pub struct Row {
    /// What it was for.
    pub stage: &'static str,
    pub rate_rps: f64,
    pub duration_s: f64,
    pub requests: u64,
    /// Of those, counted for each part of the promise: untouched by the generator's absences.
    pub counted: Vec<u64>,
    /// Of those, beyond the part's limit.
    pub beyond: Vec<u64>,
    /// `holds`, `breaks`, or `late` when the generator was.
    pub verdict: &'static str,
}

impl Row {
    fn new(search: &Search, probe: &Probe, seen: &Observation) -> Self {
        Self {
            stage: probe.stage.name(),
            rate_rps: probe.rate,
            duration_s: probe.duration.as_secs_f64(),
            requests: seen.requests,
            counted: seen.counts.iter().map(|count| count.requests).collect(),
            beyond: seen.counts.iter().map(|count| count.beyond).collect(),
            verdict: match search.verdict(seen) {
                Verdict::Holds => "holds",
                Verdict::Breaks => "breaks",
                Verdict::Late => "late",
            },
        }
    }

    fn line(&self) -> String {
        let counts = self.beyond.iter().zip(&self.counted);
        let share = |(beyond, counted): (&u64, &u64)| {
            format!("{:.3} %", 100.0 * *beyond as f64 / (*counted).max(1) as f64)
        };
        let shares: Vec<_> = counts.map(share).collect();
        format!(
            "  {:<8} {:>12.1} {:>7.2} {:>10}  {:<22} {}",
            self.stage,
            self.rate_rps,
            self.duration_s,
            self.requests,
            shares.join(", "),
            self.verdict
        )
    }
}

impl Answer {
    pub fn new(goal: &Goal, search: &Search, elapsed: Duration, interrupted: bool) -> Self {
        let found = search.found();
        let advice = advice(&found, goal.plan.awake);
        let Found { rate, low, high, limit, part, valid, mut reasons, .. } = found;
        if interrupted {
            reasons.insert(0, format!("Interrupted after {:.1} s.", elapsed.as_secs_f64()));
        } else {
            reasons.extend(advice.map(str::to_owned));
        }
        Self {
            slo: goal.promise.iter().map(Objective::to_string).collect(),
            rate_rps: rate,
            low_rps: low,
            high_rps: high,
            method: METHOD,
            probes: search
                .seen()
                .iter()
                .map(|(probe, seen)| Row::new(search, probe, seen))
                .collect(),
            limit: limit.name(),
            breaks_first: part.map(|part| goal.promise[part].to_string()),
            awake: goal.plan.awake,
            valid: valid && !interrupted,
            reasons,
            interrupted,
            elapsed_s: elapsed.as_secs_f64(),
        }
    }
}

/// What another search may be told to do better.
fn advice(found: &Found, awake: bool) -> impl Iterator<Item = &'static str> + use<> {
    let longer = found.limit == Limit::Search;
    let kept_awake = found.generator_away && !awake;
    [
        longer.then_some("A longer --budget may tell more."),
        kept_awake.then_some("--awake (needs root) may keep the generator from being away."),
    ]
    .into_iter()
    .flatten()
}

/// What will be done.
pub fn heading(goal: &Goal) -> String {
    let promise: Vec<_> = goal.promise.iter().map(Objective::to_string).collect();
    let plan = &goal.plan;
    format!(
        "Searching the highest rate that keeps {} @ {}\n  {} connections, {} arrivals{}; a short closed \
         loop, then about 30 probes of an open loop, {:?} at most\n",
        promise.join(" and "),
        plan.target,
        plan.connections,
        goal.arrivals.name(),
        if plan.awake { ", CPUs kept awake" } else { "" },
        goal.budget
    )
}

/// A probe's line while the search goes on.
pub fn line(search: &Search, probe: &Probe, seen: &Observation) -> String {
    Row::new(search, probe, seen).line()
}

pub fn summary(answer: &Answer) -> String {
    let mut text = format!(
        "  {:<8} {:>12} {:>7} {:>10}  {:<22} {}\n",
        "stage", "requests/s", "s", "requests", "beyond the limit", "promise"
    );
    for row in &answer.probes {
        let _ = writeln!(text, "{}", row.line());
    }
    let found = match (answer.rate_rps, answer.low_rps, answer.high_rps) {
        (Some(rate), Some(low), Some(high)) if answer.breaks_first.is_some() => {
            format!("{rate:.1} requests/s (95 %: {low:.1} to {high:.1})")
        }
        (Some(rate), _, Some(high)) => format!("{rate:.1} to {high:.1} requests/s"),
        (Some(rate), _, None) => format!("at least {rate:.1} requests/s"),
        (None, _, Some(high)) => format!("below {high:.1} requests/s"),
        (None, ..) => "none".to_owned(),
    };
    let _ = writeln!(text, "Highest rate: {found}");
    let _ = writeln!(text, "Promise: {}", answer.slo.join(" and "));
    let first = match &answer.breaks_first {
        Some(part) if answer.slo.len() > 1 => format!(" ({part} breaks first)"),
        _ => String::new(),
    };
    let limit = match answer.limit {
        "search" => "the search's own resolution".to_owned(),
        who => format!("the {who}"),
    };
    let _ = writeln!(text, "Limit: {limit}{first}, after {:.1} s", answer.elapsed_s);
    let _ = writeln!(text, "Verdict: {}", if answer.valid { "VALID" } else { "INVALID" });
    for reason in &answer.reasons {
        let _ = writeln!(text, "  - {reason}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        let row = Row {
            stage: "confirm",
            rate_rps: 1_000.0,
            duration_s: 8.5,
            requests: 8_500,
            counted: vec![8_500, 8_500],
            beyond: vec![85, 0],
            verdict: "holds",
        };
        Answer {
            slo: vec!["p99=10ms".to_owned(), "errors=0.1%".to_owned()],
            rate_rps: Some(1_000.0),
            low_rps: Some(990.0),
            high_rps: Some(1_010.0),
            method: METHOD,
            probes: vec![row],
            limit: "server",
            breaks_first: Some("p99=10ms".to_owned()),
            awake: false,
            valid: true,
            reasons: Vec::new(),
            interrupted: false,
            elapsed_s: 60.0,
        }
    }

    #[test]
    fn the_summary_tells_rate_interval_promise_probes_and_limit() {
        let text = summary(&answer());
        for part in [
            "1000.0 requests/s (95 %: 990.0 to 1010.0)",
            "p99=10ms and errors=0.1%",
            "1.000 %, 0.000 %",
            "the server (p99=10ms breaks first), after 60.0 s",
            "VALID",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn a_bound_is_told_as_one() {
        let found = |change: fn(&mut Answer)| {
            let mut answer = Answer { breaks_first: None, ..answer() };
            change(&mut answer);
            let text = summary(&answer);
            text.lines().find_map(|line| Some(line.strip_prefix("Highest rate: ")?.to_owned()))
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(found(|it| it.high_rps = None), is("at least 1000.0 requests/s"));
        assert_eq!(found(|_| ()), is("1000.0 to 1010.0 requests/s"));
        assert_eq!(found(|it| it.rate_rps = None), is("below 1010.0 requests/s"));
        assert_eq!(found(|it| (it.rate_rps, it.high_rps) = (None, None)), is("none"));
    }

    #[test]
    fn what_may_help_is_advised_and_nothing_else() {
        let advised = |limit, generator_away, awake| {
            let (rate, low, high, part) = (Some(9.0), Some(8.0), Some(10.0), Some(0));
            let (valid, reasons) = (true, Vec::new());
            let found = Found { rate, low, high, limit, part, valid, reasons, generator_away };
            let flags =
                advice(&found, awake).map(|it| it.split(' ').find(|word| word.starts_with("--")));
            flags.map(Option::unwrap).collect::<Vec<_>>()
        };
        assert_eq!(advised(Limit::Server, false, false), [""; 0]);
        assert_eq!(advised(Limit::Search, false, false), ["--budget"]);
        assert_eq!(advised(Limit::Server, true, false), ["--awake"]);
        assert_eq!(advised(Limit::Search, true, false), ["--budget", "--awake"]);
        assert_eq!(advised(Limit::Search, true, true), ["--budget"]);
        assert_eq!(advised(Limit::Generator, false, false), [""; 0]);
    }
}
