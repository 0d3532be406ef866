//! The page in a browser that nobody looks at: [`sample_pages`], then a file a topic.

mod sample_pages;

mod accessible;
mod comfort;
mod complete;
mod figures;
mod handout;
mod keyboard;
mod layout;
mod quiet;
