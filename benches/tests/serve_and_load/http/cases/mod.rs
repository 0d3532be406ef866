//! The corpus: requests as bytes, each with the status of every answer to it.
//!
//! [`refused`] must not be acted upon, [`accepted`] must.

mod accepted;
mod chunks;
mod lengths;
mod lines;
mod targets;

use std::fmt;

pub use accepted::accepted;

/// A request (or what should be one), and what it is answered.
#[derive(Debug, Clone)]
pub struct Case {
    pub bytes: Vec<u8>,
    pub status: u16,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" (to be answered {})", self.bytes.escape_ascii(), self.status)
    }
}

/// Every request that must be refused, each complete enough to be refused without a byte more.
pub fn refused() -> Vec<Case> {
    let mut cases = lines::refused();
    cases.extend(targets::refused());
    cases.extend(lengths::refused());
    cases.extend(chunks::refused());
    cases
}

/// A case for each of `middles`, between a beginning and an end that all have.
fn around(
    before: &[u8],
    middles: &[&[u8]],
    after: &[u8],
    status: u16,
) -> impl Iterator<Item = Case> {
    middles.iter().map(move |middle| Case { bytes: [before, middle, after].concat(), status })
}
