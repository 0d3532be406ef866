//! `report --verify`: says whether a page is what its record gives, and where it is not.

use std::path::Path;

use reports::format;
use reports::page::embed::VERSION;
use reports::page::verify::{Difference, MOST, Scope, Verification, verify};

use super::{read, say};
use crate::cli::Failure;

/// Checks a page.
pub fn run(path: &Path) -> Result<(), Failure> {
    let name = path.display();
    let page = match read::document(path)? {
        read::Document::Page(page) => page,
        read::Document::Record(_) => {
            let line = format!("{name} is no page: --verify checks an .html file");
            return Err(Failure::usage(line));
        }
    };
    let verification =
        verify(&page).map_err(|why| Failure::check(format!("{name} does not verify: {why}")))?;
    for difference in &verification.differences {
        say(&line(difference))?;
    }
    match verification.differences.len() {
        0 => say(&format!("{name} verifies: {}\n", verified(&verification))),
        MOST => Err(failure(path, "ten places or more are", verification.scope)),
        1 => Err(failure(path, "one place is", verification.scope)),
        places => Err(failure(path, &format!("{places} places are"), verification.scope)),
    }
}

fn failure(path: &Path, places: &str, scope: Scope) -> Failure {
    let numbers = match scope {
        Scope::Bytes => "",
        Scope::Numbers { .. } => " (only its numbers were compared: another version drew it)",
    };
    Failure::check(format!(
        "{} does not verify: {places} not as the record gives{numbers}",
        path.display()
    ))
}

/// One altered place: where, what is there, what should be.
fn line(difference: &Difference) -> String {
    let Difference { place, expected, found } = difference;
    match (expected.as_str(), found.as_str()) {
        (expected, "") => format!("{place}: missing `{expected}`\n"),
        ("", found) => format!("{place}: added `{found}`\n"),
        (expected, found) => format!("{place}: `{found}`, and the record gives `{expected}`\n"),
    }
}

fn verified(verification: &Verification) -> String {
    let trials = format::count(verification.trials as u64, "trial");
    let Verification { sha256, drawn_by, .. } = verification;
    match verification.scope {
        Scope::Bytes => {
            format!("every byte is as the record in it gives ({trials}, SHA-256 {sha256})")
        }
        Scope::Numbers { places, unmatched } => format!(
            "its numbers in {places} places are as the record in it gives ({trials}, SHA-256 \
             {sha256}). Version {drawn_by} drew it and this is {VERSION}, so the drawing was not \
             compared, nor what stands in one of the two only ({})",
            format::count(unmatched as u64, "place")
        ),
    }
}
