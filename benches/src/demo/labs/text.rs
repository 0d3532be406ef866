//! The labs as text for teachers in `docs/labs/`, written by `just labs` and tested to be up to date.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use reports::format::tick;

use super::lab::{Item, Lab, Measure, Round};
use super::{all, find};
use crate::bench::suite::Workload;
use crate::bench::suite::rate::Rate;

/// Set, it has the texts written.
const WRITE: &str = "WRITE_LABS";

const MADE: &str = "<!-- Made from benches/labs by `just labs`: change it there. -->";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/labs")
}

fn texts() -> Vec<(String, String)> {
    let lab = |lab: &Lab| (format!("{}.md", lab.name()), text(lab));
    let readme = ("README.md".to_owned(), readme());
    std::iter::once(readme).chain(all().iter().map(lab)).collect()
}

fn readme() -> String {
    let mut text = "# Labs: predict first, then watch\n\n\
        Each lab asks a question, takes the class's guess, runs trials (a fresh server and a fresh load\n\
        generator each, as `bench` does) and sets guess beside observation. It ends with a record that\n\
        `hello-cluster report` draws, a page, and a handout to print.\n\n\
        | Lab | Minutes | Aim |\n|---|---|---|\n"
        .to_owned();
    for lab in all() {
        let (title, name, aim) = (&lab.title, lab.name(), flowing(&lab.aim));
        let _ = writeln!(text, "| [{title}]({name}.md) | {} | {aim} |", lab.minutes.0);
    }
    let _ = write!(
        text,
        "\n```sh\n\
         hello-cluster demo --lab hash          # in front of a class: the page opens at this lab\n\
         hello-cluster demo --rehearse hash     # without a page, to see beforehand what comes out\n\
         hello-cluster demo --rehearse all --short\n\
         ```\n\n\
         What to expect is told for two cores, in ranges: a laptop on battery, a virtual machine with\n\
         neighbours and a quiet workstation differ. With more cores, the generator has some of its own,\n\
         and more workers than two may help. Rehearse on the machine that you will show.\n\n{MADE}\n"
    );
    text
}

fn text(lab: &Lab) -> String {
    let mut text = format!("# {}\n\n{}\n\n", lab.title, wrapped(&lab.aim, ""));
    let unit = if lab.unit.is_empty() { String::new() } else { format!(", in {}", lab.unit) };
    let guess = lab.guess.get_ref();
    let question = format!(
        "{} *(To be guessed: {}{unit}, from {} to {}.)*",
        lab.question,
        lab.quantity,
        tick(guess.min),
        tick(guess.max)
    );
    let name = lab.name();
    let _ = write!(
        text,
        "## Question\n\n{}\n\n## Steps\n\n\
         1. `hello-cluster demo --lab {name}` opens the page at this lab. Read the question out and take\n   \
         a guess for each line of the table below *before* anything runs.\n\
         2. Start it. {}\n\
         3. Compare guess and observation, read the explanation, and discuss.\n\n\
         Without a page: `hello-cluster demo --rehearse {name}`.\n\n{}\n\
         ## What to expect on two cores\n\n{}\n\
         ## Explanation\n\n{}\n\n## To discuss\n\n",
        wrapped(&question, ""),
        wrapped(&steps(lab), "   "),
        rounds(lab),
        expected(lab),
        lab.explanation.trim()
    );
    for question in &lab.discuss.0 {
        let _ = writeln!(text, "- {}", wrapped(question, "  "));
    }
    let _ = write!(text, "\n{MADE}\n");
    text
}

fn rounds(lab: &Lab) -> String {
    let head = "| Round | Mode | Workers | Load | Meanwhile |\n|---|---|---|---|---|\n";
    let mut text = head.to_owned();
    for round in &lab.round.0 {
        let (mode, workers) = (round.mode.name(), round.workers.0);
        let (title, load, acts) =
            (&round.title, load(&lab.workload.0[lab.place_of_workload(round)]), acts(round));
        let _ = writeln!(text, "| {title} | `{mode}` | {workers} | {load} | {acts} |");
    }
    let seconds = tick(lab.lengths(false).duration.0.as_secs_f64());
    let _ = writeln!(text, "\nEach is measured for {seconds} s.");
    text
}

