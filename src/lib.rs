#![doc = include_str!("ARCHITECTURE.md")]

pub mod local_storage;
pub mod model;
pub mod s3;
