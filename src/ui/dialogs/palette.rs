//! Every command by name: type a part of it, choose with the arrows, Enter does it.

use egui::{Key, Modifiers, ScrollArea, Ui};

use super::view::{Cx, DialogView};
use crate::locale::{self, Lang};
use crate::ui::actions::Action;
use crate::ui::icons;
use crate::ui::text::t;
use crate::ui::theme::{self, space};
use crate::ui::ui_command::{CommandGroup, UiCommand, possible, shortcut_text};
use crate::ui::widgets::{self, Chosen, Row};

const ROW: f32 = 30.0;

/// What is typed and which line is chosen.
#[derive(Default)]
pub(super) struct Palette {
    typed: String,
    line: usize,
}

impl DialogView for Palette {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "palette-title")
    }

    fn width(&self) -> f32 {
        560.0
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let found = matching(&self.typed, &possible(ui));
        let chosen = self.keys(ui, &found);
        // Room for the ring of the focus, which the scrolling body would cut.
        ui.add_space(space::XS);
        let width = ui.available_width();
        let name = t(ui, "palette-title");
        let field = widgets::search_field(ui, &mut self.typed, &t(ui, "palette-hint"), &name, width);
        cx.focus_first(&field);
        if field.changed() {
            self.line = 0;
        }
        ui.add_space(space::S);
        let clicked = self.list_ui(ui, &found);
        if let Some(command) = chosen.or(clicked) {
            cx.close();
            cx.push(Action::Ui(command));
        }
    }

    fn footer(&mut self, ui: &mut Ui, _cx: &mut Cx<'_>) {
        let help = theme::caption(ui, t(ui, "palette-help"));
        ui.label(help);
    }
}

impl Palette {
    /// Arrows move, Enter chooses.
    fn keys(&mut self, ui: &Ui, found: &[UiCommand]) -> Option<UiCommand> {
        let last = found.len().saturating_sub(1);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            self.line = if self.line >= last { 0 } else { self.line + 1 };
        }
        if pressed(Key::ArrowUp) {
            self.line = self.line.checked_sub(1).unwrap_or(last);
        }
        self.line = self.line.min(last);
        let is_chosen = pressed(Key::Enter);
        if is_chosen { found.get(self.line).copied() } else { None }
    }

    fn list_ui(&self, ui: &mut Ui, found: &[UiCommand]) -> Option<UiCommand> {
        let mut clicked = None;
        if found.is_empty() {
            let words = theme::dim(ui, t(ui, "palette-empty"));
            ui.label(words);
        }
        ScrollArea::vertical().max_height(10.0 * ROW).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (index, command) in found.iter().enumerate() {
                if self.line_ui(ui, *command, index) {
                    clicked = Some(*command);
                }
            }
        });
        clicked
    }

    fn line_ui(&self, ui: &mut Ui, command: UiCommand, index: usize) -> bool {
        let label = command.label(ui);
        let is_chosen = self.line == index;
        let (rect, response) =
            widgets::row(ui, Row { height: ROW, chosen: Chosen::from(is_chosen), accessible_name: &label });
        let tokens = theme::tokens(ui);
        let painter = ui.painter();
        let left = rect.left() + 20.0;
        let color = if command.is_destructive() { tokens.bad } else { tokens.text };
        let dim = if is_chosen { tokens.dim_strong } else { tokens.dim };
        let at = egui::pos2(left, rect.center().y);
        painter.text(at, egui::Align2::CENTER_CENTER, command.icon(), icons::font(theme::size::ICON), dim);
        let font = egui::FontId::proportional(theme::size::BODY);
        let at = egui::pos2(left + 18.0, rect.center().y);
        painter.text(at, egui::Align2::LEFT_CENTER, &label, font, color);
        let group = t(ui, group_id(command.group()));
        let keys = shortcut_text(ui, command).unwrap_or_default();
        let remark = if keys.is_empty() { group } else { format!("{group}   {keys}") };
        let font = egui::FontId::proportional(theme::size::CAPTION);
        let at = egui::pos2(rect.right() - space::M, rect.center().y);
        painter.text(at, egui::Align2::RIGHT_CENTER, remark, font, dim);
        if is_chosen {
            response.scroll_to_me(None);
        }
        response.clicked()
    }
}

fn group_id(group: CommandGroup) -> &'static str {
    match group {
        CommandGroup::Objects => "command-group-objects",
        CommandGroup::Links => "command-group-links",
        CommandGroup::Go => "command-group-go",
        CommandGroup::Connection => "command-group-connection",
        CommandGroup::Transfers => "command-group-transfers",
        CommandGroup::Window => "command-group-window",
    }
}

/// Commands whose label in any language, or the other words for them, holds every word that was typed. Those whose
/// label starts with it come first.
fn matching(typed: &str, possible: &[UiCommand]) -> Vec<UiCommand> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let rank = |command: UiCommand| -> Option<usize> {
        let labels = Lang::ALL.map(|lang| locale::text(lang, command.label_id()).to_lowercase());
        let others = Lang::ALL.map(|lang| command.keywords_id().map(|id| locale::text(lang, id).to_lowercase()));
        let known: Vec<String> = labels
            .iter()
            .zip(&others)
            .map(|(label, other)| match other {
                Some(other) => format!("{label} {other}"),
                None => label.clone(),
            })
            .collect();
        let holds = |known: &String| words.iter().all(|word| known.contains(word.as_str()));
        let starts = |label: &String| words.first().is_some_and(|word| label.starts_with(word.as_str()));
        if !known.iter().any(holds) {
            return None;
        }
        Some(usize::from(!labels.iter().any(starts)))
    };
    let offered = possible.iter().copied().filter(|command| *command != UiCommand::Palette);
    let mut found: Vec<(usize, UiCommand)> =
        offered.filter_map(|command| rank(command).map(|rank| (rank, command))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, command)| command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_parts_in_both_languages() {
        assert_eq!(matching("url", UiCommand::ALL).first(), Some(&UiCommand::CopyUrl));
        assert_eq!(matching("fold upl", UiCommand::ALL), [UiCommand::UploadFolder]);
        assert!(matching("설정", UiCommand::ALL).contains(&UiCommand::Settings));
        for word in ["language", "언어", "korean"] {
            assert_eq!(matching(word, UiCommand::ALL), [UiCommand::SwitchLanguage], "{word}");
        }
        assert!(matching("no such command", UiCommand::ALL).is_empty());
    }

    #[test]
    fn only_possible_commands_are_offered() {
        assert_eq!(matching("", &[UiCommand::About, UiCommand::Palette]), [UiCommand::About]);
    }
}
