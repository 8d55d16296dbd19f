//! Rows of forms: a dim label on the left, a field that fills the rest, and below it what is wrong or good to know.

use egui::{
    Align, ComboBox, FontId, Id, InnerResponse, Key, Layout, Margin, PopupCloseBehavior, Response, RichText, Sense,
    Stroke, TextEdit, Ui, vec2,
};

use crate::model::Failure;
use crate::ui::widgets::Chosen;
use crate::ui::{format, icons, text, theme, widgets};

/// From the left edge to the fields.
pub(crate) const LABEL_WIDTH: f32 = 142.0;
/// Between two rows.
pub(crate) const ROW_GAP: f32 = 10.0;
const FIELD_HEIGHT: f32 = 30.0;
/// Space between a field's edge and its text.
pub(crate) const FIELD_MARGIN: Margin = Margin { left: 10, right: 10, top: 6, bottom: 6 };

/// Looks of a text field.
#[derive(Default)]
pub(crate) struct FieldLook<'a> {
    /// Shown while the field is empty.
    pub(crate) hint: &'a str,
    /// What is wrong with the text; shown below it.
    pub(crate) problem: Option<String>,
    /// For identifiers, where every character counts.
    pub(crate) monospace: Monospace,
    /// A fixed id, for fields whose state is wiped by name.
    pub(crate) id: Option<Id>,
}

/// Which letters a field has.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Monospace {
    /// As everywhere.
    #[default]
    No,
    /// All as wide as each other.
    Yes,
}

impl Monospace {
    pub(crate) fn font(self) -> FontId {
        match self {
            Self::No => FontId::proportional(13.0),
            Self::Yes => FontId::monospace(12.5),
        }
    }
}

/// A labelled row. `add` gets the label's id, to name the field by it.
pub(crate) fn row<R>(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui, Id) -> R) -> R {
    let inner = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let label_id = label_ui(ui, label);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            add(ui, label_id)
        })
        .inner
    });
    ui.add_space(ROW_GAP);
    inner.inner
}

/// The label of a row. Without words only its room is left, as high as what stands beside it: an empty label would be
/// read out as a text that is not there.
fn label_ui(ui: &mut Ui, words: &str) -> Id {
    if words.is_empty() {
        return ui.allocate_exact_size(vec2(LABEL_WIDTH, 0.0), Sense::hover()).1.id;
    }
    let color = theme::tokens(ui).dim;
    let size = vec2(LABEL_WIDTH, FIELD_HEIGHT);
    let label = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.set_max_width(LABEL_WIDTH - 8.0);
        ui.add(egui::Label::new(RichText::new(words).color(color)).truncate().selectable(false))
    });
    label.inner.id
}

/// A row with a one-line text field; its response.
pub(crate) fn text_row(ui: &mut Ui, label: &str, value: &mut String, look: FieldLook<'_>) -> Response {
    row(ui, label, |ui, label_id| text_field(ui, label_id, value, look))
}

/// A one-line text field of the available width, named by a label drawn before.
pub(crate) fn text_field(ui: &mut Ui, label_id: Id, value: &mut String, look: FieldLook<'_>) -> Response {
    bare_field(ui, value, look, |response| response.labelled_by(label_id))
}

/// A one-line text field without a visible label: `name` is what screen readers call it.
pub(crate) fn named_field(ui: &mut Ui, name: &str, value: &mut String, look: FieldLook<'_>) -> Response {
    bare_field(ui, value, look, |response| {
        response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
        response
    })
}

fn bare_field(
    ui: &mut Ui,
    value: &mut String,
    look: FieldLook<'_>,
    give_name: impl FnOnce(Response) -> Response,
) -> Response {
    let mut edit = TextEdit::singleline(value)
        .font(look.monospace.font())
        .align(egui::Align2::LEFT_CENTER)
        .min_size(vec2(0.0, FIELD_HEIGHT));
    if let Some(id) = look.id {
        edit = edit.id(id);
    }
    let response = give_name(framed(ui, edit, look.hint, FIELD_MARGIN));
    if let Some(problem) = look.problem {
        problem_ui(ui, &problem);
    }
    response
}

/// Adds a text edit of the available width with the outline of a field, which is the focus ring while it is edited.
pub(crate) fn framed(ui: &mut Ui, edit: TextEdit<'_>, hint: &str, margin: Margin) -> Response {
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::new()
        .fill(tokens.background)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(theme::radius::CONTROL)
        .inner_margin(margin);
    let edit = edit.frame(frame).hint_text(RichText::new(hint).color(tokens.faint)).desired_width(f32::INFINITY);
    let response = ui.add(edit);
    if response.has_focus() {
        let ring = Stroke::new(1.5, tokens.accent);
        ui.painter().rect_stroke(response.rect, theme::radius::CONTROL, ring, egui::StrokeKind::Inside);
    }
    response
}

