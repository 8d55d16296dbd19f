//! One row of the drawer.

use egui::{
    Align, Align2, Color32, FontId, Layout, Pos2, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{order, words};
use crate::locale::{self, Lang};
use crate::model::{
    AppModel, Command, Failure, LinkFormat, Notice, Selection, Severity, TransferAction, TransferKind, TransferRow,
    TransferState,
};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::{Dialog, Whose};
use crate::ui::text::{lang, t, t_with};
use crate::ui::theme::{size, space, tokens};
use crate::ui::verdict::{self, Badge};
use crate::ui::widgets::{self, Progress, Tone, elided_text, end_elided_text, progress_bar};
use crate::ui::{icons, links};

const PAD: f32 = 14.0;
const BAR: f32 = 150.0;
const FIGURES: f32 = 164.0;
const BUTTONS: f32 = 60.0;
/// Who can open an uploaded object, in a word.
const CHIP: f32 = 86.0;
/// Width of a small icon button.
const ICON_BUTTON: f32 = 24.0;
/// Below this width the bar goes; below the next the figures too.
const ROOM_FOR_BAR: f32 = 620.0;
const ROOM_FOR_FIGURES: f32 = 420.0;
/// Beside a sentence that somebody has to read the bar needs more.
const ROOM_FOR_SENTENCE_AND_BAR: f32 = 860.0;
/// So much of the second line stays with the target, however long the words after it are.
const TARGET_SHARE: f32 = 0.4;

/// Where the parts of a row stand.
struct Places {
    name: Rect,
    bar: Option<Rect>,
    figures: Option<Rect>,
    chip: Option<Rect>,
    buttons: Rect,
}

fn places(rect: Rect, row: &TransferRow, buttons: f32, chip: Option<&Badge>) -> Places {
    let mut right = rect.right() - PAD;
    let mut take = |width: f32| {
        let part = Rect::from_min_max(pos2(right - width, rect.top()), pos2(right, rect.bottom()));
        right -= width + space::M;
        part
    };
    let buttons = take(buttons);
    let figures = (rect.width() > ROOM_FOR_FIGURES).then(|| take(FIGURES));
    let chip = chip.filter(|_| rect.width() > ROOM_FOR_FIGURES).map(|_| take(CHIP));
    let is_moving = !row.state.has_ended() || matches!(row.state, TransferState::Failed(_));
    let room_for_bar = match row.state {
        TransferState::Failed(_) | TransferState::NeedsDecision => ROOM_FOR_SENTENCE_AND_BAR,
        _ => ROOM_FOR_BAR,
    };
    let bar = (is_moving && rect.width() > room_for_bar).then(|| take(BAR));
    let name = Rect::from_min_max(pos2(rect.left() + 46.0, rect.top()), pos2(right, rect.bottom()));
    Places { name, bar, figures, chip, buttons }
}

/// A row whose content is on its way.
pub(super) fn placeholder_ui(ui: &mut Ui) {
    ui.allocate_exact_size(vec2(ui.available_width(), size::TRANSFER_ROW), Sense::hover());
}

/// Draws a row; the response is of its whole room.
pub(super) fn row_ui(ui: &mut Ui, model: &AppModel, row: &TransferRow, actions: &mut Actions) -> Response {
    let lang = lang(ui);
    let units = model.settings.size_units;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::TRANSFER_ROW), Sense::hover());
    let sense = if order::can_move(row) { Sense::click_and_drag() } else { Sense::click() };
    let response = ui.interact(rect, ui.scope_id().with(("transfer", row.id)), sense);
    let chip = chip(model, row, lang);
    let mut spoken = words::spoken(row, lang, units);
    if let Some(chip) = &chip {
        spoken = format!("{spoken}, {}", chip.words);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
    let t = tokens(ui);
    if response.hovered() || response.contains_pointer() {
        ui.painter().rect_filled(rect.shrink2(vec2(4.0, 1.0)), 6.0, t.hover);
    }
    if response.has_focus() {
        widgets::focus_ring(ui, rect.shrink2(vec2(6.0, 3.0)));
    }
    let places = places(rect, row, buttons_width(row, ui).max(BUTTONS), chip.as_ref());
    icon_ui(ui, rect, row);
    let cut = words_ui(ui, &places, row, lang);
    if let Some(bar) = places.bar {
        bar_ui(ui, bar, row);
    }
    if let Some(at) = places.figures {
        let text = words::figures(row, units);
        let color = if response.contains_pointer() { t.dim_strong } else { t.dim };
        ui.painter().text(at.right_center(), Align2::RIGHT_CENTER, text, FontId::proportional(size::BODY), color);
    }
    if let (Some(at), Some(chip)) = (places.chip, &chip) {
        widgets::paint_badge(ui, at, chip.icon, &chip.words, chip.tone);
    }
    let builder = UiBuilder::new()
        .id_salt(("transfer-buttons", row.id))
        .max_rect(places.buttons)
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(places.buttons.width() - buttons_width(row, ui));
        ui.spacing_mut().item_spacing.x = space::XS;
        buttons_ui(ui, model, row, actions);
    });
    let response = hover_ui(response, row, lang, cut);
    widgets::context_menu(&response, &response, widgets::MenuKey::This, |ui| menu_ui(ui, model, row, actions));
    order::by_keyboard(ui, &response, row, actions);
    response
}

