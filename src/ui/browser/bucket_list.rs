//! The buckets of the connection in the middle of the window, while none is chosen.

use egui::Ui;

use super::states;
use crate::model::{AppModel, Bucket, Location, OpenState, Prefix};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::{t, t_count};
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::{BrowserFocus, UiState};
use crate::ui::widgets::{self, Chosen, NavRow, Roving};
use crate::ui::{format, icons, theme};

/// Draws the list, or says why there is none.
pub(super) fn bucket_list_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(open) = &model.open else { return };
    if open.state == OpenState::Opening {
        states::loading_ui(ui, "loading-connection");
        return;
    }
    match &open.buckets {
        None => states::loading_ui(ui, "loading-buckets"),
        Some(Err(failure)) => {
            let page = states::failure_ui(ui, failure, actions, |ui, actions| {
                if widgets::primary_button(ui, Some(icons::PENCIL), &t(ui, "name-a-bucket")).clicked() {
                    actions.push(Action::Ui(UiCommand::EditPath));
                }
                if widgets::button(ui, Some(icons::RETRY), &t(ui, "try-again")).clicked() {
                    actions.push(Action::Reload);
                }
            });
            state.browser.keep_clear.push(page);
        }
        Some(Ok(buckets)) if buckets.is_empty() => no_buckets_ui(ui, model, state, actions),
        Some(Ok(buckets)) => rows_ui(ui, model, buckets, state, actions),
    }
}

fn no_buckets_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    states::centred(ui, 170.0, |ui| {
        widgets::empty_state(ui, icons::BUCKET, &t(ui, "no-buckets"), &t(ui, "no-buckets-advice"));
        ui.add_space(theme::space::M);
        states::centred_row(ui, "no-buckets-button", |ui| {
            let label = UiCommand::NewBucket.label(ui);
            if widgets::primary_button(ui, Some(icons::PLUS), &label).clicked()
                && UiCommand::NewBucket.is_enabled(model, state)
            {
                actions.push(Action::Ui(UiCommand::NewBucket));
            }
        });
    });
}

fn rows_ui(ui: &mut Ui, model: &AppModel, buckets: &[Bucket], state: &mut UiState, actions: &mut Actions) {
    let Some(open) = &model.open else { return };
    egui::Frame::new().inner_margin(egui::Margin::symmetric(24, 20)).show(ui, |ui| {
        let count = u64::try_from(buckets.len()).unwrap_or(u64::MAX);
        ui.label(theme::title(t_count(ui, "choose-bucket", count, &[])));
        ui.add_space(theme::space::S);
        egui::ScrollArea::vertical().id_salt("bucket-list").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut list = Roving::new(ui, "bucket-list");
            let left = state.browser.left_bucket.take();
            let wants_focus = state.browser.focus.take_if(|focus| *focus == BrowserFocus::Table).is_some();
            let start = left.filter(|left| buckets.iter().any(|bucket| bucket.name == *left));
            for (index, bucket) in buckets.iter().enumerate() {
                let takes_focus = wants_focus && start.as_ref().map_or(index == 0, |start| *start == bucket.name);
                let region = model.bucket_region(&bucket.name).map(ToString::to_string).unwrap_or_default();
                let created = bucket.created.map(format::date_time).unwrap_or_default();
                let remark = [region, created].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
                let (name, remark) = (bucket.name.as_str(), remark.join(" · "));
                let nav = NavRow { icon: icons::BUCKET, name, remark: &remark, sign: None, chosen: Chosen::No };
                let sense = if takes_focus { egui::Sense::click() } else { list.sense(ui) };
                let row = widgets::nav_row_in(ui, sense, &nav);
                list.add(&row, Chosen::No);
                if takes_focus && !ui.ctx().text_edit_focused() {
                    row.request_focus();
                }
                let row = match bucket.created {
                    Some(created) => row.on_hover_text(format::full_instant(created)),
                    None => row,
                };
                let (connection, bucket) = (open.id.clone(), bucket.name.clone());
                let root = Location { connection, bucket, prefix: Prefix::root() };
                state.drop.note_row(ui, row.rect, || Ok(root.clone()));
                if row.clicked() {
                    actions.push(Action::Browse(root));
                }
            }
            list.end(ui);
            widgets::follow_focus(ui);
        });
    });
}
