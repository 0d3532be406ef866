//! What the live page promises, measured: how soon a death is shown and the new process serves, what
//! readers of its stream of events cost in throughput, and what one browser costs.
//!
//! ```text
//! just perf demo [KILLS] [ROUNDS] [SECONDS]
//! cargo build --release && cargo run --release --example perf_demo -- 20 7 4
//! ```
//! Bounds: at every kill down is shown within 250 ms and the new process is shown serving within 1 s, both
//! from the click, in the page itself; three readers take at most 2 % of the throughput (a mean over rounds
//! in which with and without take turns; its 95 % interval by Student's t on the log ratios is told, too).
//! Exit codes: 0 they are met, 1 they are not, 3 something broke, 130 interrupted. Without
//! chromium and chromedriver only the readers are measured, and it says so.
//!
//! Next: [`deaths`], [`readers`]; `show.rs` starts the demonstration.

#[cfg(target_os = "linux")]
mod deaths;
#[cfg(target_os = "linux")]
mod readers;
#[cfg(target_os = "linux")]
mod show;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "perf_cluster follows a cluster's events")]
#[path = "../cluster/stage/mod.rs"]
mod stage;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    measurement::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("perf_demo needs Linux");
}

#[cfg(target_os = "linux")]
mod measurement {
    //! The measurement.

    use std::process::ExitCode;

    use crate::stage::figures::Bounds;
    use crate::stage::{Failure, Stage};
    use crate::{deaths, readers};

    pub fn main() -> ExitCode {
        let Err(failure) = run() else { return ExitCode::SUCCESS };
        eprintln!("perf_demo: {failure}");
        ExitCode::from(failure.code())
    }

    fn run() -> Result<(), Failure> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let number = |place: usize, usual: u32| {
            let given = arguments.get(place).map_or(Ok(usual), |text| text.parse());
            let broken = |_| Failure::Broken("give numbers: kills, rounds, seconds".to_owned());
            given.map(|number| number.clamp(1, 1000)).map_err(broken)
        };
        let (kills, rounds, seconds) = (number(0, 20)?, number(1, 7)?.max(2), number(2, 4)?);
        println!("repeat: just perf demo {kills} {rounds} {seconds}");
        let stage = Stage::set()?;
        let mut bounds = Bounds::default();
        if let Some(browser) = reports_testing::browser::browser() {
            deaths::measure(&stage, &browser, kills, &mut bounds)?;
            readers::of_a_browser(&stage, &browser, rounds, seconds)?;
        }
        readers::of_the_stream(&stage, rounds, seconds, &mut bounds)?;
        bounds.verdict("the live page keeps its promises")
    }
}
