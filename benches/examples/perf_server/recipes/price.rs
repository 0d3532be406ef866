//! `price`: what a worker's books, its pulse and its guard cost, alone and under a master, beside the
//! same front without them.
//!
//! Next: [`super::idle`].

use crate::contender::{Built, Contender};
use crate::rounds::{Arena, compare, print_ratio_head};
use crate::stage::Failure;
use crate::stage::figures::Bounds;

const PLAIN: Contender = Contender::Built(Built::Plain);

/// The least ratio of requests a second to those without supervision.
const LEAST: f64 = 0.97;

/// A request that says something of the connection does not take the shortcut past hyper, which the
/// front without supervision does not have: so both do the same work, and the guard reads every head.
const NO_SHORTCUT: &str = "Connection: keep-alive";

/// Measures and prints.
pub fn run(arena: &Arena<'_>) -> Result<(), Failure> {
    arena.tell_command("price", "");
    let supervised = [Contender::Single, Contender::Supervised];
    let all = arena.measure(&[supervised[0], supervised[1], PLAIN], Some(NO_SHORTCUT))?;
    let mut bounds = Bounds::default();
    print_ratio_head();
    for contender in supervised {
        compare(&all, (contender, PLAIN), Some(LEAST), &mut bounds);
    }
    bounds.verdict(&format!("at least {LEAST} of the rate without supervision"))
}
