//! What every page is made of: a style sheet and a script with the digests that let them in, and why a
//! page could not be made.

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::script;
use crate::charts::ChartError;
use crate::svg::roles;

/// The style sheet but for the colours, which [`roles::style_sheet`] gives.
const STYLE: &str = include_str!("../../templates/page.css");

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The template could not be filled in.
    #[error("cannot fill in the page: {0}")]
    Template(#[from] askama::Error),
    /// The record could not be put into the page.
    #[error("cannot keep the record in the page: {0}")]
    Record(#[from] serde_json::Error),
}

/// A text element of a page, with its digest for the content policy.
pub(crate) struct Asset {
    pub text: String,
    pub digest: String,
}

impl Asset {
    /// CSP Level 3, section 2.3.1.
    fn new(text: String) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let digest = format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(hash));
        Self { text, digest }
    }

    /// The style sheet of all pages, and more behind it.
    pub(crate) fn style(more: &str) -> Self {
        Self::coloured(&[STYLE, more].concat())
    }

    /// A style sheet with the colours before it.
    pub(crate) fn coloured(style: &str) -> Self {
        Self::new(roles::style_sheet() + style)
    }

    /// The script of all pages.
    pub(crate) fn script() -> Self {
        Self::new(script::text())
    }
}
