//! Unfinished multipart uploads of a bucket: whose they are, what they hold, roughly what keeping them costs; to go on
//! with ours, to abort the others one by one. What an abort has freed is what the engine counted afterwards.

mod abort;
mod row;
mod words;

use egui::{RichText, Ui};

use super::view::{Cx, DialogView, WIDE};
use super::{Dialog, form};
use crate::model::{
    BucketCleaning, BucketName, Command, ConnectionId, Event, Failure, FailureKind, ObjectKey, ObjectRef, RequestId,
    Service, UnfinishedUpload,
};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{format, icons, theme, widgets};

pub(super) use abort::AbortUpload;

/// Height of the list before it scrolls.
const LIST_HEIGHT: f32 = 272.0;

/// What was aborted while the list was open.
#[derive(Default)]
struct Freed {
    uploads: u64,
    bytes: u64,
    /// Aborted, and nobody may count what that has freed.
    uncounted: u64,
}

/// The open list.
pub(super) struct Unfinished {
    connection: ConnectionId,
    bucket: BucketName,
    service: Service,
    /// The question that is under way.
    asking: Option<RequestId>,
    rows: Option<Vec<UnfinishedUpload>>,
    failure: Option<Failure>,
    freed: Freed,
    /// What was asked last, for answers that come after the list.
    asked: Option<RequestId>,
    rules: Option<BucketCleaning>,
}

impl Unfinished {
    pub(super) fn new(connection: ConnectionId, bucket: BucketName, service: Service) -> Self {
        let freed = Freed::default();
        Self { connection, bucket, service, asking: None, rows: None, failure: None, freed, asked: None, rules: None }
    }

    fn ask(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        (self.asking, self.asked) = (Some(request), Some(request));
        self.failure = None;
        let (connection, bucket) = (self.connection.clone(), self.bucket.clone());
        cx.command(Command::ListUnfinished { request, connection, bucket });
    }

    fn listed(&mut self, result: &Result<Vec<UnfinishedUpload>, Box<Failure>>) {
        self.asking = None;
        match result {
            Ok(rows) => self.rows = Some(rows.clone()),
            Err(failure) => {
                // Old rows would say what nobody knows any more.
                self.rows = None;
                self.failure = Some((**failure).clone());
            }
        }
    }

    fn is_of_list(&self, object: &ObjectRef) -> bool {
        object.connection == self.connection && object.bucket == self.bucket
    }

    fn aborted(&mut self, key: &ObjectKey, upload_id: &str, freed_bytes: Option<u64>) {
        let Some(rows) = &mut self.rows else { return };
        let before = rows.len();
        rows.retain(|upload| upload.upload_id != upload_id || upload.key != *key);
        if rows.len() == before {
            return;
        }
        match freed_bytes {
            Some(bytes) => {
                self.freed.uploads += 1;
                self.freed.bytes += bytes;
            }
            None => self.freed.uncounted += 1,
        }
    }

    fn freed_ui(&self, ui: &mut Ui, cx: &Cx<'_>) {
        let Freed { uploads, bytes, uncounted } = self.freed;
        if uploads + uncounted > 0 {
            ui.add_space(4.0);
        }
        if uploads > 0 {
            let size = format::bytes(bytes, cx.model.settings.size_units);
            let words = t_count(ui, "dialog-unfinished-freed", uploads, &[("size", &size)]);
            widgets::tone_line(ui, widgets::Tone::Good, &words);
            ui.add_space(form::ROW_GAP);
        }
        if uncounted > 0 {
            let words = t_count(ui, "dialog-unfinished-freed-uncounted", uncounted, &[]);
            widgets::tone_line(ui, widgets::Tone::Neutral, &words);
            ui.add_space(form::ROW_GAP);
        }
    }

