//! The differences that are known, each with its reason.

/// A difference between nginx (1.22 when this was written) and us, and why it is meant to be.
#[derive(Debug)]
pub struct Difference {
    /// Why.
    pub why: &'static str,
    /// What requests it concerns.
    concerns: fn(&[u8]) -> bool,
    /// What nginx says, by the first of its classes.
    nginx: &'static str,
    /// What we say, by the first of ours.
    ours: &'static str,
}

impl Difference {
    /// Whether it explains why these bytes have these two verdicts.
    pub fn explains(&self, bytes: &[u8], nginx: &str, ours: &str) -> bool {
        (self.concerns)(bytes) && nginx.starts_with(self.nginx) && ours.starts_with(self.ours)
    }
}

/// All of them.
pub const DIFFERENCES: &[Difference] = &[];
