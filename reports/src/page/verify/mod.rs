//! Whether a page is what its record says: it is drawn again from the record in it and compared, byte
//! by byte where this version drew it, else number by number.
//!
//! This finds what was altered in a page. It does not prove who drew it: whoever alters the record and
//! draws the page anew has a page that verifies, of another record, with another digest.

mod differences;
mod numbers;
mod walk;

pub use differences::{Difference, MOST};

use crate::page::embed::{self, OpenError, Opened, VERSION};
use crate::page::{self, PageError};

/// What a page was compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every byte: this version drew it.
    Bytes,
    /// The numbers alone: another version drew it.
    Numbers {
        /// Places with numbers that both versions show.
        places: usize,
        /// Places that only one of them shows.
        unmatched: usize,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// SHA-256 of the record's JSON, in hexadecimal.
    pub sha256: String,
    /// Trials in the record.
    pub trials: usize,
    /// The version that drew the page.
    pub drawn_by: String,
    /// What was compared.
    pub scope: Scope,
    /// The first [`MOST`] places that were altered.
    pub differences: Vec<Difference>,
}

/// Why a page could not be compared with its record.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Its record could not be taken out of it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its record could not be drawn.
    #[error(transparent)]
    Page(#[from] PageError),
}

/// A record taken out of a page, and the page that it gives: made once, compared with as many as need
/// be.
pub struct Original {
    opened: Opened,
    page: String,
}

impl Original {
    /// Draws the record of a page again.
    ///
    /// # Errors
    /// [`VerifyError`], when the record is not there, not as it was put in, or cannot be drawn.
    pub fn of(page: &str) -> Result<Self, VerifyError> {
        let opened = embed::open(page)?;
        let page = page::render(&opened.record)?;
        Ok(Self { opened, page })
    }

    /// Compares a page that holds this very record.
    #[must_use]
    pub fn compare(&self, page: &str) -> Verification {
        let Opened { record, sha256, .. } = &self.opened;
        let (version, beside) = (embed::stated(page, "version"), generator(page));
        // The version is stated twice, so that altering one does not make a page another version's.
        let ours = version == VERSION || beside == VERSION;
        let (scope, differences) = if ours {
            (Scope::Bytes, differences::differences(&self.page, page))
        } else {
            let mut compared = numbers::compare(&self.page, page);
            if beside != version {
                compared.differences.insert(0, unlike_versions(version, beside));
            }
            let (places, unmatched) = (compared.places, compared.unmatched);
            (Scope::Numbers { places, unmatched }, compared.differences)
        };
        Verification {
            sha256: sha256.clone(),
            trials: record.trials.len(),
            drawn_by: version.to_owned(),
            scope,
            differences,
        }
    }
}

/// Compares a page with the record in it.
///
/// # Errors
/// [`VerifyError`], when there is no such record, or it is not as it was put in.
pub fn verify(page: &str) -> Result<Verification, VerifyError> {
    Ok(Original::of(page)?.compare(page))
}

/// The version in the head of a page.
fn generator(page: &str) -> &str {
    let begin = "<meta name=\"generator\" content=\"hello-cluster ";
    let rest = page.split_once(begin).map_or("", |(_, rest)| rest);
    rest.split_once('"').map_or("", |(version, _)| version)
}

fn unlike_versions(expected: &str, found: &str) -> Difference {
    Difference {
        place: "the version in the head of the page".to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
