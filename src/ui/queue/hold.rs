//! The line of the drawer that says why nothing moves, when it is tried again, and what can be done about it.

use egui::{Align, FontId, Layout, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::{HOLD_HEIGHT, QueueState, words};
use crate::model::{AppModel, Command, ConnectionId, QueueHold};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::Dialog;
use crate::ui::icons;
use crate::ui::text::{lang, t};
use crate::ui::theme::{size, space, tokens};
use crate::ui::ui_command::UiCommand;
use crate::ui::widgets;

/// Whether there is anything to say.
pub(super) fn is_shown(model: &AppModel, state: &QueueState) -> bool {
    !model.transfers.holds.is_empty() || state.has_waiting(model)
}

/// Draws the line. What has no room is cut; the whole of it is spoken, and shown by hovering, with the
/// next step.
pub(super) fn hold_ui(ui: &mut Ui, model: &AppModel, state: &QueueState, actions: &mut Actions) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HOLD_HEIGHT), Sense::hover());
    let inner = rect.shrink2(vec2(14.0, 0.0));
    ui.painter().rect_filled(rect, 0.0, tokens(ui).hover);
    let builder = UiBuilder::new().id_salt("transfers-hold").max_rect(inner);
    ui.scope_builder(builder.layout(Layout::left_to_right(Align::Center)), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let split = widgets::Split::new(ui, "transfers-hold");
        split.left(ui, |ui| words_ui(ui, model, state));
        split.right(ui, |ui| offers_ui(ui, model, state, actions));
    });
}

/// Why nothing moves, a sentence for each reason.
pub(in crate::ui) fn lines(ctx: &egui::Context, model: &AppModel, state: &QueueState) -> Vec<String> {
    let waiting = state.has_waiting(model).then(|| t(ctx, "queue-hold-last-time"));
    waiting.into_iter().chain(ordered(model).map(|hold| words::hold(hold, model, lang(ctx)))).collect()
}

/// The same, with what to do about each.
pub(in crate::ui) fn explained(ctx: &egui::Context, model: &AppModel, state: &QueueState) -> String {
    let lang = lang(ctx);
    let waiting = state.has_waiting(model).then(|| t(ctx, "queue-hold-last-time"));
    let holds = ordered(model).map(|hold| {
        let why = words::hold(hold, model, lang);
        words::next_step(hold, lang).map_or_else(|| why.clone(), |step| format!("{why}\n{step}"))
    });
    waiting.into_iter().chain(holds).collect::<Vec<_>>().join("\n")
}

fn words_ui(ui: &mut Ui, model: &AppModel, state: &QueueState) {
    let lines = lines(ui, model, state);
    let color = tokens(ui).warn;
    icons::glyph_ui(ui, icons::WARNING, 14.0, color);
    let whole = lines.join(" · ");
    let room = ui.available_width();
    let shown = widgets::end_elided_text(ui, &whole, FontId::proportional(size::BODY), color, room);
    let (at, response) = ui.allocate_exact_size(shown.size(), Sense::hover());
    // Said below with what to do about it, cut or not.
    drop(shown.paint_bare(ui.painter(), at.min));
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &whole));
    response.on_hover_text(explained(ui, model, state));
}

/// What holds everything comes before what holds one connection.
fn ordered(model: &AppModel) -> impl Iterator<Item = &QueueHold> {
    let holds = &model.transfers.holds;
    let (all, some): (Vec<_>, Vec<_>) = holds.iter().partition(|hold| connection_of(hold).is_none());
    all.into_iter().chain(some)
}

/// The one connection that it is about.
fn connection_of(hold: &QueueHold) -> Option<&ConnectionId> {
    match hold {
        QueueHold::Offline { connection, .. }
        | QueueHold::Throttled { connection, .. }
        | QueueHold::FileRetried { connection, .. }
        | QueueHold::CredentialsExpired { connection, .. }
        | QueueHold::Refused { connection, .. } => Some(connection),
        QueueHold::JournalStalled(_) | QueueHold::SourceAway(_) | QueueHold::Held | QueueHold::OutsideHours => None,
    }
}

/// The connection that can be asked sooner. A file that is tried again keeps its own time, beside others that come through.
fn closed_connection(hold: &QueueHold) -> Option<&ConnectionId> {
    connection_of(hold).filter(|_| !matches!(hold, QueueHold::FileRetried { .. }))
}

fn offers_ui(ui: &mut Ui, model: &AppModel, state: &QueueState, actions: &mut Actions) {
    let holds = &model.transfers.holds;
    if holds.contains(&QueueHold::Held) || state.has_waiting(model) {
        if widgets::link_button(ui, &t(ui, UiCommand::GoOn.label_id())).clicked() {
            actions.push(Action::Ui(UiCommand::GoOn));
        }
        return;
    }
    if holds.contains(&QueueHold::OutsideHours) {
        if widgets::link_button(ui, &t(ui, "command-settings")).clicked() {
            actions.show(Dialog::Settings);
        }
        return;
    }
    let waiting: Vec<&ConnectionId> = holds.iter().filter_map(closed_connection).collect();
    let to_edit = holds.iter().find_map(|hold| match hold {
        QueueHold::Offline { failure, .. } if !words::may_be_set_up_wrongly(failure.kind) => None,
        QueueHold::Offline { connection, .. }
        | QueueHold::CredentialsExpired { connection, .. }
        | QueueHold::Refused { connection, .. } => model.connection(connection).filter(|saved| !saved.id.is_local()),
        _ => None,
    });
    if let Some(saved) = to_edit
        && widgets::link_button(ui, &t(ui, UiCommand::EditConnection.label_id())).clicked()
    {
        actions.show(Dialog::EditConnection(saved.id.clone()));
    }
    if !waiting.is_empty() && widgets::link_button(ui, &t(ui, "queue-hold-try-now")).clicked() {
        for connection in waiting {
            actions.command(Command::TryConnection(connection.clone()));
        }
    }
}
