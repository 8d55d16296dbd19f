//! The head of the object table: a click sorts, an edge makes its column wider or narrower, the menu hides columns.
//!
//! Columns stand at the right, the name takes what is left; so a column's own edge is the one on its left. A double
//! click on it fits the column to the rows in sight. By keyboard the edge is a splitter: arrows move it, Enter fits it.

use egui::{
    CursorIcon, EventFilter, FontId, Key, Pos2, Rangef, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo,
};

use super::columns::{self, Columns, Wanted};
use super::{context_menu, row};
use crate::model::{AppModel, COLUMN_WIDTHS, Column, Entry, SortColumn, SortDirection};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::{t, t_with};
use crate::ui::ui_state::BrowserState;
use crate::ui::widgets::MenuKey;
use crate::ui::{icons, theme, widgets};

/// Height of the header.
const HEIGHT: f32 = 28.0;
/// Room for the arrow that shows the order.
const ARROW_ROOM: f32 = 16.0;
/// How wide the strip is that takes hold of an edge.
const GRIP: f32 = 9.0;
/// How far one press of an arrow moves an edge.
const KEY_STEP: f32 = 8.0;

/// Draws the header; where the columns stand in this frame.
pub(super) fn header_ui(ui: &mut Ui, model: &AppModel, state: &mut BrowserState, actions: &mut Actions) -> Columns {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::click());
    let name = t(ui, "table-columns");
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &name));
    heading_menu(ui, &response, model, actions);
    let tokens = theme::tokens(ui);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.line));
    if response.has_focus() {
        widgets::focus_ring(ui, rect.shrink(3.0));
    }

    let mut settled = lay_out(rect.width(), model, state);
    let cell =
        |range: Rangef| Rect::from_x_y_ranges((rect.left() + range.min)..=(rect.left() + range.max), rect.y_range());
    let name = cell(Rangef::new(14.0, settled.name.max));
    let named = HeaderCell { text_id: "column-name", sort: Some(SortColumn::Name), right: false };
    let heading = header_cell(ui, state, name, &named);
    heading_menu(ui, &heading, model, actions);
    for (column, range) in &settled.others {
        let (text_id, sort) = (columns::header_id(*column), columns::sort_column(*column));
        let right = *column == Column::Size;
        let heading = header_cell(ui, state, cell(*range), &HeaderCell { text_id, sort, right });
        heading_menu(ui, &heading, model, actions);
    }
    // After the names: Tab comes to what is used most first, and an edge is over the cells beside it.
    let is_over = ui.rect_contains_pointer(rect);
    for index in 0..settled.others.len() {
        if edge_ui(ui, model, state, &Edge { rect, columns: &settled, index, is_over }, actions) {
            settled = lay_out(rect.width(), model, state);
        }
    }
    settled
}

/// Which columns are shown, asked for anywhere in the head.
fn heading_menu(ui: &Ui, heading: &Response, model: &AppModel, actions: &mut Actions) {
    if ui.is_enabled() {
        widgets::context_menu(heading, heading, MenuKey::This, |ui| context_menu::columns_menu(ui, model, actions));
    }
}

/// Where the columns stand: as kept in the settings, or as they are being dragged.
fn lay_out(width: f32, model: &AppModel, state: &BrowserState) -> Columns {
    let mut widths = model.settings.column_widths.clone();
    if let Some((column, points)) = state.dragged_column {
        widths.retain(|(known, _)| *known != column);
        widths.push((column, to_points(points)));
    }
    Columns::fit(width, Wanted { hidden: &model.settings.hidden_columns, widths: &widths })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small and positive")]
fn to_points(width: f32) -> u32 {
    (width.round().max(0.0) as u32).clamp(*COLUMN_WIDTHS.start(), *COLUMN_WIDTHS.end())
}

/// One edge between two columns, and the column it belongs to.
struct Edge<'a> {
    /// The whole header.
    rect: Rect,
    columns: &'a Columns,
    /// Of the column to its right.
    index: usize,
    /// Whether the pointer is over the header: all edges are hinted at then.
    is_over: bool,
}