fn expected(lab: &Lab) -> String {
    let unit = if lab.unit.is_empty() { String::new() } else { format!(" ({})", lab.unit) };
    let mut text = format!("| | {}{unit} | |\n|---|---|---|\n", lab.quantity);
    for item in &lab.item.0 {
        let (low, high) = (tick(*item.low.get_ref()), tick(item.high));
        let range = if low == high { low } else { format!("{low} to {high}") };
        let _ = writeln!(text, "| {} | {range} | {} |", item.name, found(lab, item));
    }
    text
}

fn steps(lab: &Lab) -> String {
    let (plan, short) = (lab.plan(false, 2, 0), lab.plan(true, 2, 0));
    let minutes = (plan.estimate().as_secs_f64() / 60.0).max(0.5);
    format!(
        "{} rounds run, {} of each kind in an order drawn by lot: about {} min ({} rounds and {} s with \
         `--short`). A server and a generator are started anew for each.",
        plan.trials.len(),
        plan.blocks,
        tick((minutes * 2.0).round() / 2.0),
        short.trials.len(),
        short.estimate().as_secs(),
    )
}

fn found(lab: &Lab, item: &Item) -> String {
    let title = |name| &lab.round.0[lab.place_of_round(name)].title;
    let what = match item.measure {
        Measure::Throughput => "good answers a second",
        Measure::BusiestShare => "the busiest worker's share of the connections",
        Measure::NewShare => {
            "the new workers' share of the answers from half a second after the last act on"
        }
        Measure::P99 => {
            "99th percentile, from when a request was due (open loop) or sent (closed loop)"
        }
        Measure::ServiceP99 => "99th percentile, from the actual send",
        Measure::Failed => "requests without a good answer",
    };
    let over = item.over.as_ref().map_or_else(String::new, |over| {
        format!(", as a multiple of “{}” in the same block", title(over))
    });
    let note = if item.note.is_empty() { String::new() } else { format!(". {}", item.note) };
    format!("“{}”: {what}{over}{note}", title(&item.round))
}

fn load(workload: &Workload) -> String {
    let connections = workload.connections.0;
    let kept = if workload.keepalive { "kept connections" } else { "connections, one a request" };
    let rate = match workload.rate {
        None => "closed loop".to_owned(),
        Some(Rate::Fixed(rps)) => format!("{} requests/s due, open loop", tick(rps)),
        Some(Rate::Share(share)) => {
            format!("{} % of one worker's capacity due, open loop", tick(100.0 * share))
        }
    };
    format!("{}: {connections} {kept}, {rate}", workload.description)
}

fn acts(round: &Round) -> String {
    let act = |act: &super::action::Act| {
        format!("at {} s {}", tick(act.at.get_ref().0.as_secs_f64()), act.action)
    };
    round.acts.iter().map(act).collect::<Vec<_>>().join(", ")
}

fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Wraps a paragraph at 100 columns; lines after the first begin with `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(100)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(&flowing(text), options).trim_start().to_owned()
}

#[test]
fn the_texts_say_what_the_labs_say() {
    for (name, text) in texts() {
        let path = folder().join(&name);
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "docs/labs/{name} is stale: write it anew by `just labs`");
    }
    let files = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(files, texts().len(), "docs/labs has a file of no lab");
}

#[test]
fn a_text_has_aim_steps_expected_figures_explanation_and_the_command() {
    let text = text(find("hash").unwrap());
    for part in ["## Question", "## Steps", "## What to expect", "## Explanation", "## To discuss"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.contains("hello-cluster demo --lab hash"));
}
