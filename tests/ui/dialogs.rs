//! Dialogs: what they ask of the engine, what they refuse, and that the keyboard is enough.

mod ca_file;
mod connecting;
mod endpoint;
mod flows;
mod gallery;
mod lists;
mod losses;
mod names;
mod order;
mod preferences;
mod reports;
mod stage;
