#![doc = include_str!("ARCHITECTURE.md")]

pub mod local_storage;
pub mod model;
pub mod platform;
pub mod s3;
pub mod locale;

#[cfg(feature = "gui")]
pub mod ui;
