//! Uploading so that anyone can read: what it would be is counted, the bucket is named, then it is asked.

use std::path::PathBuf;

use egui::Ui;

use super::Dialog;
use super::form;
use super::view::{Cx, DialogView};
use crate::model::{Command, Event, Failure, Gathered, Location, PutOptions, RequestId, ScanProgress, UploadAccess};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{icons, widgets};

/// The open question.
pub(super) struct UploadPublic {
    paths: Vec<PathBuf>,
    gathered: Gathered,
    to: Location,
    request: RequestId,
    files: u64,
    is_counted: bool,
    failure: Option<Failure>,
}

impl UploadPublic {
    pub(super) fn new(paths: Vec<PathBuf>, gathered: Gathered, to: Location) -> Self {
        Self { paths, gathered, to, request: RequestId::next(), files: 0, is_counted: false, failure: None }
    }

    fn upload(&self, access: UploadAccess, cx: &mut Cx<'_>) {
        let is_public = access == UploadAccess::Public;
        let planned = (self.is_counted && is_public).then_some(self.request);
        let (paths, gathered, to) = (self.paths.clone(), self.gathered, self.to.clone());
        cx.push(Action::UploadAs { paths, to, gathered, access, planned });
        cx.close();
    }
}

impl DialogView for UploadPublic {
    fn title(&self, ui: &Ui) -> String {
        if self.is_counted {
            t_count(ui, "dialog-upload-public-title", self.files, &[])
        } else {
            t(ui, "dialog-upload-public-counting-title")
        }
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        let (access, gathered) = (UploadAccess::Public, self.gathered);
        let options = PutOptions { gathered, access, ..PutOptions::default() };
        let (request, paths, to) = (self.request, self.paths.clone(), self.to.clone());
        cx.command(Command::PlanUpload { request, paths, to, options: Box::new(options) });
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        if !self.is_counted {
            form::dim_paragraph(ui, &t_count(ui, "dialog-upload-public-counting", self.files, &[]));
            return;
        }
        let bucket = self.to.bucket.to_string();
        let sentence = |ui: &Ui, place: &str| {
            let words = [("bucket", bucket.as_str()), ("place", place)];
            t_count(ui, "dialog-upload-public-who", self.files, &words)
        };
        let place = format!("/{}", self.to.prefix.as_str());
        form::PlaceSentence { place: &place, room: 60, sentence }.paragraph(ui);
        form::note_ui(ui, icons::INFO, &t_with(ui, "dialog-upload-public-how", &[]));
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
            cx.focus_first(&cancel);
            if cancel.clicked() {
                self.escape(cx);
            }
            if widgets::button(ui, None, &t(ui, "dialog-upload-private-button")).clicked() {
                self.upload(UploadAccess::AsBucket, cx);
            }
            let label = t(ui, "dialog-upload-public-button");
            let is_ready = self.is_counted && self.files > 0;
            let upload = |ui: &mut Ui| widgets::primary_button(ui, Some(icons::GLOBE), &label);
            if ui.add_enabled_ui(is_ready, upload).inner.clicked() {
                self.upload(UploadAccess::Public, cx);
            }
        });
    }

    /// What was shown is not wanted.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        cx.command(Command::StopRequest { request: self.request });
        cx.close();
    }

    fn apply(&mut self, event: &Event, _cx: &mut Cx<'_>) {
        let Event::UploadPlanned { request, files, progress, .. } = event else { return };
        if *request == self.request {
            self.files += files.len() as u64;
            self.is_counted |= *progress == ScanProgress::Complete;
        }
    }
}