/// What the last check of an uploaded object's link in this run said.
fn chip(model: &AppModel, row: &TransferRow, lang: Lang) -> Option<Badge> {
    let is_uploaded = row.kind == TransferKind::Upload && matches!(row.state, TransferState::Done(_));
    if !is_uploaded || model.checks.is_empty() {
        return None;
    }
    Some(verdict::chip(&links::known(model, &row.object)?.verdict, lang))
}

fn icon_ui(ui: &Ui, rect: Rect, row: &TransferRow) {
    let t = tokens(ui);
    let name = row.object.key.name();
    let (icon, color) = match &row.state {
        TransferState::Failed(_) => (icons::X_CIRCLE_FILL, t.bad),
        TransferState::Done(_) => (icons::CHECK_CIRCLE_FILL, t.good),
        TransferState::Skipped(_) => (icons::MINUS_CIRCLE_FILL, t.dim),
        TransferState::Cancelled => (icons::PROHIBIT, t.dim),
        TransferState::NeedsDecision => (icons::WARNING_CIRCLE_FILL, t.warn),
        _ if row.object.key.is_folder_marker() => (icons::FOLDER, t.dim),
        _ if row.kind == TransferKind::Download => (icons::DOWNLOAD, t.dim),
        _ => (icons::for_file(name), t.dim),
    };
    let at = pos2(rect.left() + PAD + 8.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(size::ICON), color);
}

/// Name and second line; gives back the whole text of what had to be cut.
fn words_ui(ui: &Ui, places: &Places, row: &TransferRow, lang: Lang) -> Option<String> {
    let t = tokens(ui);
    let room = places.name.width();
    let middle = places.name.center().y;
    let name = elided_text(ui, &words::name(row), FontId::proportional(size::BODY), t.text, room);
    let name_at = pos2(places.name.left(), middle - name.size().y - 0.5);
    let name_cut = name.paint_bare(ui.painter(), name_at);
    // Without room for bar and figures the second line says how far it is.
    let is_told_here = places.figures.is_none() && matches!(row.state, TransferState::Active | TransferState::Paused);
    let share = if is_told_here { format!("{:.0} % · ", words::fraction(row) * 100.0) } else { String::new() };
    let line_cut = second_line_ui(ui, pos2(places.name.left(), middle + 1.5), room, row, &share, lang);
    (name_cut.is_some() || line_cut == Cut::Yes)
        .then(|| format!("{}\n{share}{}", words::name(row), words::state(row, lang)))
}

/// Whether a text was too long for its room.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Yes,
    No,
}

/// Where it goes, cut in its middle, then how it stands, cut at its end: both are always to be seen.
fn second_line_ui(ui: &Ui, at: Pos2, room: f32, row: &TransferRow, share: &str, lang: Lang) -> Cut {
    let font = FontId::proportional(size::CAPTION);
    let (dim, color) = (tokens(ui).dim, second_line_color(row, ui));
    let target = format!("{share}{}", words::target(row, lang));
    let standing = words::standing(row, lang).map(|standing| format!(" · {standing}")).unwrap_or_default();
    let wanted = ui.painter().layout_no_wrap(standing.clone(), font.clone(), color).size().x;
    let for_target = (room - wanted).max(room * TARGET_SHARE);
    let target = elided_text(ui, &target, font.clone(), dim, for_target);
    let width = target.size().x;
    let target_cut = target.paint_bare(ui.painter(), at);
    let standing = end_elided_text(ui, &standing, font, color, room - width);
    let standing_cut = standing.paint_bare(ui.painter(), at + vec2(width, 0.0));
    if target_cut.is_some() || standing_cut.is_some() { Cut::Yes } else { Cut::No }
}

fn second_line_color(row: &TransferRow, ui: &Ui) -> Color32 {
    let t = tokens(ui);
    match row.state {
        TransferState::Failed(_) => t.bad,
        TransferState::NeedsDecision => t.warn,
        _ => t.dim,
    }
}

