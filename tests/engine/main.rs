//! The engine as a front end uses it, commands in and events out, against the strict storage on this computer with a
//! plan of faults, in folders of its own. What arrived is read back with Amazon's own SDK.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

#[cfg(unix)]
mod aws_chain;
#[cfg(unix)]
mod bad_input;
mod browse;
#[cfg(unix)]
mod child;
mod conflict;
mod connections;
mod control;
mod delete;
mod download;
mod faults;
mod instance;
mod secrets;
mod shutdown;
mod sources;
mod support;
mod upload;
