//! Frames and separators.

use egui::{Align, Align2, Id, Layout, Margin, Rect, RichText, Sense, Stroke, Ui, UiBuilder, vec2};

use super::Tone;
use crate::ui::theme::{caption, radius, semibold, size, space, tokens};
use crate::ui::{frame_rate, icons};

/// A card: outline, rounded, padded, as wide as the room.
pub fn card<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let t = tokens(ui);
    egui::Frame::new()
        .fill(t.background)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add_contents(ui)
        })
        .inner
}

/// Two groups in one row: one from the left edge on, one up to the right edge. Both are drawn from left to right, so that
/// Tab and screen readers go through them as the eye does. How wide the right one is, is known from the frame before; when
/// that changes, the frame is drawn once more. Neither ever makes the row wider than its room.
pub struct Split {
    key: Id,
    room: Rect,
    known: f32,
}

impl Split {
    /// Of what room is left in the row.
    pub fn new(ui: &Ui, salt: impl egui::AsIdSalt) -> Self {
        let key = ui.scope_id().with(("split", salt));
        let known = ui.data(|data| data.get_temp(key)).unwrap_or_default();
        Self { key, room: ui.available_rect_before_wrap(), known }
    }

    fn edge(&self) -> f32 {
        (self.room.right() - self.known).max(self.room.left())
    }

    /// What was added, and how wide it is.
    fn part<R>(&self, ui: &mut Ui, side: &str, rect: Rect, add: impl FnOnce(&mut Ui) -> R) -> (R, f32) {
        let row = Layout::left_to_right(Align::Center);
        let mut part = ui.new_child(UiBuilder::new().id_salt((self.key, side)).max_rect(rect).layout(row));
        let added = add(&mut part);
        let used = part.min_rect();
        ui.advance_cursor_after_rect(used.intersect(self.room));
        (added, used.width())
    }

    /// What stands on the left; it gets the room that the right leaves. Call first.
    pub fn left<R>(&self, ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
        self.part(ui, "left", self.room.with_max_x(self.edge()), add).0
    }

    /// What stands on the right. Call after `left`, or alone.
    pub fn right<R>(self, ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
        let (added, used) = self.part(ui, "right", self.room.with_min_x(self.edge()), add);
        if (used - self.known).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(self.key, used));
            frame_rate::draw_again(ui.ctx(), "the right of a row changed its width");
        }
        added
    }
}

/// A separator one pixel high, across the room.
pub fn hline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens(ui).line));
}

/// Contents whose controls stay the same ones to the keyboard and to a screen reader, whatever comes and goes before
/// them. `salt` is unique within the parent. (egui counts what was drawn before, unless it is given a scope's own id.)
pub fn steady<R>(ui: &mut Ui, salt: &str, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with(("steady", salt));
    ui.scope_builder(UiBuilder::new().scope_id(id), add_contents).inner
}

/// The small semibold heading of a group: "Buckets", "Places".
pub fn section_caption(ui: &mut Ui, text: &str) -> egui::Response {
    let color = tokens(ui).dim;
    ui.label(RichText::new(text).font(semibold(size::CAPTION)).color(color))
}

/// An icon in its tone and a wrapped text beside it; the tone's colour is never the only sign.
pub fn tone_line(ui: &mut Ui, tone: Tone, text: &str) -> egui::Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 17.0), Sense::hover());
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, tone.icon(), icons::font(14.5), tone.color(ui));
        ui.add(egui::Label::new(text).wrap())
    })
    .inner
}

/// The middle of an empty view: icon, what is the case, what can be done.
pub fn empty_state(ui: &mut Ui, icon: &str, title: &str, advice: &str) {
    let t = tokens(ui);
    ui.vertical_centered(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::hover());
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, icons::font(34.0), t.dim);
        ui.label(RichText::new(title).font(semibold(14.0)));
        if !advice.is_empty() {
            let text = caption(ui, advice).size(size::BODY);
            ui.label(text);
        }
    });
}