/// Draws an edge and moves it; whether it has moved in this frame.
fn edge_ui(ui: &Ui, model: &AppModel, state: &mut BrowserState, edge: &Edge<'_>, actions: &mut Actions) -> bool {
    let Some((column, range)) = edge.columns.others.get(edge.index).copied() else { return false };
    let x = edge.rect.left() + Columns::edge(range);
    let grip = Rect::from_center_size(Pos2::new(x, edge.rect.center().y), Vec2::new(GRIP, edge.rect.height()));
    let response = ui.interact(grip, ui.scope_id().with(("column-edge", column)), Sense::click_and_drag());
    let limits = edge.columns.limits(column);
    describe_edge(ui, &response, column, range.span(), limits);
    if response.double_clicked() {
        state.fit_column = Some(column);
    }
    let before = state.dragged_column;
    if response.drag_started() {
        state.dragged_column = Some((column, range.span()));
    }
    if response.dragged()
        && let (Some(pointer), Some((_, width))) = (response.interact_pointer_pos(), &mut state.dragged_column)
    {
        let wanted = edge.rect.left() + range.max - (pointer.x + columns::GAP / 2.0);
        *width = wanted.clamp(limits.min, limits.max);
    }
    if response.drag_stopped()
        && let Some((column, width)) = state.dragged_column.take()
    {
        set_width(model, column, to_points(width), actions);
        // Until the settings are taken over after this frame, the column stands where it was let go.
        state.dragged_column = Some((column, width));
    } else if !response.dragged() && state.dragged_column.is_some_and(|(dragged, _)| dragged == column) {
        state.dragged_column = None;
    }
    if response.has_focus() {
        keys_ui(ui, model, state, &response, (column, range.span(), limits), actions);
    }
    paint_edge(ui, &response, x, edge);
    before != state.dragged_column
}

fn describe_edge(ui: &Ui, response: &Response, column: Column, width: f32, limits: Rangef) {
    let name = t_with(ui, "column-edge", &[("column", &t(ui, columns::header_id(column)))]);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_numeric_value(f64::from(width.round()));
        node.set_min_numeric_value(f64::from(limits.min));
        node.set_max_numeric_value(f64::from(limits.max));
        node.set_numeric_value_step(f64::from(KEY_STEP));
        node.set_orientation(egui::accesskit::Orientation::Vertical);
        node.add_action(egui::accesskit::Action::Increment);
        node.add_action(egui::accesskit::Action::Decrement);
    });
}

/// The arrows move the edge the way they point, with Shift by single points; Enter fits.
fn keys_ui(
    ui: &Ui,
    model: &AppModel,
    state: &mut BrowserState,
    response: &Response,
    (column, width, limits): (Column, f32, Rangef),
    actions: &mut Actions,
) {
    let keys = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, keys));
    let presses = |key: Key| ui.input(|input| input.num_presses(key)) as f32;
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as f32;
    let step = if ui.input(|input| input.modifiers.shift) { 1.0 } else { KEY_STEP };
    let wider = presses(Key::ArrowLeft) - presses(Key::ArrowRight) + asked(egui::accesskit::Action::Increment)
        - asked(egui::accesskit::Action::Decrement);
    if wider != 0.0 {
        let width = (width + wider * step).clamp(limits.min, limits.max);
        set_width(model, column, to_points(width), actions);
    } else if presses(Key::Enter) > 0.0 {
        state.fit_column = Some(column);
    }
}

