//! One row of the object table.

use egui::{Align2, FontId, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::context_menu;
use super::object_table::Shown;
use crate::model::{AppModel, Column, Entry, SizeUnits};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::{lang, t};
use crate::ui::ui_state::UiState;
use crate::ui::verdict::{self, Badge};
use crate::ui::widgets::MenuKey;
use crate::ui::{format, icons, links, theme, widgets};

/// Where a row is drawn, and what is in it.
pub(super) struct Row<'a> {
    /// Its place on screen.
    pub rect: Rect,
    /// Its index among the shown rows.
    pub index: usize,
    /// The table it belongs to.
    pub table: &'a Response,
    /// What the table shows.
    pub shown: &'a Shown<'a>,
}

/// Draws one row and handles clicks on it.
pub(super) fn row_ui(ui: &mut Ui, row: &Row<'_>, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(entry) = row.shown.entry(row.index) else { return };
    let key = entry.full_key();
    let is_selected = state.browser.selection.contains(key);
    // Clickable, but not in the Tab order: the table takes the focus, its cursor row is told to screen readers.
    let response = ui.interact(row.rect, row.table.id.with(key), Sense::CLICK);
    let is_cursor = row.table.has_focus() && state.browser.selection.cursor.as_deref() == Some(key);
    // One selected row needs no second sign of where the keyboard is.
    let shows_cursor = is_cursor && (!is_selected || state.browser.selection.len() > 1);
    let ground = match (is_selected, response.hovered()) {
        (true, _) => Ground::Selected,
        (false, true) => Ground::Hovered,
        (false, false) => Ground::Plain,
    };
    let chip = chip(ui, row, entry, model);
    describe(&response, row, &spoken(ui, entry, model.settings.size_units, chip.as_ref()), ground);
    if is_cursor {
        let id = response.id.accesskit_id();
        ui.ctx().accesskit_node_builder(row.table.id, |node| node.set_active_descendant(id));
    }
    if let (Entry::Prefix(prefix), true) = (entry, state.drop.is_looking_for_row()) {
        state.drop.note_row(ui, row.rect, || Ok(row.shown.listing.at.at(prefix.clone())));
    }

    let is_alone = is_selected && state.browser.selection.len() == 1;
    if is_alone || is_cursor {
        state.browser.keep_clear.push(row.rect.intersect(ui.clip_rect()));
    }
    paint_ground(ui, row.rect, ground);
    if shows_cursor {
        let stroke = egui::Stroke::new(1.0, theme::tokens(ui).accent);
        ui.painter().rect_stroke(row.rect.shrink(1.0), 4.0, stroke, egui::StrokeKind::Inside);
    }
    paint_cells(ui, row, entry, model.settings.size_units, ground, &response);
    if let Some(chip) = &chip {
        paint_chip(ui, row, chip, &response);
    }
    handle_clicks(ui, row, entry, &response, state, actions);
    let key = if is_cursor && is_selected { MenuKey::This } else { MenuKey::Another };
    widgets::context_menu(&response, row.table, key, |ui| context_menu::row_menu(ui, model, state, actions));
}

fn describe(response: &Response, row: &Row<'_>, name: &str, ground: Ground) {
    let is_selected = ground == Ground::Selected;
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_selected, name));
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_selected(is_selected);
        node.set_position_in_set(row.index + 1);
        node.set_size_of_set(row.shown.rows.len());
    });
}

/// What the last check of the object's link in this run said; nothing is asked for by being seen.
fn chip(ui: &Ui, row: &Row<'_>, entry: &Entry, model: &AppModel) -> Option<Badge> {
    let Entry::Object(object) = entry else { return None };
    if model.checks.is_empty() {
        return None;
    }
    let check = links::known(model, &row.shown.listing.at.object(object.key.clone()))?;
    Some(verdict::chip(&check.verdict, lang(ui)))
}

fn paint_chip(ui: &Ui, row: &Row<'_>, chip: &Badge, response: &Response) {
    let Some((_, range)) = row.shown.columns.others.iter().find(|(column, _)| *column == Column::Access) else {
        return;
    };
    let left = row.rect.left();
    let cell = Rect::from_x_y_ranges(left + range.min..=left + range.max + 8.0, row.rect.y_range());
    let cut = widgets::paint_badge(ui, cell, chip.icon, &chip.words, chip.tone);
    if let Some(whole) = cut.filter(|_| response.hover_pos().is_some_and(|at| cell.contains(at))) {
        response.clone().on_hover_text_at_pointer(whole);
    }
}

/// What a screen reader says, and what tests look for: name, size, date, class, who can open it.
fn spoken(ui: &Ui, entry: &Entry, units: SizeUnits, chip: Option<&Badge>) -> String {
    match entry {
        Entry::Prefix(_) => format!("{}, {}", spoken_name(ui, entry), t(ui, "row-folder")),
        Entry::Object(object) => {
            let mut parts = vec![spoken_name(ui, entry)];
            parts.extend(object.size_bytes.map(|bytes| format::bytes(bytes, units)));
            parts.extend(object.modified.map(format::date_time));
            parts.extend(object.storage_class.as_deref().map(class_name));
            parts.extend(chip.map(|chip| chip.words.clone()));
            parts.join(", ")
        }
    }
}

/// What a row stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    Selected,
    Hovered,
    Plain,
}

