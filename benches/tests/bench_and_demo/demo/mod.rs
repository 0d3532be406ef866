//! The live demonstration, as its viewers see it: in a browser, and by its stream of events.

mod access;
mod acts;
mod ends;
mod kill;
mod lab;
mod show;
