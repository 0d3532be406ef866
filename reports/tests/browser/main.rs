//! The page in a browser that nobody looks at: Debian's `chromium` through `chromium-driver`, and
//! axe-core from npm (`npm ci` in this folder). Where one is missing the tests say that they are
//! skipped; with `CI` set that is a failure. Next: [`stage`], then a file a topic.

#[path = "../common/mod.rs"]
mod common;
mod driver;
#[path = "../common/labs.rs"]
mod labs;
mod stage;
mod window;

mod accessible;
mod comfort;
mod complete;
mod figures;
mod handout;
mod keyboard;
mod layout;
mod quiet;
