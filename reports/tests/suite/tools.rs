//! The section on what other load generators would have printed: it is there where a trial has their
//! figures, it says the medians, and it takes no byte elsewhere.

use reports::page::embed::kept;
use reports::page::render;
use reports::page::verify::verify;
use reports::record::{Record, Told};
use reports_testing::records::{Plan, cell, large, quick, record, results};

/// Gives each trial of `hello` the figures of three tools: wrk's 99th percentile is 1, 2, 3 … ms by
/// block, hey's is in seconds, k6 prints none.
fn with_tools(plan: &Plan) -> Record {
    let mut record = record(plan);
    for (place, result) in results(&mut record).filter(|(place, _)| place.workload == "hello") {
        let told = |tool: &str, unit: &str, p99: Option<f64>| Told {
            tool: tool.to_owned(),
            loop_model: "closed".to_owned(),
            unit: unit.to_owned(),
            p50: Some(1.0),
            p99,
            rps: Some(1234.0),
            says: format!("It left out {} requests.", place.order),
            source: format!("{tool}: main.c (main)"),
            ..Told::default()
        };
        result.tools = vec![
            told("wrk", "us", Some(1000.0 * f64::from(place.block + 1))),
            told("hey", "s", Some(0.25)),
            told("k6", "ms", None),
        ];
    }
    record
}

#[test]
fn the_section_shows_medians_over_trials_and_only_the_workload_that_has_them() {
    let page = render(&with_tools(&quick())).unwrap();
    assert!(page.contains("<h2>The tool decides the latency</h2>"));
    assert!(page.contains("<a href=\"#tools\">"));
    assert_eq!(page.matches("<figure>").count(), 3 * 7 + 1);
    // Six blocks: 1, 2, … 6 ms.
    assert!(page.contains("<td data-figure=\"wrk-p99\">3.50 ms</td>"), "the median of six");
    assert!(page.contains("<td data-figure=\"hey-p99\">250 ms</td>"));
    assert!(page.contains("<td data-figure=\"k6-p99\"></td>"));
    assert!(page.contains("reuseport × 2, wrk: 99 % within 3.50 ms"));
    assert!(page.contains("from 3.50 ms (wrk) to 250 ms (hey), where it was"));
    assert_eq!(page.matches("(wrk: main.c (main))").count(), 1, "one trial’s words a workload");
}

#[test]
fn a_page_with_the_section_verifies_and_an_altered_estimate_is_found() {
    let page = render(&with_tools(&quick())).unwrap();
    assert!(verify(&page).unwrap().differences.is_empty());
    let altered = page.replacen(
        "<td data-figure=\"wrk-p99\">3.50 ms",
        "<td data-figure=\"wrk-p99\">3.40 ms",
        1,
    );
    assert_eq!(verify(&altered).unwrap().differences.len(), 1);
}

#[test]
fn a_condensed_record_gives_the_same_page_and_is_condensed_once() {
    let record = with_tools(&large());
    let condensed = kept(&record);
    assert!(condensed.condensed.is_some());
    assert_eq!(render(&record).unwrap(), render(&condensed).unwrap());
    assert_eq!(*kept(&condensed), *condensed);
}

#[test]
fn without_such_figures_a_record_and_its_page_have_nothing_of_it() {
    let record = record(&Plan { cores: 2, blocks: 2, cells: vec![cell("hello", "single", 1)] });
    let page = render(&record).unwrap();
    assert!(!page.contains("The tool decides") && !page.contains("#tools"));
    assert!(!serde_json::to_string(&record).unwrap().contains("\"as\""));
    let slides = reports::export::svg_export::slides(&record).unwrap();
    assert!(slides.iter().all(|slide| !slide.name.starts_with("tools")));
}

#[test]
fn the_chart_is_a_slide_too() {
    let slides = reports::export::svg_export::slides(&with_tools(&quick())).unwrap();
    let names: Vec<_> =
        slides.iter().map(|slide| slide.name.as_str()).filter(|n| n.starts_with("tools")).collect();
    assert_eq!(names, ["tools-hello.svg"]);
}
