//! What is planned for which machine, and what a budget cuts.

use super::*;
use crate::bench::suite::find::tests::{GOOD, built_in, parse};

fn plan(cores: u32, overrides: &Overrides) -> Result<Plan, PlanError> {
    Plan::new(&built_in("quick"), overrides, &[], cores, 7)
}

fn names(plan: &Plan) -> Vec<String> {
    let name = |cell: &Cell| {
        let workload = plan.workloads[cell.workload].name.get_ref().as_str();
        let row =
            format!("{workload} {} {} {}", plan.target_of(cell).name, cell.mode, cell.workers);
        row.replace("hello-cluster ", "")
    };
    plan.cells.iter().map(name).collect()
}

fn words(mode: &str) -> Vec<String> {
    vec![mode.to_owned()]
}

fn only(mode: &str) -> Overrides {
    Overrides { modes: Some(words(mode)), ..Overrides::default() }
}

#[test]
fn quick_on_two_cores_has_its_fourteen_cells() {
    let plan = plan(2, &Overrides::default()).unwrap();
    assert_eq!(
        names(&plan),
        [
            "hello single 1",
            "work single 1",
            "connect single 1",
            "hello reuseport 1",
            "hello reuseport 2",
            "hello round-robin 1",
            "hello round-robin 2",
            "work reuseport 1",
            "work reuseport 2",
            "work round-robin 1",
            "work round-robin 2",
            "connect reuseport 2",
            "connect round-robin 2",
            "work reuseport 4",
        ]
    );
    let marked: Vec<u32> =
        plan.cells.iter().filter(|cell| cell.oversubscribed).map(|cell| cell.workers).collect();
    assert_eq!(marked, [4]);
    assert_eq!(plan.trials.len(), 84);
    assert!(plan.estimate() < Duration::from_secs(180), "{:?}", plan.estimate());
    assert!(plan.notes.is_empty());
    assert_eq!(plan.works(), [200]);
}

#[test]
fn more_cores_mean_more_cells_within_the_budget() {
    let sixteen = plan(16, &Overrides::default()).unwrap();
    assert!(names(&sixteen).contains(&"work reuseport 8".to_owned()));
    assert!(sixteen.estimate() <= Duration::from_secs(300));
    let many = plan(128, &Overrides::default()).unwrap();
    assert!(many.estimate() <= Duration::from_secs(300));
    assert!(names(&many).contains(&"work reuseport 1".to_owned()));
    assert!(names(&many).contains(&"work reuseport 128".to_owned()));
    assert!(many.notes[0].contains("Left out"), "{:?}", many.notes);
}

#[test]
fn one_core_is_enough_for_a_plan() {
    let plan = plan(1, &Overrides::default()).unwrap();
    assert!(names(&plan).contains(&"connect reuseport 1".to_owned()));
    assert!(names(&plan).contains(&"work reuseport 2".to_owned()));
}

#[test]
fn the_built_in_suites_keep_their_promised_times_on_two_cores() {
    for (name, seconds) in [("smoke", 15), ("quick", 180), ("workshop", 300), ("peers", 300)] {
        let plan = Plan::new(&built_in(name), &Overrides::default(), &[], 2, 1).unwrap();
        assert!(plan.estimate() < Duration::from_secs(seconds), "{name}: {:?}", plan.estimate());
        assert!(plan.notes.is_empty(), "{name} needs no cut: {:?}", plan.notes);
    }
}

#[test]
fn peers_on_two_cores_has_all_targets_side_by_side() {
    let plan = Plan::new(&built_in("peers"), &Overrides::default(), &[], 2, 1).unwrap();
    let names = names(&plan);
    for wanted in [
        "hello single 1",
        "hello reuseport 2",
        "hello round-robin 2",
        "hello node single 1",
        "hello node round-robin 2",
        "hello node shared 2",
        "hello nginx shared 2",
        "hello nginx reuseport 2",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is missing: {names:?}");
    }
}

