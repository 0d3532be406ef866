//! The load generator from outside: the real binary against servers with known behaviour.

mod engines;
mod faults;
mod models;
mod oracle;
mod outputs;
mod runs;
mod search;
mod secure;
mod snapshots;
mod steer;
mod support;
mod tools;
mod unix;
