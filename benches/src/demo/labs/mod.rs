//! Labs: predict first, then watch. A lab asks a question, takes the class's guess, runs trials, and sets
//! guess beside observation.
//!
//! `benches/labs/NAME.toml → plan of trials → (serve ⇄ load, and acts at their times) → record with the
//! lab's sheet → page and handout`. Read [`lab`] (the file), [`action`], [`check`]; then [`run`] (all
//! trials), [`trial_driver`] (one trial), [`observe`] (the observed values), [`sheet`] (what is kept).
//! [`headless`] runs labs without a page; [`text`] writes `docs/labs/` and tests it.

mod action;
mod check;
mod headless;
mod lab;
mod observe;
mod run;
mod sheet;
#[cfg(test)]
mod text;
mod trial_driver;

use std::sync::OnceLock;

pub use action::Action;
pub use headless::{Ending, headless};
pub use lab::{Item, Lab, Round};
pub use run::{Finished, LabError, run};
pub use trial_driver::Scene;

use crate::bench::suite::{File, SuiteError};

/// The labs' files, in the order in which a course would take them.
const FILES: [(&str, &str); 6] = [
    ("oversubscription", include_str!("../../../labs/oversubscription.toml")),
    ("generator", include_str!("../../../labs/generator.toml")),
    ("hash", include_str!("../../../labs/hash.toml")),
    ("keepalive", include_str!("../../../labs/keepalive.toml")),
    ("omission", include_str!("../../../labs/omission.toml")),
    ("recover", include_str!("../../../labs/recover.toml")),
];

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no lab `{name}`: there are {}", names())]
pub struct UnknownLab {
    pub name: String,
}

/// All labs. A test makes sure that each of the files is one.
pub fn all() -> &'static [Lab] {
    static LABS: OnceLock<Vec<Lab>> = OnceLock::new();
    LABS.get_or_init(|| read().into_iter().filter_map(Result::ok).collect())
}

pub fn find(name: &str) -> Result<&'static Lab, UnknownLab> {
    let found = all().iter().find(|lab| lab.name() == name);
    found.ok_or_else(|| UnknownLab { name: name.to_owned() })
}

fn read() -> Vec<Result<Lab, SuiteError>> {
    let file =
        |(name, text): (&str, &str)| File { name: format!("{name}.toml"), text: text.into() };
    FILES.map(|named| file(named).read()).into()
}

fn names() -> String {
    let [first @ .., last] = FILES.map(|(name, _)| name);
    format!("{} and {last}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_lab_of_its_name() {
        for ((name, _), lab) in FILES.iter().zip(read()) {
            let lab = lab.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(lab.name(), *name);
        }
    }

    #[test]
    fn a_lab_that_is_not_there_gets_the_list() {
        let error = find("hashes").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no lab `hashes`: there are oversubscription, generator, hash, keepalive, \
             omission and recover"
        );
    }
}
