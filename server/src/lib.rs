//! The crate root.