#[test]
fn only_targets_that_the_filters_leave_are_looked_for() {
    let suite = built_in("peers");
    let names = |overrides: &Overrides| -> Vec<String> {
        let targets = wanted_targets(&suite, overrides, 2).unwrap();
        targets.into_iter().map(|target| target.name).collect()
    };
    assert_eq!(names(&Overrides::default()), ["hello-cluster", "node", "nginx"]);
    // nginx has no mode of that name.
    assert_eq!(names(&only("round-robin")), ["hello-cluster", "node"]);
    let overrides = only("turbo");
    assert!(matches!(wanted_targets(&suite, &overrides, 2), Err(PlanError::Unknown { .. })));
    let overrides = Overrides { workers: Some(vec![2]), modes: Some(words("single")), ..overrides };
    assert!(matches!(wanted_targets(&suite, &overrides, 2), Err(PlanError::Empty { .. })));
}

#[test]
fn a_target_that_is_missing_is_left_out_and_listed() {
    let missing = [Skipped { target: "node".to_owned(), why: "Not there.".to_owned() }];
    let plan = Plan::new(&built_in("peers"), &Overrides::default(), &missing, 2, 1).unwrap();
    assert!(!names(&plan).iter().any(|name| name.contains("node")));
    assert_eq!(plan.skipped, missing);
    let overrides = Overrides { targets: Some(words("node")), ..Overrides::default() };
    let error = Plan::new(&built_in("peers"), &overrides, &missing, 2, 1).unwrap_err();
    assert_eq!(error.to_string(), "nothing is left to run: Not there.");
}

#[test]
fn modes_are_filtered_and_unused_workloads_go() {
    let overrides = Overrides { workers: Some(vec![3]), ..only("round-robin") };
    let plan = plan(2, &overrides).unwrap();
    assert_eq!(
        names(&plan),
        ["hello round-robin 3", "work round-robin 3", "connect round-robin 3"]
    );
    assert!(plan.cells.iter().all(|cell| cell.oversubscribed));
}

#[test]
fn filters_that_leave_nothing_or_name_strangers_are_errors() {
    let overrides = Overrides { workers: Some(vec![2]), ..only("single") };
    let error = plan(2, &overrides).unwrap_err().to_string();
    assert!(error.contains("single, reuseport, round-robin"), "{error}");
    let error = plan(2, &only("fast")).unwrap_err().to_string();
    assert!(error.contains("no mode `fast`") && error.contains("round-robin"), "{error}");
    let overrides = Overrides { targets: Some(words("node")), ..Overrides::default() };
    let error = plan(2, &overrides).unwrap_err().to_string();
    assert_eq!(error, "the suite `quick` has no target `node`: it has hello-cluster");
}

#[test]
fn more_blocks_than_the_suite_has_set_the_budget_aside() {
    let overrides = Overrides { blocks: Some(60), ..Overrides::default() };
    let plan = plan(2, &overrides).unwrap();
    assert_eq!(plan.trials.len(), 14 * 60);
    assert!(plan.notes[0].contains("set aside"));
}

#[test]
fn a_budget_cuts_counts_then_blocks_then_length_and_says_so() {
    let suite =
        parse(&GOOD.replace("[1, 2]", "\"auto\"").replace("blocks = 2", "blocks = 12")).unwrap();
    let within = |seconds| {
        let budget = Some(Duration::from_secs(seconds));
        Plan::new(&suite, &Overrides { budget, ..Overrides::default() }, &[], 16, 1).unwrap()
    };
    // 12 blocks × 5 counts × 1.08 s.
    assert!(within(70).notes.is_empty());
    let fewer_counts = within(30);
    assert_eq!((fewer_counts.cells.len(), fewer_counts.blocks), (2, 12));
    let fewer_blocks = within(14);
    assert_eq!((fewer_blocks.cells.len(), fewer_blocks.blocks), (2, 6));
    let shorter = within(10);
    assert_eq!(shorter.blocks, 6);
    assert_eq!(shorter.duration, Duration::from_millis(700));
    assert_eq!(shorter.notes.len(), 3, "{:?}", shorter.notes);
    let impossible = within(1);
    assert_eq!(impossible.duration, Duration::from_millis(500));
    assert!(impossible.notes[3].contains("nothing more"), "{:?}", impossible.notes);
}
