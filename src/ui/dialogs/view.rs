//! What every dialog is: a title, a body, a footer, and ears for the engine's answers.

use std::path::{Path, PathBuf};

use egui::{Context, Response, Ui};

use crate::model::{AppModel, BatchId, Command, Event};
use crate::ui::actions::{Action, Actions};

/// Width of an editor or a list, in points.
pub(crate) const WIDE: f32 = 640.0;
/// Width of a question, in points.
pub(crate) const NARROW: f32 = 480.0;

/// When a dialog is being asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// It is drawn for the first time.
    FirstFrame,
    /// It is drawn again, or told something.
    Later,
}

/// What a dialog may look at and push into while it is drawn or told something.
pub(crate) struct Cx<'a> {
    /// The engine's state, to be read.
    pub(crate) model: &'a AppModel,
    /// The out-box.
    pub(crate) actions: &'a mut Actions,
    moment: Moment,
    wants_close: bool,
    answered_batch: Option<BatchId>,
}

impl<'a> Cx<'a> {
    pub(super) fn new(model: &'a AppModel, actions: &'a mut Actions, moment: Moment) -> Self {
        Self { model, actions, moment, wants_close: false, answered_batch: None }
    }

    /// Closes this dialog after the frame.
    pub(crate) fn close(&mut self) {
        self.wants_close = true;
    }

    /// Sends a command to the engine.
    pub(crate) fn command(&mut self, command: Command) {
        self.actions.command(command);
    }

    /// Pushes any other action.
    pub(crate) fn push(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Gives the keyboard to this widget when the dialog has just opened.
    pub(crate) fn focus_first(&self, response: &Response) {
        if self.moment == Moment::FirstFrame {
            response.request_focus();
        }
    }

    /// The user's answer holds for every further conflict of this batch: those that wait need not be asked.
    pub(super) fn batch_answered(&mut self, batch: BatchId) {
        self.answered_batch = Some(batch);
    }

    pub(super) fn answered_batch(&self) -> Option<BatchId> {
        self.answered_batch
    }

    pub(super) fn wants_close(&self) -> bool {
        self.wants_close
    }
}

/// One open dialog with its draft.
pub(crate) trait DialogView {
    /// What stands on top, and what screen readers call the dialog.
    fn title(&self, ui: &Ui) -> String;

    /// In points, before the window's edge limits it.
    fn width(&self) -> f32 {
        NARROW
    }

    /// Called once, before the first frame: asks the engine what has to be known.
    fn start(&mut self, _cx: &mut Cx<'_>) {}

    /// Everything between title and footer; scrolls when the window is low.
    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>);

    /// The buttons, laid out from the left; [`super::form::right_side`] puts the rest at the right edge.
    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>);

    /// What files dropped on this dialog are for, as the id of a text; `None` if it takes none.
    fn drop_text_id(&self) -> Option<&'static str> {
        None
    }

    /// Files were dropped on this dialog.
    fn take_files(&mut self, _paths: Vec<PathBuf>, _cx: &mut Cx<'_>) {}

    /// A file of certificate authorities was chosen.
    fn take_ca_file(&mut self, _path: &Path) {}

    /// Hears every engine event while open.
    fn apply(&mut self, _event: &Event, _cx: &mut Cx<'_>) {}

    /// Esc was pressed: the safe way out.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        cx.close();
    }

    /// Called when the dialog has left the screen: overwrites what must not stay in memory.
    fn wipe(&mut self, _ctx: &Context) {}
}
