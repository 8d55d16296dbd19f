//! The window: draws the model, turns gestures into actions. Nothing here waits for disk, keychain, network or a lock.

pub mod actions;
pub mod dialogs;
pub mod fonts;
pub mod format;
pub mod icons;
pub mod text;
pub mod theme;
pub mod ui_command;
pub mod ui_state;
pub mod widgets;