fn bar_ui(ui: &mut Ui, rect: Rect, row: &TransferRow) {
    let tone = match row.state {
        TransferState::Failed(_) => Tone::Bad,
        TransferState::Done(_) | TransferState::Skipped(_) | TransferState::Cancelled => return,
        TransferState::Paused => Tone::Neutral,
        _ => Tone::Accent,
    };
    let name = t_with(ui, "queue-progress-of", &[("name", &words::name(row))]);
    let fraction = words::fraction(row);
    let at = Rect::from_center_size(rect.center(), vec2(rect.width(), 16.0));
    ui.scope_builder(UiBuilder::new().id_salt(("transfer-bar", row.id)).max_rect(at), |ui| {
        progress_bar(ui, Progress { fraction, tone, accessible_name: &name, width: at.width() });
    });
}

fn hover_ui(response: Response, row: &TransferRow, lang: Lang, cut: Option<String>) -> Response {
    match &row.state {
        TransferState::Failed(failure) => {
            let advice = locale::failure_advice(lang, failure);
            let title = locale::failure_title(lang, failure);
            response.on_hover_text(format!("{title}\n{advice}\n\n{}", words::way(row)))
        }
        _ => match cut {
            Some(whole) => response.on_hover_text(whole),
            None => response,
        },
    }
}

/// The room that the buttons of a row take.
fn buttons_width(row: &TransferRow, ui: &Ui) -> f32 {
    let icons = |count: f32| (count * (ICON_BUTTON + space::XS) - space::XS).max(0.0);
    match &row.state {
        TransferState::Failed(_) => {
            let text = t(ui, "queue-retry");
            let font = FontId::proportional(size::BODY);
            let retry = ui.painter().layout_no_wrap(text, font, Color32::PLACEHOLDER).size().x;
            // The link has a margin of two points.
            retry + 4.0 + space::XS + icons(2.0)
        }
        TransferState::Active | TransferState::Paused | TransferState::Cancelled => icons(2.0),
        TransferState::Done(_) if row.kind == TransferKind::Upload => icons(2.0),
        TransferState::Finishing => 0.0,
        _ => icons(1.0),
    }
}

fn buttons_ui(ui: &mut Ui, model: &AppModel, row: &TransferRow, actions: &mut Actions) {
    let name = words::name(row);
    let mut act = |ui: &mut Ui, icon: &str, id: &str, action: TransferAction| {
        if widgets::small_icon_button(ui, icon, &t_with(ui, id, &[("name", &name)])).clicked() {
            actions.push(wish(row, action));
        }
    };
    match &row.state {
        TransferState::Queued | TransferState::Checking | TransferState::NeedsDecision => {
            act(ui, icons::CLOSE, "queue-cancel-item", TransferAction::Cancel);
        }
        TransferState::Active => {
            act(ui, icons::PAUSE, "queue-pause-item", TransferAction::Pause);
            act(ui, icons::CLOSE, "queue-cancel-item", TransferAction::Cancel);
        }
        TransferState::Paused => {
            act(ui, icons::PLAY, "queue-resume-item", TransferAction::Resume);
            act(ui, icons::CLOSE, "queue-cancel-item", TransferAction::Cancel);
        }
        TransferState::Finishing => {}
        TransferState::Done(_) => done_buttons_ui(ui, model, row, &name, actions),
        TransferState::Skipped(_) => {
            act(ui, icons::CLOSE, "queue-forget-item", TransferAction::Forget);
        }
        TransferState::Cancelled => {
            act(ui, icons::RETRY, "queue-retry-item", TransferAction::Retry);
            act(ui, icons::CLOSE, "queue-forget-item", TransferAction::Forget);
        }
        TransferState::Failed(failure) => {
            retry_ui(ui, row, &name, actions);
            details_ui(ui, failure, &name, actions);
            if widgets::small_icon_button(ui, icons::CLOSE, &t_with(ui, "queue-forget-item", &[("name", &name)]))
                .clicked()
            {
                actions.push(wish(row, TransferAction::ForgetFailed));
            }
        }
    }
}

fn retry_ui(ui: &mut Ui, row: &TransferRow, name: &str, actions: &mut Actions) {
    let spoken = t_with(ui, "queue-retry-item", &[("name", name)]);
    let label = t(ui, "queue-retry");
    if widgets::link_button(ui, &label).accessible_name(spoken).clicked() {
        actions.command(on_one(row, TransferAction::Retry));
    }
}

fn details_ui(ui: &mut Ui, failure: &Failure, name: &str, actions: &mut Actions) {
    if widgets::small_icon_button(ui, icons::INFO, &t_with(ui, "queue-details", &[("name", name)])).clicked() {
        actions.show(Dialog::ErrorDetails(Box::new(failure.clone())));
    }
}

