//! A clustered hello-worker HTTP server: a master forks workers that share one port.
//!
//! Start at [`Plan`] (what is asked), then [`run`] (who does it): `master/` is the parent's side,
//! `worker/` the child's, `admin/` the operators' process's (over `web/`), `mode/` the ways of sharing connections out, `sys/` the kernel's side.
//! It needs Linux: elsewhere this crate is empty.
#![cfg(target_os = "linux")]

#[macro_use]
mod text_enum;

pub mod address;
mod admin;
mod chance;
pub mod channel;
mod error;
pub mod events;
pub mod http;
mod listener;
mod master;
pub mod mode;
mod plan;
mod say;
pub mod scoreboard;
mod solo;
pub mod status;
pub mod sys;
pub mod web;
pub mod work;
pub mod worker;

pub use address::Address;
pub use error::Error;
pub use listener::ListenError;
pub use mode::Mode;
pub use plan::{AdminPlan, DEFAULT_MAX_WORKERS, MAX_WORKERS, Plan, PlanError};
pub use web::token::{Token, TokenError};

/// Runs the cluster until a signal ends it.
///
/// Call it from a process that has a single thread: the forked modes fork it again and again. In a
/// forked child it does not return: the child exits when its life as a worker is over.
///
/// # Errors
/// [`Error::NoWorker`] when no worker ever became ready, [`Error::Sys`] for a system call that should
/// not fail, the others before anything was started.
pub fn run(plan: &Plan) -> Result<(), Error> {
    let Some(policy) = mode::Sharing::of(plan.mode) else {
        return solo::run(plan);
    };
    match master::run(plan, policy)? {
        master::RunOutcome::Stopped => Ok(()),
        master::RunOutcome::BecameAdmin(admin) => std::process::exit(admin.live()),
        master::RunOutcome::BecameWorker(worker) => {
            std::process::exit(worker.live(mode::single::runtime()))
        }
    }
}
