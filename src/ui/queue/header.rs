//! The head of the drawer: tabs with counts, speed, time left, links, pause. What has no room is left out, the least
//! needed first.

use egui::{Align, Layout, RichText, Sense, Stroke, Ui, UiBuilder, vec2};

use super::{HEADER_HEIGHT, QueueState, more_menu, on_all};
use crate::locale::grouped;
use crate::model::{AppModel, QueueHold, TransferAction, TransferTab};
use crate::ui::actions::{Action, Actions};
use crate::ui::format;
use crate::ui::icons;
use crate::ui::text::{lang, t, t_count, t_with};
use crate::ui::theme::{self, space, tokens};
use crate::ui::ui_command::UiCommand;
use crate::ui::widgets;

pub(super) fn header_ui(ui: &mut Ui, model: &AppModel, state: &mut QueueState, actions: &mut Actions) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEADER_HEIGHT), Sense::hover());
    let inner = rect.shrink2(vec2(14.0, 0.0));
    let width = inner.width();
    ui.scope_builder(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)), |ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        if width > 470.0 {
            ui.label(theme::strong(t(ui, "queue-title")));
        }
        tabs_ui(ui, model, state);
        let split = widgets::Split::new(ui, "transfers-head");
        split.left(ui, |ui| speed_ui(ui, model, width));
        split.right(ui, |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            buttons_ui(ui, model, width, actions);
            collapse_ui(ui, state);
        });
    });
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, tokens(ui).line));
}

fn tabs_ui(ui: &mut Ui, model: &AppModel, state: &mut QueueState) {
    const TABS: [(TransferTab, &str); 3] = [
        (TransferTab::Active, "queue-tab-active"),
        (TransferTab::Done, "queue-tab-done"),
        (TransferTab::Failed, "queue-tab-failed"),
    ];
    let counts = model.transfers.counts;
    let labels = TABS.map(|(tab, id)| t_with(ui, id, &[("count", &grouped(counts.of(tab)))]));
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut chosen = TABS.iter().position(|(tab, _)| *tab == state.tab).unwrap_or_default();
    if widgets::segmented(ui, &labels, &mut chosen)
        && let Some((tab, _)) = TABS.get(chosen)
    {
        state.tab = *tab;
        state.is_open = true;
    }
}

fn collapse_ui(ui: &mut Ui, state: &mut QueueState) {
    let (icon, id) =
        if state.is_open { (icons::CARET_DOWN, "queue-collapse") } else { (icons::CARET_UP, "queue-expand") };
    if widgets::icon_button(ui, icon, &t(ui, id)).clicked() {
        state.is_open = !state.is_open;
    }
}

fn buttons_ui(ui: &mut Ui, model: &AppModel, width: f32, actions: &mut Actions) {
    if model.transfers.linkable > 0 && width > 430.0 {
        links_ui(ui, model, width, actions);
        ui.add_space(space::XS);
    }
    if model.transfers.counts.active > 0 {
        switches_ui(ui, model, actions);
    }
    let more = widgets::icon_button(ui, icons::DOTS, &t(ui, "queue-more"));
    widgets::menu(&more, |ui| more_menu(ui, model, actions));
}

fn links_ui(ui: &mut Ui, model: &AppModel, width: f32, actions: &mut Actions) {
    let label = t_count(ui, "queue-copy-urls", model.transfers.linkable, &[]);
    let is_clicked = if width > 560.0 {
        widgets::button(ui, Some(icons::LINK), &label).clicked()
    } else {
        widgets::icon_button(ui, icons::LINK, &label).clicked()
    };
    if is_clicked {
        actions.push(Action::CopyUploadedLinks);
    }
}

/// What lets all transfers stand still, or go on.
fn switches_ui(ui: &mut Ui, model: &AppModel, actions: &mut Actions) {
    let view = &model.transfers;
    // Once it is held, the line below says so and lets it go on.
    let hold = UiCommand::HoldQueue;
    if !view.holds.contains(&QueueHold::Held)
        && widgets::icon_button(ui, hold.icon(), &t(ui, hold.label_id())).clicked()
    {
        actions.push(Action::Ui(hold));
    }
    let is_all_paused = view.counts.paused == view.counts.active;
    let (icon, id, action) = if is_all_paused {
        (icons::PLAY, "command-resume-all", TransferAction::Resume)
    } else {
        (icons::PAUSE, "command-pause-all", TransferAction::Pause)
    };
    if widgets::icon_button(ui, icon, &t(ui, id)).clicked() {
        actions.command(on_all(action));
    }
}

fn speed_ui(ui: &mut Ui, model: &AppModel, width: f32) {
    let view = &model.transfers;
    if view.counts.active == 0 || view.counts.moving == 0 {
        return;
    }
    let rate = format::rate(view.rate_bytes_per_sec, model.settings.size_units);
    let words = match view.remaining {
        Some(left) => format!("{rate} · {}", format::remaining(left, lang(ui))),
        None => rate,
    };
    let color = tokens(ui).dim;
    let galley = ui.painter().layout_no_wrap(words.clone(), egui::FontId::proportional(theme::size::BODY), color);
    let room = ui.available_width();
    // The line gives way to the words, which never run into the buttons.
    let gaps = ui.spacing().item_spacing.x + space::XS + space::S;
    let line = (room - galley.size().x - gaps).min(74.0);
    if width > 620.0 && line > 30.0 {
        widgets::sparkline(ui, &view.rate_history, line, &t(ui, "queue-speed-line"));
        ui.add_space(space::XS);
    }
    if room > galley.size().x {
        ui.label(RichText::new(words).color(color));
    }
}
