//! The live demonstration. Next: [`labs`].

pub mod admin;
pub mod labs;
