//! Messages in passing, in a corner of what is being looked at, with a history. Failures stay until they are closed, of
//! one kind only the newest is on screen, and none lies over the row or the buttons that are wanted now.
//!
//! A toast counts its time by egui's clock and asks for one repaint when it is due, so an idle window stays idle.

use std::collections::VecDeque;
use std::time::Duration;

use egui::accesskit::Live;
use egui::{
    Align, Align2, Area, Id, Layout, Margin, Order, RichText, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo,
    vec2,
};

use super::toast_place::WIDTH;
use crate::locale;
use crate::model::{Failure, FailureKind, Notice, NoticeText, Severity};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::{lang, t, t_count};
use crate::ui::theme::{caption, radius, semibold, size, space, tokens};
use crate::ui::widgets::{self, Tone};
use crate::ui::{frame_rate, icons};

pub use super::toast_place::{ToastPlace, ToastRoom};

/// Kept for the screen; older ones are in the history.
const SHOWN_LIMIT: usize = 3;
/// Of one that was not drawn yet.
const USUAL_HEIGHT: f32 = 62.0;
/// Of the list of all, before it scrolls.
const HISTORY_HEIGHT: f32 = 320.0;
const HISTORY_LIMIT: usize = 100;

/// Names a message, so that what it says can change while it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ToastId(u64);

/// A button on a toast.
#[derive(Clone, Debug)]
pub struct ToastAction {
    /// Text id of its label.
    pub label_id: &'static str,
    /// What it does.
    pub action: Action,
}

#[derive(Clone, Debug)]
struct Toast {
    id: u64,
    notice: Notice,
    action: Option<ToastAction>,
    /// How often the same was told in a row.
    repeats: u64,
    /// Point of egui's clock at which it was told last; set when it is next drawn.
    told: Option<f64>,
    /// Point of egui's clock at which it goes; set when it is first drawn.
    until: Option<f64>,
    shows_detail: bool,
    /// In points, as it was drawn last.
    height: f32,
    /// Whether what it says is still to change.
    news: News,
}

/// Whether a message is the last word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum News {
    /// It is.
    #[default]
    Final,
    /// More is on its way, so it stays a while longer.
    Awaited,
}

/// Seconds on screen of a message whose last word is awaited.
const AWAITING_SECS: f64 = 20.0;

impl Toast {
    /// Whether its button does something about what it says.
    fn offers_more(&self) -> bool {
        self.action.as_ref().is_some_and(|offered| !matches!(offered.action, Action::OpenUrl(_)))
    }

    /// Seconds on screen; `None` stays.
    fn life_secs(&self) -> Option<f64> {
        match self.notice.severity {
            _ if self.news == News::Awaited => Some(AWAITING_SECS),
            Severity::Info => Some(5.0),
            Severity::Success => Some(6.0),
            // What can still be done stays on offer for longer, then in the history; opening the link is no answer to the
            // warning.
            Severity::Warning if self.offers_more() => Some(20.0),
            Severity::Warning => Some(10.0),
            Severity::Error => None,
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match &self.notice.text {
            NoticeText::Failure(failure) => Some(failure),
            NoticeText::Message { .. } => None,
        }
    }

    fn is_due(&self, now: f64) -> bool {
        self.until.is_some_and(|until| now >= until)
    }
}

/// What a message is about: a newer one of the same kind takes the place of an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What stands on the clipboard, of which there is one.
    Copied,
    Message(&'static str),
    Failure(FailureKind),
}

fn kind(notice: &Notice) -> Kind {
    match &notice.text {
        NoticeText::Failure(failure) => Kind::Failure(failure.kind),
        NoticeText::Message { id: "notice-links-and" | "notice-links-copied-some", .. } => Kind::Copied,
        NoticeText::Message { id, .. } if id.ends_with("-copied") => Kind::Copied,
        NoticeText::Message { id, .. } => Kind::Message(id),
    }
}

/// What was told, and what of it is on screen.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: VecDeque<Toast>,
    history: VecDeque<Toast>,
    told: u64,
    shows_history: bool,
}

impl Toasts {
    /// Tells something.
    pub fn push(&mut self, notice: Notice) {
        self.tell(notice, None, News::Final);
    }

