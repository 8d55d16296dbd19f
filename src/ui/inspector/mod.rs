//! The right side: what is selected, its link, its facts, what can be done with it.

mod doctor;
mod facts;
mod link_card;

use egui::{Align, Layout, RichText, Ui, UiBuilder};

use crate::model::{AppModel, Entry, LinkFormat, Location, Object, ObjectMetadata, ObjectRef};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::{t, t_count};
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::{SelectionSummary, UiState};
use crate::ui::{format, frame_rate, icons, links, theme, widgets};

/// Width of the panel.
pub(super) const WIDTH: f32 = 292.0;

/// Draws the inspector.
pub(super) fn inspector_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(browsing) = &model.browsing else {
        nothing_ui(ui, "inspector-nothing");
        return;
    };
    let summary = state.browser.selection.summary(&browsing.listing);
    match (summary.folders, summary.objects) {
        (0, 0) => nothing_ui(ui, "inspector-nothing"),
        (0, 1) => one_object_ui(ui, model, state, actions),
        (1, 0) => one_folder_ui(ui, &browsing.listing.at, model, state, actions),
        _ => many_ui(ui, summary, model, state, actions),
    }
}

/// Asks for the metadata of the one selected object, once the selection rests.
pub(super) fn ask_for_metadata(ctx: &egui::Context, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let only = match state.browser.selection.len() {
        1 if state.inspector.is_open => state.selected_objects(model).pop(),
        _ => None,
    };
    let Some(object) = only else {
        state.inspector.resting = None;
        return;
    };
    if model.inspected.as_ref().is_some_and(|(known, ..)| *known == object) {
        return;
    }
    let now = ctx.input(|input| input.time);
    let since = match &state.inspector.resting {
        Some((known, since)) if *known == object => *since,
        _ => now,
    };
    let left = frame_rate::INSPECT_DELAY_SECS - (now - since);
    if left > 0.0 {
        state.inspector.resting = Some((object, since));
        frame_rate::paint_after_secs(ctx, left);
    } else {
        state.inspector.resting = None;
        actions.push(Action::Inspect(object));
    }
}

fn nothing_ui(ui: &mut Ui, text_id: &str) {
    ui.add_space(48.0);
    ui.vertical_centered(|ui| {
        icons::glyph_ui(ui, icons::LINK, 26.0, theme::tokens(ui).faint);
        ui.add_space(theme::space::S);
        ui.label(theme::dim(ui, t(ui, text_id)));
    });
}

fn one_object_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(Entry::Object(object)) = state.selected_entries(model).next().cloned() else { return };
    let Some(at) = model.location() else { return };
    let object_ref = at.object(object.key.clone());
    let found = model.inspected.as_ref().filter(|(known, ..)| *known == object_ref).map(|(_, _, found)| found);
    let metadata = found.and_then(|found| found.as_ref()).and_then(|result| result.as_ref().ok());
    // Where little of the card is in sight, what most people came for stands below it, always.
    let has_link = links::link(model, &object_ref, LinkFormat::Url).is_some();
    let copies = if has_link && ui.available_height() < LOW { CopyButton::Below } else { CopyButton::InCard };
    let footer = if copies == CopyButton::Below { FOOTER_HEIGHT + COPY_HEIGHT } else { FOOTER_HEIGHT };
    scrolling(ui, footer, |ui| {
        heading_ui(ui, icons::for_file(object.key.name()), object.key.name(), &subtitle(model, &object, metadata));
        ui.add_space(theme::space::M);
        link_card::link_card_ui(ui, &object_ref, model, &state.links, copies, actions);
        ui.add_space(theme::space::M);
        widgets::steady(ui, "facts", |ui| facts::facts_ui(ui, model, &object, &object_ref, found, actions));
        widgets::follow_focus(ui);
    });
    if copies == CopyButton::Below {
        ui.add_space(theme::space::S);
        if widgets::primary_button_wide(ui, Some(icons::COPY), &t(ui, "copy-url")).clicked() {
            actions.push(Action::CopyLinks { objects: vec![object_ref], format: LinkFormat::Url });
        }
    }
    buttons_ui(ui, model, state, actions);
}

/// Room for the buttons below what scrolls.
const FOOTER_HEIGHT: f32 = 46.0;
/// As much again for the button that copies.
const COPY_HEIGHT: f32 = 34.0;
/// With less height than this the card's own button would be out of sight.
const LOW: f32 = 420.0;

/// Where the button is that copies the address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CopyButton {
    /// In the card.
    InCard,
    /// Below all that scrolls.
    Below,
}

