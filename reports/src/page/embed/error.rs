//! Why a page’s record could not be taken out of it.

use crate::record::ReadError;

/// Why a page's record could not be taken out.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no data block, or not a whole one.
    #[error("there is no whole record in this page")]
    Missing,
    /// The data cannot be unpacked.
    #[error("the record in this page is damaged: {0}")]
    Damaged(&'static str),
    /// The data are not those that were put in.
    #[error("the record in this page is not the one that was put in: its SHA-256 is {found}")]
    Digest {
        /// What was found in place of what is stated.
        found: String,
    },
    /// It is no record that this version reads.
    #[error("the record in this page cannot be read: {0}")]
    Record(#[from] ReadError),
}
