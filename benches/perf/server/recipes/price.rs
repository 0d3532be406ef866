//! `price`: what a worker's books, its pulse and its guard cost, alone and under a master, beside the
//! same front without them.
//!
//! Next: [`super::idle`].

use crate::contender::{Built, Contender};
use crate::generator::Requests;
use crate::rounds::{Arena, compare, print_ratio_head};
use crate::stage::Failure;
use crate::stage::figures::Bounds;

const PLAIN: Contender = Contender::Built(Built::Plain);

/// The least ratio of requests a second to those without supervision.
const LEAST: f64 = 0.97;

/// Measures and prints.
pub fn run(arena: &Arena<'_>) -> Result<(), Failure> {
    arena.tell_command("price", "");
    // The front without supervision has no shortcut past hyper: so both do the same work, and the
    // guard reads every head.
    let requests = Requests::NotPlain;
    let supervised = [Contender::Single, Contender::Supervised];
    let all = arena.measure(&[supervised[0], supervised[1], PLAIN], requests)?;
    let mut bounds = Bounds::default();
    print_ratio_head();
    for contender in supervised {
        compare(&all, (contender, PLAIN), Some(LEAST), &mut bounds);
    }
    bounds.verdict(&format!("at least {LEAST} of the rate without supervision"))
}
