//! Choosing a region: the service's known ones by place and code, found by typing; any other code can be typed.

use egui::{Id, PopupCloseBehavior, TextEdit, Ui, vec2};

use crate::model::{Region, Service};
use crate::ui::dialogs::form;
use crate::ui::text::t;
use crate::ui::widgets;
use crate::ui::widgets::Chosen;

/// What there is to choose from.
#[derive(Clone, Copy)]
pub(crate) struct Regions {
    /// Whose regions.
    pub(crate) service: Service,
    /// What no region means.
    pub(crate) when_empty: WhenEmpty,
}

/// What holds when no region is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenEmpty {
    /// The service's usual one.
    ServiceDefault,
    /// The one of the AWS profile, or of the environment; can be chosen from the list.
    ProfileDecides,
}

/// A labelled row that chooses a region code.
pub(crate) fn region_row(ui: &mut Ui, label: &str, regions: Regions, region: &mut String, problem: Option<String>) {
    form::row(ui, label, |ui, label_id| {
        let filter_id = label_id.with("region-filter");
        let shown = shown_region(ui, regions, region);
        let combo = form::combo(ui, label, &shown, PopupCloseBehavior::CloseOnClickOutside, |ui| {
            menu_ui(ui, filter_id, regions, region);
        });
        if combo.inner.is_none() {
            ui.data_mut(|data| data.remove::<String>(filter_id));
        }
        combo.response.labelled_by(label_id);
        if let Some(problem) = problem {
            form::problem_ui(ui, &problem);
        }
    });
}

/// `Seoul · ap-northeast-2`, the bare code where the place is not known, or what holds when nothing is chosen.
fn shown_region(ui: &Ui, regions: Regions, region: &str) -> String {
    match regions.service.regions().iter().find(|(code, _)| *code == region) {
        Some((code, place_id)) => format!("{} · {code}", t(ui, place_id)),
        None if region.is_empty() => t(ui, empty_words(regions.when_empty)),
        None => region.to_owned(),
    }
}

fn empty_words(when_empty: WhenEmpty) -> &'static str {
    match when_empty {
        WhenEmpty::ServiceDefault => "connection-region-default",
        WhenEmpty::ProfileDecides => "connection-region-of-profile",
    }
}

fn menu_ui(ui: &mut Ui, filter_id: Id, regions: Regions, region: &mut String) {
    let is_new = ui.data(|data| data.get_temp::<String>(filter_id)).is_none();
    let mut filter = ui.data(|data| data.get_temp::<String>(filter_id)).unwrap_or_default();
    let label = t(ui, "connection-region-find");
    let edit = TextEdit::singleline(&mut filter).min_size(vec2(0.0, 30.0)).align(egui::Align2::LEFT_CENTER);
    let field = form::framed(ui, edit, &label, form::FIELD_MARGIN);
    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(label));
    if is_new {
        widgets::ListFocus::leave_to_field(ui);
        field.request_focus();
    }
    // From the field down into what was found.
    let mut goes_down =
        field.has_focus() && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::ArrowDown));
    ui.add_space(4.0);
    let wanted = filter.trim().to_lowercase();
    let named = regions.service.regions().iter().map(|(code, place_id)| (*code, t(ui, place_id)));
    let matching = |(code, place): &(&str, String)| code.contains(&wanted) || place.to_lowercase().contains(&wanted);
    let found: Vec<_> = named.filter(matching).collect();
    let mut chosen = None;
    if regions.when_empty == WhenEmpty::ProfileDecides && wanted.is_empty() {
        let line = widgets::select_item(ui, region.is_empty().into(), &t(ui, empty_words(regions.when_empty)), "");
        if std::mem::take(&mut goes_down) {
            line.request_focus();
        }
        if line.clicked() {
            chosen = Some(String::new());
        }
    }
    for (code, place) in &found {
        let line = widgets::select_item(ui, (code == region).into(), place, code);
        if std::mem::take(&mut goes_down) {
            line.request_focus();
        }
        if line.clicked() {
            chosen = Some((*code).to_owned());
        }
    }
    let code = if regions.service == Service::Other { filter.trim() } else { &wanted };
    let typed = Region::of(regions.service, code).filter(|_| !found.iter().any(|(known, _)| *known == code));
    if let Some(typed) = &typed
        && widgets::select_item(ui, Chosen::No, typed.as_str(), "").clicked()
    {
        chosen = Some(typed.to_string());
    }
    if form::submitted(ui, &field) {
        let first = found.first().map(|(code, _)| (*code).to_owned());
        chosen = first.filter(|_| !wanted.is_empty()).or_else(|| typed.map(|typed| typed.to_string()));
    }
    ui.data_mut(|data| data.insert_temp(filter_id, filter));
    if let Some(chosen) = chosen {
        *region = chosen;
        ui.close();
    }
}
