//! `--as`: what other tools would have printed of the same run.

use std::time::Duration;

use serde_json::Value;

use super::support::{Behaviour, HELLO, Server, engines, file_in, in_each_engine, load, number};

const NAMES: [&str; 6] = ["wrk", "wrk2", "oha", "hey", "autocannon", "k6"];

fn of<'a>(result: &'a Value, tool: &str) -> &'a Value {
    let estimates = result["as"].as_array().unwrap();
    estimates.iter().find(|estimate| estimate["tool"] == tool).unwrap()
}

fn micros(result: &Value, tool: &str, figure: &str) -> f64 {
    let estimate = of(result, tool);
    let unit = match estimate["unit"].as_str().unwrap() {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        other => panic!("{other} as unit"),
    };
    estimate[figure].as_f64().unwrap_or_else(|| panic!("{figure} in {estimate}")) * unit
}

#[test]
fn every_tool_counts_the_requests_of_a_run_without_errors() {
    for engine in engines() {
        for more in [&[][..], &["-t", "2"], &["--no-keepalive"], &["-R", "2000"]] {
            let arguments = [&["-n", "200", "-c", "4", "--as", "all"], more].concat();
            let result = engine.result(Behaviour::Answer(HELLO), &arguments);
            let estimates = result["as"].as_array().unwrap();
            assert!(estimates.iter().map(|it| it["tool"].as_str().unwrap()).eq(NAMES), "{result}");
            for estimate in estimates {
                let (tool, says) = (&estimate["tool"], estimate["says"].as_str().unwrap());
                assert!(says.ends_with('.') && estimate["source"].is_string(), "{estimate}");
                if tool == "wrk2" {
                    let closed = !more.contains(&"-R");
                    assert_eq!(estimate["requests"].is_null(), closed, "{estimate}");
                } else {
                    assert_eq!(number(estimate, "/requests"), 200, "{engine:?} {more:?}");
                    assert!(estimate["max"].as_f64().unwrap() >= 0.0, "{estimate}");
                }
            }
        }
    }
}

#[test]
fn without_the_argument_nothing_is_told_of_other_tools() {
    let server = Server::start(Behaviour::Answer(HELLO));
    for engine in engines() {
        assert!(engine.drive(&server, &["-n", "10"]).json().get("as").is_none());
    }
}

#[test]
fn of_a_pause_the_truth_and_wrk2_tell_and_a_stamp_at_the_send_tells_less() {
    let length = Duration::from_millis(500);
    in_each_engine(|engine| {
        let arguments = ["-R", "500", "-c", "4", "-d", "2s", "--as", "all"];
        let result = engine.result(Behaviour::Pause { after: 100, length }, &arguments);
        let truth = |figure: &str| result["latency"][figure].as_f64().unwrap();
        assert!(truth("p99") >= 400_000.0, "{result}");
        assert!(micros(&result, "wrk2", "p99") >= 400_000.0, "{result}");
        for (tool, figures) in [("oha", &["p50", "p90", "max"][..]), ("k6", &["p50", "p90"])] {
            for figure in figures {
                let told = micros(&result, tool, figure);
                // The truth is read from a histogram of three digits.
                assert!(told <= truth(figure) * 1.002, "{tool} {figure} {told}: {result}");
            }
        }
        assert!(of(&result, "oha")["says"].as_str().unwrap().contains("from the send"));
    });
}

#[test]
fn connecting_is_in_what_oha_tells_and_not_in_what_k6_tells() {
    for engine in engines() {
        let arguments = ["-n", "50", "-c", "2", "--no-keepalive", "--as", "oha,k6"];
        let result = engine.result(Behaviour::AnswerAndClose(HELLO), &arguments);
        assert!(micros(&result, "k6", "mean") < micros(&result, "oha", "mean"), "{result}");
        let says = of(&result, "k6")["says"].as_str().unwrap();
        // The first connection is made before the run.
        assert!(says.contains("(49 requests") || says.contains("(50 requests"), "{says}");
    }
}

#[test]
fn a_time_out_is_nothing_to_wrk_an_error_to_hey_and_its_wait_to_k6() {
    let length = Duration::from_secs(3);
    in_each_engine(|engine| {
        // The third request, on a kept connection, is not answered in time.
        let arguments = ["-n", "3", "-c", "1", "--timeout", "1s", "--as", "wrk", "--as", "hey,k6"];
        let result = engine.result(Behaviour::Pause { after: 3, length }, &arguments);
        assert_eq!(number(&result, "/errors/timeout"), 1, "{result}");
        let counts = ["wrk", "hey", "k6"].map(|tool| number(of(&result, tool), "/requests"));
        assert_eq!(counts, [2, 3, 3]);
        for tool in ["wrk", "hey"] {
            assert!(micros(&result, tool, "max") < 1e6, "{result}");
        }
        assert!(micros(&result, "k6", "max") >= 1e6, "{result}");
    });
}

#[test]
fn the_summary_has_a_row_and_a_sentence_a_tool_beside_the_truth() {
    let server = Server::start(Behaviour::Answer(HELLO));
    let run = load(&[&server.url(), "-n", "50", "--as", "all"]);
    for name in NAMES.iter().chain(&["the truth"]) {
        let rows = run.out.lines().filter(|line| line.starts_with(&format!("  {name} ")));
        assert_eq!(rows.count(), 1, "{name} in {}", run.out);
    }
    for name in NAMES {
        assert!(run.out.contains(&format!("\n  - {name}: ")), "{name} in {}", run.out);
    }
}

#[test]
fn a_sum_of_results_has_no_estimates() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder, "r.json");
    let server = Server::start(Behaviour::Answer(HELLO));
    let run = load(&[&server.url(), "-n", "50", "--as", "hey", "--json", &file]);
    assert_eq!(run.code, 0, "{}", run.err);
    let sum = load(&["--merge", &file, &file, "--json", "-"]).json();
    assert!(sum.get("as").is_none(), "{sum}");
}

#[test]
fn an_unknown_tool_is_one_line_that_says_what_there_is() {
    for list in ["ab", "wrk,ab", "wrk,,k6", ""] {
        load(&["http://h/", "--as", list])
            .is_refused(2, &["give wrk, wrk2, oha, hey, autocannon, k6 or all"]);
    }
}
