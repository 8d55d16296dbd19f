#![doc = include_str!("ARCHITECTURE.md")]

pub mod cli;
pub mod locale;
pub mod model;

#[cfg(feature = "gui")]
pub mod ui;
pub mod s3;
