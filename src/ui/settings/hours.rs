//! Hours of the day in which uploads go at another speed.

use egui::{Id, PopupCloseBehavior, Ui};

use super::speed;
use crate::model::{BandwidthHours, BandwidthPlan, MINUTES_OF_DAY};
use crate::ui::dialogs::form::{self, FieldLook};
use crate::ui::text::t;
use crate::ui::widgets::{self, Chosen};
use crate::ui::{icons, theme};

/// Minutes between two times to choose from.
const STEP: u16 = 30;
/// What the hours are at first: the night.
const FIRST: BandwidthHours = BandwidthHours { from_minute: 22 * 60, to_minute: 6 * 60, limit: None };

/// What is different in these hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing: there are no such hours.
    None,
    /// Everything goes as fast as it can.
    Unlimited,
    /// Nothing is uploaded.
    Nothing,
    /// A limit of their own.
    Limited,
}

/// What is typed and chosen, before it is a plan.
pub(super) struct Typed {
    kind: Kind,
    speed: String,
}

impl Typed {
    /// The plan as it holds.
    pub(super) fn of(plan: &BandwidthPlan) -> Self {
        let kind = match plan.hours.map(|hours| hours.limit) {
            None => Kind::None,
            Some(None) => Kind::Unlimited,
            Some(Some(0)) => Kind::Nothing,
            Some(Some(_)) => Kind::Limited,
        };
        let limit = plan.hours.and_then(|hours| hours.limit).filter(|limit| *limit > 0);
        Self { kind, speed: speed::limit_text(limit) }
    }

    /// The hours that the choice stands for; those of before until a limit can be read.
    fn hours(&self, before: Option<BandwidthHours>) -> Option<BandwidthHours> {
        let hours = before.unwrap_or(FIRST);
        match self.kind {
            Kind::None => None,
            Kind::Unlimited => Some(BandwidthHours { limit: None, ..hours }),
            Kind::Nothing => Some(BandwidthHours { limit: Some(0), ..hours }),
            Kind::Limited => match speed::parse(&self.speed) {
                Ok(Some(limit)) => Some(BandwidthHours { limit: Some(limit), ..hours }),
                Ok(None) | Err(speed::Unreadable) => before,
            },
        }
    }
}

/// The rows.
pub(super) fn hours_ui(ui: &mut Ui, plan: &mut BandwidthPlan, typed: &mut Typed) {
    let kinds = [
        (Kind::None, t(ui, "settings-hours-none")),
        (Kind::Unlimited, t(ui, "settings-hours-unlimited")),
        (Kind::Nothing, t(ui, "settings-hours-nothing")),
        (Kind::Limited, t(ui, "settings-hours-limited")),
    ];
    if form::choice_row(ui, &t(ui, "settings-hours"), &mut typed.kind, &kinds) {
        plan.hours = typed.hours(plan.hours);
    }
    if typed.kind == Kind::Limited && limit_ui(ui, typed) {
        plan.hours = typed.hours(plan.hours);
    }
    if let Some(hours) = plan.hours.as_mut().filter(|_| typed.kind != Kind::None) {
        times_ui(ui, hours);
    }
}

/// The speed in these hours; whether its field was left.
fn limit_ui(ui: &mut Ui, typed: &mut Typed) -> bool {
    let id = ui.make_persistent_id("settings-hours-speed-field");
    let is_typed = ui.memory(|memory| memory.has_focus(id));
    let is_wrong = !matches!(speed::parse(&typed.speed), Ok(Some(_)));
    let problem = (is_wrong && !is_typed).then(|| t(ui, "settings-hours-speed-unreadable"));
    let look = FieldLook { hint: "500 KB/s", problem, id: Some(id), ..FieldLook::default() };
    form::text_row(ui, &t(ui, "settings-hours-speed"), &mut typed.speed, look).lost_focus()
}

/// From when to when, in one row.
fn times_ui(ui: &mut Ui, hours: &mut BandwidthHours) {
    form::row(ui, &t(ui, "settings-hours-when"), |ui, label_id| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let (from, to) = (t(ui, "settings-hours-from"), t(ui, "settings-hours-to"));
            time_ui(ui, label_id, &from, &mut hours.from_minute);
            ui.label(theme::dim(ui, t(ui, "settings-hours-until")));
            time_ui(ui, label_id, &to, &mut hours.to_minute);
        });
        let note = match hours.from_minute.cmp(&hours.to_minute) {
            std::cmp::Ordering::Less => return,
            std::cmp::Ordering::Equal => "settings-hours-whole-day",
            std::cmp::Ordering::Greater => "settings-hours-over-midnight",
        };
        form::note_ui(ui, icons::INFO, &t(ui, note));
    });
}

fn time_ui(ui: &mut Ui, label: Id, name: &str, minute: &mut u16) {
    let shown = clock(*minute);
    ui.scope(|ui| {
        ui.set_max_width(104.0);
        let list = form::combo(ui, name, &shown, PopupCloseBehavior::CloseOnClick, |ui| {
            for choice in choices(*minute) {
                let is_chosen = Chosen::from(choice == *minute);
                if widgets::select_item(ui, is_chosen, &clock(choice), "").clicked() {
                    *minute = choice;
                }
            }
        });
        let response = list.response.labelled_by(label);
        // The row's label names both times; each says which it is.
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.clear_labelled_by();
            node.set_label(name);
        });
    });
}

/// Every half hour, and the time as it is if that is none of them.
fn choices(now: u16) -> Vec<u16> {
    let mut times: Vec<u16> = (0..MINUTES_OF_DAY).step_by(usize::from(STEP)).collect();
    if let Err(place) = times.binary_search(&now) {
        times.insert(place, now);
    }
    times
}

/// `06:30`
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_becomes_hours_once_its_speed_can_be_read() {
        let mut typed = Typed::of(&BandwidthPlan::default());
        assert_eq!((typed.kind, typed.hours(None)), (Kind::None, None));
        typed.kind = Kind::Limited;
        assert_eq!(typed.hours(None), None, "no speed is typed yet");
        typed.speed = "500 KB/s".to_owned();
        assert_eq!(typed.hours(None), Some(BandwidthHours { limit: Some(500_000), ..FIRST }));
        let office = BandwidthHours { from_minute: 540, to_minute: 1020, limit: Some(500_000) };
        typed.kind = Kind::Nothing;
        assert_eq!(typed.hours(Some(office)), Some(BandwidthHours { limit: Some(0), ..office }));
        let read = Typed::of(&BandwidthPlan { limit: None, hours: Some(office) });
        assert_eq!((read.kind, read.speed.as_str()), (Kind::Limited, "500 KB/s"));
    }

    #[test]
    fn odd_times_stay_in_the_list() {
        assert_eq!(choices(0).len(), 48);
        assert_eq!(choices(545).iter().filter(|time| **time == 545).count(), 1);
        assert_eq!(clock(545), "09:05");
    }
}
