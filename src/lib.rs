#![doc = include_str!("ARCHITECTURE.md")]

pub mod cli;
pub mod locale;
pub mod model;

pub mod s3;
#[cfg(feature = "gui")]
pub mod ui;
