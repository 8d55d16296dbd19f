//! The engine as a front end uses it, commands in and events out, against the strict storage on this computer with a
//! plan of faults, in folders of its own. What arrived is read back with Amazon's own SDK.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

mod browse;
mod conflict;
mod connections;
mod control;
mod crash;
mod crooked;
mod delete;
mod download;
mod faults;
mod health;
mod instance;
mod orphans;
mod recovery;
mod integrity;
mod queue_order;
mod secrets;
mod shutdown;
mod sources;
mod support;
mod test_clock;
mod upload;
