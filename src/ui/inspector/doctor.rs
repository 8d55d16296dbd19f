//! Why a link does not open, layer by layer, and the ways to share that fit the bucket, the best first.

use egui::{Align2, Sense, Ui, vec2};

use crate::model::{AccessReport, Bearing, LayerFinding, ObjectRef, OpenWhat, Prefix, ShareWay};
use crate::ui::actions::Actions;
use crate::ui::dialogs::Dialog;
use crate::ui::link_state::{CardCheck, Explained};
use crate::ui::text::{lang, t, t_count, t_with};
use crate::ui::theme::{self, size};
use crate::ui::widgets::{self, Tone};
use crate::ui::{format, icons, verdict};

/// Longest prefix on a button, in graphemes.
const PREFIX_ROOM: usize = 20;

/// Draws reasons and ways, as far as they are known.
pub(super) fn doctor_ui(ui: &mut Ui, object: &ObjectRef, card: Option<&CardCheck>, actions: &mut Actions) {
    match card.map(|card| &card.report) {
        None | Some(Explained::No) => {}
        Some(Explained::Asked(_)) => {
            let words = theme::caption(ui, t(ui, "link-why-asking"));
            ui.label(words);
        }
        Some(Explained::Failed(failure)) => {
            widgets::tone_line(ui, Tone::Warn, &crate::locale::failure_title(lang(ui), failure));
            if widgets::link_button(ui, &t(ui, "show-details")).clicked() {
                actions.show(Dialog::ErrorDetails(Box::new(failure.clone())));
            }
        }
        Some(Explained::Here(report)) => report_ui(ui, object, report, actions),
    }
}

fn report_ui(ui: &mut Ui, object: &ObjectRef, report: &AccessReport, actions: &mut Actions) {
    if !report.layers.is_empty() {
        heading_ui(ui, "link-why");
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 5.0;
            layers_ui(ui, object, report);
        });
    }
    let possible: Vec<&ShareWay> = report.ways.iter().filter(|way| is_possible(way, object)).collect();
    if possible.is_empty() {
        return;
    }
    heading_ui(ui, "link-ways");
    for (rank, way) in possible.into_iter().enumerate() {
        way_ui(ui, object, way, rank == 0, actions);
    }
}

/// What keeps strangers out first, then what could not be looked at; more than one layer that lets them in is folded
/// away until somebody asks for all.
fn layers_ui(ui: &mut Ui, object: &ObjectRef, report: &AccessReport) {
    let layers = &report.layers;
    let of = |bearing| layers.iter().filter(move |found| report.bearing(**found) == bearing);
    for found in of(Bearing::Refuses).chain(of(Bearing::Unknown)) {
        finding_ui(ui, *found, report.bearing(*found));
    }
    let allowing = of(Bearing::Allows).count();
    let is_folded = allowing > 1 && allowing < layers.len();
    let key = egui::Id::unique(("all-layers", object));
    let mut shows_all = !is_folded || ui.data(|data| data.get_temp(key).unwrap_or(false));
    if is_folded {
        let words = if shows_all {
            t(ui, "link-fewer-layers")
        } else {
            t_count(ui, "link-all-layers", layers.len() as u64, &[])
        };
        if widgets::link_button(ui, &words).clicked() {
            shows_all = !shows_all;
            ui.data_mut(|data| data.insert_temp(key, shows_all));
        }
    }
    if shows_all {
        for found in of(Bearing::Allows) {
            finding_ui(ui, *found, Bearing::Allows);
        }
    }
}

fn heading_ui(ui: &mut Ui, id: &str) {
    ui.label(egui::RichText::new(t(ui, id)).font(theme::semibold(size::CAPTION)));
}

/// One layer: its icon says whether it lets in, keeps out or is not known, and so do its words.
fn finding_ui(ui: &mut Ui, found: LayerFinding, bearing: Bearing) {
    let (icon, tone) = verdict::bearing(bearing);
    let words = verdict::finding(found, lang(ui));
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, icons::font(14.0), tone.color(ui));
        ui.add(egui::Label::new(egui::RichText::new(words).size(size::CAPTION + 0.5)).wrap());
    });
}

/// The embedded storage, and a connection that was named on the command line, have no editor in which a domain could
/// be set.
pub(super) fn is_possible(way: &ShareWay, object: &ObjectRef) -> bool {
    let has_editor = !object.connection.is_local() && !object.connection.is_from_command_line();
    *way != ShareWay::Domain || has_editor
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is drawn")]
fn way_ui(ui: &mut Ui, object: &ObjectRef, way: &ShareWay, is_best: bool, actions: &mut Actions) {
    let (icon, label, dialog) = match way {
        ShareWay::ExpiringLink => {
            (icons::CLOCK_COUNTDOWN, t(ui, "way-expiring"), Dialog::SignedLink(vec![object.clone()]))
        }
        ShareWay::PublicPrefix(prefix) => {
            (icons::GLOBE, prefix_label(ui, prefix), make_public(object, OpenWhat::Prefix(prefix.clone())))
        }
        ShareWay::PublicObject => {
            let what = OpenWhat::Objects(vec![object.key.clone()]);
            (icons::GLOBE, t(ui, "way-object"), make_public(object, what))
        }
        ShareWay::Domain => (icons::CLOUD, t(ui, "way-domain"), Dialog::EditDomains(object.connection.clone())),
        // What this program cannot do is told, not offered.
        ShareWay::Restore => return told_ui(ui, "way-restore"),
        ShareWay::ReEncrypt => return told_ui(ui, "way-re-encrypt"),
        ShareWay::TakeOver => return told_ui(ui, "way-take-over"),
    };
    let button = if is_best {
        widgets::primary_button_wide(ui, Some(icon), &label)
    } else {
        widgets::button_wide(ui, Some(icon), &label)
    };
    let button = match way {
        ShareWay::PublicPrefix(prefix) if shown_prefix(prefix) != format::readable(prefix.as_str()) => {
            button.on_hover_text(format::readable(prefix.as_str()).into_owned())
        }
        _ => button,
    };
    if button.clicked() {
        actions.show(dialog);
    }
}

fn told_ui(ui: &mut Ui, id: &str) {
    let words = t(ui, id);
    widgets::tone_line(ui, Tone::Neutral, &words);
}

fn prefix_label(ui: &Ui, prefix: &Prefix) -> String {
    if prefix.is_root() {
        return t(ui, "way-bucket");
    }
    t_with(ui, "way-prefix", &[("prefix", &shown_prefix(prefix))])
}

/// As much of it as fits on a button.
fn shown_prefix(prefix: &Prefix) -> String {
    format::elide_middle(&format::readable(prefix.as_str()), PREFIX_ROOM).into_owned()
}

fn make_public(object: &ObjectRef, what: OpenWhat) -> Dialog {
    Dialog::MakePublic { connection: object.connection.clone(), bucket: object.bucket.clone(), what }
}
