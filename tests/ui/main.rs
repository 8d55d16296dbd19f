//! Tests of the window, by accessible names and by pictures rendered on the CPU.
#![cfg(feature = "gui")]

mod dialogs;
mod gallery;
mod queue;
mod support;
mod texts;
