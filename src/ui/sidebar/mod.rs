//! The left side: connection card, buckets, places, settings.

mod connection_card;

use egui::{Align, Layout, Response, Sense, Ui};

use crate::locale::failure_title;
use crate::model::{
    AppModel, Bucket, BucketAccess, BucketName, Failure, FailureKind, Location, OpenState, Prefix, Region, Scope,
    Service, Settings,
};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::Dialog;
use crate::ui::drop_target::{DropState, Refusal};
use crate::ui::text::{lang, t, t_with};
use crate::ui::ui_command::{UiCommand, shortcut_text};
use crate::ui::ui_state::UiState;
use crate::ui::widgets::{
    self, Chosen, MenuKey, NavRow, Roving, Sign, Tone, menu_item, menu_separator, nav_row, nav_row_in,
};
use crate::ui::{icons, menus, theme};

/// Width of the panel.
pub(super) const WIDTH: f32 = 232.0;

/// Between the lists, which may be cut there, and what stands below them.
const SETTINGS_GAP: f32 = 8.0;

/// Draws the sidebar.
pub(super) fn sidebar_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    ui.spacing_mut().item_spacing.y = 2.0;
    connection_card::connection_card_ui(ui, model, state, actions);
    ui.add_space(10.0);
    let settings_height = 28.0 + SETTINGS_GAP + 12.0;
    let height = (ui.available_height() - settings_height).max(60.0);
    ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
        ui.set_height(height);
        egui::ScrollArea::vertical().id_salt("sidebar").auto_shrink(false).show(ui, |ui| {
            buckets_ui(ui, model, state, actions);
            ui.add_space(10.0);
            places_ui(ui, model, state, actions);
            widgets::follow_focus(ui);
        });
    });
    ui.add_space(SETTINGS_GAP);
    let keys = shortcut_text(ui, UiCommand::Settings).unwrap_or_default();
    if nav_row(ui, icons::SETTINGS, &t(ui, "settings"), &keys, Chosen::No).clicked() {
        actions.show(Dialog::Settings);
    }
}

fn section(ui: &mut Ui, text_id: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        widgets::section_caption(ui, &t(ui, text_id));
        ui.with_layout(Layout::right_to_left(Align::Center), add);
    });
}

fn buckets_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(open) = &model.open else { return };
    section(ui, "buckets", |ui| {
        let is_possible = UiCommand::NewBucket.is_enabled(model, state);
        let name = UiCommand::NewBucket.label(ui);
        let add = |ui: &mut Ui| widgets::small_icon_button(ui, icons::PLUS, &name);
        if ui.add_enabled_ui(is_possible, add).inner.clicked() {
            actions.push(Action::Ui(UiCommand::NewBucket));
        }
    });
    match (&open.state, &open.buckets) {
        (OpenState::Failed(_), _) => {}
        (_, None) => {
            ui.horizontal(|ui| {
                ui.add_space(10.0);
                let words = t(ui, "loading-buckets");
                widgets::activity_dot(ui, &words);
                ui.label(theme::caption(ui, words.clone()));
            });
        }
        (_, Some(Err(failure))) => {
            not_listed_ui(ui, failure, actions);
            if let Some(at) = model.location().filter(|_| !model.is_bucket_missing()) {
                let bucket = Bucket { name: at.bucket.clone(), created: None, region: None };
                let mut list = BucketRows::new(ui);
                list.bucket_row(ui, &bucket, model, &mut state.drop, actions);
                list.rows.end(ui);
            }
        }
        (_, Some(Ok(buckets))) => {
            if let Some(failure) = &open.buckets_failure {
                not_listed_ui(ui, failure, actions);
            }
            let mut list = BucketRows::new(ui);
            for bucket in buckets {
                list.bucket_row(ui, bucket, model, &mut state.drop, actions);
            }
            list.named_bucket_row(ui, buckets, model, &mut state.drop, actions);
            list.rows.end(ui);
        }
    }
}

/// Why there is no list of buckets, or only an older one. Keys that may not list are no fault; all else is told as it is.
fn not_listed_ui(ui: &mut Ui, failure: &Failure, actions: &mut Actions) {
    let is_forbidden = failure.kind == FailureKind::AccessDenied;
    let words = if is_forbidden { t(ui, "buckets-not-listed") } else { failure_title(lang(ui), failure) };
    ui.horizontal_top(|ui| {
        ui.add_space(10.0);
        icons::glyph_ui(ui, icons::WARNING_CIRCLE, 14.0, theme::tokens(ui).warn);
        ui.vertical(|ui| {
            let caption = theme::caption(ui, words);
            ui.add(egui::Label::new(caption).wrap());
            if !is_forbidden {
                ui.horizontal(|ui| {
                    if widgets::link_button(ui, &t(ui, "list-buckets-again")).clicked() {
                        actions.push(Action::Reload);
                    }
                    if widgets::link_button(ui, &t(ui, "show-details")).clicked() {
                        actions.show(Dialog::ErrorDetails(Box::new(failure.clone())));
                    }
                });
            }
        });
    });
    ui.add_space(4.0);
}

