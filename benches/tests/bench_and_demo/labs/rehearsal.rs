//! A lab as it was rehearsed, and what holds of every one.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reports::record::{Lab, LabItem, Record, Trial, TrialResult};

use crate::program::text;
use crate::support::{files_in, processes_of, record_in, run_in};

/// How often a lab is run before invalid rounds, which a busy machine causes, are accepted.
const TRIES: u32 = 3;

/// Labs that mostly wait: they use less than a quarter of a CPU, and run beside others.
const IDLE: [&str; 2] = ["hash", "omission"];

/// Verdicts of a generator on itself that a busy machine accounts for, each as a part of a sentence.
const BUSY: [&str; 3] =
    ["could not keep its schedule", "No request began", "Not one request was answered"];

/// Runs a lab shortened, checks what holds of every lab, and returns its record.
pub fn rehearse(name: &str) -> Record {
    let _alone = (!IDLE.contains(&name)).then(alone);
    let rehearsed = || rehearse_in(tempfile::tempdir().unwrap().path(), name);
    let all_valid = |record: &Record| record.trials.iter().all(|trial| result(trial).valid);
    let mut record = rehearsed();
    for _ in 1..TRIES {
        if all_valid(&record) {
            break;
        }
        record = rehearsed();
    }
    record
}

/// Two labs that want all CPUs would only be in each other's way.
fn alone() -> MutexGuard<'static, ()> {
    static ALL_CPUS: Mutex<()> = Mutex::new(());
    ALL_CPUS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn rehearse_in(home: &Path, name: &str) -> Record {
    let output = run_in(home, "demo").args(["--rehearse", name, "--short"]).output().unwrap();
    let (told, progress) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(processes_of(home), [], "nothing is left behind");
    let latest = home.join("reports/out/latest");
    let record = record_in(&latest);
    let files = files_in(&latest);
    assert_eq!(files, ["handout.html", "index.html", "record.json"], "and nothing else");

    let lab = sheet(&record);
    assert_eq!((lab.name.as_str(), lab.short), (name, true));
    assert_eq!(record.command, format!("hello-cluster demo --rehearse {name} --short"));
    assert!(read(&latest.join("index.html")).contains("</html>"));
    assert!(read(&latest.join("handout.html")).contains("</html>"));
    let of = record.trials.len();
    assert_eq!(record.suite.planned_trials as usize, of);
    assert!(progress.contains(&format!("[{of}/{of}] ")), "{progress}");
    for item in &lab.items {
        assert!(told.contains(&format!("  {}", item.name)), "{told}");
        // What could not be observed says why.
        assert!(item.observed.is_some() || item.note.contains(" left out: "), "{item:?}");
        assert!(item.observed.is_none_or(f64::is_finite), "{item:?}");
    }
    let mut all_valid = true;
    for trial in &record.trials {
        all_valid &= result(trial).valid;
        it_is_valid_or_the_machine_was_busy(result(trial));
        both_sides_counted_the_same(result(trial));
    }
    assert_eq!(output.status.code(), Some(if all_valid { 0 } else { 4 }), "{progress}");
    record
}

fn it_is_valid_or_the_machine_was_busy(result: &TrialResult) {
    let is_busy = |reason: &String| BUSY.iter().any(|part| reason.contains(part));
    assert!(result.valid || result.reasons.iter().any(is_busy), "{:?}", result.reasons);
}

/// With failures a worker may have answered some of the failed requests in vain, and no more.
fn both_sides_counted_the_same(result: &TrialResult) {
    let mut in_vain = 0;
    for worker in &result.workers {
        assert!(worker.requests >= worker.client_requests, "{worker:?}");
        in_vain += worker.requests - worker.client_requests;
    }
    assert!(in_vain <= result.lifetime.failed, "{in_vain} {:?}", result.lifetime);
    let counted: u64 = result.workers.iter().map(|worker| worker.client_requests).sum();
    assert_eq!(counted, result.lifetime.answered);
    assert_eq!(result.lifetime.sent, result.lifetime.answered + result.lifetime.failed);
}

pub fn sheet(record: &Record) -> &Lab {
    record.lab.as_ref().expect("a lab's record has its sheet")
}

pub fn item<'a>(record: &'a Record, name: &str) -> &'a LabItem {
    let items = &sheet(record).items;
    items.iter().find(|item| item.name == name).unwrap_or_else(|| panic!("{name} in {items:?}"))
}

/// What was observed of it; `None` where a busy machine let nothing be.
pub fn observed(record: &Record, name: &str) -> Option<f64> {
    item(record, name).observed
}

pub fn result(trial: &Trial) -> &TrialResult {
    trial.result().unwrap_or_else(|| panic!("it failed: {:?}", trial.outcome))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
