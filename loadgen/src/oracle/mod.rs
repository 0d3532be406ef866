//! The oracle: theory in virtual time, against which the books are held, and the known defects of
//! load generators, each of which the theory must catch.
//!
//! [`world`] plays a client and a single first-come-first-served server without a clock and feeds
//! the real schedule and the real books; [`theory`] says, by other means, what must come out;
//! [`defect`] lists what generators in the field got wrong. A test of the whole generator over the
//! wall clock is in the package's end-to-end tests.

mod defect;
mod theory;
mod world;

use defect::Defect;

#[test]
fn the_books_agree_with_the_theory() {
    for (name, check) in theory::CHECKS {
        if let Err(deviation) = check(None) {
            panic!("{name}: {deviation}");
        }
    }
}

#[test]
fn every_known_defect_is_caught_and_every_check_earns_its_place() {
    let mut idle: Vec<&str> = theory::CHECKS.iter().map(|(name, _)| *name).collect();
    for defect in Defect::ALL {
        let mut caught = false;
        for (name, check) in theory::CHECKS {
            if check(Some(defect)).is_err() {
                caught = true;
                idle.retain(|other| *other != name);
            }
        }
        assert!(caught, "goes unnoticed: {}", defect.name());
    }
    assert!(idle.is_empty(), "{idle:?} catch nothing");
}
