//! The settings dialog. A change holds at once and is kept by the engine; nothing has to be saved.

mod dialog;
mod files;
mod general;
mod hours;
mod links;
mod speed;
mod transfers;

pub(crate) use dialog::SettingsDialog;
