//! `keepalive`: requests on kept connections, one core a server: ours beside nginx, Node, hyper as it
//! comes, and a loop that only reads and writes.
//!
//! All give the same body under the same header names; where one says more, it is told, since bytes
//! cost time too.
//!
//! Next: [`super::price`].

use crate::contender::{Built, Contender};
use crate::generator::Requests;
use crate::rounds::{Arena, compare, print_ratio_head};
use crate::server::Server;
use crate::stage::Failure;
use crate::stage::figures::Bounds;

const BARE: Contender = Contender::Built(Built::Bare);

const HYPER: Contender = Contender::Built(Built::Hyper);

/// Who takes part; ours first.
const CONTENDERS: [Contender; 5] =
    [Contender::Single, Contender::Nginx, Contender::Node, HYPER, BARE];

/// What is compared, and the least ratio of requests a second.
const COMPARISONS: [((Contender, Contender), Option<f64>); 5] = [
    ((Contender::Single, Contender::Nginx), Some(1.15)),
    ((Contender::Single, Contender::Node), Some(2.2)),
    ((Contender::Single, BARE), Some(0.92)),
    ((Contender::Single, HYPER), None),
    ((HYPER, BARE), None),
];

/// Measures and prints.
pub fn run(arena: &Arena<'_>) -> Result<(), Failure> {
    arena.tell_command("keepalive", "");
    let contenders = Contender::installed(&CONTENDERS);
    same_answers(arena, &contenders)?;
    let all = arena.measure(&contenders, Requests::Plain)?;
    let mut bounds = Bounds::default();
    print_ratio_head();
    for (pair, least) in COMPARISONS {
        compare(&all, pair, least, &mut bounds);
    }
    bounds.verdict("the ratios of requests a second that have a bound")
}

/// Fails when somebody leaves out a header that ours has; tells what they say beyond.
fn same_answers(arena: &Arena<'_>, contenders: &[Contender]) -> Result<(), Failure> {
    let mut ours = None;
    for &contender in contenders {
        let server = Server::start(arena.stage, &arena.cpus, contender)?;
        let (name, answer) = (contender.name(), &server.answer);
        let names = answer.names();
        let wanted = ours.get_or_insert_with(|| names.clone());
        if let Some(missing) = wanted.iter().find(|header| !names.contains(header)) {
            return Err(Failure::Broken(format!("{name} answers without {missing}")));
        }
        let more: Vec<&str> =
            names.iter().filter(|name| !wanted.contains(name)).map(String::as_str).collect();
        let more =
            if more.is_empty() { String::new() } else { format!(", also {}", more.join(", ")) };
        println!("  {name:<20} {} bytes an answer{more}", answer.len());
    }
    Ok(())
}
