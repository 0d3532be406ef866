//! Pages of made-up records: the usual run, the largest, and every way in which a run goes wrong.
//! Each page is left in the target folder's `tmp`, to be looked at.

use reports::record::{Outcome, Record};
use reports_testing::records::{
    Place, Plan, cell, full, labs, large, quick, record, results, with_warm_up,
};

/// Draws a page, checks what holds for every page, and leaves it to be looked at.
fn page(name: &str, record: &Record) -> String {
    let page = reports::page::render(record).expect("every record has a page");
    std::fs::write(format!("{}/{name}.html", env!("CARGO_TARGET_TMPDIR")), &page)
        .expect("the target folder is writable");
    // Base64 may contain anything.
    let (before, rest) = page.split_once("id=\"record\"").expect("a page holds its record");
    let shown = before.to_owned() + rest.split_once("</script>").expect("the record ends").1;
    for never in ["NaN", " style=", "http://", "https://", "url(", " onclick", "inf ×"] {
        assert!(!shown.contains(never), "{name} contains {never}");
    }
    let drawings = |class| page.matches(&format!("<svg class=\"{class}\"")).count();
    assert_eq!(drawings("wide") + drawings("small"), page.matches("<figure>").count());
    assert_eq!(drawings("wide"), drawings("narrow"));
    ids_are_unique(&page);
    page
}

fn ids_are_unique(page: &str) {
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn a_quick_run_fits_in_300_kilobytes_and_shows_every_chart() {
    let page = page("quick", &record(&quick()));
    assert!(page.len() <= 300_000, "{} bytes", page.len());
    for mode in ["single", "reuseport", "round-robin"] {
        assert!(page.contains(mode));
    }
    assert_eq!(page.matches("<figure>").count(), 3 * 7);
    assert_eq!(page.matches("<svg class=\"scheme\"").count(), 3);
    assert!(page.contains("All 84 trials ran and are valid."));
}

#[test]
fn a_full_run_fits_in_a_megabyte() {
    let page = page("full", &record(&full()));
    assert!(page.len() <= 1_000_000, "{} bytes", page.len());
}

#[test]
fn the_content_policy_lets_in_exactly_the_style_sheet_and_the_script_of_the_page() {
    let page = page("policy", &record(&quick()));
    let (style, script) = (digest_of(&page, "style"), digest_of(&page, "script"));
    assert!(page.contains(&format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'"
    )));
}

/// The digest of the text of the page's one element of this name.
pub fn digest_of(page: &str, element: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    let parts: Vec<&str> = page.split(&format!("<{element}>")).collect();
    assert_eq!(parts.len(), 2, "one {element} without attributes");
    let text = parts[1].split(&format!("</{element}>")).next().expect("it ends");
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text.as_bytes()))
}

#[test]
fn twelve_series_and_64_workers_have_a_page_too() {
    let page = page("large", &record(&large()));
    assert!(page.len() <= 2_000_000, "{} bytes", page.len());
}

#[test]
fn one_worker_alone_is_no_comparison_and_no_failure() {
    let plan = Plan { cores: 1, blocks: 1, cells: vec![cell("hello", "single", 1)] };
    let page = page("alone", &record(&plan));
    assert!(page.contains("no valid pair of one and more workers"));
}

#[test]
fn three_blocks_show_dots_and_no_interval() {
    let record = record(&Plan { blocks: 3, ..quick() });
    let page = page("three-blocks", &record);
    assert!(page.contains("3 blocks: too few for an interval"));
    assert!(page.contains("(3 blocks): too few blocks for intervals."));
    assert!(!page.contains("(95\u{a0}% "));
}

#[test]
fn a_run_without_a_valid_trial_says_so() {
    let mut record = record(&quick());
    for (_, result) in results(&mut record) {
        result.valid = false;
        result.reasons = vec!["worker 1 counted 12 answers more than the client".to_owned()];
    }
    let page = page("no-valid-trial", &record);
    assert!(page.contains("No trial is valid"));
    assert!(page.contains("worker 1 counted 12 answers more"));
    assert_eq!(page.matches("<figure>").count(), 0);
}