/// The folders that a connection which names its buckets starts from in this one; else the bucket itself.
fn tops(model: &AppModel, bucket: &BucketName) -> Vec<Prefix> {
    let scopes = model.current().map(|connection| connection.scopes.as_slice()).unwrap_or_default();
    let named: Vec<Prefix> =
        scopes.iter().filter(|scope| scope.bucket == *bucket).map(|scope| scope.prefix.clone()).collect();
    if named.is_empty() { vec![Prefix::root()] } else { named }
}

/// Brings the row into view once it is another one that is shown.
fn show(row: &Response, name: &str) {
    let key = egui::Id::unique("bucketdrop-sidebar-shown");
    let before = row.ctx.data(|data| data.get_temp::<String>(key));
    if before.as_deref() != Some(name) {
        row.ctx.data_mut(|data| data.insert_temp(key, name.to_owned()));
        row.scroll_to_me(None);
    }
}

/// The rows of buckets: one stop of Tab, and the one that is shown is in sight.
struct BucketRows {
    rows: Roving,
}

impl BucketRows {
    fn new(ui: &Ui) -> Self {
        Self { rows: Roving::new(ui, "buckets") }
    }

    /// A bucket that was typed into the breadcrumb and is not in the list.
    fn named_bucket_row(
        &mut self,
        ui: &mut Ui,
        listed: &[Bucket],
        model: &AppModel,
        drop: &mut DropState,
        actions: &mut Actions,
    ) {
        let Some(at) = model.location().filter(|_| !model.is_bucket_missing()) else { return };
        if listed.iter().all(|bucket| bucket.name != at.bucket) {
            let bucket = Bucket { name: at.bucket.clone(), created: None, region: None };
            self.bucket_row(ui, &bucket, model, drop, actions);
        }
    }

    /// A row for the bucket, or for each of its folders that the connection names.
    fn bucket_row(
        &mut self,
        ui: &mut Ui,
        bucket: &Bucket,
        model: &AppModel,
        drop: &mut DropState,
        actions: &mut Actions,
    ) {
        let tops = tops(model, &bucket.name);
        // Of folders within each other, the inner one is where one is.
        let holds = |top: &&Prefix| {
            model.location().is_some_and(|at| at.bucket == bucket.name && at.prefix.as_str().starts_with(top.as_str()))
        };
        let shown = tops.iter().filter(holds).max_by_key(|top| top.as_str().len());
        for top in &tops {
            self.top_row(ui, (bucket, top), Chosen::from(shown == Some(top)), model, drop, actions);
        }
    }

    fn top_row(
        &mut self,
        ui: &mut Ui,
        (bucket, top): (&Bucket, &Prefix),
        chosen: Chosen,
        model: &AppModel,
        drop: &mut DropState,
        actions: &mut Actions,
    ) {
        let Some(open) = &model.open else { return };
        // Nothing of this computer's is anywhere else.
        let region = model.bucket_region(&bucket.name).or(bucket.region.as_ref()).filter(|_| !open.id.is_local());
        let place = region.map(|region| region_place(ui, model, region)).unwrap_or_default();
        let name = Scope { bucket: bucket.name.clone(), prefix: top.clone() }.to_string();
        let sense = self.rows.sense(ui);
        let row = access_row(ui, sense, &name, model.bucket_access(&bucket.name), &place, chosen);
        self.rows.add(&row, chosen);
        if chosen == Chosen::Yes {
            show(&row, &name);
        }
        let row = match region.filter(|region| region.as_str() != place) {
            Some(region) => row.on_hover_text(region.as_str()),
            None => row,
        };
        let root = Location { connection: open.id.clone(), bucket: bucket.name.clone(), prefix: top.clone() };
        drop.note_row(ui, row.rect, || Ok(root.clone()));
        if row.clicked() {
            actions.push(Action::Browse(root.clone()));
        }
        widgets::context_menu(&row, &row, MenuKey::This, |ui| {
            menus::narrow(ui);
            if menu_item(ui, Some(icons::STAR), &t(ui, "menu-add-place"), None).clicked() {
                actions.show(Dialog::AddPlace(root.clone()));
            }
            let unfinished = UiCommand::UnfinishedUploads;
            if menu_item(ui, Some(unfinished.icon()), &unfinished.label(ui), None).clicked() {
                actions.show(Dialog::Unfinished { connection: open.id.clone(), bucket: bucket.name.clone() });
            }
            menu_separator(ui);
            if menu_item(ui, Some(icons::TRASH), &UiCommand::DeleteBucket.label(ui), None).clicked() {
                actions.show(Dialog::DeleteBucket(bucket.name.clone()));
            }
        });
    }
}