    fn total_ui(&self, ui: &mut Ui, rows: &[UnfinishedUpload], cx: &Cx<'_>) {
        let tokens = theme::tokens(ui);
        let known: u64 = rows.iter().filter_map(|upload| upload.bytes).fold(0, u64::saturating_add);
        let is_all_known = rows.iter().all(|upload| upload.bytes.is_some());
        let size = format::bytes(known, cx.model.settings.size_units);
        let id = if is_all_known { "dialog-unfinished-total" } else { "dialog-unfinished-total-at-least" };
        let total = t_count(ui, id, rows.len() as u64, &[("size", &size)]);
        let (cost, note) = words::cost(ui, self.service, known);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(theme::strong(total));
            if let Some(cost) = cost {
                ui.label(RichText::new(format!("· {cost}")).color(tokens.dim));
            }
        });
        ui.add_space(3.0);
        ui.add(egui::Label::new(theme::caption(ui, note)).wrap());
        ui.add_space(form::ROW_GAP);
    }

    fn rows_ui(&self, ui: &mut Ui, rows: &[UnfinishedUpload], cx: &mut Cx<'_>) {
        let frame = egui::Frame::new()
            .stroke(egui::Stroke::new(1.0, theme::tokens(ui).line))
            .corner_radius(theme::radius::CARD)
            .inner_margin(egui::Margin::symmetric(1, 4));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 0.0;
            let list = egui::ScrollArea::vertical().id_salt("unfinished").max_height(LIST_HEIGHT);
            let list = list.auto_shrink([false, true]).min_scrolled_height(LIST_HEIGHT.min(row::HEIGHT * 3.0));
            list.show_rows(ui, row::HEIGHT, rows.len(), |ui, range| {
                for upload in rows.get(range).unwrap_or_default() {
                    if let Some(wish) = row::row_ui(ui, upload, self.service, cx.model.settings.size_units) {
                        self.follow(wish, upload, cx);
                    }
                }
                widgets::follow_focus(ui);
            });
        });
        ui.add_space(form::ROW_GAP);
    }

    fn follow(&self, wish: row::Wish, upload: &UnfinishedUpload, cx: &mut Cx<'_>) {
        match wish {
            row::Wish::GoOn(transfer) => {
                cx.push(Action::GoOnWith(transfer));
                cx.close();
            }
            row::Wish::Abort => cx.push(Action::ShowDialog(Dialog::AbortUpload {
                connection: self.connection.clone(),
                bucket: self.bucket.clone(),
                upload: Box::new(upload.clone()),
            })),
        }
    }
}

impl DialogView for Unfinished {
    fn title(&self, ui: &Ui) -> String {
        t_with(ui, "dialog-unfinished-title", &[("bucket", self.bucket.as_str())])
    }

    fn width(&self) -> f32 {
        WIDE + 40.0
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.ask(cx);
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::dim_paragraph(ui, &t(ui, "dialog-unfinished-what"));
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        self.freed_ui(ui, cx);
        match &self.rows {
            Some(rows) if rows.is_empty() => {
                let (title, advice) = ("dialog-unfinished-none", "dialog-unfinished-none-advice");
                widgets::empty_state(ui, icons::CHECK_CIRCLE, &t(ui, title), &t(ui, advice));
                ui.add_space(form::ROW_GAP);
            }
            Some(rows) => {
                self.total_ui(ui, rows, cx);
                self.rows_ui(ui, rows, cx);
            }
            None if self.asking.is_some() => {
                ui.horizontal(|ui| {
                    let words = t(ui, "dialog-unfinished-loading");
                    widgets::activity_dot(ui, &words);
                    ui.label(theme::dim(ui, words.clone()));
                });
                ui.add_space(form::ROW_GAP);
            }
            None => {}
        }
        if let Some(rules) = &self.rules {
            ui.add(egui::Label::new(theme::caption(ui, words::cleaning(ui, rules))).wrap());
            ui.add_space(form::ROW_GAP);
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let label = t(ui, "dialog-unfinished-reload");
        let again = |ui: &mut Ui| widgets::button(ui, Some(icons::RELOAD), &label);
        if ui.add_enabled_ui(self.asking.is_none(), again).inner.clicked() {
            self.ask(cx);
        }
        form::right_side(ui, |ui| {
            let close = widgets::primary_button(ui, None, &t(ui, "dialog-close"));
            cx.focus_first(&close);
            if close.clicked() {
                cx.close();
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        match event {
            Event::UnfinishedListed { request, result, .. } if self.asking == Some(*request) => self.listed(result),
            Event::UnfinishedRules { request, rules } if self.asked == Some(*request) => {
                self.rules = Some(rules.clone());
            }
            Event::UnfinishedAborted { object, upload_id, result, .. } if self.is_of_list(object) => match result {
                Ok(bytes) => self.aborted(&object.key, upload_id, *bytes),
                Err(failure) if failure.kind == FailureKind::AccessDenied => {}
                // The list is old: a transfer has taken it, or it is gone.
                Err(_) => self.ask(cx),
            },
            _ => {}
        }
    }
}