    /// Tells something that can be acted on.
    pub fn push_with(&mut self, notice: Notice, action: ToastAction) {
        self.tell(notice, Some(action), News::Final);
    }

    /// Tells something of which more will be known soon; [`Toasts::change`] then says it in the same place.
    pub fn push_awaiting(&mut self, notice: Notice, action: Option<ToastAction>) -> ToastId {
        self.tell(notice, action, News::Awaited)
    }

    /// Says something else in the place of a message, also in the list of all. Whether it is still on screen.
    pub fn change(&mut self, id: ToastId, notice: &Notice, action: Option<&ToastAction>, news: News) -> bool {
        let mut is_shown = false;
        let noted = self.history.iter_mut().filter(|toast| toast.id == id.0);
        let shown = self.shown.iter_mut().filter(|toast| toast.id == id.0).inspect(|_| is_shown = true);
        for toast in shown.chain(noted) {
            if toast.notice != *notice || toast.news != news {
                toast.until = None;
            }
            toast.notice = notice.clone();
            toast.action = action.cloned();
            toast.news = news;
        }
        is_shown
    }

    /// Opens or closes the list of everything told so far.
    pub fn toggle_history(&mut self) {
        self.shows_history = !self.shows_history;
    }

    /// Those that have room: the newest, then what matters most.
    fn fitting(&self, height_limit: f32) -> Vec<u64> {
        let mut wanted: Vec<&Toast> = self.shown.iter().rev().collect();
        if let Some((_newest, others)) = wanted.split_first_mut() {
            others.sort_by_key(|toast| std::cmp::Reverse(toast.notice.severity));
        }
        let mut height = 0.0;
        let has_room = |toast: &&Toast| {
            height += toast.height + space::S;
            height <= height_limit
        };
        let first = wanted.first().map(|toast| toast.id);
        let others = wanted.into_iter().take_while(has_room).map(|toast| toast.id);
        let mut fitting: Vec<u64> = others.collect();
        fitting.extend(first.filter(|_| fitting.is_empty()));
        fitting
    }

    /// How many are on screen.
    pub fn shown_count(&self) -> usize {
        self.shown.len()
    }

    fn tell(&mut self, notice: Notice, action: Option<ToastAction>, news: News) -> ToastId {
        self.told += 1;
        let id = self.told;
        if let Some(same) = self.shown.iter_mut().find(|toast| toast.notice == notice) {
            same.repeats += 1;
            same.until = None;
            same.action.clone_from(&action);
            same.news = news;
            let same = (same.id, same.repeats);
            if let Some(noted) = self.history.iter_mut().find(|toast| toast.id == same.0) {
                (noted.told, noted.repeats, noted.action) = (None, same.1, action);
            }
            return ToastId(same.0);
        }
        let (repeats, told, until, shows_detail) = (1, None, None, false);
        let height = USUAL_HEIGHT;
        let toast = Toast { id, notice, action, repeats, told, until, shows_detail, height, news };
        self.history.push_front(toast.clone());
        self.history.truncate(HISTORY_LIMIT);
        let kind_of_new = kind(&toast.notice);
        self.shown.retain(|older| kind(&older.notice) != kind_of_new);
        self.shown.push_back(toast);
        while self.shown.len() > SHOWN_LIMIT {
            // What would go by itself goes before what was to stay.
            let fading = self.shown.iter().position(|toast| toast.life_secs().is_some());
            self.shown.remove(fading.unwrap_or_default());
        }
        ToastId(id)
    }
}

const SIZE_KEY: &str = "bucketdrop-toasts-size";

