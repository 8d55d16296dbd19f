//! The window's flows, driven through accessible names, and pictures rendered on the CPU.
//! One binary: each more costs a long link.
#![cfg(feature = "gui")]

mod commands;
mod dialogs;
mod gallery;
mod queue;
