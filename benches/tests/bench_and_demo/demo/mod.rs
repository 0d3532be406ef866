//! The live demonstration, as its viewers see it: in a browser, and by its stream of events.
//!
//! Next: [`show`], which starts one; [`kill`] for what it is about.

mod access;
mod acts;
mod ends;
mod kill;
mod lab;
mod show;
