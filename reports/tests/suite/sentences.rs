//! What a record says in words, on the page and on the terminal: never more than its figures do.

use reports::analysis::contrasts::Question;
use reports::analysis::findings;
use reports::analysis::{Analysis, Speedup};
use reports::record::Record;
use reports::stats::ratio::Verdict;
use reports_testing::records::{Place, Plan, cell, large, quick, record, results};

fn hello(blocks: u32) -> Record {
    let cells = [("single", 1), ("round-robin", 1), ("round-robin", 2)];
    record(&Plan {
        cores: 2,
        blocks,
        cells: cells.map(|(mode, workers)| cell("hello", mode, workers)).to_vec(),
    })
}

/// A run in which two workers do exactly `factors[block]` times what one does.
fn with_factors(factors: [f64; 6]) -> Record {
    let mut record = hello(6);
    for (Place { workers, block, .. }, result) in results(&mut record) {
        let factor = if workers == 2 { factors[block as usize] } else { 1.0 };
        result.throughput_rps = 1000.0 * f64::from(block + 1) * factor;
    }
    record
}

#[test]
fn a_gain_is_told_with_its_interval() {
    let text = findings::headline(&with_factors([1.80, 1.82, 1.84, 1.80, 1.82, 1.84]));
    assert!(
        text.starts_with("With 2 workers, hello runs 1.82× as fast as with one (95 % 1.80–1.84).")
    );
    assert!(text.contains(
        "server and generator share the CPUs for hello (of 2.0 cores the server used 1.1"
    ));
}

#[test]
fn an_interval_that_holds_1_is_never_called_faster() {
    let text = findings::headline(&with_factors([0.8, 1.4, 0.9, 1.3, 1.0, 1.2]));
    assert!(text.contains("shows no speed-up that this run could tell from chance"), "{text}");
    let text = findings::headline(&with_factors([1.0, 1.01, 0.99, 1.0, 1.01, 0.99]));
    assert!(text.contains("as fast as with one, give or take 2 %"), "{text}");
}

#[test]
fn a_loss_is_called_a_loss() {
    let text = findings::headline(&with_factors([0.8, 0.81, 0.8, 0.79, 0.8, 0.8]));
    assert!(text.contains("at no more than 0.80× the speed of one"), "{text}");
}

#[test]
fn a_mode_without_a_one_worker_cell_is_compared_with_single() {
    let record = record(&quick());
    let analysis = Analysis::of(&record);
    let connect = analysis.workloads.iter().find(|w| w.name == "connect").unwrap();
    let baselines: Vec<&str> = connect
        .cells
        .iter()
        .filter_map(|figures| match &figures.speedup {
            Speedup::Over { baseline, .. } => Some(baseline.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(baselines, ["single", "single"]);
}

#[test]
fn an_oversubscribed_cell_is_never_the_best() {
    let mut record = record(&quick());
    for (_, result) in results(&mut record).filter(|(place, _)| place.workers == 4) {
        result.throughput_rps *= 10.0;
    }
    for workload in Analysis::of(&record).workloads {
        assert!(workload.best().is_none_or(|best| !best.cell.oversubscribed));
    }
}

#[test]
fn books_that_differ_by_one_request_are_counted_as_disagreeing() {
    let mut record = hello(6);
    let one = |place: &Place<'_>| (place.mode, place.workers, place.block) == ("round-robin", 2, 0);
    let (_, result) = results(&mut record).find(|(place, _)| one(place)).unwrap();
    result.workers[1].client_requests -= 1;
    let validity = Analysis::of(&record).validity;
    assert_eq!((validity.compared, validity.agreeing), (18, 17));
}

#[test]
fn the_terminal_table_is_at_most_100_columns_wide() {
    for record in [record(&quick()), record(&large()), hello(1)] {
        let text = reports::export::terminal::summary(&record);
        for line in text.lines() {
            assert!(line.chars().count() <= reports::export::text_table::WIDTH, "{line}");
        }
    }
}

#[test]
fn the_terminal_shows_table_result_and_validity() {
    let text = reports::export::terminal::summary(&record(&quick()));
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("workload  mode         workers  requests/s"));
    assert_eq!(lines.by_ref().take_while(|line| !line.starts_with('*')).count(), 14);
    assert!(text.contains("* more workers than CPUs\n\nWith 2 workers, hello runs "));
    assert!(text.ends_with("\nAll 84 trials ran and are valid.\n"));
}

#[test]
fn headings_agree_with_the_verdicts_of_their_figures() {
    for record in [record(&quick()), record(&large())] {
        for workload in &Analysis::of(&record).workloads {
            let rivals = workload.rivals();
            let ratio = workload.contrast(Question::Throughput, rivals[0], rivals[1]).unwrap();
            let heading = findings::throughput(workload);
            let claims = heading.contains("as many requests as");
            assert_eq!(claims, ratio.verdict() == Verdict::More, "{heading}");
        }
    }
}
