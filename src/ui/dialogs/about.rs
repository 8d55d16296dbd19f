//! What this program is, which version, under which licences.

use egui::{Align2, Sense, Ui, vec2};

use super::form;
use super::view::{Cx, DialogView};
use crate::model::{Notice, Severity};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_with};
use crate::ui::theme::{self, space, tokens};
use crate::ui::{icons, widgets};

/// The dialog; it has nothing to remember.
pub(super) struct About;

impl DialogView for About {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "about-title")
    }

    fn body(&mut self, ui: &mut Ui, _cx: &mut Cx<'_>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            mark_ui(ui);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space::XS;
                ui.label(theme::title(t(ui, "app-name")));
                let version = t_with(ui, "about-version", &[("version", env!("CARGO_PKG_VERSION"))]);
                let version = theme::dim(ui, version);
                ui.label(version);
            });
        });
        ui.add_space(space::M);
        form::paragraph(ui, &t(ui, "about-what"));
        form::dim_paragraph(ui, &t(ui, "about-licence"));
        form::dim_paragraph(ui, &t(ui, "about-fonts"));
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if widgets::button(ui, Some(icons::COPY), &t(ui, "about-copy")).clicked() {
            let text = format!(
                "Bucketdrop {} · {} · {}",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH
            );
            let notice = Notice::message(Severity::Success, "notice-details-copied");
            cx.push(Action::CopyText { text: text.into(), notice });
        }
        form::right_side(ui, |ui| {
            let close = widgets::primary_button(ui, None, &t(ui, "about-close"));
            cx.focus_first(&close);
            if close.clicked() {
                cx.close();
            }
        });
    }
}

/// The program's mark: a bucket on the accent colour.
fn mark_ui(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(48.0, 48.0), Sense::hover());
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 12.0, t.accent_fill);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icons::UPLOAD, icons::font(28.0), t.on_accent);
}
