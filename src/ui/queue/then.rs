//! What follows when all transfers are done: the line of the drawer that says so, and the choice in its menu.

use egui::{Align, FontId, Layout, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::HOLD_HEIGHT;
use crate::model::{AppModel, WhenDone};
use crate::ui::actions::{Action, Actions};
use crate::ui::icons;
use crate::ui::text::t;
use crate::ui::theme::{self, size, space, tokens};
use crate::ui::ui_command::UiCommand;
use crate::ui::widgets::{self, Chosen};

/// What can follow, in the order of the menu.
const CHOICES: [(WhenDone, UiCommand, &str); 3] = [
    (WhenDone::Nothing, UiCommand::WhenDoneNothing, "queue-then-nothing"),
    (WhenDone::Sleep, UiCommand::WhenDoneSleep, "queue-then-sleep"),
    (WhenDone::Quit, UiCommand::WhenDoneQuit, "queue-then-quit"),
];

/// Whether anything follows.
pub(super) fn is_shown(model: &AppModel) -> bool {
    model.when_done != WhenDone::Nothing
}

/// Says what follows, with the way not to.
pub(super) fn then_ui(ui: &mut Ui, model: &AppModel, actions: &mut Actions) {
    let Some((_, command, _)) = CHOICES.iter().find(|(then, ..)| *then == model.when_done) else { return };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HOLD_HEIGHT), Sense::hover());
    let inner = rect.shrink2(vec2(14.0, 0.0));
    ui.painter().rect_filled(rect, 0.0, tokens(ui).hover);
    let builder = UiBuilder::new().id_salt("transfers-then").max_rect(inner);
    ui.scope_builder(builder.layout(Layout::right_to_left(Align::Center)), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if widgets::link_button(ui, &t(ui, "queue-then-undo")).clicked() {
            actions.push(Action::Ui(UiCommand::WhenDoneNothing));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let (color, words) = (tokens(ui).text, command.label(ui));
            icons::glyph_ui(ui, command.icon(), 14.0, color);
            let room = ui.available_width();
            let font = FontId::proportional(size::BODY);
            let shown = widgets::end_elided_text(ui, &words, font, color, room);
            let (at, response) = ui.allocate_exact_size(shown.size(), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
            shown.paint(ui, at.min, response);
        });
    });
}

/// The choice, as entries of a menu.
pub(super) fn menu_ui(ui: &mut Ui, model: &AppModel, actions: &mut Actions) {
    let caption = theme::caption(ui, t(ui, "queue-then"));
    ui.horizontal(|ui| {
        ui.add_space(space::S);
        ui.label(caption);
    });
    for (then, command, id) in CHOICES {
        let is_chosen = Chosen::from(model.when_done == then);
        if widgets::select_item(ui, is_chosen, &t(ui, id), "").clicked() && is_chosen == Chosen::No {
            actions.push(Action::Ui(command));
        }
    }
}
