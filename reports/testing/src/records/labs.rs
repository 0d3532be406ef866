//! Made-up labs: a usual one, and one that has more of everything than its sheet has room for.

use reports::record::{Lab, LabEvent, LabItem, Record};

use super::{Plan, cell, record};

/// A lab on two CPUs: one workload, 1 to 8 workers, one trial each.
pub fn usual() -> Record {
    let item = |workers: u32, guess, observed, low, high| LabItem {
        name: if workers == 1 { "1 worker".to_owned() } else { format!("{workers} workers") },
        guess: Some(guess),
        observed: Some(observed),
        low: Some(low),
        high: Some(high),
        note: String::new(),
    };
    let mut items = vec![
        item(1, 100.0, 100.0, 100.0, 100.0),
        item(2, 200.0, 187.4, 160.0, 200.0),
        item(4, 400.0, 184.9, 150.0, 200.0),
        item(8, 100.0, 142.3, 150.0, 200.0),
    ];
    "the base of the others".clone_into(&mut items[0].note);
    let lab = Lab {
        name: "oversubscription".to_owned(),
        title: "More workers than cores".to_owned(),
        aim: "See what a worker is for: to have a core busy. And what one more costs when no core is \
              left for it."
            .to_owned(),
        question: "The machine has two cores. One worker answers a certain number of requests a \
                   second: call it 100 %. How many do 2, 4 and 8 workers answer?"
            .to_owned(),
        quantity: "throughput against one worker".to_owned(),
        unit: "%".to_owned(),
        items,
        explanation: "Each request here takes about 200 µs of CPU. One worker can use one core, two \
                      workers two, and then there are no more: the third has to wait until the first \
                      makes room.\n\nMore workers than cores do not make anything faster. They make \
                      it a little slower, since the kernel switches between them, and they make the \
                      slowest answers slower, since a request may wait for its worker’s turn."
            .to_owned(),
        discuss: [
            "When would you start more workers than there are cores all the same?",
            "The generator needs CPU time too. Whose share did it take, and would a second machine \
             for it change the answer?",
            "What would the class have guessed for a request that waits for a database?",
        ]
        .map(str::to_owned)
        .to_vec(),
        events: vec![event("8 workers", 2.0, "scaled from 4 to 8 workers")],
        short: false,
    };
    with(lab, &[1, 2, 4, 8])
}

/// A lab of six modes, whose numbers go from zero to thousands and beyond all expectation.
pub fn extreme() -> Record {
    let modes = [
        ("shared: the kernel lets whoever is awake accept, and nobody was", 0.0, 3.0, None),
        ("reuseport", 1.0, 4231.0, Some(1000.0)),
        ("round-robin", 100_000.0, 7.0, Some(0.0)),
        ("least-connections", 5.0, 5.0, Some(1.0)),
        ("single <b>", 64.0, 0.0, None),
        ("threads", 0.0, 0.0, None),
    ];
    let item = |(name, guess, observed, low): (&str, f64, f64, Option<f64>)| LabItem {
        name: name.to_owned(),
        guess: (name != "threads").then_some(guess),
        observed: (name != "threads").then_some(observed),
        low,
        high: (name == "round-robin").then_some(64.0),
        note: match name {
            "threads" => "there is no second process to take over, so it was left out".to_owned(),
            _ => String::new(),
        },
    };
    let rounds = (0..14).map(|round| format!("round {round}: {}", modes[round % 6].0));
    let lab = Lab {
        name: "recover".to_owned(),
        title: "Kill and recover, in each mode, with <everything> that may happen on the way".to_owned(),
        aim: "See who notices that a worker died, and what becomes of its connections. ".repeat(3),
        question: "Under load of 500 requests a second one of four workers is killed with SIGKILL. How \
                   many requests fail in each of the ways to share connections out?"
            .to_owned(),
        quantity: "failed requests of all that were sent while a worker was down".to_owned(),
        unit: String::new(),
        items: modes.into_iter().map(item).collect(),
        explanation: ["What the dead worker had accepted is lost with it, whatever the mode: only its \
                       process had those connections, and the kernel resets them when it goes. What it \
                       had not accepted yet is another matter, and there the modes differ."; 5]
            .join("\n\n"),
        discuss: vec![
            "Which of these failures would a client that tries again not have noticed, and which \
             requests may be sent again at all?"
                .to_owned();
            6
        ],
        events: rounds
            .flat_map(|round| {
                (0..9).map(move |second| {
                    event(&round, f64::from(second) - 0.5, "worker 2 (pid 12345) was killed by signal 9")
                })
            })
            .collect(),
        short: true,
    };
    let mut record = with(lab, &[1, 4]);
    record.environment.cores = 8;
    record
}

fn event(round: &str, t_s: f64, text: &str) -> LabEvent {
    LabEvent { round: round.to_owned(), t_s, text: text.to_owned() }
}

/// A record of one block with this lab.
fn with(lab: Lab, workers: &[u32]) -> Record {
    let cells = workers.iter().map(|&workers| cell("work", "shared", workers)).collect();
    let mut record = record(&Plan { cores: 2, blocks: 1, cells });
    record.id = format!("20261126-101500-lab-{}", lab.name);
    record.command = format!("hello-cluster demo --lab {}", lab.name);
    record.suite.name = format!("lab {}", lab.name);
    record.suite.description.clone_from(&lab.title);
    record.suite.workloads.retain(|workload| workload.name == "work");
    record.lab = Some(lab);
    record
}
