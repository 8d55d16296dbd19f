//! Fields to type into. Each takes the name that screen readers say.
//!
//! While text is composed (Hangul), the bound text already holds the unfinished syllable and `changed()` is true:
//! act on Enter or on leaving the field.

use egui::{FontSelection, Margin, Response, Stroke, TextEdit, TextStyle, Ui, vec2};

use super::button::small_icon_button;
use super::focus_ring;
use crate::ui::icons;
use crate::ui::theme::{radius, size, space, tokens};

struct Field<'a> {
    hint: &'a str,
    name: &'a str,
    font: TextStyle,
    is_password: bool,
    rows: usize,
    left: i8,
    right: i8,
}

impl<'a> Field<'a> {
    fn new(hint: &'a str, name: &'a str) -> Self {
        Self { hint, name, font: TextStyle::Body, is_password: false, rows: 1, left: 10, right: 10 }
    }

    fn show(self, ui: &mut Ui, text: &mut String, width: f32) -> Response {
        let t = tokens(ui);
        let frame = egui::Frame::new()
            .fill(t.background)
            .stroke(Stroke::new(1.0, t.line))
            .corner_radius(radius::CONTROL)
            .inner_margin(Margin { left: self.left, right: self.right, top: 6, bottom: 6 });
        let edit =
            if self.rows > 1 { TextEdit::multiline(text).desired_rows(self.rows) } else { TextEdit::singleline(text) };
        let hint = egui::RichText::new(self.hint).color(t.faint);
        let response = edit
            .font(FontSelection::Style(self.font))
            .hint_text(hint)
            .password(self.is_password)
            .frame(frame)
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(width)
            .min_size(vec2(0.0, 30.0))
            .show(ui)
            .response
            .response;
        if response.has_focus() {
            focus_ring(ui, response.rect.shrink(1.0));
        }
        response.accessible_name(self.name)
    }
}

/// One line of text, as wide as the room.
pub fn text_field(ui: &mut Ui, text: &mut String, hint: &str, accessible_name: &str) -> Response {
    let width = ui.available_width();
    Field::new(hint, accessible_name).show(ui, text, width)
}

/// One line in monospace: keys, addresses, regions.
pub fn mono_field(ui: &mut Ui, text: &mut String, hint: &str, accessible_name: &str) -> Response {
    let width = ui.available_width();
    Field { font: TextStyle::Monospace, ..Field::new(hint, accessible_name) }.show(ui, text, width)
}

/// Several lines, as wide as the room.
pub fn multiline_field(ui: &mut Ui, text: &mut String, hint: &str, accessible_name: &str, rows: usize) -> Response {
    let width = ui.available_width();
    Field { rows: rows.max(2), ..Field::new(hint, accessible_name) }.show(ui, text, width)
}

/// A secret: dots, with a button that shows it. `is_shown` belongs to the caller, who drops it with the dialog.
/// Screen readers get dots only while it is hidden. `show_name` is the name of the eye button.
pub fn secret_field(
    ui: &mut Ui,
    secret: &mut String,
    is_shown: &mut bool,
    accessible_name: &str,
    show_name: &str,
) -> Response {
    let width = ui.available_width();
    let field =
        Field { font: TextStyle::Monospace, is_password: !*is_shown, right: 34, ..Field::new("", accessible_name) };
    let response = field.show(ui, secret, width);
    let rect = egui::Rect::from_center_size(response.rect.right_center() - vec2(18.0, 0.0), vec2(24.0, 24.0));
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    let glyph = if *is_shown { icons::EYE_SLASH } else { icons::EYE };
    if small_icon_button(&mut inner, glyph, show_name).clicked() {
        *is_shown = !*is_shown;
    }
    response
}

/// A field with a magnifying glass, of a given width.
pub fn search_field(ui: &mut Ui, text: &mut String, hint: &str, accessible_name: &str, width: f32) -> Response {
    let response = Field { left: 30, ..Field::new(hint, accessible_name) }.show(ui, text, width);
    let at = response.rect.left_center() + vec2(space::L, 0.0);
    let color = tokens(ui).dim;
    ui.painter().text(at, egui::Align2::CENTER_CENTER, icons::SEARCH, icons::font(size::ICON - 1.0), color);
    response
}