/// Draws what is to be told now, above everything else. Call once a frame, last.
pub fn toasts_ui(ui: &mut Ui, place: &ToastPlace, toasts: &mut Toasts, actions: &mut Actions) {
    let now = ui.input(|input| input.time);
    if toasts.shown.is_empty() && !toasts.shows_history {
        return;
    }
    for toast in &mut toasts.history {
        toast.told.get_or_insert(now);
    }
    let size = ui.data(|data| data.get_temp::<Vec2>(Id::unique(SIZE_KEY))).unwrap_or_default();
    let area = Area::new(Id::unique("bucketdrop-toasts")).fade_in(false);
    let (area, width, height) = match place {
        // A menu that is opened over messages is what is wanted now.
        ToastPlace::Low(room) => {
            let (pivot, at) = room.corner(size);
            let area = area.order(Order::Middle).pivot(pivot).fixed_pos(at);
            (area, room.width(), room.height_limit())
        }
        ToastPlace::Corner => {
            let at = ui.ctx().content_rect().right_top() + vec2(-space::L, space::L);
            // What is asked in the dialog comes first.
            (area.order(Order::Tooltip).pivot(Align2::RIGHT_TOP).fixed_pos(at), WIDTH, 0.0)
        }
    };
    let shown = area.show(ui.ctx(), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = space::S;
        if toasts.shows_history {
            history_ui(ui, toasts, actions);
        }
        let mut gone = Vec::new();
        let fitting = toasts.fitting(height);
        for toast in &mut toasts.shown {
            // One that waits behind others does not come back for a moment when its time is over.
            let is_over = if fitting.contains(&toast.id) {
                toast_ui(ui, toast, actions, now) == Fate::Goes
            } else {
                toast.is_due(now)
            };
            if is_over {
                gone.push(toast.id);
            }
        }
        toasts.shown.retain(|toast| !gone.contains(&toast.id));
        if !gone.is_empty() {
            ui.ctx().request_repaint();
        }
    });
    place_again(ui, shown.response.rect.size());
}

/// Messages stand where their size of the pass before lets them: when that changes, the pass is done again, or the new
/// ones would cover what is below them.
fn place_again(ui: &Ui, size: Vec2) {
    let key = Id::unique(SIZE_KEY);
    let before = ui.data(|data| data.get_temp::<Vec2>(key));
    if before.is_none_or(|before| (before - size).abs().max_elem() > 0.5) {
        ui.data_mut(|data| data.insert_temp(key, size));
        frame_rate::draw_again(ui.ctx(), "the messages changed their size");
    }
}

#[derive(PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
}

fn toast_ui(ui: &mut Ui, toast: &mut Toast, actions: &mut Actions, now: f64) -> Fate {
    let mut fate = Fate::Stays;
    let spoken = locale::notice(lang(ui), &toast.notice);
    let card = ui
        .scope_builder(UiBuilder::new().id_salt(("toast", toast.id)).sense(Sense::hover()), |ui| {
            frame(ui).show(ui, |ui| {
                ui.set_width(ui.available_width());
                if content_ui(ui, toast, &spoken, actions) == Fate::Goes {
                    fate = Fate::Goes;
                }
            });
        })
        .response;
    toast.height = card.rect.height();
    let severity = toast.notice.severity;
    let (role, live) = match severity {
        Severity::Info | Severity::Success => (Role::Status, Live::Polite),
        Severity::Warning | Severity::Error => (Role::Alert, Live::Assertive),
    };
    card.widget_info(|| WidgetInfo::labeled(role, true, &spoken));
    ui.ctx().accesskit_node_builder(card.id, |node| node.set_live(live));
    if let Some(life) = toast.life_secs() {
        let until = *toast.until.get_or_insert(now + life);
        if card.contains_pointer() {
            toast.until = Some(until.max(now + 2.0));
        } else if now >= until {
            fate = Fate::Goes;
        }
        let left = (toast.until.unwrap_or(until) - now).max(0.05);
        ui.ctx().request_repaint_after(Duration::from_secs_f64(left));
    }
    fate
}

fn frame(ui: &Ui) -> egui::Frame {
    let t = tokens(ui);
    egui::Frame::new()
        .fill(t.background)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(Margin { left: 12, right: 8, top: 8, bottom: 10 })
        .shadow(ui.visuals().popup_shadow)
}

fn content_ui(ui: &mut Ui, toast: &mut Toast, spoken: &str, actions: &mut Actions) -> Fate {
    let mut fate = Fate::Stays;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let tone = tone(toast.notice.severity);
        let (rect, _) = ui.allocate_exact_size(vec2(18.0, 24.0), Sense::hover());
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, tone.icon(), icons::font(17.0), tone.color(ui));
        let text_width = ui.available_width() - 24.0 - space::S;
        ui.allocate_ui_with_layout(vec2(text_width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(text_width);
            ui.spacing_mut().item_spacing.y = space::XS;
            ui.add_space(3.0);
            words_ui(ui, toast, spoken, actions);
        });
        if widgets::small_icon_button(ui, icons::CLOSE, &t(ui, "toast-close")).clicked() {
            fate = Fate::Goes;
            // What nobody waits for any more need not be found out.
            let stop = toast.action.as_ref().map(|offered| &offered.action);
            actions.extend(stop.filter(|action| matches!(action, Action::StopCopiedCheck(_))).cloned());
        }
    });
    fate
}

