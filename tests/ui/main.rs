//! The window's flows, driven through accessible names. One binary: each more costs a long link.
#![cfg(feature = "gui")]

mod fake;
mod shell;