/// A row with a text field of several lines; its response.
pub(crate) fn lines_row(ui: &mut Ui, label: &str, value: &mut String, rows: usize, look: FieldLook<'_>) -> Response {
    row(ui, label, |ui, label_id| {
        let edit = TextEdit::multiline(value).font(look.monospace.font()).desired_rows(rows);
        let response = framed(ui, edit, look.hint, FIELD_MARGIN).labelled_by(label_id);
        if let Some(problem) = look.problem {
            problem_ui(ui, &problem);
        }
        response
    })
}

/// A row in which one of a few values is chosen; whether it changed.
pub(crate) fn choice_row<T: PartialEq + Clone>(
    ui: &mut Ui,
    label: &str,
    value: &mut T,
    choices: &[(T, String)],
) -> bool {
    row(ui, label, |ui, label_id| {
        let shown =
            choices.iter().find(|(choice, _)| choice == value).map(|(_, name)| name.clone()).unwrap_or_default();
        let combo = combo(ui, label, &shown, PopupCloseBehavior::CloseOnClick, |ui| {
            let mut changed = false;
            for (choice, name) in choices {
                if widgets::select_item(ui, Chosen::from(choice == value), name, "").clicked() && choice != value {
                    *value = choice.clone();
                    changed = true;
                }
            }
            changed
        });
        combo.response.labelled_by(label_id);
        combo.inner.unwrap_or(false)
    })
}

/// A drop-down of the available width that looks like a field.
pub(crate) fn combo<R>(
    ui: &mut Ui,
    salt: &str,
    shown: &str,
    closing: PopupCloseBehavior,
    menu: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<Option<R>> {
    let width = ui.available_width();
    let focus = widgets::ListFocus::new(ui, ui.make_persistent_id((salt, "list")));
    let shown = ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = FIELD_HEIGHT;
        ui.spacing_mut().button_padding.x = f32::from(FIELD_MARGIN.left);
        ComboBox::from_id_salt(salt)
            .selected_text(shown)
            .width(width)
            .height(280.0)
            .close_behavior(closing)
            .truncate()
            .icon(|ui, rect, visuals, _is_open| {
                let font = icons::font(14.0);
                ui.painter().text(
                    rect.center(),
                    egui::Align2::CENTER_CENTER,
                    icons::CARET_DOWN,
                    font,
                    visuals.text_color(),
                );
            })
            .show_ui(ui, |ui| {
                focus.enter(ui);
                ui.spacing_mut().item_spacing.y = 1.0;
                menu(ui)
            })
    });
    let popup = shown.inner.response.id.with("popup");
    if shown.inner.inner.is_some() {
        name_list(ui, popup, salt);
    }
    focus.leave(&shown.inner.response, popup);
    shown.inner
}

/// The toolkit tells screen readers of the list, and neither its name nor its place.
fn name_list(ui: &Ui, list: Id, name: &str) {
    let place = ui.ctx().memory(|memory| memory.area_rect(list));
    ui.ctx().accesskit_node_builder(list, |node| {
        node.set_label(name);
        if let Some(place) = place {
            let (min, max) = (place.min, place.max);
            node.set_bounds(egui::accesskit::Rect {
                x0: min.x.into(),
                y0: min.y.into(),
                x1: max.x.into(),
                y1: max.y.into(),
            });
        }
    });
}

/// What is wrong with the field above.
pub(crate) fn problem_ui(ui: &mut Ui, problem: &str) {
    let tokens = theme::tokens(ui);
    caption(ui, Some((icons::WARNING_CIRCLE_FILL, tokens.bad)), problem, tokens.bad);
}

/// Something to know about the field above.
pub(crate) fn note_ui(ui: &mut Ui, icon: &str, note: &str) {
    let tokens = theme::tokens(ui);
    caption(ui, Some((icon, tokens.dim)), note, tokens.dim);
}

/// A warning about the field above, or about the whole dialog.
pub(crate) fn warning_ui(ui: &mut Ui, warning: &str) {
    let tokens = theme::tokens(ui);
    caption(ui, Some((icons::WARNING_FILL, tokens.warn)), warning, tokens.warn);
}

fn caption(ui: &mut Ui, icon: Option<(&str, egui::Color32)>, words: &str, color: egui::Color32) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        if let Some((glyph, tint)) = icon {
            icon_label(ui, glyph, 13.0, tint);
        }
        ui.add(egui::Label::new(RichText::new(words).size(11.5).color(color)).wrap());
    });
}

/// An icon that says nothing to screen readers: the words beside it do.
pub(crate) fn icon_label(ui: &mut Ui, glyph: &str, size: f32, color: egui::Color32) {
    icons::glyph_ui(ui, glyph, size, color);
}

