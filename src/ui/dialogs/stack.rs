//! The open dialogs, one above the other, and the questions that wait behind them.

use std::path::{Path, PathBuf};

use egui::{Context, Id, Rect, Ui};

use super::card::card_ui;
use super::questions::Questions;
use super::skipped::{SkippedBatches, SkippedDialog};
use super::view::{Cx, DialogView, Moment};
use super::{
    Dialog,
    about::About,
    bucket_create::BucketCreate,
    bucket_delete::BucketDelete,
    connection_delete::ConnectionDelete,
    diagnose::Diagnose,
    error_details::ErrorDetails,
    folder_create::FolderCreate,
    history::History,
    invite::Invite,
    link::SignedLinkDialog,
    make_public::MakePublic,
    objects_delete::ObjectsDelete,
    palette::Palette,
    path_entry::PathEntry,
    place::PlaceDialog,
    qr_code::QrCodeDialog,
    quit::Quit,
    receipt_check::ReceiptCheck,
    receipts::Receipts,
    sleep::Countdown,
    transfers_end::{End, TransfersEnd},
    unfinished::{AbortUpload, Unfinished},
    upload_public::UploadPublic,
};
use crate::model::{AppModel, ConnectionDraft, Event};
use crate::ui::actions::Actions;
use crate::ui::connection::ConnectionEditor;
use crate::ui::settings::SettingsDialog;

struct Open {
    /// Never used twice, so that no field state of an older dialog comes back.
    number: u64,
    moment: Moment,
    kind: Kind,
    view: Box<dyn DialogView>,
}

/// Which dialogs are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The question whether to leave.
    Quit,
    /// The countdown to leaving.
    QuitsSoon,
    /// Any other.
    Other,
}

impl Kind {
    fn of(dialog: &Dialog) -> Self {
        match dialog {
            Dialog::Quit => Self::Quit,
            Dialog::QuitsSoon => Self::QuitsSoon,
            _ => Self::Other,
        }
    }
}

/// The open dialogs and their drafts.
#[derive(Default)]
pub struct Dialogs {
    stack: Vec<Open>,
    /// Left the stack; wiped at the next frame, which has the context for it.
    closed: Vec<Box<dyn DialogView>>,
    opened: u64,
    questions: Questions,
    skipped: SkippedBatches,
}

impl Dialogs {
    /// Opens a dialog above what is there. One about something that is gone does not open.
    pub fn show(&mut self, dialog: Dialog, model: &AppModel) {
        let kind = Kind::of(&dialog);
        // Closing the window again while it is asked about does not ask twice.
        if kind == Kind::Quit && self.stack.iter().any(|open| open.kind == kind) {
            return;
        }
        if let Some(view) = self.build(dialog, model) {
            self.push(view);
            if let Some(open) = self.stack.last_mut() {
                open.kind = kind;
            }
        }
    }

    /// Closes the topmost dialog and drops its draft. A question of the engine is answered the safe way by
    /// its own Esc, not by this.
    pub fn close_top(&mut self) {
        self.closed.extend(self.stack.pop().map(|open| open.view));
    }

    /// Whether any dialog is open; shortcuts and drops then do nothing.
    pub fn is_open(&self) -> bool {
        !self.stack.is_empty() || self.questions.is_waiting()
    }

    /// Whether anything is open beside the countdown to leaving: a draft that leaving would lose, or a question.
    pub fn is_open_beside_countdown(&self) -> bool {
        self.stack.iter().any(|open| open.kind != Kind::QuitsSoon) || self.questions.is_waiting()
    }

    /// Whether any batch of this run left something out, so that `Dialog::Skipped` has something to show.
    pub fn has_skipped(&self) -> bool {
        !self.skipped.is_empty()
    }

    /// What files dropped now are for, as the id of a text, and the topmost dialog's place; `None` if it takes none.
    pub(crate) fn drop_text(&self, ctx: &Context) -> Option<(&'static str, Rect)> {
        let top = self.stack.last()?;
        let place = ctx.memory(|memory| memory.area_rect(card_id(top.number)))?;
        Some((top.view.drop_text_id()?, place))
    }

    /// Hands dropped files to the topmost dialog.
    pub(crate) fn take_files(&mut self, paths: Vec<PathBuf>, model: &AppModel, actions: &mut Actions) {
        if let Some(open) = self.stack.last_mut() {
            open.view.take_files(paths, &mut Cx::new(model, actions, Moment::Later));
        }
    }

    /// Hands a chosen file of certificate authorities to the editor that is open; without one it goes nowhere.
    pub fn take_ca_file(&mut self, path: &Path) {
        for open in &mut self.stack {
            open.view.take_ca_file(path);
        }
    }

    /// Takes an engine event: opens what asks by itself, hands answers to the dialog that asked.
    pub fn apply(&mut self, event: &Event, model: &AppModel, actions: &mut Actions) {
        self.questions.apply(event);
        self.skipped.apply(event);
        for index in (0..self.stack.len()).rev() {
            let Some(open) = self.stack.get_mut(index) else { continue };
            let mut cx = Cx::new(model, actions, Moment::Later);
            open.view.apply(event, &mut cx);
            if cx.wants_close() {
                self.closed.push(self.stack.remove(index).view);
            }
        }
    }