/// The row itself, with a sign that says whether strangers can read there, as far as that is known.
fn access_row(
    ui: &mut Ui,
    sense: Sense,
    name: &str,
    access: Option<BucketAccess>,
    place: &str,
    chosen: Chosen,
) -> Response {
    let plain = NavRow { icon: icons::BUCKET, name, remark: place, sign: None, chosen };
    let (icon, tone, words_id, hint_id) = match access {
        None => return nav_row_in(ui, sense, &plain),
        Some(BucketAccess::HasPublic) => (icons::PUBLIC_FILL, Tone::Good, "bucket-public", "bucket-public-hint"),
        Some(BucketAccess::OnlyPrivate) => (icons::LOCK, Tone::Neutral, "bucket-private", "bucket-private-hint"),
    };
    let (words, hint) = (t(ui, words_id), t(ui, hint_id));
    let sign = Sign { icon, tone, words: &words };
    nav_row_in(ui, sense, &NavRow { sign: Some(sign), ..plain }).on_hover_text(hint)
}

/// The city of an Amazon region in lower case, as the design writes it; else the code.
fn region_place(ui: &Ui, model: &AppModel, region: &Region) -> String {
    let service = model.current().map_or(Service::Other, |connection| connection.service);
    let known = service.regions().iter().find(|(code, _)| *code == region.as_str());
    let place = known.map(|(_, place_id)| t(ui, place_id)).filter(|place| place.chars().count() <= 10);
    place.map_or_else(|| region.to_string(), |place| place.to_lowercase())
}

fn places_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let has_any = !model.settings.places.is_empty();
    if !has_any && model.location().is_none() {
        return;
    }
    section(ui, "places", |ui| {
        menus::command_small_icon(ui, UiCommand::AddPlace, icons::PLUS, model, state, actions);
    });
    for index in 0..model.settings.places.len() {
        place_row(ui, index, model, &mut state.drop, actions);
    }
}

fn place_row(ui: &mut Ui, index: usize, model: &AppModel, drop: &mut DropState, actions: &mut Actions) {
    let Some(place) = model.settings.places.get(index) else { return };
    // Where one is says the bucket's row, and the breadcrumb: two rows at once would be two places.
    let row = nav_row(ui, icons::STAR, &place.name, "", Chosen::No);
    drop.note_row(ui, row.rect, || {
        let connection = &place.location.connection;
        let is_known = connection.is_local() || model.connection(connection).is_some();
        if is_known { Ok(place.location.clone()) } else { Err(Refusal::ConnectionGone) }
    });
    let row = row.on_hover_text(t_with(ui, "place-leads-to", &[("place", &place.location.to_string())]));
    if row.clicked() {
        actions.push(Action::Browse(place.location.clone()));
    }
    widgets::context_menu(&row, &row, MenuKey::This, |ui| {
        menus::narrow(ui);
        if menu_item(ui, Some(icons::PENCIL), &t(ui, "place-rename"), None).clicked() {
            actions.show(Dialog::RenamePlace(place.clone()));
        }
        let mut settings = model.settings.clone();
        let last = settings.places.len().saturating_sub(1);
        if index > 0 && menu_item(ui, Some(icons::ARROW_UP), &t(ui, "place-up"), None).clicked() {
            settings.places.swap(index, index - 1);
            change(settings.clone(), actions);
        }
        if index < last && menu_item(ui, Some(icons::ARROW_DOWN), &t(ui, "place-down"), None).clicked() {
            settings.places.swap(index, index + 1);
            change(settings.clone(), actions);
        }
        menu_separator(ui);
        if menu_item(ui, Some(icons::CLOSE), &t(ui, "place-remove"), None).clicked() {
            settings.places.retain(|known| known != place);
            change(settings, actions);
        }
    });
}

fn change(settings: Settings, actions: &mut Actions) {
    actions.push(Action::ChangeSettings(Box::new(settings)));
}
