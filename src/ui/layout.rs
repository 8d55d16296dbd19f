//! The panels of the window and which of them fit: sidebar, path bar, table, inspector, transfers, status.

use egui::accesskit::{Action as Wish, ActionRequest, TreeId};
use egui::{CentralPanel, Frame, Key, Margin, Modifiers, Panel, Rect, Stroke, Ui, UiBuilder};

use super::actions::{Action, Actions};
use super::app::App;
use super::browser::{self, path_bar};
use super::dialogs::{
    Dialog, dialogs_ui,
    toasts::{ToastPlace, ToastRoom, toasts_ui},
};
use super::drop_target::{self, Aim, DialogDrop, DialogOpen};
use super::queue::queue_ui;
use super::text::{t, t_count, t_with};
use super::{first_start, icons, inspector, link_flow, sidebar, status_bar, theme, widgets};
use crate::model::{AppModel, Gathered};
use crate::ui::ui_state::{BrowserFocus, InspectorRoom, UiState};

/// Below this width the inspector only comes when asked for, above the table.
const ROOM_FOR_INSPECTOR: f32 = 1060.0;

/// Between the inspector's edge and what is in it.
const INSPECTOR_MARGIN: i8 = 14;

/// Draws the whole window.
pub(super) fn window_ui(ui: &mut Ui, app: &mut App, actions: &mut Actions) {
    let App { model, ui: state, dialogs, toasts, .. } = app;
    drop_target::gather(ui.ctx(), &mut state.drop);
    let has_dialog = if dialogs.is_open() { DialogOpen::Yes } else { DialogOpen::No };
    return_focus(ui, state, has_dialog);
    state.browser.keep_clear.clear();
    let Shown { middle, transfers } =
        if model.open.is_none() { start_ui(ui, model, state, actions) } else { main_ui(ui, model, state, actions) };
    inspector::ask_for_metadata(ui.ctx(), model, state, actions);
    link_flow::check_when_resting(ui.ctx(), model, state, actions);
    dialogs_ui(ui, model, dialogs, actions);
    let dialog = match dialogs.drop_text(ui.ctx()) {
        Some((text_id, place)) => DialogDrop::Takes(text_id, place),
        None if dialogs.is_open() => DialogDrop::TakesNone,
        None => DialogDrop::NoDialog,
    };
    drop_target::measure(ui.ctx(), &mut state.drop, actions);
    let aim = drop_target::aim(model, &state.drop, dialog);
    if drop_target::is_shown(ui.ctx(), &state.drop) {
        drop_target::overlay_ui(ui, middle, model, &mut state.drop, &aim);
    }
    match drop_target::finished(ui.ctx(), &mut state.drop) {
        Some(paths) if matches!(aim, Aim::Dialog(..)) => dialogs.take_files(paths, model, actions),
        Some(paths) => drop_target::let_go(paths, aim, model, actions),
        None => {}
    }
    let place = if dialogs.is_open() { ToastPlace::Corner } else { toast_place(middle, transfers, state) };
    toasts_ui(ui, &place, toasts, actions);
}

/// What of the window messages have to do with.
struct Shown {
    /// Where the table stands, below the path bar.
    middle: Rect,
    /// The drawer, where there is one.
    transfers: Option<Rect>,
}

/// In a corner of the table; where that hides what is worked on, over the rows of the open drawer.
fn toast_place(middle: Rect, transfers: Option<Rect>, state: &mut UiState) -> ToastPlace {
    let spare = transfers.filter(|_| state.queue.is_open);
    let keep = std::mem::take(&mut state.browser.keep_clear);
    ToastPlace::Low(ToastRoom { over: beside_inspector(middle, state), keep, spare })
}

/// After the last dialog the keyboard goes to the table: the field that had it is gone.
fn return_focus(ui: &Ui, state: &mut UiState, has_dialog: DialogOpen) {
    let before = std::mem::replace(&mut state.had_dialog, has_dialog);
    if before == DialogOpen::Yes && has_dialog == DialogOpen::No && state.browser.focus.is_none() {
        ui.memory_mut(|memory| {
            if let Some(gone) = memory.focused() {
                memory.surrender_focus(gone);
            }
        });
        state.browser.focus = Some(BrowserFocus::Table);
    }
}

/// No connection in use: the doors, and the drawer if there are transfers.
fn start_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) -> Shown {
    let status = status_room(ui);
    if !model.connections.is_empty() {
        sidebar_panel(ui, model, state, actions);
    }
    // What an earlier run has left goes on, or asks, before any connection is opened.
    let transfers = transfers_room(ui, model, state);
    let ground = Frame::new().fill(theme::tokens(ui).background);
    let panel = CentralPanel::default().frame(ground).show(ui, |ui| {
        handed_over_ui(ui, model, state, actions);
        if model.snapshot.is_none() {
            first_start::starting_ui(ui);
        } else {
            first_start::first_start_ui(ui, model, state, actions);
        }
    });
    transfers_ui(ui, transfers, model, state, actions);
    status_bar::status_bar_ui(&mut within(ui, "status", status, status), model, state, actions);
    Shown { middle: panel.response.rect, transfers }
}

