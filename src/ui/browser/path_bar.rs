//! Back, forward, reload, the breadcrumb and its text field, filter, new folder and upload.

use egui::{FontId, Key, Response, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use crate::model::{AppModel, ConnectionId, Location, Prefix, Scope};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::t;
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::{BrowserFocus, BrowserState, PathEdit, UiState};
use crate::ui::widgets::{self, icon_button};
use crate::ui::{format, icons, menus, theme};

/// Height of the bar.
pub const HEIGHT: f32 = 51.0;

/// Below this width the filter gets narrower.
const WIDE: f32 = 700.0;

/// Draws the bar.
pub fn path_bar_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let is_wide = ui.available_width() >= WIDE;
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.add_space(8.0);
        for command in [UiCommand::Back, UiCommand::Forward, UiCommand::Reload] {
            menus::command_icon(ui, command, model, state, actions);
        }
        ui.add_space(6.0);
        let split = widgets::Split::new(ui, "path-bar");
        split.left(ui, |ui| breadcrumb_ui(ui, model, &mut state.browser, actions));
        split.right(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add_space(8.0);
            filter_field(ui, model, &mut state.browser, if is_wide { 170.0 } else { 140.0 });
            new_folder_button(ui, model, state, actions);
            upload_button(ui, model, state, actions);
            // With the space between two items before it.
            ui.add_space(6.0);
        });
    });
}

fn upload_button(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let is_possible = UiCommand::UploadFiles.is_enabled(model, state);
    let button = |ui: &mut Ui| widgets::primary_button(ui, Some(icons::UPLOAD), &t(ui, "upload"));
    let response = ui.add_enabled_ui(is_possible, button).inner;
    widgets::menu(&response, |ui| {
        menus::narrow(ui);
        for command in [
            UiCommand::UploadFiles,
            UiCommand::UploadFolder,
            UiCommand::PasteFiles,
            UiCommand::UploadPublic,
            UiCommand::PastePublic,
        ] {
            menus::command_item(ui, command, model, state, actions);
        }
    });
}

fn new_folder_button(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    menus::command_framed_icon(ui, UiCommand::NewFolder, model, state, actions);
}

fn filter_field(ui: &mut Ui, model: &AppModel, state: &mut BrowserState, width: f32) {
    let hint = t(ui, "filter-hint");
    let field = |ui: &mut Ui| widgets::search_field(ui, &mut state.filter, &hint, &hint, width);
    let response = ui.add_enabled_ui(model.browsing.is_some(), field).inner;
    if state.focus == Some(BrowserFocus::Filter) {
        state.focus = None;
        response.request_focus();
    }
    let is_leaving = response.lost_focus();
    let left_by = |key| is_leaving && ui.input(|input| input.key_pressed(key));
    if left_by(Key::Escape) {
        state.filter.clear();
    }
    if [Key::Escape, Key::Enter, Key::ArrowDown].into_iter().any(left_by) {
        state.focus = Some(BrowserFocus::Table);
    }
}

fn breadcrumb_ui(ui: &mut Ui, model: &AppModel, state: &mut BrowserState, actions: &mut Actions) {
    if state.path_edit.is_some() {
        path_field(ui, model, state, actions);
        return;
    }
    let Some(at) = model.location() else {
        if model.open.is_some() {
            ui.label(theme::dim(ui, t(ui, "breadcrumb-no-bucket")));
        }
        return;
    };
    let crumbs = crumbs(model, at);
    let room = ui.available_width() - 30.0;
    let shown = fitting(ui, &crumbs, room);
    ui.spacing_mut().item_spacing.x = 2.0;
    if shown > 0 {
        hidden_crumbs_menu(ui, crumbs.get(..shown).unwrap_or_default(), at, actions);
    }
    let last = crumbs.len().saturating_sub(1);
    for (index, (name, prefix)) in crumbs.iter().enumerate().skip(shown) {
        if index > 0 {
            chevron(ui);
        }
        let max_width = if index == last { ui.available_width() - 30.0 } else { f32::INFINITY };
        let place = if index == last { Place::Here } else { Place::Above };
        if crumb(ui, name, place, max_width) {
            actions.push(Action::Browse(at.at(prefix.clone())));
        }
    }
    edit_area(ui, at, state);
}

/// Bucket and folders down to the shown one; above a connection's own scope nothing can be listed.
fn crumbs(model: &AppModel, at: &Location) -> Vec<(String, Prefix)> {
    let top = super::top_of(model, at);
    let mut crumbs = vec![(at.bucket.to_string(), top.cloned().unwrap_or_default())];
    for prefix in at.prefix.ancestors() {
        if top.is_some_and(|top| top.as_str().len() >= prefix.as_str().len()) {
            continue;
        }
        let name = if prefix.name().is_empty() { "/".to_owned() } else { format::readable(prefix.name()).into_owned() };
        crumbs.push((name, prefix));
    }
    crumbs
}

/// How many crumbs at the start have to be left out.
fn fitting(ui: &Ui, crumbs: &[(String, Prefix)], room: f32) -> usize {
    let font = theme::semibold(theme::size::BODY);
    let width = |name: &str| {
        let galley = ui.painter().layout_no_wrap(name.to_owned(), font.clone(), egui::Color32::PLACEHOLDER);
        galley.size().x + 26.0
    };
    let mut total: f32 = crumbs.iter().map(|(name, _)| width(name)).sum();
    let mut hidden = 0;
    for (name, _) in crumbs.iter().take(crumbs.len().saturating_sub(1)) {
        if total <= room {
            break;
        }
        total -= width(name) - if hidden == 0 { 40.0 } else { 0.0 };
        hidden += 1;
    }
    hidden
}

