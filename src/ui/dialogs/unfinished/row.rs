//! One unfinished upload: key, whose, when, how much, what that costs, and what can be done with it.

use egui::{Align, Align2, FontId, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::words;
use crate::model::{Service, SizeUnits, TransferId, UnfinishedUpload, UploadOwner};
use crate::ui::text::{t, t_with};
use crate::ui::theme::{size, space, tokens};
use crate::ui::widgets::{self, Tone};
use crate::ui::{format, icons};

/// Height of a row, in points.
pub(super) const HEIGHT: f32 = 54.0;
const PAD: f32 = 12.0;
const BUTTONS: f32 = 164.0;
const SIZE: f32 = 134.0;

/// What the user wants done with an upload.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish {
    /// Let its transfer run.
    GoOn(TransferId),
    /// Ask, then abort it.
    Abort,
}

/// Draws the row.
pub(super) fn row_ui(ui: &mut Ui, upload: &UnfinishedUpload, service: Service, units: SizeUnits) -> Option<Wish> {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let response = ui.interact(rect, ui.scope_id().with(("upload", &upload.upload_id)), Sense::hover());
    let owner = words::owner(ui, upload.owner);
    let facts = words::facts(ui, upload);
    let amount = words::size(ui, upload, units);
    let cost = upload.bytes.and_then(|bytes| words::row_cost(ui, service, bytes));
    let costs = cost.as_ref().map(|cost| format!(", {cost}")).unwrap_or_default();
    let key = format::readable(upload.key.as_str()).into_owned();
    let spoken = format!("{key}, {owner}, {facts}, {amount}{costs}");
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
    if response.contains_pointer() {
        ui.painter().rect_filled(rect.shrink2(vec2(4.0, 1.0)), 6.0, tokens(ui).hover);
    }
    let right = rect.right() - PAD;
    let button = Rect::from_min_max(pos2(right - BUTTONS, rect.top()), pos2(right, rect.bottom()));
    let figures = button.left() - space::M;
    words_ui(ui, rect.with_max_x(figures - SIZE), &key, &words::facts_in_short(ui, upload), upload.owner);
    let color = tokens(ui).dim;
    let middle = rect.center().y;
    let at = pos2(figures, if cost.is_some() { middle - 8.0 } else { middle });
    ui.painter().text(at, Align2::RIGHT_CENTER, amount, FontId::proportional(size::BODY), color);
    if let Some(cost) = cost {
        let at = pos2(figures, middle + 9.0);
        ui.painter().text(at, Align2::RIGHT_CENTER, cost, FontId::proportional(size::CAPTION), color);
    }
    let builder = UiBuilder::new().id_salt(("upload-button", &upload.upload_id)).max_rect(button);
    let wish = ui.scope_builder(builder.layout(Layout::left_to_right(Align::Center)), |ui| {
        let row = widgets::Split::new(ui, "buttons");
        row.left(ui, |_ui| ());
        row.right(ui, |ui| button_ui(ui, upload, &key))
    });
    let begun = upload.started.map(|time| format!("\n{}", format::full_instant(time))).unwrap_or_default();
    response.on_hover_text(format!("{key}\n{facts}{begun}\n{}", words::owner_hint(ui, upload.owner)));
    wish.inner
}

fn words_ui(ui: &mut Ui, room: Rect, key: &str, facts: &str, owner: UploadOwner) {
    let t = tokens(ui);
    let icon = icons::for_file(key);
    let at = pos2(room.left() + PAD + 8.0, room.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(size::ICON), t.dim);
    let left = room.left() + PAD + 28.0;
    let width = room.right() - left;
    let name = widgets::elided_text(ui, key, FontId::proportional(size::BODY), t.text, width);
    // The row says the whole key, cut or not.
    drop(name.paint_bare(ui.painter(), pos2(left, room.top() + 8.0)));
    let tone = match owner {
        UploadOwner::InQueue(_) => Tone::Accent,
        UploadOwner::LeftByUs => Tone::Warn,
        UploadOwner::Other => Tone::Neutral,
    };
    let line = Rect::from_min_max(pos2(left, room.top() + 27.0), pos2(room.right(), room.bottom() - 6.0));
    let builder = UiBuilder::new().max_rect(line).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        widgets::badge(ui, None, &words::owner(ui, owner), tone);
        let width = ui.available_width();
        let font = FontId::proportional(size::CAPTION);
        let shown = widgets::end_elided_text(ui, facts, font, t.dim, width);
        let (at, _) = ui.allocate_exact_size(shown.size(), Sense::hover());
        // So are they.
        drop(shown.paint_bare(ui.painter(), at.min));
    });
}

fn button_ui(ui: &mut Ui, upload: &UnfinishedUpload, key: &str) -> Option<Wish> {
    let name = |ui: &Ui, id: &str| t_with(ui, id, &[("key", key)]);
    ui.spacing_mut().item_spacing.x = space::XS;
    let mut wish = None;
    if let UploadOwner::InQueue(transfer) = upload.owner {
        let spoken = name(ui, "dialog-unfinished-resume-item");
        let go_on = widgets::button(ui, None, &t(ui, "dialog-unfinished-resume")).accessible_name(spoken);
        wish = go_on.clicked().then_some(Wish::GoOn(transfer));
    }
    let spoken = name(ui, "dialog-unfinished-abort-item");
    let abort = widgets::danger_button(ui, None, &t(ui, "dialog-unfinished-abort")).accessible_name(spoken);
    if abort.clicked() { Some(Wish::Abort) } else { wish }
}
