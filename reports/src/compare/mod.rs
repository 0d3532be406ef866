//! Two records side by side: before and after, two machines, two students. What differs in the
//! machines comes first, then ratios where the designs allow them, else why not.
//!
//! The two runs were not measured in common blocks, so nothing pairs their trials and nothing takes
//! the drift between them out: the intervals are Welch's, and whatever else changed between the runs
//! is in the ratios too.

mod class;
mod design;
mod manifest;
pub mod page;
pub mod text;

pub use manifest::Difference;

use crate::analysis::cells::{Cell, group};
use crate::record::{Record, TrialResult};
use crate::stats::ratio::{MARGIN, Verdict};
use crate::stats::split::busy_cores;
use crate::stats::welch::{Unpaired, unpaired};
use crate::stats::{ALPHA, holm, mean};

/// A record with the name by which it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its name, from its file or folder.
    pub name: &'a str,
    /// The record.
    pub record: &'a Record,
}

/// Two records compared: every ratio is B ÷ A.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The first, "before".
    pub a: Side<'a>,
    /// The second, "after".
    pub b: Side<'a>,
    /// What differs in their machines and plans.
    pub differences: Vec<Difference>,
    /// The cells that both have, in the order of reports.
    pub pairs: Vec<Pair>,
    /// Cells that only one of them has: `hello, reuseport × 2 (only in A)`.
    pub unmatched: Vec<String>,
}

/// A cell of both records.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Name of the workload.
    pub workload: String,
    /// The key of A's cell: [`Cell::key`].
    pub key: String,
    /// Target and mode.
    pub series: String,
    /// Target, mode and number of workers.
    pub cell: String,
    /// The ratios, or why there are none.
    pub outcome: Result<Ratios, String>,
}

/// What is compared of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratios {
    /// Good answers a second; `None` where a rate set them.
    pub throughput: Option<Compared>,
    /// 99th percentile of latency.
    pub p99: Option<Compared>,
    /// Server CPU a request; `None` when it was not recorded.
    pub cpu: Option<Compared>,
}

/// One figure on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Mean over A's valid trials.
    pub a: f64,
    /// Mean over B's.
    pub b: f64,
    /// B ÷ A.
    pub ratio: Unpaired,
    /// What may be said, corrected for all cells compared.
    pub verdict: Verdict,
}

/// What a check for slow-downs came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// No cell was shown to be slower; of so many that could be judged.
    Passed(usize),
    /// These were, one line each.
    Slower(Vec<String>),
    /// No cell could be judged, for this reason.
    Undecided(String),
}

impl<'a> Comparison<'a> {
    /// Compares two records.
    #[must_use]
    pub fn of(a: Side<'a>, b: Side<'a>) -> Self {
        let (of_a, of_b) = (cells(a.record), cells(b.record));
        let mut pairs = Vec::new();
        let mut unmatched = Vec::new();
        for cell in &of_a {
            match of_b.iter().find(|other| alike(cell, other)) {
                Some(other) => pairs.push(pair(cell, a.record, other, b.record)),
                None => unmatched.push(format!("{} (only in {})", name(cell), a.name)),
            }
        }
        let alone = of_b.iter().filter(|cell| !of_a.iter().any(|other| alike(cell, other)));
        unmatched.extend(alone.map(|cell| format!("{} (only in {})", name(cell), b.name)));
        let mut comparison =
            Self { a, b, differences: manifest::differences(a.record, b.record), pairs, unmatched };
        comparison.correct();
        comparison
    }

    /// Whether any cell is shown to be slower than by this share (0.05: by more than 5 %): Welch's t,
    /// one-sided, corrected after Holm for all cells that can be judged.
    #[must_use]
    pub fn slower_by(&self, share: f64) -> Decision {
        let judged: Vec<(&Pair, &Compared, f64)> = self
            .pairs
            .iter()
            .filter_map(|pair| {
                let throughput = pair.outcome.as_ref().ok()?.throughput.as_ref()?;
                Some((pair, throughput, throughput.ratio.shown?.p_below(1.0 - share)))
            })
            .collect();
        if judged.is_empty() {
            return Decision::Undecided(self.why_undecided());
        }
        let p_values: Vec<f64> = judged.iter().map(|(_, _, p)| *p).collect();
        let adjusted = holm::adjusted(&p_values);
        let slower: Vec<String> = judged
            .iter()
            .zip(adjusted)
            .filter(|(_, p)| *p < ALPHA)
            .map(|((pair, throughput, _), _)| {
                format!("{}, {}: {}", pair.workload, pair.cell, text::ratio(&throughput.ratio))
            })
            .collect();
        if slower.is_empty() { Decision::Passed(judged.len()) } else { Decision::Slower(slower) }
    }