fn hidden_crumbs_menu(ui: &mut Ui, hidden: &[(String, Prefix)], at: &Location, actions: &mut Actions) {
    let response = icon_button(ui, icons::DOTS, &t(ui, "breadcrumb-more"));
    widgets::menu(&response, |ui| {
        menus::narrow(ui);
        for (name, prefix) in hidden {
            if widgets::menu_item(ui, Some(icons::FOLDER), name, None).clicked() {
                actions.push(Action::Browse(at.at(prefix.clone())));
            }
        }
    });
}

fn chevron(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(14.0, 20.0), Sense::hover());
    let colour = theme::tokens(ui).text;
    let centre = rect.center() + egui::vec2(0.0, 1.0);
    ui.painter().text(centre, egui::Align2::CENTER_CENTER, icons::CARET_RIGHT, icons::font(11.0), colour);
}

/// Where a step of the breadcrumb leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// To the shown folder itself.
    Here,
    /// To a folder above.
    Above,
}

/// One step of the breadcrumb. Returns whether it was clicked.
fn crumb(ui: &mut Ui, name: &str, place: Place, max_width: f32) -> bool {
    let tokens = theme::tokens(ui);
    let (font, colour) = if place == Place::Here {
        (theme::semibold(theme::size::BODY), tokens.text)
    } else {
        (FontId::proportional(theme::size::BODY), tokens.dim)
    };
    let shown = widgets::elided_text(ui, name, font, colour, max_width.max(40.0));
    let size = egui::vec2(shown.size().x + 8.0, 26.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Link, ui.is_enabled(), name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::radius::CONTROL, tokens.hover);
    }
    if response.has_focus() {
        widgets::focus_ring(ui, rect);
    }
    let colour = if response.hovered() { tokens.text } else { colour };
    let at = egui::pos2(rect.left() + 4.0, rect.center().y - shown.size().y / 2.0);
    shown.paint_colored(ui, at, colour, response).clicked()
}

/// The free end of the breadcrumb: a click lets the path be typed.
fn edit_area(ui: &mut Ui, at: &Location, state: &mut BrowserState) {
    let size = egui::vec2(ui.available_width().max(0.0), 30.0);
    if size.x < 8.0 {
        return;
    }
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let name = t(ui, "breadcrumb-edit");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    if response.has_focus() {
        widgets::focus_ring(ui, rect);
    }
    if response.on_hover_cursor(egui::CursorIcon::Text).clicked() {
        start_edit(Some(at), state);
    }
}

/// Turns the breadcrumb into a text field.
pub fn start_edit(at: Option<&Location>, state: &mut BrowserState) {
    let text = at.map(|at| format!("{}/{}", at.bucket, at.prefix)).unwrap_or_default();
    state.path_edit = Some(PathEdit { text, is_wrong: false });
    state.focus = Some(BrowserFocus::Path);
}

fn path_field(ui: &mut Ui, model: &AppModel, state: &mut BrowserState, actions: &mut Actions) {
    let Some(connection) = model.open.as_ref().map(|open| open.id.clone()) else {
        state.path_edit = None;
        return;
    };
    let Some(edit) = &mut state.path_edit else { return };
    let response = widgets::text_field(ui, &mut edit.text, "bucket/prefix/", &t(ui, "path-field"));
    if response.changed() {
        edit.is_wrong = false;
    }
    if edit.is_wrong {
        wrong_path_ui(ui, &response);
    }
    if state.focus == Some(BrowserFocus::Path) {
        state.focus = None;
        response.request_focus();
        select_all(ui, response.id, &edit.text);
        return;
    }
    if !response.lost_focus() {
        return;
    }
    if !ui.input(|input| input.key_pressed(Key::Enter)) {
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            state.focus = Some(BrowserFocus::Table);
        }
        state.path_edit = None;
        return;
    }
    if let Some(to) = typed_location(connection, &edit.text) {
        state.path_edit = None;
        state.focus = Some(BrowserFocus::Table);
        actions.push(Action::Browse(to));
    } else {
        edit.is_wrong = true;
        response.request_focus();
    }
}

/// Marks the field and says below it what is wrong, for as long as the text stays as it is.
fn wrong_path_ui(ui: &Ui, field: &Response) {
    let words = t(ui, "path-wrong");
    let bad = theme::tokens(ui).bad;
    ui.painter().rect_stroke(field.rect, theme::radius::CONTROL, Stroke::new(1.5, bad), StrokeKind::Inside);
    field.show_tooltip_ui(|ui| {
        ui.label(RichText::new(&words).color(bad));
    });
    ui.ctx().accesskit_node_builder(field.id, |node| {
        node.set_invalid(egui::accesskit::Invalid::True);
        node.set_description(words);
    });
}

fn select_all(ui: &Ui, id: egui::Id, text: &str) {
    let mut edit = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = egui::text::CCursor::new(text.chars().count());
    edit.cursor.set_char_range(Some(egui::text::CCursorRange::two(egui::text::CCursor::new(0), end)));
    edit.store(ui.ctx(), id);
}

/// `bucket/prefix/` or `s3://bucket/prefix/` as a folder; a missing last `/` is added.
fn typed_location(connection: ConnectionId, text: &str) -> Option<Location> {
    let Scope { bucket, prefix } = Scope::parse(text)?;
    Some(Location { connection, bucket, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_paths_become_folders() {
        let typed = |text: &str| typed_location(ConnectionId::local(), text).map(|to| to.to_string());
        assert_eq!(typed("weandb/photos/2026").as_deref(), Some("s3://weandb/photos/2026/"));
        assert_eq!(typed("s3://weandb").as_deref(), Some("s3://weandb/"));
        assert_eq!(typed("  "), None);
    }
}