fn words_ui(ui: &mut Ui, toast: &mut Toast, spoken: &str, actions: &mut Actions) {
    let title = if toast.failure().is_some() {
        RichText::new(spoken).font(semibold(size::BODY))
    } else {
        RichText::new(spoken)
    };
    ui.add(egui::Label::new(title).wrap());
    if toast.repeats > 1 {
        let text = caption(ui, t_count(ui, "toast-repeated", toast.repeats, &[]));
        ui.label(text);
    }
    if let Some(failure) = toast.failure().cloned() {
        let advice = locale::failure_advice(lang(ui), &failure);
        ui.add(egui::Label::new(RichText::new(advice).color(tokens(ui).dim)).wrap());
        if !failure.detail.is_empty() {
            detail_ui(ui, toast, &failure, actions);
        }
    }
    if let Some(offered) = toast.action.clone()
        && widgets::link_button(ui, &t(ui, offered.label_id)).clicked()
    {
        actions.push(offered.action);
    }
}

fn detail_ui(ui: &mut Ui, toast: &mut Toast, failure: &Failure, actions: &mut Actions) {
    ui.horizontal(|ui| {
        let id = if toast.shows_detail { "toast-hide-details" } else { "toast-show-details" };
        if widgets::link_button(ui, &t(ui, id)).clicked() {
            toast.shows_detail = !toast.shows_detail;
        }
        if widgets::link_button(ui, &t(ui, "toast-copy-details")).clicked() {
            actions.push(Action::CopyText {
                text: details(failure, ui).into(),
                notice: Notice::message(Severity::Success, "notice-details-copied"),
            });
        }
    });
    if toast.shows_detail {
        widgets::mono_block(ui, &failure.detail);
    }
}

/// What goes on the clipboard: the sentence and the raw words of the server.
fn details(failure: &Failure, ui: &Ui) -> String {
    format!("{}\n{}\n{}", locale::failure_title(lang(ui), failure), failure.kind.code(), failure.detail)
}

