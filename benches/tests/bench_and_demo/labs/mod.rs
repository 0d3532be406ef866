//! Labs, rehearsed shortened: what must hold of them on any machine, however busy. What they are
//! expected to show is for a quiet one, and is not tested.
//!
//! [`rehearsal`] performs a lab and checks what holds of each. Read [`recover`] first.

mod asked_for;
mod dealing;
mod given_up;
mod omission;
mod recover;
mod rehearsal;
mod throughput;