    fn why_undecided(&self) -> String {
        let reason = self.pairs.iter().find_map(|pair| pair.outcome.as_ref().err());
        match reason {
            Some(reason) => format!("no cell is comparable: {reason}"),
            None if self.pairs.is_empty() => "the records have no cell in common".to_owned(),
            None => "no cell has six valid trials in both records".to_owned(),
        }
    }

    /// Gives verdicts: each figure over all cells is a family of its own.
    fn correct(&mut self) {
        let figures: [fn(&mut Ratios) -> Option<&mut Compared>; 3] =
            [|r| r.throughput.as_mut(), |r| r.p99.as_mut(), |r| r.cpu.as_mut()];
        for figure in figures {
            let family: Vec<&mut Compared> = self
                .pairs
                .iter_mut()
                .filter_map(|pair| figure(pair.outcome.as_mut().ok()?))
                .filter(|compared| compared.ratio.shown.is_some())
                .collect();
            judge(family);
        }
    }
}

fn judge(family: Vec<&mut Compared>) {
    let of = |p: fn(&Compared) -> f64| -> Vec<f64> {
        holm::adjusted(&family.iter().map(|compared| p(compared)).collect::<Vec<_>>())
    };
    let differences = of(|c| c.ratio.shown.map_or(1.0, |shown| shown.p_difference()));
    let sames = of(|c| c.ratio.shown.map_or(1.0, |shown| shown.p_same(MARGIN)));
    for ((compared, difference), same) in family.into_iter().zip(differences).zip(sames) {
        compared.verdict = match (difference < ALPHA, same < ALPHA) {
            (true, _) if compared.ratio.point > 1.0 => Verdict::More,
            (true, _) => Verdict::Less,
            (false, true) => Verdict::Same,
            (false, false) => Verdict::Undecided,
        };
    }
}

fn cells(record: &Record) -> Vec<Cell<'_>> {
    group(record).into_iter().flat_map(|group| group.cells).collect()
}

/// Whether two cells are the same point of the experiment by name; whether they may be compared is
/// [`design::obstacle`]'s matter.
fn alike(a: &Cell<'_>, b: &Cell<'_>) -> bool {
    a.workload == b.workload && a.series == b.series && a.workers == b.workers
}

fn name(cell: &Cell<'_>) -> String {
    format!("{}, {}", cell.workload, cell.label())
}

fn pair(a: &Cell<'_>, of_a: &Record, b: &Cell<'_>, of_b: &Record) -> Pair {
    let outcome = match design::obstacle(a, of_a, b, of_b) {
        Some(why) => Err(why),
        None => Ok(ratios(a, b)),
    };
    Pair {
        workload: a.workload.to_owned(),
        key: a.key(),
        series: a.series.label(),
        cell: a.label(),
        outcome,
    }
}

fn ratios(a: &Cell<'_>, b: &Cell<'_>) -> Ratios {
    let compared = |figure: fn(&TrialResult) -> Option<f64>| -> Option<Compared> {
        let values = |cell: &Cell<'_>| -> Vec<f64> {
            cell.valid().filter_map(|(_, result)| figure(result)).collect()
        };
        let (a, b) = (values(a), values(b));
        Some(Compared {
            a: mean(&a)?,
            b: mean(&b)?,
            ratio: unpaired(&a, &b)?,
            verdict: Verdict::TooFew,
        })
    };
    Ratios {
        throughput: a.rate.is_none().then(|| compared(|r| Some(r.throughput_rps))).flatten(),
        p99: compared(|result| (result.latency.p99 > 0.0).then_some(result.latency.p99)),
        cpu: compared(|r| Some(1e6 * busy_cores(r)? / r.throughput_rps)),
    }
}
