//! The window's flows, driven through accessible names, and pictures rendered on the CPU.
//! One binary: each more costs a long link.
#![cfg(feature = "gui")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]

mod answers;
mod arrivals;
mod browser;
mod columns;
mod commands;
mod composing;
mod dialogs;
mod drops;
mod ending;
mod fake;
mod focus;
mod gallery;
mod handed_out;
mod hovers;
mod link_dialogs;
mod link_tools;
mod links;
mod notices;
mod opening;
mod queue;
mod receipts;
mod reorder;
mod scopes;
mod scrolling;
mod sharing;
mod shell;
mod shortcuts;
mod slow_store;
mod slow_world;
mod small_window;
mod support;
mod system_theme;
mod telling;
mod texts;
mod tree;
mod type_ahead;
