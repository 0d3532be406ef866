//! What the system does for the generator, wrapped safely; the only place with `unsafe`.

#[cfg(feature = "clients")]
pub mod alarm;
pub mod awake;
pub mod cpu;
mod error;
pub mod poller;
pub mod ring;
pub mod socket;

pub use error::SysError;
