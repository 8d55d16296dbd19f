//! The window: draws the model, turns gestures into actions. Nothing here waits for disk, keychain, network or a lock.

pub mod actions;
pub mod app;
pub mod browser;
pub mod commands;
mod composition;
pub(crate) mod connection;
pub mod dialogs;
pub mod display;
pub mod drag_pointer;
pub mod drop_target;
mod effects;
pub mod engine_link;
mod first_start;
pub mod fonts;
pub mod format;
pub mod frame_rate;
pub mod icons;
mod inspector;
mod layout;
pub mod links;
mod menus;
mod naming;
mod paste;
pub mod pickers;
pub mod queue;
mod reactions;
pub(crate) mod settings;
mod shortcuts;
mod sidebar;
mod status_bar;
pub mod text;
pub mod theme;
pub mod ui_command;
pub mod ui_state;
pub mod widgets;

pub use app::{App, AppDeps, Start};