    fn push(&mut self, view: Box<dyn DialogView>) {
        self.opened += 1;
        self.stack.push(Open { number: self.opened, moment: Moment::FirstFrame, kind: Kind::Other, view });
    }

    fn build(&self, dialog: Dialog, model: &AppModel) -> Option<Box<dyn DialogView>> {
        Some(match dialog {
            Dialog::NewConnection(draft) => Box::new(ConnectionEditor::new(*draft, None)),
            Dialog::EditConnection(id) => {
                let saved = model.connection(&id)?;
                Box::new(ConnectionEditor::new(ConnectionDraft::of(saved), Some(saved.clone())))
            }
            Dialog::EditDomains(id) => Box::new(ConnectionEditor::at_domains(model.connection(&id)?)),
            Dialog::AwsProfiles => Box::new(ConnectionEditor::aws_profiles()),
            Dialog::DeleteConnection(id) => Box::new(ConnectionDelete::new(model.connection(&id)?)),
            Dialog::CreateBucket => Box::new(BucketCreate::new(model.current()?)),
            Dialog::DeleteBucket(name) => Box::new(BucketDelete::new(model.current()?.id.clone(), name)),
            Dialog::Unfinished { connection, bucket } => {
                let service = model.known_connection(&connection)?.service;
                Box::new(Unfinished::new(connection, bucket, service))
            }
            Dialog::AbortUpload { connection, bucket, upload } => {
                Box::new(AbortUpload::new(connection, bucket, *upload))
            }
            Dialog::Diagnose(at) => Box::new(Diagnose::new(at)),
            Dialog::Receipts => Box::new(Receipts),
            Dialog::CheckReceipt(path) => Box::new(ReceiptCheck::new(path)),
            Dialog::CreateFolder(at) => Box::new(FolderCreate::new(at)),
            Dialog::DeleteObjects { at, targets } => Box::new(ObjectsDelete::new(at, targets)),
            Dialog::SignedLink(objects) => Box::new(SignedLinkDialog::new(objects, &model.settings)),
            Dialog::MakePublic { connection, bucket, what } => Box::new(MakePublic::new(connection, bucket, what)),
            Dialog::InviteUpload(at) => Box::new(Invite::new(at, &model.settings)),
            Dialog::QrCode(object) => Box::new(QrCodeDialog::new(object, model)),
            Dialog::LinkHistory => Box::new(History::new()),
            Dialog::UploadPublic { paths, gathered, to } => Box::new(UploadPublic::new(paths, gathered, to)),
            Dialog::AddPlace(location) => Box::new(PlaceDialog::add(location)),
            Dialog::RenamePlace(place) => Box::new(PlaceDialog::rename(place)),
            Dialog::EnterPath(wanted) => Box::new(PathEntry::new(wanted)),
            Dialog::Skipped(batch) => Box::new(SkippedDialog::new(self.skipped.of(batch))),
            Dialog::ErrorDetails(failure) => Box::new(ErrorDetails::new(*failure)),
            Dialog::Settings => Box::new(SettingsDialog::new(&model.settings)),
            Dialog::Palette => Box::new(Palette::default()),
            Dialog::About => Box::new(About),
            Dialog::SleepsSoon => Box::new(Countdown::Sleep.of(model)?),
            Dialog::QuitsSoon => Box::new(Countdown::Quit.of(model)?),
            Dialog::CancelTransfers(whose) => Box::new(TransfersEnd::new(End::Cancel, whose)),
            Dialog::RemoveFailed(whose) => Box::new(TransfersEnd::new(End::RemoveFailed, whose)),
            Dialog::Quit => Box::new(Quit),
        })
    }

    /// Engine questions open one at a time, and only when nothing else is open: they must not take the
    /// keyboard away from a form that is being filled in.
    fn open_next_question(&mut self) {
        if self.stack.is_empty()
            && let Some(view) = self.questions.next()
        {
            self.push(view);
        }
    }

    fn wipe_closed(&mut self, ctx: &Context) {
        for mut view in self.closed.drain(..) {
            view.wipe(ctx);
        }
    }
}

fn card_id(number: u64) -> Id {
    Id::unique(("dialog", number))
}

/// Draws the open dialogs.
pub fn dialogs_ui(ui: &mut Ui, model: &AppModel, dialogs: &mut Dialogs, actions: &mut Actions) {
    dialogs.wipe_closed(ui.ctx());
    dialogs.open_next_question();
    let mut closing = Vec::new();
    for (index, open) in dialogs.stack.iter_mut().enumerate() {
        let moment = std::mem::replace(&mut open.moment, Moment::Later);
        let mut cx = Cx::new(model, actions, moment);
        if moment == Moment::FirstFrame {
            open.view.start(&mut cx);
        }
        card_ui(ui, card_id(open.number), open.view.as_mut(), &mut cx);
        if let Some(batch) = cx.answered_batch() {
            dialogs.questions.forget_conflicts_of(batch);
        }
        if cx.wants_close() {
            closing.push(index);
        }
    }
    for index in closing.into_iter().rev() {
        dialogs.closed.push(dialogs.stack.remove(index).view);
    }
    if !dialogs.closed.is_empty() || (dialogs.stack.is_empty() && dialogs.questions.is_waiting()) {
        ui.ctx().request_repaint();
    }
}