/// What scrolls above the buttons. Its bar stands in the panel's margin, beside what is in it.
fn scrolling(ui: &mut Ui, footer: f32, contents: impl FnOnce(&mut Ui)) {
    /// Wide enough for the bar, and still within the margin.
    const BAR_WIDTH: f32 = 12.0;
    let room = ui.available_rect_before_wrap();
    let height = (room.height() - footer).max(80.0);
    let room = egui::Rect::from_min_size(room.min, egui::vec2(room.width(), height));
    let with_bar = room.with_max_x(room.right() + BAR_WIDTH);
    let mut outer = ui.new_child(UiBuilder::new().id_salt("above-buttons").max_rect(with_bar));
    egui::ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(&mut outer, |ui| {
        ui.set_max_width(room.width());
        contents(ui);
    });
    // Where it is cut, there is more.
    let edge = room.bottom() + 0.5;
    ui.painter().hline(room.x_range(), edge, egui::Stroke::new(1.0, theme::tokens(ui).line));
    ui.advance_cursor_after_rect(room);
}

fn heading_ui(ui: &mut Ui, icon: &str, name: &str, detail: &str) {
    let tokens = theme::tokens(ui);
    ui.horizontal_top(|ui| {
        icons::glyph_ui(ui, icon, 22.0, tokens.accent);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let name = RichText::new(format::readable(name)).font(theme::semibold(14.0));
            ui.add(egui::Label::new(name).wrap_mode(egui::TextWrapMode::Wrap));
            ui.label(theme::caption(ui, detail));
        });
    });
}

/// `image/jpeg · 4.2 MB`
fn subtitle(model: &AppModel, object: &Object, metadata: Option<&ObjectMetadata>) -> String {
    let content_type = metadata.and_then(|metadata| metadata.content_type.clone());
    let size = object.size_bytes.map(|bytes| format::bytes(bytes, model.settings.size_units));
    [content_type, size].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn one_folder_ui(ui: &mut Ui, at: &Location, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let Some(Entry::Prefix(prefix)) = state.selected_entries(model).next().cloned() else { return };
    let folder = at.at(prefix);
    heading_ui(ui, icons::FOLDER, folder.prefix.name(), &t(ui, "row-folder"));
    ui.add_space(theme::space::M);
    widgets::card(ui, |ui| {
        widgets::mono_block(ui, &folder.to_string());
        ui.add_space(theme::space::XS);
        if widgets::button(ui, Some(icons::COPY), &t(ui, "copy-s3-uri")).clicked() {
            let notice = crate::model::Notice::message(crate::model::Severity::Success, "notice-address-copied");
            actions.push(Action::CopyText { text: folder.to_string().into(), notice });
        }
    });
    bottom(ui, |ui| buttons_row(ui, model, state, actions));
}

fn many_ui(ui: &mut Ui, summary: SelectionSummary, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let count = u64::try_from(summary.folders + summary.objects).unwrap_or(u64::MAX);
    heading_ui(ui, icons::STACK, &t_count(ui, "selected-items", count, &[]), &summary_text(ui, summary, model));
    ui.add_space(theme::space::M);
    if summary.objects > 0 {
        widgets::card(ui, |ui| {
            let links = u64::try_from(summary.objects).unwrap_or(u64::MAX);
            let label = t_count(ui, "copy-urls", links, &[]);
            if widgets::primary_button_wide(ui, Some(icons::COPY), &label).clicked() {
                actions.push(Action::Ui(UiCommand::CopyUrl));
            }
            ui.add_space(theme::space::XS);
            link_card::copy_as_ui(ui, &Lazily { model, state }, actions);
        });
    }
    bottom(ui, |ui| buttons_row(ui, model, state, actions));
}

/// The selected objects, only gathered when a menu entry needs them.
pub(super) struct Lazily<'a> {
    model: &'a AppModel,
    state: &'a UiState,
}

impl link_card::Objects for Lazily<'_> {
    fn objects(&self) -> Vec<ObjectRef> {
        self.state.selected_objects(self.model)
    }
}

/// `2 folders, 8 objects · 50.3 GB`
pub(super) fn summary_text(ui: &Ui, summary: SelectionSummary, model: &AppModel) -> String {
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let mut parts = Vec::new();
    if summary.folders > 0 {
        parts.push(t_count(ui, "count-folders", number(summary.folders), &[]));
    }
    if summary.objects > 0 || summary.folders == 0 {
        parts.push(t_count(ui, "count-objects", number(summary.objects), &[]));
    }
    let counts = parts.join(", ");
    if summary.objects == 0 {
        return counts;
    }
    format!("{counts} · {}", format::bytes(summary.total_bytes, model.settings.size_units))
}

fn bottom(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::bottom_up(Align::Min), contents);
}

fn buttons_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    bottom(ui, |ui| buttons_row(ui, model, state, actions));
}

fn buttons_row(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if widgets::button(ui, Some(icons::DOWNLOAD), &t(ui, "download")).clicked() {
            crate::ui::commands::push_if_possible(UiCommand::Download, model, state, actions);
        }
        if widgets::danger_button(ui, Some(icons::TRASH), &t(ui, "delete")).clicked() {
            crate::ui::commands::push_if_possible(UiCommand::Delete, model, state, actions);
        }
    });
}