fn paint_edge(ui: &Ui, response: &Response, x: f32, edge: &Edge<'_>) {
    let tokens = theme::tokens(ui);
    let is_hot = response.hovered() || response.dragged() || response.has_focus();
    if is_hot {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        let height = edge.rect.shrink2(Vec2::new(0.0, 4.0)).y_range();
        ui.painter().vline(x, height, Stroke::new(2.0, tokens.accent));
    } else if edge.is_over {
        let height = edge.rect.shrink2(Vec2::new(0.0, 8.0)).y_range();
        ui.painter().vline(x, height, Stroke::new(1.0, tokens.line));
    }
}

/// Keeps a width.
fn set_width(model: &AppModel, column: Column, points: u32, actions: &mut Actions) {
    let points = Some(points);
    if model.settings.column_width(column) != points {
        let mut settings = model.settings.clone();
        settings.set_column_width(column, points);
        actions.push(Action::ChangeSettings(Box::new(settings)));
    }
}

/// Makes a column as wide as its head and what stands in these rows, as far as the table has room.
pub(super) fn fit_to<'a>(
    ui: &Ui,
    model: &AppModel,
    column: Column,
    columns: &Columns,
    rows: impl Iterator<Item = &'a Entry>,
    actions: &mut Actions,
) {
    let width = |text: String, size: f32| {
        ui.painter().layout_no_wrap(text, FontId::proportional(size), egui::Color32::PLACEHOLDER).size().x
    };
    let head = width(t(ui, columns::header_id(column)), theme::size::CAPTION) + ARROW_ROOM;
    let cells = rows.filter_map(|entry| row::cell_text(column, entry, model.settings.size_units));
    let widest = cells.map(|text| width(text, theme::size::BODY)).fold(head, f32::max);
    let limits = columns.limits(column);
    set_width(model, column, to_points(widest.ceil().clamp(limits.min, limits.max)), actions);
}

struct HeaderCell {
    text_id: &'static str,
    sort: Option<SortColumn>,
    right: bool,
}

fn header_cell(ui: &Ui, state: &mut BrowserState, rect: Rect, cell: &HeaderCell) -> Response {
    let tokens = theme::tokens(ui);
    let label = t(ui, cell.text_id);
    let is_sorted = cell.sort == Some(state.sort_column);
    // One that sorts nothing has its menu, and is no stop for Tab.
    let sense = if cell.sort.is_some() { Sense::click() } else { Sense::CLICK };
    let response = ui.interact(rect, ui.scope_id().with(("column", cell.text_id)), sense);
    let spoken = if is_sorted {
        let direction = match state.sort_direction {
            SortDirection::Ascending => t(ui, "sorted-ascending"),
            SortDirection::Descending => t(ui, "sorted-descending"),
        };
        format!("{label}, {direction}")
    } else {
        label.clone()
    };
    let role = if cell.sort.is_some() { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, spoken.clone()));

    let colour = if response.hovered() || response.has_focus() { tokens.text } else { tokens.dim };
    let font = FontId::proportional(theme::size::CAPTION);
    let arrow_room = if is_sorted { ARROW_ROOM } else { 0.0 };
    let room = (rect.width() - arrow_room).max(0.0);
    let shown = widgets::end_elided_text(ui, &label, font, colour, room);
    let left = if cell.right { rect.right() - shown.size().x - arrow_room } else { rect.left() };
    let at = Pos2::new(left.max(rect.left()), rect.center().y - shown.size().y / 2.0);
    let end = at.x + shown.size().x;
    let response = shown.paint(ui, at, response);
    if is_sorted {
        let glyph = match state.sort_direction {
            SortDirection::Ascending => icons::ARROW_UP,
            SortDirection::Descending => icons::ARROW_DOWN,
        };
        let at = Pos2::new(end + 4.0, rect.center().y);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, glyph, icons::font(12.0), colour);
    }
    if response.has_focus() {
        widgets::focus_ring(ui, rect.expand2(Vec2::new(4.0, -4.0)));
    }
    if response.clicked()
        && let Some(column) = cell.sort
    {
        state.sort_by(column);
    }
    response
}