/// The drawer, where there is room for it.
fn transfers_ui(ui: &mut Ui, room: Option<Rect>, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    match room {
        Some(room) => queue_ui(&mut within(ui, "transfers", room, room), model, &mut state.queue, actions),
        None => state.queue.not_drawn(),
    }
}

fn main_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) -> Shown {
    let tokens = theme::tokens(ui);
    let is_wide = ui.available_width() >= ROOM_FOR_INSPECTOR;
    let room = if is_wide { InspectorRoom::Beside } else { InspectorRoom::Above };
    state.inspector.follow_room(room);
    // Panels take their room from outside in; what is in them is drawn in the order in which Tab goes round.
    let status = status_room(ui);
    sidebar_panel(ui, model, state, actions);
    let inspector = (room == InspectorRoom::Beside && state.inspector.is_open).then(|| {
        let frame = Frame::new().fill(tokens.raised).inner_margin(Margin::same(INSPECTOR_MARGIN));
        let panel = Panel::right("inspector").exact_size(inspector::WIDTH).resizable(false).frame(frame);
        panel.show_separator_line(false).show(ui, |ui| ui.max_rect()).inner
    });
    let transfers = transfers_room(ui, model, state);
    let bar = Panel::top("path-bar").exact_size(path_bar::HEIGHT).resizable(false).show_separator_line(false);
    let bar = bar.frame(Frame::new().fill(tokens.background));
    bar.show(ui, |ui| path_bar::path_bar_ui(ui, model, state, actions));
    let ground = Frame::new().fill(tokens.background);
    let middle = CentralPanel::default().frame(ground).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        line_above(ui);
        handed_over_ui(ui, model, state, actions);
        let top = ui.available_rect_before_wrap().top();
        browser::browser_ui(ui, model, state, actions);
        top
    });
    let below_bar = middle.inner;
    let middle = middle.response.rect;
    if room == InspectorRoom::Above && state.inspector.is_open {
        // What waits to be uploaded keeps its buttons.
        inspector_above(ui, middle.with_min_y(below_bar), model, state, actions);
    }
    if let Some(room) = inspector {
        let seen = room.expand(f32::from(INSPECTOR_MARGIN));
        inspector::inspector_ui(&mut within(ui, "inspector", room, seen), model, state, actions);
    }
    transfers_ui(ui, transfers, model, state, actions);
    status_bar::status_bar_ui(&mut within(ui, "status", status, status), model, state, actions);
    outlines(ui, middle);
    Shown { middle, transfers }
}

/// What of the middle the inspector leaves free; beside the table it takes nothing of it.
fn beside_inspector(middle: Rect, state: &UiState) -> Rect {
    let taken = if state.inspector.is_above() { inspector::WIDTH.min(middle.width() / 2.0) } else { 0.0 };
    Rect::from_min_max(middle.min, egui::pos2(middle.right() - taken, middle.bottom()))
}

fn line_above(ui: &Ui) {
    let rect = ui.max_rect();
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, theme::tokens(ui).line));
}

/// The one-pixel lines between the columns, drawn last so that nothing covers them.
fn outlines(ui: &Ui, middle: Rect) {
    let stroke = Stroke::new(1.0, theme::tokens(ui).line);
    let window = ui.ctx().content_rect();
    let down_to = window.bottom() - status_bar::HEIGHT;
    ui.painter().vline(middle.left(), window.top()..=down_to, stroke);
    if middle.right() < window.right() {
        ui.painter().vline(middle.right(), window.top()..=down_to, stroke);
    }
}

/// In a narrow window the inspector lies over the right of the table.
fn inspector_above(ui: &mut Ui, middle: Rect, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let tokens = theme::tokens(ui);
    let width = inspector::WIDTH.min(middle.width());
    let rect = Rect::from_min_max(egui::pos2(middle.right() - width, middle.top()), middle.max);
    let area =
        egui::Area::new(egui::Id::unique("bucketdrop-inspector-above")).fixed_pos(rect.min).order(egui::Order::Middle);
    area.show(ui.ctx(), |ui| {
        let frame = Frame::new().fill(tokens.raised).stroke(Stroke::new(1.0, tokens.line)).inner_margin(14);
        frame.shadow(ui.visuals().popup_shadow).show(ui, |ui| {
            ui.set_min_size(rect.size() - egui::vec2(30.0, 30.0));
            ui.set_max_size(rect.size() - egui::vec2(30.0, 30.0));
            inspector::inspector_ui(ui, model, state, actions);
        });
    });
}

fn sidebar_panel(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let frame =
        Frame::new().fill(theme::tokens(ui).sidebar).inner_margin(Margin { left: 8, right: 9, top: 12, bottom: 8 });
    let panel = Panel::left("sidebar").exact_size(sidebar::WIDTH).resizable(false).show_separator_line(false);
    panel.frame(frame).show(ui, |ui| sidebar::sidebar_ui(ui, model, state, actions));
}

