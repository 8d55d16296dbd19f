//! What scrolls follows the keyboard: a control that Tab reaches comes into view.

use egui::style::ScrollAnimation;
use egui::{Id, Ui};

/// Around a control: the ring that says that it has the keyboard, and a little air.
const MARGIN: f32 = 6.0;

/// Scrolls to the control that has just got the keyboard. Call at the end of what a scroll area holds. Controls that
/// were clicked stay where they are: they are in view, and nothing moves away under the pointer.
pub(crate) fn follow_focus(ui: &Ui) {
    let Some(control) = just_reached(ui) else { return };
    // One that is higher than the room, such as a long text, shows its cursor by itself.
    let is_too_high = control.height() > ui.clip_rect().height();
    let is_by_pointer = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
    if !is_too_high && !is_by_pointer {
        // At once: who goes on pressing Tab has to see where it is.
        ui.scroll_to_rect_animation(control.expand(MARGIN), None, ScrollAnimation::none());
        ui.ctx().request_repaint();
    }
}

/// Where the control in here is that has the keyboard and had it not when this was asked last.
fn just_reached(ui: &Ui) -> Option<egui::Rect> {
    let focused = ui.memory(egui::Memory::focused);
    let known = ui.unique_id().with("follow-focus");
    if ui.data(|data| data.get_temp::<Option<Id>>(known)).flatten() == focused {
        return None;
    }
    // Of this pass: what was drawn so far. Of that only what is in here has to be found.
    let drawn = focused.and_then(|id| ui.ctx().viewport(|viewport| viewport.this_pass.widgets.get(id).copied()));
    let inside = drawn.filter(|drawn| drawn.layer_id == ui.layer_id() && ui.min_rect().contains(drawn.rect.center()));
    ui.data_mut(|data| data.insert_temp(known, inside.and(focused)));
    let control = inside?;
    // A list within a form scrolls by itself.
    let (followed, now) = (Id::unique("followed-focus"), (control.id, ui.ctx().cumulative_pass_nr()));
    if ui.data(|data| data.get_temp(followed)) == Some(now) {
        return None;
    }
    ui.data_mut(|data| data.insert_temp(followed, now));
    Some(control.rect)
}
