//! What `serve` does in every mode, how it stops, and what it says to bad input.

mod bad_input;
mod modes;
mod stop;
