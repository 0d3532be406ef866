//! The end of a run: its page, its table, and what to say of how it went.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use reports::record::{Record, Trial};

use super::store::Store;
use super::{Ending, Error};

/// Draws the page, and makes the run the latest one.
pub fn draw(record: &Record, store: &Store) -> Result<(), Error> {
    let page = reports::page::render(record)?;
    store.save_page(&page).map_err(Error::of_file("write", &store.page()))?;
    store.mark_latest().map_err(Error::of_file("link to", store.folder()))
}

/// Draws the page, and says what came out and where it is.
pub fn finish(record: &Record, store: &Store, open: bool) -> Result<(), Error> {
    draw(record, store)?;
    let mut out = io::stdout().lock();
    // A reader who has gone away must not turn a finished run into a failure.
    let _ = write!(
        out,
        "{}\nReport: {}\n",
        reports::export::terminal::summary(record),
        store.page().display()
    );
    if open {
        show(store.page().as_os_str());
    }
    Ok(())
}

/// Has the desktop show a page, by its path or address; one that has no browser gets a line.
pub fn show(page: &OsStr) {
    let started = Command::new("xdg-open")
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(why) = started {
        eprintln!("Note: cannot open the page with xdg-open ({why}): open it in a browser.");
    }
}

/// How a run ended.
pub fn ending(record: &Record, interrupted: bool, folder: &Path) -> Ending {
    let bad = |trial: &&Trial| trial.result().is_none_or(|result| !result.valid);
    match record.trials.iter().filter(bad).count() {
        _ if interrupted && record.trials.len() < record.suite.planned_trials as usize => {
            Ending::Interrupted { trials: record.trials.len(), folder: folder.to_owned() }
        }
        0 => Ending::Valid,
        bad => Ending::NotValid(bad),
    }
}