fn paint_ground(ui: &Ui, rect: Rect, ground: Ground) {
    let tokens = theme::tokens(ui);
    let fill = match ground {
        Ground::Selected => tokens.selection,
        Ground::Hovered => tokens.hover,
        Ground::Plain => return,
    };
    ui.painter().rect_filled(rect, 0.0, fill);
}

fn paint_cells(ui: &Ui, row: &Row<'_>, entry: &Entry, units: SizeUnits, ground: Ground, response: &Response) {
    let tokens = theme::tokens(ui);
    let columns = row.shown.columns;
    let y = row.rect.center().y;
    let left = row.rect.left();
    let (glyph, tint) = match entry {
        Entry::Prefix(_) => (icons::FOLDER, tokens.accent),
        Entry::Object(object) => (icons::for_file(object.key.name()), tokens.dim),
    };
    let icon_at = Pos2::new(left + columns.icon, y);
    ui.painter().text(icon_at, Align2::CENTER_CENTER, glyph, icons::font(theme::size::ICON), tint);

    let name = display_name(ui, entry);
    let name_font = FontId::proportional(theme::size::BODY);
    let shown = widgets::elided_text(ui, &name, name_font.clone(), tokens.text, columns.name.span());
    let at = Pos2::new(left + columns.name.min, y - shown.size().y / 2.0);
    if let Some(name) = shown.paint_bare(ui.painter(), at) {
        let name_rect = Rect::from_x_y_ranges(columns.name.min + left..=columns.name.max + left, row.rect.y_range());
        if response.hover_pos().is_some_and(|at| name_rect.contains(at)) {
            response.clone().on_hover_text_at_pointer(name);
        }
    }
    let Entry::Object(object) = entry else { return };
    let colour = if ground == Ground::Plain { tokens.dim } else { tokens.dim_strong };
    for (column, range) in &columns.others {
        let Some(text) = cell_text(*column, entry, units) else { continue };
        // A little more than the column: what fits into the gap need not be cut.
        let shown = widgets::end_elided_text(ui, &text, name_font.clone(), colour, range.span() + 8.0);
        let x = if *column == Column::Size { range.max - shown.size().x } else { range.min };
        let at = Pos2::new(left + x, y - shown.size().y / 2.0);
        let cut = shown.paint_bare(ui.painter(), at);
        let cell = Rect::from_x_y_ranges(left + range.min - 4.0..=left + range.max + 8.0, row.rect.y_range());
        if response.hover_pos().is_some_and(|at| cell.contains(at)) {
            let instant = object.modified.filter(|_| *column == Column::Modified).map(format::full_instant);
            if let Some(whole) = instant.or(cut) {
                response.clone().on_hover_text_at_pointer(whole);
            }
        }
    }
}

/// What screen readers say: the name as it is, or what stands in the name column where there is nothing to be said.
fn spoken_name(ui: &Ui, entry: &Entry) -> String {
    let name = entry.name();
    if name.trim().is_empty() { display_name(ui, entry) } else { name.to_owned() }
}

/// What stands in the name column; names that are empty or only the folder's own marker get words.
fn display_name(ui: &Ui, entry: &Entry) -> String {
    let name = entry.name();
    if name.is_empty() { t(ui, "row-nameless") } else { format::readable(name).into_owned() }
}

/// What stands in a column of a row, as far as it is known.
pub(super) fn cell_text(column: Column, entry: &Entry, units: SizeUnits) -> Option<String> {
    let Entry::Object(object) = entry else { return None };
    match column {
        Column::Size => object.size_bytes.map(|bytes| format::bytes(bytes, units)),
        Column::Modified => object.modified.map(format::date_time),
        Column::Class => object.storage_class.as_deref().map(class_name),
        // Painted as a chip.
        Column::Access => None,
    }
}

/// Amazon's names of storage classes as Amazon writes them for people.
pub fn class_name(code: &str) -> String {
    match code {
        "STANDARD" => "Standard",
        "STANDARD_IA" => "Standard-IA",
        "ONEZONE_IA" => "One Zone-IA",
        "INTELLIGENT_TIERING" => "Intelligent",
        "GLACIER" => "Glacier",
        "GLACIER_IR" => "Glacier IR",
        "DEEP_ARCHIVE" => "Deep Archive",
        "REDUCED_REDUNDANCY" => "Reduced",
        "EXPRESS_ONEZONE" => "Express",
        other => return other.to_owned(),
    }
    .to_owned()
}

fn handle_clicks(
    ui: &Ui,
    row: &Row<'_>,
    entry: &Entry,
    response: &Response,
    state: &mut UiState,
    actions: &mut Actions,
) {
    let key = entry.full_key();
    if response.double_clicked() {
        actions.push(open_entry(row.shown, entry));
        return;
    }
    if response.clicked() {
        row.table.request_focus();
        let modifiers = ui.input(|input| input.modifiers);
        if modifiers.shift {
            super::keyboard::select_to(row.shown, state, row.index);
        } else if modifiers.command {
            state.browser.selection.toggle(key);
        } else {
            state.browser.selection.select_only(key);
        }
    } else if response.secondary_clicked() && !state.browser.selection.contains(key) {
        state.browser.selection.select_only(key);
    }
}

/// Goes into a folder, opens an object.
fn open_entry(shown: &Shown<'_>, entry: &Entry) -> Action {
    let at = &shown.listing.at;
    match entry {
        Entry::Prefix(prefix) => Action::Browse(at.at(prefix.clone())),
        Entry::Object(object) => Action::OpenObject(at.object(object.key.clone())),
    }
}