fn done_buttons_ui(ui: &mut Ui, model: &AppModel, row: &TransferRow, name: &str, actions: &mut Actions) {
    if row.kind == TransferKind::Download {
        if widgets::small_icon_button(ui, icons::FOLDER_OPEN, &t_with(ui, "queue-open-file", &[("name", name)]))
            .clicked()
        {
            actions.command(Command::OpenPath(row.path.clone()));
        }
        return;
    }
    let copy = t_with(ui, "queue-copy-url", &[("name", name)]);
    if widgets::small_icon_button(ui, icons::LINK, &copy).clicked() {
        actions.push(copy_link(model, row));
    }
    let open = t_with(ui, "queue-open-url", &[("name", name)]);
    if widgets::small_icon_button(ui, icons::OPEN_EXTERNAL, &open).clicked() {
        actions.push(Action::OpenLink(row.object.clone()));
    }
}

fn menu_ui(ui: &mut Ui, model: &AppModel, row: &TransferRow, actions: &mut Actions) {
    let mut item = |ui: &mut Ui, icon: &str, id: &str, action: Action| {
        if widgets::menu_item(ui, Some(icon), &t(ui, id), None).clicked() {
            actions.push(action);
            ui.close();
        }
    };
    let on = |action| wish(row, action);
    match &row.state {
        TransferState::Done(_) if row.kind == TransferKind::Download => {
            item(ui, icons::FOLDER_OPEN, "queue-menu-open-file", Action::Command(Command::OpenPath(row.path.clone())));
        }
        TransferState::Done(_) => {
            item(ui, icons::LINK, "command-copy-url", copy_link(model, row));
            item(ui, icons::OPEN_EXTERNAL, "queue-menu-open-url", Action::OpenLink(row.object.clone()));
            item(ui, icons::FOLDER, "queue-menu-show-folder", Action::Browse(row.object.location()));
            item(ui, icons::NOTE, "queue-menu-receipt", Action::PickReceiptPlace(row.batch));
        }
        TransferState::Failed(failure) => {
            item(ui, icons::RETRY, "queue-retry", on(TransferAction::Retry));
            item(
                ui,
                icons::INFO,
                "queue-menu-details",
                Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))),
            );
            item(ui, icons::COPY, "toast-copy-details", copy_details(lang(ui), failure));
        }
        TransferState::Cancelled => item(ui, icons::RETRY, "queue-retry", on(TransferAction::Retry)),
        TransferState::Queued => {
            item(ui, icons::PAUSE, "queue-menu-pause", on(TransferAction::Pause));
            item(ui, icons::ARROW_UP, "queue-menu-first", on(TransferAction::First));
            item(ui, icons::CARET_UP, "queue-menu-sooner", on(TransferAction::Sooner));
            item(ui, icons::CARET_DOWN, "queue-menu-later", on(TransferAction::Later));
            item(ui, icons::ARROW_DOWN, "queue-menu-last", on(TransferAction::Last));
        }
        TransferState::Paused => {
            item(ui, icons::ARROW_UP, "queue-menu-first", on(TransferAction::First));
            item(ui, icons::PLAY, "queue-menu-resume", on(TransferAction::Resume));
        }
        TransferState::Active => item(ui, icons::PAUSE, "queue-menu-pause", on(TransferAction::Pause)),
        _ => {}
    }
    if matches!(row.state, TransferState::Failed(_)) {
        item(ui, icons::CLOSE, "queue-menu-forget", on(TransferAction::ForgetFailed));
    } else if row.state.has_ended() {
        item(ui, icons::CLOSE, "queue-menu-forget", on(TransferAction::Forget));
    } else if row.state != TransferState::Finishing {
        item(ui, icons::CLOSE, "queue-menu-cancel", on(TransferAction::Cancel));
    }
}

/// An action on a row. What would throw away bytes that were transferred already asks first.
fn wish(row: &TransferRow, action: TransferAction) -> Action {
    let whose = || Whose::One { transfer: row.id, name: words::name(row) };
    match action {
        TransferAction::Cancel if row.done_bytes > 0 => Action::ShowDialog(Dialog::CancelTransfers(whose())),
        TransferAction::ForgetFailed if row.done_bytes > 0 => Action::ShowDialog(Dialog::RemoveFailed(whose())),
        _ => Action::Command(on_one(row, action)),
    }
}

pub(super) fn on_one(row: &TransferRow, action: TransferAction) -> Command {
    Command::Transfers { selection: Selection::One(row.id), action }
}

fn copy_link(model: &AppModel, row: &TransferRow) -> Action {
    let format: LinkFormat = model.settings.link_format;
    Action::CopyLinks { objects: vec![row.object.clone()], format }
}

fn copy_details(lang: Lang, failure: &Failure) -> Action {
    let title = locale::failure_title(lang, failure);
    let advice = locale::failure_advice(lang, failure);
    let text = format!("{title}\n{advice}\n{}\n{}", failure.kind.code(), failure.detail);
    Action::CopyText { text: text.into(), notice: Notice::message(Severity::Success, "notice-details-copied") }
}
