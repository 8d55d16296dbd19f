//! What stands in the middle while no connection is in use: three doors, and the saved connections if there are any.

use egui::{Align2, FontId, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::actions::{Action, Actions};
use super::dialogs::Dialog;
use super::drop_target::DropSupport;
use super::text::t;
use super::ui_state::UiState;
use super::widgets::{self, Chosen};
use super::{icons, theme};
use crate::model::AppModel;

/// Widest the doors get.
const WIDTH: f32 = 520.0;

/// Draws the doors.
pub(super) fn first_start_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let room = ui.available_rect_before_wrap();
    let others = model.connections.iter().filter(|connection| !connection.id.is_local()).count();
    let height = 330.0 + 36.0 * others.min(6) as f32;
    let width = room.width().min(WIDTH);
    let top = room.top() + ((room.height() - height) * 0.4).max(16.0);
    let rect = egui::Rect::from_min_max(
        pos2(room.center().x - width / 2.0, top),
        pos2(room.center().x + width / 2.0, room.bottom()),
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
        egui::ScrollArea::vertical().id_salt("first-start").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = theme::space::S;
            ui.vertical_centered(|ui| {
                ui.label(egui::RichText::new(t(ui, "first-start-title")).font(theme::semibold(22.0)));
                let line = match state.drop.support {
                    DropSupport::Works => "first-start-line",
                    DropSupport::Missing => "first-start-line-no-drop",
                };
                ui.label(theme::dim(ui, t(ui, line)));
            });
            ui.add_space(theme::space::L);
            saved_ui(ui, model, actions);
            doors_ui(ui, actions);
            widgets::follow_focus(ui);
        });
    });
}

fn saved_ui(ui: &mut Ui, model: &AppModel, actions: &mut Actions) {
    let mut saved = model.connections.iter().filter(|connection| !connection.id.is_local()).peekable();
    if saved.peek().is_none() {
        return;
    }
    widgets::section_caption(ui, &t(ui, "saved-connections"));
    for connection in saved {
        let region = connection.region.to_string();
        if widgets::nav_row(ui, icons::PLUGS, &connection.name, &region, Chosen::No).clicked() {
            actions.push(Action::Open(connection.id.clone()));
        }
    }
    ui.add_space(theme::space::M);
}

fn doors_ui(ui: &mut Ui, actions: &mut Actions) {
    if door(ui, icons::PLUGS_CONNECTED, "door-connect", Tint::Accent).clicked() {
        actions.show(Dialog::NewConnection(Box::default()));
    }
    if door(ui, icons::FILE_TEXT, "door-aws", Tint::Plain).clicked() {
        actions.show(Dialog::AwsProfiles);
    }
    if door(ui, icons::LAPTOP, "door-local", Tint::Plain).clicked() {
        actions.push(Action::OpenLocalStorage);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tint {
    Accent,
    Plain,
}

/// A wide button with an icon, what it does, and a line of what that means.
fn door(ui: &mut Ui, icon: &str, text_id: &str, tint: Tint) -> Response {
    let tokens = theme::tokens(ui);
    let title = t(ui, text_id);
    let detail = t(ui, &format!("{text_id}-detail"));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 66.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &title));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(detail.clone()));
    let is_hot = response.hovered() || response.has_focus();
    let fill = if is_hot { tokens.hover } else { tokens.background };
    let edge = if tint == Tint::Accent { tokens.accent } else { tokens.line };
    ui.painter().rect(rect, theme::radius::CARD, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let icon_colour = if tint == Tint::Accent { tokens.accent } else { tokens.dim };
    let centre = pos2(rect.left() + 34.0, rect.center().y);
    ui.painter().text(centre, Align2::CENTER_CENTER, icon, icons::font(24.0), icon_colour);
    let left = rect.left() + 64.0;
    let room = rect.right() - 40.0 - left;
    let name = widgets::elided_text(ui, &title, theme::semibold(14.0), tokens.text, room);
    let response = name.paint(ui, pos2(left, rect.top() + 14.0), response);
    let line = ui.painter().layout(detail, FontId::proportional(theme::size::CAPTION), tokens.dim, room);
    ui.painter().galley(pos2(left, rect.top() + 36.0), line, tokens.dim);
    let arrow = pos2(rect.right() - 20.0, rect.center().y);
    ui.painter().text(arrow, Align2::CENTER_CENTER, icons::CARET_RIGHT, icons::font(14.0), tokens.dim);
    if response.has_focus() {
        widgets::focus_ring(ui, rect);
    }
    response
}

/// Words beside the doors while the engine has not told yet what is saved.
pub(super) fn starting_ui(ui: &mut Ui) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.4);
        ui.label(theme::dim(ui, t(ui, "starting")));
    });
}
