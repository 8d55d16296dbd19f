//! The batches of uploads that a receipt can be made of, and the way to checking one.

use egui::{Align, FontId, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::form;
use super::view::{Cx, DialogView, WIDE};
use crate::model::{FinishedBatch, SizeUnits};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_count, t_with};
use crate::ui::theme::{self, size, space};
use crate::ui::ui_command::UiCommand;
use crate::ui::{icons, widgets};

const ROW_HEIGHT: f32 = 46.0;
const LIST_HEIGHT: f32 = 280.0;
const BUTTON: f32 = 96.0;

/// The open list; everything it shows is read from the model.
pub(super) struct Receipts;

impl DialogView for Receipts {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-receipts-title")
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::dim_paragraph(ui, &t(ui, "dialog-receipts-what"));
        let batches = &cx.model.finished;
        if batches.is_empty() {
            let (title, advice) = ("dialog-receipts-none", "dialog-receipts-none-advice");
            widgets::empty_state(ui, icons::NOTE, &t(ui, title), &t(ui, advice));
            ui.add_space(form::ROW_GAP);
            return;
        }
        let units = cx.model.settings.size_units;
        let mut wanted = None;
        let list = egui::ScrollArea::vertical().id_salt("receipts").max_height(LIST_HEIGHT).auto_shrink([false, true]);
        list.min_scrolled_height(LIST_HEIGHT.min(ROW_HEIGHT * 3.0)).show_rows(
            ui,
            ROW_HEIGHT,
            batches.len(),
            |ui, rows| {
                ui.spacing_mut().item_spacing.y = 0.0;
                // The newest is on top.
                for batch in batches.iter().rev().skip(rows.start).take(rows.len()) {
                    if row_ui(ui, batch, units) {
                        wanted = Some(batch.batch);
                    }
                }
                widgets::follow_focus(ui);
            },
        );
        ui.add_space(form::ROW_GAP);
        form::note_ui(ui, icons::INFO, &t(ui, "dialog-receipts-form-note"));
        ui.add_space(form::ROW_GAP);
        if let Some(batch) = wanted {
            cx.push(Action::PickReceiptPlace(batch));
            cx.close();
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if widgets::button(ui, Some(icons::SHIELD_CHECK), &t(ui, "command-check-receipt")).clicked() {
            cx.push(Action::Ui(UiCommand::CheckReceipt));
            cx.close();
        }
        form::right_side(ui, |ui| {
            let close = widgets::primary_button(ui, None, &t(ui, "dialog-close"));
            cx.focus_first(&close);
            if close.clicked() {
                cx.close();
            }
        });
    }
}

/// Where a batch went, how much it was, and the button that saves its receipt; whether that was pressed.
fn row_ui(ui: &mut Ui, batch: &FinishedBatch, units: SizeUnits) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let response = ui.interact(rect, ui.scope_id().with(("batch", batch.batch)), Sense::hover());
    let place = batch.to.to_string();
    let size = crate::ui::format::bytes(batch.bytes, units);
    let amount = t_count(ui, "dialog-receipts-amount", batch.files, &[("size", &size)]);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{place}, {amount}")));
    let (left, right) = (rect.left() + 26.0, rect.right());
    icons_ui(ui, rect);
    let width = right - BUTTON - space::M - left;
    let name = widgets::elided_text(ui, &place, FontId::proportional(size::BODY), tokens.text, width);
    let response = name.paint(ui, pos2(left, rect.top() + 6.0), response);
    let line = widgets::end_elided_text(ui, &amount, FontId::proportional(size::CAPTION), tokens.dim, width);
    line.paint(ui, pos2(left, rect.top() + 25.0), response);
    let button = Rect::from_min_max(pos2(right - BUTTON, rect.top()), pos2(right, rect.bottom()));
    let builder = UiBuilder::new().id_salt(("save", batch.batch)).max_rect(button);
    let shown = ui.scope_builder(builder.layout(Layout::right_to_left(Align::Center)), |ui| {
        let spoken = t_with(ui, "dialog-receipts-save-item", &[("place", &place)]);
        widgets::button(ui, None, &t(ui, "dialog-receipts-save")).accessible_name(spoken).clicked()
    });
    shown.inner
}

fn icons_ui(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui);
    let at = pos2(rect.left() + 9.0, rect.center().y);
    ui.painter().text(at, egui::Align2::CENTER_CENTER, icons::NOTE, icons::font(size::ICON), tokens.dim);
}
