//! `bench smoke`, run whole: from the suite's name to the record and the page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use reports::record::{Record, Trial, TrialResult};

use crate::support::{files_in, processes_of, record_in, run_in};

const MODES: [&str; 6] =
    ["single", "threads", "shared", "reuseport", "round-robin", "least-connections"];

#[test]
fn smoke_ends_in_a_record_that_adds_up_and_a_page() {
    let home = tempfile::tempdir().unwrap();
    let output = run_in(home.path(), "bench").args(["smoke", "--seed", "7"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.starts_with("smoke: 18 trials"), "the estimate comes first: {errors}");
    assert!(errors.contains("[18/18]"), "{errors}");
    assert_eq!(processes_of(home.path()), []);

    let latest = home.path().join("reports/out/latest");
    let record = record_in(&latest);
    assert_eq!(fs::read_link(&latest).unwrap(), Path::new(&record.id));
    assert_eq!(record.command, "hello-cluster bench smoke --seed 7");
    every_cell_is_there_once_a_block(&record);
    for trial in &record.trials {
        let result = trial.result().expect("no trial failed");
        // On a machine so busy that a process waits half a second for its CPU, a trial may end
        // without a request in its window. It must say so; everything else holds all the same.
        assert_eq!(result.valid, result.requests > 0, "{:?}", result.reasons);
        both_sides_counted_the_same(trial, result);
        what_was_seen_meanwhile_is_kept(result);
        every_core_second_has_an_owner(result);
    }
    let all_valid = record.trials.iter().all(|trial| trial.result().is_some_and(|r| r.valid));
    assert_eq!(output.status.code(), Some(if all_valid { 0 } else { 4 }), "{errors}");
    the_calibrated_work_is_what_was_asked_for(&record);

    let page = fs::read_to_string(latest.join("index.html")).unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains(&format!("reports/out/{}/index.html", record.id)), "{told}");
    for mode in MODES {
        assert!(page.contains(mode) && told.contains(mode), "{mode} is shown");
    }
    assert_eq!(files_in(&latest), ["index.html", "record.json"], "and nothing else");
}

#[test]
fn the_plan_of_a_seed_is_the_order_in_which_the_trials_run() {
    let home = tempfile::tempdir().unwrap();
    let filters = ["smoke", "--modes", "single,reuseport", "--blocks", "1", "--seed", "11"];
    let plan = run_in(home.path(), "bench").args(filters).arg("--plan").output().unwrap();
    assert!(plan.status.success());
    assert!(!home.path().join("reports").exists(), "a plan leaves nothing behind");
    let planned: Vec<(String, String)> = String::from_utf8(plan.stdout)
        .unwrap()
        .lines()
        .skip_while(|line| !line.starts_with("trial"))
        .skip(1)
        .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .map(|words| (words[2].clone(), words[3].clone()))
        .collect();
    assert_eq!(planned.len(), 4);

    let out = home.path().join("mine");
    let record = recorded(run_in(home.path(), "bench").args(filters), &out);
    let ran: Vec<(String, String)> =
        record.trials.into_iter().map(|trial| (trial.workload, trial.mode)).collect();
    assert_eq!(ran, planned);
    assert!(!home.path().join("reports").exists(), "--out is used instead");
}

#[test]
fn a_workload_that_names_tools_has_their_figures_in_each_trial_and_on_the_page() {
    const SUITE: &str = "name = \"tools\"\nblocks = 2\nduration = \"200ms\"\n\
        [[workload]]\nname = \"plain\"\nconnections = 4\n\
        [[workload]]\nname = \"told\"\nconnections = 4\nas = [\"k6\", \"wrk\"]\n\
        [[cells]]\nworkloads = [\"plain\", \"told\"]\nmodes = [\"single\"]\nworkers = [1]\n";
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("tools.toml"), SUITE).unwrap();
    let out = home.path().join("out");
    let record = recorded(run_in(home.path(), "bench").arg("tools.toml"), &out);
    assert_eq!(record.suite.workloads[1].tools, ["wrk", "k6"]);
    for trial in &record.trials {
        let tools = &trial.result().expect("no trial failed").tools;
        let names: Vec<&str> = tools.iter().map(|told| told.tool.as_str()).collect();
        let expected: &[&str] = if trial.workload == "told" { &["wrk", "k6"] } else { &[] };
        assert_eq!(names, expected);
    }
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    // As above: on a busy machine a trial may end without a request in its window.
    let usable = |trial: &Trial| {
        trial.workload == "told" && trial.result().is_some_and(|result| result.valid)
    };
    let shown = page.contains("The tool decides the latency");
    assert_eq!(shown, record.trials.iter().any(usable));
}

