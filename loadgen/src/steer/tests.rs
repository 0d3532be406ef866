//! Steering against servers that deal connections in known ways.

use super::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn key(id: u32) -> WorkerKey {
    WorkerKey { id: Some(id), pid: None }
}

/// Steers until it is done; `server` says who answers on a new connection.
fn play(
    steer: &str,
    connections: u64,
    mut server: impl FnMut(&Steering) -> WorkerKey,
) -> Result<Steering, SteerFailure> {
    let mut steering = Steering::new(steer.parse().unwrap(), connections);
    while !steering.is_done() {
        while steering.surplus().is_some() {}
        if !steering.is_done() {
            steering.opened(server(&steering))?;
        }
    }
    Ok(steering)
}

fn held(steering: &Steering) -> Vec<u64> {
    steering.held.values().copied().collect()
}

/// A server that draws a worker for each connection.
fn fair(workers: u32) -> impl FnMut(&Steering) -> WorkerKey {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    move |_| key(random.random_range(1..=workers))
}

#[test]
fn connections_come_to_lie_equally_or_by_weight() {
    assert_eq!(held(&play("equal", 64, fair(2)).unwrap()), [32, 32]);
    assert_eq!(held(&play("equal", 10, fair(4)).unwrap()), [3, 2, 3, 2]);
    assert_eq!(held(&play("3:1", 64, fair(2)).unwrap()), [48, 16]);
    assert_eq!(held(&play("1:2:1", 4, fair(3)).unwrap()), [1, 2, 1]);
}

#[test]
fn a_worker_that_is_rarely_chosen_is_not_overlooked() {
    let mut turn = 0;
    let steering = play("equal", 2, |_| {
        turn += 1;
        key(if turn % 7 == 0 { 2 } else { 1 })
    });
    assert_eq!(held(&steering.unwrap()), [1, 1]);
}

#[test]
fn one_worker_is_equal_to_itself_once_it_is_sure_that_there_is_no_other() {
    let steering = play("equal", 3, |_| key(1)).unwrap();
    assert_eq!((held(&steering), steering.connects), (vec![3], 14));
}

#[test]
fn it_gives_up_where_it_cannot_come_to_an_end() {
    let nameless = play("equal", 4, |_| WorkerKey::default());
    assert_eq!(nameless.unwrap_err(), SteerFailure::Nameless);
    let three = play("3:1", 40, fair(3)).unwrap_err();
    assert_eq!(three, SteerFailure::TooMany { weights: 2, workers: 3 });
    let one = play("3:1", 40, |_| key(1)).unwrap_err();
    assert!(matches!(one, SteerFailure::GivenUp { workers: 1, .. }), "{one:?}");
    // A server that always takes the worker with the fewest, against a skew.
    let fewest = |steering: &Steering| {
        let held = |id| steering.held.get(&key(id)).copied().unwrap_or_default();
        if held(1) <= held(2) { key(1) } else { key(2) }
    };
    let against = play("3:1", 40, fewest).unwrap_err();
    assert!(matches!(against, SteerFailure::GivenUp { workers: 2, .. }), "{against:?}");
}

#[test]
fn shares_add_up_whatever_the_weights() {
    for connections in [1, 2, 7, 64, 1000] {
        for weights in ["1:1", "3:1", "1:2:3", "7:1:1:1"] {
            let workers = weights.split(':').count() as u32;
            let mut steering = Steering::new(weights.parse().unwrap(), connections);
            steering.held = (1..=workers).map(|id| (key(id), 0)).collect();
            let sum: u64 = (1..=workers).map(|id| steering.share(key(id))).sum();
            assert_eq!(sum, connections, "{weights}");
        }
    }
}

#[test]
fn what_says_not_how_is_refused() {
    for text in ["", "1", "equally", "3:0", "a:b", "1:", "1:1001"] {
        assert!(text.parse::<Steer>().is_err(), "{text:?}");
    }
}