/// How long ago, in words; the window is drawn again when they change.
fn age(ui: &Ui, secs: f64) -> String {
    let minutes = to_minutes(secs);
    if minutes < 60 {
        ui.ctx().request_repaint_after(Duration::from_secs_f64(60.0 - secs.max(0.0) % 60.0));
    }
    match minutes {
        0 => t(ui, "toast-now"),
        1..60 => t_count(ui, "toast-minutes-ago", minutes, &[]),
        _ => t_count(ui, "toast-hours-ago", minutes / 60, &[]),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a run's length in minutes")]
fn to_minutes(secs: f64) -> u64 {
    (secs / 60.0).max(0.0) as u64
}

fn history_ui(ui: &mut Ui, toasts: &mut Toasts, actions: &mut Actions) {
    let mut is_closed = false;
    let now = ui.input(|input| input.time);
    frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(crate::ui::theme::strong(t(ui, "toast-history")));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                is_closed = widgets::small_icon_button(ui, icons::CLOSE, &t(ui, "toast-close-history")).clicked();
            });
        });
        if toasts.history.is_empty() {
            let text = crate::ui::theme::dim(ui, t(ui, "toast-history-empty"));
            ui.label(text);
        }
        // From where it stands there is no room below, but all above: the area moves up as it grows.
        let list = egui::ScrollArea::vertical().max_height(HISTORY_HEIGHT).min_scrolled_height(HISTORY_HEIGHT);
        list.show(ui, |ui| {
            for toast in &mut toasts.history {
                let spoken = locale::notice(lang(ui), &toast.notice);
                ui.push_id(toast.id, |ui| {
                    widgets::tone_line(ui, tone(toast.notice.severity), &spoken);
                    let age = age(ui, now - toast.told.unwrap_or(now));
                    let again = (toast.repeats > 1).then(|| t_count(ui, "toast-repeated", toast.repeats, &[]));
                    let when = caption(ui, again.map_or(age.clone(), |again| format!("{age} · {again}")));
                    ui.horizontal(|ui| {
                        ui.add_space(14.0 + space::S);
                        ui.label(when);
                    });
                    if let Some(offered) = toast.action.clone()
                        && widgets::link_button(ui, &t(ui, offered.label_id)).clicked()
                    {
                        actions.push(offered.action);
                    }
                    if let Some(failure) = toast.failure().cloned().filter(|failure| !failure.detail.is_empty()) {
                        detail_ui(ui, toast, &failure, actions);
                    }
                });
            }
            widgets::follow_focus(ui);
        });
    });
    if is_closed {
        toasts.shows_history = false;
    }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Neutral,
        Severity::Success => Tone::Good,
        Severity::Warning => Tone::Warn,
        Severity::Error => Tone::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[test]
    fn the_same_twice_is_one_toast() {
        let mut toasts = Toasts::default();
        toasts.push(Notice::failure(Failure::new(FailureKind::Offline)));
        toasts.push(Notice::failure(Failure::new(FailureKind::Offline)));
        assert_eq!(toasts.shown_count(), 1);
        assert_eq!(toasts.shown.front().map(|toast| toast.repeats), Some(2));
    }

    #[test]
    fn old_ones_make_room_but_stay_in_the_history() {
        let mut toasts = Toasts::default();
        for kind in FailureKind::ALL.iter().take(10) {
            toasts.push(Notice::failure(Failure::new(*kind)));
        }
        assert_eq!(toasts.shown_count(), SHOWN_LIMIT);
        assert_eq!(toasts.history.len(), 10);
    }

    #[test]
    fn a_newer_one_of_the_same_kind_takes_the_place_of_the_older() {
        let mut toasts = Toasts::default();
        let copied = |id, count: usize| Notice::message(Severity::Success, id).with("count", count);
        toasts.push(copied("notice-links-and", 2));
        toasts.push(copied("notice-left-out", 1));
        toasts.push(copied("notice-links-and", 3));
        toasts.push(copied("notice-keys-copied", 3));
        toasts.push(copied("notice-left-out", 4));
        let shown: Vec<_> = toasts.shown.iter().map(|toast| kind(&toast.notice)).collect();
        assert_eq!(shown, [Kind::Copied, Kind::Message("notice-left-out")]);
        assert_eq!(toasts.history.len(), 5, "all are in the list of all");
    }

    #[test]
    fn what_stays_outlives_what_fades() {
        let mut toasts = Toasts::default();
        toasts.push(Notice::failure(Failure::new(FailureKind::Offline)));
        for id in ["a", "b", "c", "d"] {
            toasts.push(Notice::message(Severity::Info, id));
        }
        let shown: Vec<_> = toasts.shown.iter().map(|toast| kind(&toast.notice)).collect();
        assert_eq!(shown, [Kind::Failure(FailureKind::Offline), Kind::Message("c"), Kind::Message("d")]);
    }

    #[test]
    fn failures_stay() {
        let mut toasts = Toasts::default();
        toasts.push(Notice::failure(Failure::new(FailureKind::Offline)));
        toasts.push(Notice::message(Severity::Info, "notice-details-copied"));
        let lives: Vec<_> = toasts.shown.iter().map(Toast::life_secs).collect();
        assert_eq!(lives, [None, Some(5.0)]);
    }

    #[test]
    fn a_warning_stays_longer_where_something_can_be_done_about_it() {
        let mut toasts = Toasts::default();
        let warning = |id| Notice::message(Severity::Warning, id);
        let check_all = Action::CheckAllCopied(ToastId(0));
        toasts.push_with(warning("a"), ToastAction { label_id: "links-check-all", action: check_all });
        let open = Action::OpenUrl("https://h.example/".to_owned().into());
        toasts.push_with(warning("b"), ToastAction { label_id: "open-in-browser", action: open });
        let lives: Vec<_> = toasts.shown.iter().map(Toast::life_secs).collect();
        assert_eq!(lives, [Some(20.0), Some(10.0)]);
    }
}
