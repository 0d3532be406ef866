//! Headless labs, shortened: what holds on any machine, however busy (see [`rehearsal`]).

mod asked_for;
mod dealing;
mod given_up;
mod omission;
mod recover;
mod rehearsal;
mod throughput;
