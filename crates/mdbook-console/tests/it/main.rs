//! Whole books: what is written in, what the pages show, and what is said
//! about faults.

mod book;
mod stage;

mod complaints;
mod exercise;
mod live;
mod modes;
mod pages;
mod protocol;
mod recordings;
mod sessions;
mod shell;
mod views;
