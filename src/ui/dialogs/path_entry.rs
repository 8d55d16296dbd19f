//! A path, typed: the way in where the system has no file chooser. The path is not looked at here, since looking
//! could wait for a disk; the engine says what is wrong with it.

use std::path::PathBuf;

use egui::Ui;

use super::Dialog;
use super::form::{self, FieldLook, Monospace};
use super::view::{Cx, DialogView, WIDE};
use crate::model::{AfterDownload, BatchId, Command, Gathered, Location, Target};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_with};
use crate::ui::{icons, widgets};

/// What a path is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathWanted {
    /// A file or folder to upload.
    Upload {
        /// Where it goes.
        to: Location,
    },
    /// A file or folder to upload so that anyone can read it; asks before it is done.
    UploadPublic {
        /// Where it goes.
        to: Location,
    },
    /// A folder to download into.
    Download {
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
    },
    /// A file to save the receipt of a batch into.
    SaveReceipt {
        /// Which batch.
        batch: BatchId,
    },
    /// A receipt to check.
    CheckReceipt,
    /// The certificate authorities of the connection whose editor is open below.
    CaFile,
}

/// The open form.
pub(super) struct PathEntry {
    wanted: PathWanted,
    path: String,
}

impl PathEntry {
    pub(super) fn new(wanted: PathWanted) -> Self {
        Self { wanted, path: String::new() }
    }

    /// The path, if it is a whole one. Quotes around it come from terminals and are taken off.
    fn whole_path(&self) -> Option<PathBuf> {
        let typed = self.path.trim().trim_matches(['"', '\'']);
        let path = match typed.strip_prefix("~/") {
            Some(rest) => std::env::home_dir()?.join(rest),
            None => PathBuf::from(typed),
        };
        path.is_absolute().then_some(path)
    }

    fn submit(&self, cx: &mut Cx<'_>) {
        let Some(path) = self.whole_path() else { return };
        let gathered = Gathered::ByName;
        match &self.wanted {
            PathWanted::Upload { to } => cx.push(Action::Upload { paths: vec![path], gathered, to: to.clone() }),
            PathWanted::UploadPublic { to } => {
                cx.push(Action::ShowDialog(Dialog::UploadPublic { paths: vec![path], gathered, to: to.clone() }));
            }
            PathWanted::Download { at, targets } => cx.command(Command::Download {
                batch: BatchId::next(),
                at: at.clone(),
                targets: targets.clone(),
                to: Some(path),
                on_conflict: cx.model.settings.on_conflict,
                then: AfterDownload::Keep,
            }),
            PathWanted::SaveReceipt { batch } => cx.push(Action::SaveReceipt { batch: *batch, path }),
            PathWanted::CheckReceipt => cx.push(Action::ShowDialog(Dialog::CheckReceipt(path))),
            PathWanted::CaFile => cx.push(Action::UseCaFile(path)),
        }
        cx.close();
    }
}

impl DialogView for PathEntry {
    fn title(&self, ui: &Ui) -> String {
        match self.wanted {
            PathWanted::Upload { .. } | PathWanted::UploadPublic { .. } => t(ui, "dialog-path-upload-title"),
            PathWanted::Download { .. } => t(ui, "dialog-path-download-title"),
            PathWanted::SaveReceipt { .. } => t(ui, "dialog-path-receipt-title"),
            PathWanted::CheckReceipt => t(ui, "dialog-path-check-title"),
            PathWanted::CaFile => t(ui, "dialog-path-ca-file-title"),
        }
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::dim_paragraph(ui, &t(ui, "dialog-path-why"));
        let label = t(ui, "dialog-path-label");
        let is_begun = self.path.trim().len() > 1;
        let problem = (is_begun && self.whole_path().is_none()).then(|| t(ui, "dialog-path-not-whole"));
        let look = FieldLook { hint: "~/", problem, monospace: Monospace::Yes, id: None };
        let field = form::text_row(ui, &label, &mut self.path, look);
        cx.focus_first(&field);
        if form::submitted(ui, &field) {
            self.submit(cx);
        }
        if let PathWanted::Upload { to } | PathWanted::UploadPublic { to } = &self.wanted {
            let place = form::shown(&to.to_string(), 80);
            form::note_ui(ui, icons::UPLOAD, &t_with(ui, "dialog-path-goes-to", &[("place", &place)]));
            ui.add_space(form::ROW_GAP);
        }
        if let PathWanted::SaveReceipt { .. } = &self.wanted {
            for id in ["dialog-receipts-form-note", "dialog-path-receipt-replaces"] {
                form::note_ui(ui, icons::INFO, &t(ui, id));
                ui.add_space(4.0);
            }
            ui.add_space(form::ROW_GAP);
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-cancel")).clicked() {
                cx.close();
            }
            let label = match self.wanted {
                PathWanted::Upload { .. } | PathWanted::UploadPublic { .. } => t(ui, "dialog-path-upload"),
                PathWanted::Download { .. } => t(ui, "dialog-path-download"),
                PathWanted::SaveReceipt { .. } => t(ui, "dialog-path-receipt-save"),
                PathWanted::CheckReceipt => t(ui, "dialog-path-check"),
                PathWanted::CaFile => t(ui, "dialog-path-ca-file"),
            };
            let is_ready = self.whole_path().is_some();
            let submit = |ui: &mut Ui| widgets::primary_button(ui, None, &label);
            if ui.add_enabled_ui(is_ready, submit).inner.clicked() {
                self.submit(cx);
            }
        });
    }
}
