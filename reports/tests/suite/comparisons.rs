//! Two records against each other: what differs first, ratios only where the designs allow them.

use reports::compare::{Comparison, Decision, Side, page, text};
use reports::record::Record;
use reports::stats::ratio::Verdict;
use reports_testing::records::{Plan, cell, large, quick, record, results};

fn hello(blocks: u32) -> Record {
    let cells = [("single", 1), ("round-robin", 2)];
    record(&Plan {
        cores: 2,
        blocks,
        cells: cells.map(|(mode, workers)| cell("hello", mode, workers)).to_vec(),
    })
}

/// The same run with every throughput multiplied, and noise of its own.
fn scaled(record: &Record, factor: f64) -> Record {
    let mut record = record.clone();
    for (place, result) in results(&mut record) {
        let wobble = if place.order % 2 == 0 { 1.002 } else { 0.998 };
        result.throughput_rps *= factor * wobble;
    }
    record
}

fn compared<'a>(a: &'a Record, b: &'a Record) -> Comparison<'a> {
    Comparison::of(Side { name: "before", record: a }, Side { name: "after", record: b })
}

fn verdicts(comparison: &Comparison<'_>) -> Vec<Verdict> {
    let of = |pair: &reports::compare::Pair| {
        Some(pair.outcome.as_ref().ok()?.throughput.as_ref()?.verdict)
    };
    comparison.pairs.iter().filter_map(of).collect()
}

#[test]
fn a_run_that_is_a_fifth_slower_is_called_slower_and_fails_a_check_of_5_per_cent() {
    let (a, b) = (hello(12), scaled(&hello(12), 0.8));
    let comparison = compared(&a, &b);
    assert_eq!(verdicts(&comparison), [Verdict::Less, Verdict::Less]);
    let Decision::Slower(cells) = comparison.slower_by(0.05) else { panic!("must be slower") };
    assert_eq!(cells.len(), 2);
    assert!(cells[0].starts_with("hello, single × 1: 0.80× (95 % 0."), "{cells:?}");
    assert_eq!(comparison.slower_by(0.5), Decision::Passed(2));
}

#[test]
fn a_run_that_is_faster_passes() {
    let (a, b) = (hello(12), scaled(&hello(12), 1.2));
    let comparison = compared(&a, &b);
    assert_eq!(verdicts(&comparison), [Verdict::More, Verdict::More]);
    assert_eq!(comparison.slower_by(0.0), Decision::Passed(2));
}

#[test]
fn too_few_trials_have_ratios_without_intervals_and_pass_no_check() {
    let (a, b) = (hello(3), scaled(&hello(3), 0.5));
    let comparison = compared(&a, &b);
    assert_eq!(verdicts(&comparison), [Verdict::TooFew, Verdict::TooFew]);
    let Decision::Undecided(why) = comparison.slower_by(0.05) else { panic!("cannot be judged") };
    assert!(why.contains("six valid trials"), "{why}");
}

#[test]
fn designs_that_differ_are_not_compared_and_say_why() {
    let a = hello(6);
    let with = |change: &dyn Fn(&mut Record)| {
        let mut b = hello(6);
        change(&mut b);
        let comparison = compared(&a, &b);
        comparison.pairs[0].outcome.clone().expect_err("the designs differ")
    };
    let why = with(&|b| b.trials.iter_mut().for_each(|trial| trial.connections = 128));
    assert_eq!(why, "the connections differ (64 and 128)");
    let why = with(&|b| b.trials.iter_mut().for_each(|trial| trial.rate = Some(1000.0)));
    assert_eq!(why, "the loops differ (closed and 1,000 requests a second)");
    let why = with(&|b| b.suite.workloads[0].path = "/work?rounds=9".to_owned());
    assert_eq!(why, "the requests differ (/ and /work?rounds=9)");
    let why = with(&|b| b.suite.workloads[0].keepalive = false);
    assert_eq!(why, "the connections' lives differ (kept alive and new for each request)");
    let why = with(&|b| b.trials.iter_mut().for_each(|trial| trial.cpus.load = vec![5]));
    assert!(why.starts_with("the placements differ (server on 2, generator on 2, shared"), "{why}");
}

#[test]
fn the_manifests_differences_come_first_and_passing_ones_not_at_all() {
    let (a, mut b) = (hello(6), hello(6));
    b.environment.kernel = "7.0.0".to_owned();
    b.environment.load_1m = 0.9;
    b.suite.duration_s = 9.0;
    let comparison = compared(&a, &b);
    let differences: Vec<&str> = comparison.differences.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(differences, ["kernel", "duration s"]);
    let text = text::comparison(&comparison);
    assert!(text.find("7.0.0").unwrap() < text.find("hello").unwrap(), "{text}");
    assert!(text::comparison(&compared(&a, &a)).contains("Machines and plans are alike."));
}

#[test]
fn cells_of_one_record_only_are_listed() {
    let (a, b) = (record(&quick()), hello(6));
    let comparison = compared(&a, &b);
    assert!(comparison.unmatched.iter().any(|cell| cell == "work, reuseport × 2 (only in before)"));
    assert_eq!(comparison.pairs.len(), 2);
}

#[test]
fn the_text_is_at_most_100_columns_wide() {
    let (a, mut b) = (record(&quick()), scaled(&record(&quick()), 0.97));
    b.environment.cpu_model = "a processor with a name that goes on and on ".repeat(4);
    let wide = record(&large());
    let sides = [&a, &b, &wide].map(|record| Side { name: "a-student-of-the-class", record });
    for text in [&compared(&a, &b), &compared(&wide, &wide)]
        .map(text::comparison)
        .into_iter()
        .chain([text::class(&sides)])
    {
        for line in text.lines() {
            assert!(line.chars().count() <= reports::export::text_table::WIDTH, "{line}");
        }
    }
}

#[test]
fn a_comparison_and_a_class_have_pages() {
    let (a, mut b) = (record(&quick()), scaled(&record(&quick()), 0.9));
    b.environment.kernel = "<7.0>".to_owned();
    b.trials.iter_mut().filter(|t| t.workload == "work").for_each(|t| t.connections = 9);
    let two = page::render(&compared(&a, &b)).unwrap();
    let sides: Vec<Side<'_>> = (0..20).map(|_| Side { name: "ann", record: &a }).collect();
    let class = page::render_class(&sides).unwrap();
    for (name, page) in [("compare", &two), ("class", &class)] {
        std::fs::write(format!("{}/{name}.html", env!("CARGO_TARGET_TMPDIR")), page).unwrap();
        for never in ["NaN", "style=\"", "http://", "https://", "inf ×"] {
            assert!(!page.contains(never), "{name} contains {never}");
        }
    }
    assert!(two.contains("not comparable because the connections differ (64 and 9)"));
    assert!(two.contains("&#60;7.0&#62;"));
    // One of all ratios; throughput and latency for each mode of the two workloads that are alike.
    assert_eq!(two.matches("<figure>").count(), 1 + 2 * (3 + 3));
    for series in ["A: before", "B: after"] {
        assert!(two.contains(&format!("data-series=\"{series}\"")), "{series}");
    }
    assert_eq!(class.matches("<figure").count(), 3, "a strip chart for each workload");
    assert!(class.contains("ann, reuseport × 2: "));
    assert_eq!(class.matches("<th scope=\"row\">ann</th>").count(), 60);
    assert!(class.contains("over 20 records."));
}
