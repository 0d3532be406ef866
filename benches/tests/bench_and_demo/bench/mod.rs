//! `bench`: whole suites, other servers, and every way in which a run may break off.

mod bad_input;
mod interruptions;
mod resume;
mod smoke;
mod targets;
