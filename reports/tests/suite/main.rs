//! What `reports` promises, in one program: a file a topic.

mod browser;
mod comparisons;
mod diagnosis;
mod gallery;
mod labs;
mod pages;
mod promises;
mod sentences;
mod tools;
mod verify;
