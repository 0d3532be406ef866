//! Modes against each other, all pairs of them, so that the pair a sentence picks out afterwards
//! (the fastest and the next, say) was corrected for the choice.

use super::cell_stats::Figures;
use super::cells::Series;
use crate::record::TrialResult;
use crate::stats::ratio::{Ratio, correct, within_blocks};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Good answers a second.
    Throughput,
    /// The 99th percentile of latency.
    P99,
}

impl Question {
    fn figure(self, result: &TrialResult) -> f64 {
        match self {
            Self::Throughput => result.throughput_rps,
            Self::P99 => result.latency.p99,
        }
    }
}

/// Two series of one workload, at the same number of workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// The question.
    pub question: Question,
    /// One side.
    pub a: Series,
    /// The other.
    pub b: Series,
    /// a ÷ b, within blocks.
    pub ratio: Ratio,
}

/// Compares all pairs of a workload's rivals; in an `open` loop a throughput that a rate was set for is no answer.
pub(crate) fn of(rivals: &[&Figures<'_>], open: bool) -> Vec<Contrast> {
    let questions: &[Question] =
        if open { &[Question::P99] } else { &[Question::Throughput, Question::P99] };
    let mut contrasts = Vec::new();
    for &question in questions {
        for (index, a) in rivals.iter().enumerate() {
            for b in &rivals[index + 1..] {
                contrasts.extend(contrast(question, a, b));
            }
        }
    }
    contrasts
}

fn contrast(question: Question, a: &Figures<'_>, b: &Figures<'_>) -> Option<Contrast> {
    let by_block = |figures: &Figures<'_>| -> Vec<(u32, f64)> {
        figures.cell.valid().map(|(block, result)| (block, question.figure(result))).collect()
    };
    Some(Contrast {
        question,
        a: a.cell.series.clone(),
        b: b.cell.series.clone(),
        ratio: within_blocks(&by_block(a), &by_block(b))?,
    })
}

/// Corrects the verdicts of a page: each question over all workloads is a family of its own.
pub(crate) fn correct_families(mut contrasts: Vec<&mut Contrast>) {
    for question in [Question::Throughput, Question::P99] {
        let family = contrasts.iter_mut().filter(|contrast| contrast.question == question);
        correct(family.map(|contrast| &mut contrast.ratio));
    }
}

/// The comparison a ÷ b in a list, either way round.
pub(crate) fn find(
    contrasts: &[Contrast],
    question: Question,
    a: &Series,
    b: &Series,
) -> Option<Ratio> {
    contrasts.iter().filter(|contrast| contrast.question == question).find_map(|contrast| {
        match (&contrast.a, &contrast.b) {
            (first, second) if first == a && second == b => Some(contrast.ratio.clone()),
            (first, second) if first == b && second == a => Some(contrast.ratio.inverted()),
            _ => None,
        }
    })
}
