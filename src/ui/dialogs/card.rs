//! The card every dialog stands on: dimmed backdrop, title, scrolling body, footer bar. Esc is handled here.

use egui::{Align, Context, CornerRadius, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Sense, Stroke, Ui, vec2};

use super::view::{Cx, DialogView};
use crate::ui::{frame_rate, theme, widgets};

const PADDING: i8 = 20;
/// Above the body, inside of what scrolls: room for the ring around what has the keyboard.
const RING: i8 = 4;
/// Title and footer with their margins; the rest of the window's height is the body's.
const TITLE_HEIGHT: f32 = 52.0;
const FOOTER_HEIGHT: f32 = 56.0;
/// Space left between the card and the window's edge.
const EDGE: f32 = 24.0;

/// Draws one dialog above everything drawn before it.
pub(super) fn card_ui(ui: &Ui, id: Id, view: &mut dyn DialogView, cx: &mut Cx<'_>) {
    let tokens = theme::tokens(ui);
    let title = view.title(ui);
    let room = ui.ctx().content_rect().size() - vec2(2.0 * EDGE, 2.0 * EDGE);
    let width = view.width().min(room.x);
    let frame = Frame::new()
        .fill(tokens.background)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(12))
        .shadow(ui.visuals().popup_shadow);
    let modal = Modal::new(id)
        .area(Modal::default_area(id).accessible_name(title.clone()))
        .backdrop_color(theme::tokens(ui).backdrop)
        .frame(frame);
    let mut node = None;
    let shown = modal.show(ui.ctx(), |ui| {
        node = ui.stack().iter().last().map(|outermost| outermost.unique_id);
        ui.set_width(width);
        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
        title_ui(ui, &title);
        let body_height = room.y - TITLE_HEIGHT - FOOTER_HEIGHT;
        // Without the least height the area would stay as low as it was when less was in it.
        let scroll = egui::ScrollArea::vertical().max_height(body_height).min_scrolled_height(body_height);
        scroll.show(ui, |ui| {
            Frame::new().inner_margin(Margin { left: PADDING, right: PADDING, top: RING, bottom: 6 }).show(ui, |ui| {
                ui.set_width(ui.available_width());
                view.body(ui, cx);
                widgets::follow_focus(ui);
            });
        });
        footer_ui(ui, |ui| view.footer(ui, cx));
    });
    if let Some(node) = node {
        tell_place(ui.ctx(), node, shown.response.rect);
    }
    recentre_if_resized(ui.ctx(), id, shown.response.rect.size());
    if shown.is_top_modal && !shown.any_popup_open && consume_escape(ui.ctx()) {
        view.escape(cx);
    }
}

/// Tells screen readers where the dialog is; the toolkit gives the node of an area a name and no place.
fn tell_place(ctx: &Context, node: Id, rect: egui::Rect) {
    let (min, max) = (rect.min, rect.max);
    let bounds = egui::accesskit::Rect { x0: min.x.into(), y0: min.y.into(), x1: max.x.into(), y1: max.y.into() };
    ctx.accesskit_node_builder(node, |node| node.set_bounds(bounds));
}

/// A card is centred by the size it had one pass before: when that changes, the pass is done again.
fn recentre_if_resized(ctx: &Context, id: Id, size: egui::Vec2) {
    let key = id.with("size");
    let before = ctx.data(|data| data.get_temp::<egui::Vec2>(key));
    if before.is_none_or(|before| (before - size).abs().max_elem() > 0.5) {
        ctx.data_mut(|data| data.insert_temp(key, size));
        frame_rate::draw_again(ctx, "a dialog changed its size");
    }
}

fn consume_escape(ctx: &Context) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
}

fn title_ui(ui: &mut Ui, title: &str) {
    let margin = Margin { left: PADDING, right: PADDING, top: 18, bottom: 12 - RING };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        let width = ui.available_width();
        widgets::elided_label(ui, theme::title(crate::ui::format::readable(title)), width);
    });
}

fn footer_ui(ui: &mut Ui, buttons: impl FnOnce(&mut Ui)) {
    let tokens = theme::tokens(ui);
    let line = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover()).0;
    ui.painter().rect_filled(line, 0.0, tokens.line);
    let corners = CornerRadius { sw: 11, se: 11, ..CornerRadius::ZERO };
    let frame = Frame::new().fill(tokens.sidebar).corner_radius(corners).inner_margin(Margin::symmetric(PADDING, 12));
    frame.show(ui, |ui| {
        let size = vec2(ui.available_width(), FOOTER_HEIGHT - 25.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.spacing_mut().item_spacing.x = 8.0;
            buttons(ui);
        });
    });
}