#[test]
fn failed_and_invalid_trials_are_left_out_of_the_figures_and_listed() {
    let mut record = record(&quick());
    record.trials[3].outcome = Outcome::Error("the server ended before it was ready".to_owned());
    record.trials[9].outcome = Outcome::Error("cannot <bind> 127.0.0.1:8000".to_owned());
    if let Outcome::Result(result) = &mut record.trials[20].outcome {
        result.valid = false;
        result.reasons = vec!["counts differ".to_owned()];
    }
    let page = page("failed", &record);
    assert!(page.contains("81 of 84 trials are valid; 2 failed; 1 ran but may not be used."));
    assert!(page.contains("the server ended before it was ready"));
    assert!(page.contains("cannot &#60;bind&#62; 127.0.0.1:8000"));
}

#[test]
fn a_run_that_kept_its_warm_up_shows_how_trials_got_going() {
    let class = |place: &Place<'_>| if place.order == 0 { "warming" } else { "flat" };
    let record = with_warm_up(record(&quick()), class);
    let page = page("warm-up", &record);
    assert!(page.contains("How trials got going"));
    assert!(page.contains("83 trials flat and 1 trial warming"));
    assert!(page.contains("<td>80 %</td><td>0.0 s</td>"));
    assert_eq!(page.matches("<figure>").count(), 3 * 8);
}

#[test]
fn at_a_rate_a_second_line_times_answers_from_their_actual_send() {
    let mut record = record(&quick());
    let paths = |page: &str| {
        page.split_once("id=\"l0t\"").map_or(0, |(_, rest)| {
            rest.split("</svg>")
                .next()
                .map_or(0, |chart| chart.matches("<path class=\"k-s").count())
        })
    };
    let closed = page("closed", &record);
    assert!(!closed.contains("thin: from"));
    for trial in record.trials.iter_mut().filter(|trial| trial.workload == "hello") {
        trial.rate = Some(500.0);
    }
    for (_, result) in results(&mut record).filter(|(place, _)| place.workload == "hello") {
        "open".clone_into(&mut result.loop_model);
        let mut sent = result.latency.clone();
        sent.histogram.iter_mut().for_each(|(value, _)| *value *= 0.5);
        result.service_latency = Some(sent);
    }
    let open = page("open", &record);
    assert!(open.contains("latency, open loop; thin: from the actual send"));
    assert!(open.contains("(from the actual send within "));
    assert_eq!(paths(&open), paths(&closed) + 3, "a thin line for each of three series");
    let kept = reports::page::embed::kept(&record);
    assert!(kept.condensed.is_some(), "a record of this size is condensed");
    assert_eq!(page("open", &kept), open);
}

#[test]
fn a_lab_has_one_chart_more() {
    let charts = |page: &str| page.matches("<figure>").count();
    for (name, record) in [("lab", labs::usual()), ("extreme-lab", labs::extreme())] {
        let without = Record { lab: None, ..record.clone() };
        let (without, with) = (page("without-lab", &without), page(name, &record));
        assert_eq!(charts(&with), charts(&without) + 1);
        let handout = reports::page::handout::render(&record).expect("every record has a handout");
        std::fs::write(format!("{}/{name}-handout.html", env!("CARGO_TARGET_TMPDIR")), handout)
            .expect("the target folder is writable");
    }
}

#[test]
fn an_interrupted_run_says_how_far_it_came() {
    let mut record = record(&quick());
    record.trials.truncate(33);
    let page = page("interrupted", &record);
    assert!(page.contains("interrupted after 33 of 84 trials"));
    record.trials.clear();
    let page = self::page("nothing", &record);
    assert!(page.contains("No trial is valid"));
}