/// A line of text that wraps.
pub(crate) fn paragraph(ui: &mut Ui, words: &str) {
    ui.add(egui::Label::new(words).wrap());
    ui.add_space(8.0);
}

/// A line of secondary text that wraps.
pub(crate) fn dim_paragraph(ui: &mut Ui, words: &str) {
    let color = theme::tokens(ui).dim;
    ui.add(egui::Label::new(RichText::new(words).color(color)).wrap());
    ui.add_space(8.0);
}

/// The same of a place that is shown cut: its whole name is told on hover and to screen readers.
pub(crate) fn place_paragraph(ui: &mut Ui, shown: &str, whole: &str) {
    cut_paragraph(ui, theme::tokens(ui).dim, shown, whole);
}

fn cut_paragraph(ui: &mut Ui, color: egui::Color32, shown: &str, whole: &str) {
    let whole = format::readable(whole);
    let label = ui.add(egui::Label::new(RichText::new(shown).color(color)).wrap());
    label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, whole.as_ref()));
    if shown != whole {
        label.on_hover_text(whole.as_ref());
    }
    ui.add_space(8.0);
}

/// A name or path that a sentence is about, and the sentence.
pub(crate) struct PlaceSentence<'a, S: Fn(&Ui, &str) -> String> {
    pub(crate) place: &'a str,
    /// It is cut to so many graphemes.
    pub(crate) room: usize,
    pub(crate) sentence: S,
}

impl<S: Fn(&Ui, &str) -> String> PlaceSentence<'_, S> {
    /// Draws it; the whole sentence is told on hover and to screen readers.
    pub(crate) fn paragraph(self, ui: &mut Ui) {
        self.draw(ui, theme::tokens(ui).text);
    }

    /// The same as secondary text.
    pub(crate) fn dim_paragraph(self, ui: &mut Ui) {
        self.draw(ui, theme::tokens(ui).dim);
    }

    fn draw(self, ui: &mut Ui, color: egui::Color32) {
        let (cut, whole) = ((self.sentence)(ui, &shown(self.place, self.room)), (self.sentence)(ui, self.place));
        cut_paragraph(ui, color, &cut, &whole);
    }
}

/// What went wrong and what to do next, in a tinted box. The raw detail is one click away; whether it was asked for.
pub(crate) fn failure_ui(ui: &mut Ui, failure: &Failure) -> bool {
    let tokens = theme::tokens(ui);
    let lang = text::lang(ui);
    let title = crate::locale::failure_title(lang, failure);
    let advice = crate::locale::failure_advice(lang, failure);
    let frame = egui::Frame::new().fill(tokens.bad_fill).corner_radius(8.0).inner_margin(Margin::symmetric(12, 10));
    let mut wants_details = false;
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            icon_label(ui, icons::X_CIRCLE_FILL, 14.0, tokens.bad);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                ui.add(egui::Label::new(RichText::new(title).color(tokens.bad)).wrap());
                if !advice.is_empty() {
                    ui.add(egui::Label::new(advice).wrap());
                }
                if !failure.detail.is_empty() {
                    wants_details = widgets::link_button(ui, &text::t(ui, "dialog-details")).clicked();
                }
            });
        });
    });
    ui.add_space(ROW_GAP);
    wants_details
}

/// One of several things to choose from, with an outline that says which is chosen.
pub(crate) fn choice_button(ui: &mut Ui, icon: Option<&str>, label: &str, chosen: Chosen) -> Response {
    let is_chosen = chosen == Chosen::Yes;
    let tokens = theme::tokens(ui);
    let color = if is_chosen { tokens.link } else { tokens.text };
    let words = RichText::new(label).color(color);
    let button = match icon {
        Some(glyph) => egui::Button::new((icons::icon(glyph, 15.0).color(color), words)),
        None => egui::Button::new(words),
    };
    let line = if is_chosen { tokens.accent } else { tokens.line };
    let response = ui.add(button.stroke(Stroke::new(1.0, line)).min_size(vec2(0.0, 31.0)));
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, ui.is_enabled(), is_chosen, label));
    if response.has_focus() {
        widgets::focus_ring(ui, response.rect.shrink(1.0));
    }
    response
}

/// A name or path as it can be drawn: no control or direction marks, cut in the middle to so many graphemes.
pub(crate) fn shown(text: &str, max_graphemes: usize) -> String {
    format::elide_middle(&format::readable(text), max_graphemes).into_owned()
}

/// Lays buttons out up to the right edge. They are drawn from left to right, the one that goes on last, so that Tab and
/// screen readers meet them in the order in which they are seen.
pub(crate) fn right_side(ui: &mut Ui, buttons: impl FnOnce(&mut Ui)) {
    widgets::Split::new(ui, "right side").right(ui, buttons);
}

/// Enter was pressed in this field. During text composition Enter never arrives here: the field keeps it.
pub(crate) fn submitted(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}
