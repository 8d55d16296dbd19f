//! A field for a secret: masked, not to be copied, shown only while the eye is held down.
//!
//! The text edit stays masked even then, since its text also goes into the accessibility tree; what is shown
//! while the eye is held is painted above it.

use egui::text_edit::TextEditState;
use egui::{Context, FontId, Id, Key, Margin, Response, Sense, TextEdit, Ui, vec2};

use crate::model::Secret;
use crate::ui::dialogs::form;
use crate::ui::text::t;
use crate::ui::{icons, theme, widgets};

const EYE_WIDTH: i8 = 34;

/// The secret access key's field.
pub(super) fn secret_id() -> Id {
    Id::unique("connection-secret-access-key")
}

/// The session token's field.
pub(super) fn token_id() -> Id {
    Id::unique("connection-session-token")
}

/// Drops cursor and undo history of the secret fields: the history holds what was typed.
pub(super) fn forget_field_state(ctx: &Context) {
    for id in [secret_id(), token_id()] {
        if let Some(mut state) = TextEditState::load(ctx, id) {
            state.clear_undoer();
            state.store(ctx, id);
        }
        ctx.data_mut(|data| data.remove::<TextEditState>(id));
    }
}

/// A masked one-line field of the available width, named by a label drawn before.
pub(super) fn secret_field(ui: &mut Ui, id: Id, label_id: Id, secret: &mut Secret, hint: &str) -> Response {
    let edit = TextEdit::singleline(secret.expose_mut())
        .id(id)
        .password(true)
        .font(FontId::monospace(12.5))
        .align(egui::Align2::LEFT_CENTER)
        .min_size(vec2(0.0, 30.0));
    let margin = Margin { right: EYE_WIDTH, ..form::FIELD_MARGIN };
    let field = form::framed(ui, edit, hint, margin).labelled_by(label_id);
    if !secret.is_empty() {
        eye_ui(ui, &field, secret);
    }
    field
}

fn eye_ui(ui: &mut Ui, field: &Response, secret: &Secret) {
    let tokens = theme::tokens(ui);
    let mut rect = field.rect.shrink(1.0);
    rect.min.x = rect.max.x - f32::from(EYE_WIDTH);
    let name = t(ui, "connection-secret-show");
    let eye = ui.interact(rect, field.id.with("eye"), Sense::click());
    eye.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), &name));
    let is_held = eye.is_pointer_button_down_on() || (eye.has_focus() && ui.input(|input| input.key_down(Key::Space)));
    let color = if eye.hovered() || eye.has_focus() || is_held { tokens.text } else { tokens.dim };
    let glyph = if is_held { icons::EYE_SLASH } else { icons::EYE };
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, glyph, icons::font(16.0), color);
    if eye.has_focus() {
        widgets::focus_ring(ui, rect.shrink(3.0));
    }
    eye.on_hover_text(name);
    if is_held {
        let shown = egui::Rect::from_min_max(field.rect.min, egui::pos2(rect.min.x, field.rect.max.y)).shrink(1.5);
        let painter = ui.painter().with_clip_rect(shown);
        painter.rect_filled(shown, 5.0, tokens.background);
        let at = shown.left_center() + vec2(9.0, 0.0);
        painter.text(at, egui::Align2::LEFT_CENTER, secret.expose(), FontId::monospace(12.5), tokens.text);
    }
}