fn recorded(bench: &mut Command, out: &Path) -> Record {
    let run = bench.arg("--out").arg(out).output().unwrap();
    assert!(matches!(run.status.code(), Some(0 | 4)), "{}", String::from_utf8_lossy(&run.stderr));
    record_in(out)
}

fn every_cell_is_there_once_a_block(record: &Record) {
    assert_eq!((record.seed, record.trials.len()), (7, 18));
    assert_eq!(record.suite.planned_trials, 18);
    for block in 0..2 {
        let cells: BTreeSet<_> = record
            .trials
            .iter()
            .filter(|trial| trial.block == block)
            .map(|trial| (&trial.workload, &trial.mode, trial.workers))
            .collect();
        assert_eq!(cells.len(), 9);
    }
    let orders: Vec<u32> = record.trials.iter().map(|trial| trial.order).collect();
    assert_eq!(orders, (0..18).collect::<Vec<_>>());
}

fn both_sides_counted_the_same(trial: &Trial, result: &TrialResult) {
    let is_one_process = trial.mode == "threads";
    let processes = if is_one_process { 1 } else { trial.workers };
    assert_eq!(result.workers.len(), processes as usize);
    let mut answers = 0;
    for worker in &result.workers {
        assert_eq!(worker.requests, worker.client_requests, "{trial:?}");
        assert!(is_one_process || worker.cpu.is_some_and(|it| trial.cpus.server.contains(&it)));
        assert!(worker.ran_on.iter().all(|cpu| trial.cpus.server.contains(cpu)), "{worker:?}");
        answers += worker.client_requests;
    }
    assert_eq!(answers, result.lifetime.answered);
}

fn what_was_seen_meanwhile_is_kept(result: &TrialResult) {
    let warmup = result.warmup.as_ref().expect("smoke has a warm-up");
    assert!(!warmup.series.is_empty());
    assert!(warmup.series.iter().all(|point| point.t_s < 0.0));
    assert!(result.accept.as_ref().is_none_or(|queue| queue.backlog > 0));
    assert_eq!(result.cpu.per_cpu.len(), result.cpu.cores as usize);
    assert!(result.cpu.waiting.is_some_and(|waiting| waiting.load_s >= 0.0));
}

fn every_core_second_has_an_owner(result: &TrialResult) {
    let cpu = &result.cpu;
    let [server_s, load_s] =
        [cpu.server_user_s + cpu.server_sys_s, cpu.load_user_s + cpu.load_sys_s];
    let owned = server_s + cpu.master_s + load_s + cpu.other_s + cpu.steal_s + cpu.idle_s;
    let all = f64::from(cpu.cores) * cpu.elapsed_s;
    assert!((owned + cpu.residual_s - all).abs() < 1e-6);
    if result.requests > 0 {
        assert!(server_s > 0.0, "the workers' clocks were read");
        assert!(load_s > 0.0, "the generator's clock was read");
    }
}

fn the_calibrated_work_is_what_was_asked_for(record: &Record) {
    let calibration = record.suite.calibration.as_ref().expect("smoke has a workload with work");
    let work = record.suite.workloads.iter().find(|workload| workload.name == "work").unwrap();
    assert_eq!(work.path, format!("/work?rounds={}", calibration.rounds));
    assert!(calibration.measured_us > 0.0);
}
