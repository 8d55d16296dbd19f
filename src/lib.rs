#![doc = include_str!("ARCHITECTURE.md")]

pub mod cli;
pub mod engine;
pub mod local_storage;
pub mod locale;
pub mod model;
pub mod platform;
pub mod s3;

#[cfg(feature = "gui")]
pub mod ui;
