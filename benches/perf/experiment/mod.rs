//! `experiment`: whether `bench` keeps its promises on a live system: does it name the cause of a slow trial,
//! and how rarely does a server compared with itself come out as faster or slower?
//!
//! Both run `hello-cluster bench` as a user would, and judge the record by the code that makes the page.

use clap::Subcommand;

use crate::env::{Failure, TestEnv};

mod aa_test;
mod bench_run;
mod faults;
mod suite;

#[derive(Subcommand)]
pub enum Recipe {
    /// Eight faults on a live system: does the diagnosis name the right one first?
    Faults(faults::recipe::Options),
    /// The same server against itself: how often is it called faster or slower?
    Same(aa_test::Options),
}

pub fn run(env: &TestEnv, recipe: &Recipe) -> Result<(), Failure> {
    match recipe {
        Recipe::Faults(options) => faults::recipe::run(env, options),
        Recipe::Same(options) => aa_test::run(env, options),
    }
}
