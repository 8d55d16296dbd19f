//! Dialogs: which can be shown, and the stack they stand in. (Hosting contract of the shell; the dialogs
//! themselves are in the modules below.)
//!
//! `App` owns one [`Dialogs`]. Every engine event goes through [`Dialogs::apply`] after the model took it, so that
//! conflicts and name questions open by themselves and answers reach the dialog that asked. [`dialogs_ui`] is called
//! once a frame, after the panels. What dialogs want done goes into [`Actions`]; `Action::CloseDialog` closes the top one.

use super::actions::Actions;
use crate::model::{AppModel, BucketName, ConnectionDraft, ConnectionId, Event, Location, Target};

/// A dialog to show, with what it is about.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// The connection editor, empty or filled in beforehand.
    NewConnection(Box<ConnectionDraft>),
    /// The connection editor on a saved connection.
    EditConnection(ConnectionId),
    /// Choose a profile of `~/.aws`; only here profiles are read.
    AwsProfiles,
    /// Ask before a connection and its secret are deleted.
    DeleteConnection(ConnectionId),
    /// Name and region of a new bucket of the open connection.
    CreateBucket,
    /// Ask before an empty bucket is deleted.
    DeleteBucket(BucketName),
    /// Name of a new folder in this one.
    CreateFolder(Location),
    /// Count, ask, then delete with progress.
    DeleteObjects {
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
    },
    /// Settings.
    Settings,
    /// Every command, by typing.
    Palette,
    /// Program, version, licences.
    About,
    /// Transfers are under way: leave all the same? Answers with `Action::QuitNow`.
    Quit,
}

/// The open dialogs and their drafts.
#[derive(Default)]
pub struct Dialogs {
    stack: Vec<Dialog>,
}

impl Dialogs {
    /// Opens a dialog above what is there.
    pub fn show(&mut self, dialog: Dialog, _model: &AppModel) {
        self.stack.push(dialog);
    }

    /// Closes the topmost dialog and drops its draft.
    pub fn close_top(&mut self) {
        self.stack.pop();
    }

    /// Whether any dialog is open; shortcuts and drops then do nothing.
    pub fn is_open(&self) -> bool {
        !self.stack.is_empty()
    }

    /// Takes an engine event: opens what asks by itself, hands answers to the dialog that asked.
    pub fn apply(&mut self, _event: &Event, _model: &AppModel, _actions: &mut Actions) {}
}

/// Draws the open dialogs.
pub fn dialogs_ui(_ui: &mut egui::Ui, _model: &AppModel, _dialogs: &mut Dialogs, _actions: &mut Actions) {}