/// A view in the room that its panel has taken before.
fn within(ui: &mut Ui, name: &str, room: Rect, seen: Rect) -> Ui {
    let id = ui.scope_id().with(name);
    let mut view = ui.new_child(UiBuilder::new().scope_id(id).max_rect(room));
    view.set_clip_rect(seen.intersect(ui.clip_rect()));
    view
}

fn status_room(ui: &mut Ui) -> Rect {
    let tokens = theme::tokens(ui);
    let panel = Panel::bottom("status").exact_size(status_bar::HEIGHT).resizable(false).show_separator_line(false);
    let panel = panel.frame(Frame::new().fill(tokens.sidebar)).show(ui, |ui| {
        let rect = ui.max_rect();
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, tokens.line));
        rect
    });
    panel.inner
}

/// The drawer is there once something was transferred in this run.
fn transfers_room(ui: &mut Ui, model: &AppModel, state: &UiState) -> Option<Rect> {
    let counts = model.transfers.counts;
    if counts.active + counts.done + counts.failed == 0 {
        return None;
    }
    let tokens = theme::tokens(ui);
    let frame = Frame::new().fill(tokens.raised);
    let is_open = state.queue.is_open;
    let most = (ui.available_height() * 0.6).max(120.0);
    let height = state.queue.wanted_height(model).min(most);
    let panel = if is_open {
        Panel::bottom("transfers-open").default_size(height).size_range(100.0..=most).resizable(true)
    } else {
        Panel::bottom("transfers-closed").exact_size(height).resizable(false)
    };
    // By this name the toolkit knows the edge of a panel that can be resized.
    let edge = ui.scope_id().with("transfers-open").with("__resize");
    if is_open {
        move_edge_by_keys(ui, edge);
    }
    let panel = panel.frame(frame).show_separator_line(false).show(ui, |ui| {
        let rect = ui.max_rect();
        // The panel keeps its height whatever is in it.
        ui.set_min_height(rect.height());
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, tokens.line));
        rect
    });
    if is_open {
        let name = t(ui, "queue-resize");
        ui.ctx().accesskit_node_builder(edge, |node| node.set_label(name));
        if ui.memory(|memory| memory.has_focus(edge)) {
            let rect = panel.inner;
            let line = Rect::from_min_max(rect.min, egui::pos2(rect.right(), rect.top() + 3.0));
            widgets::focus_ring(ui, line.shrink2(egui::vec2(3.0, 0.0)));
        }
    }
    Some(panel.inner)
}

/// The toolkit lets the pointer and screen readers move the edge of a panel; this lets the arrow keys do so while the edge
/// has the keyboard, by asking as a screen reader would.
fn move_edge_by_keys(ui: &Ui, edge: egui::Id) {
    if !ui.memory(|memory| memory.has_focus(edge)) {
        return;
    }
    let arrows = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(edge, arrows));
    ui.input_mut(|input| {
        for (key, action) in [(Key::ArrowUp, Wish::Increment), (Key::ArrowDown, Wish::Decrement)] {
            for _ in 0..input.count_and_consume_key(Modifiers::NONE, key) {
                let (target_tree, target_node) = (TreeId::ROOT, edge.accesskit_id());
                let request = ActionRequest { action, target_tree, target_node, data: None };
                input.events.push(egui::Event::AccessKitActionRequest(request));
            }
        }
    });
}

/// Files given at the start or by a second start wait here until the user says where they go.
fn handed_over_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    if state.handed_over.is_empty() {
        return;
    }
    let tokens = theme::tokens(ui);
    let frame = Frame::new().fill(tokens.selection).inner_margin(Margin::symmetric(14, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        // In a narrow window the buttons come below a long place.
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::space::S;
            icons::glyph_ui(ui, icons::UPLOAD, 16.0, tokens.text);
            let count = u64::try_from(state.handed_over.len()).unwrap_or(u64::MAX);
            let place = model.location().map(ToString::to_string);
            let words = match &place {
                Some(place) => t_count(ui, "handed-over-here", count, &[("place", place)]),
                None => t_count(ui, "handed-over-nowhere", count, &[]),
            };
            ui.label(words);
            // A file manager opens with this program whatever is selected there.
            let gathered = Gathered::Together;
            if let Some(to) = model.location() {
                if widgets::primary_button(ui, None, &t(ui, "handed-over-upload")).clicked() {
                    let paths = std::mem::take(&mut state.handed_over);
                    actions.push(Action::Upload { paths, gathered, to: to.clone() });
                }
                // Asked about first; until that is answered they wait on.
                if widgets::button(ui, Some(icons::GLOBE), &t(ui, "handed-over-public")).clicked() {
                    actions.show(Dialog::UploadPublic { paths: state.handed_over.clone(), gathered, to: to.clone() });
                }
            }
            if widgets::button(ui, None, &t(ui, "handed-over-drop")).clicked() {
                state.handed_over.clear();
            }
        });
    });
}

/// The title of the window: where it is.
pub(super) fn title(ctx: &egui::Context, model: &AppModel) -> String {
    match model.location() {
        Some(at) => t_with(ctx, "window-title-at", &[("place", &format!("{}/{}", at.bucket, at.prefix))]),
        None => t(ctx, "window-title"),
    }
}
