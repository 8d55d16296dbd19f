//! The transfers drawer: the picture of the queue that the engine sends, and what can be done to it.
//!
//! The engine sends rows only of what is visible; [`queue_ui`] tells it which those are.

mod header;
mod hold;
mod order;
mod row;
mod then;
mod words;

pub(super) use hold::{explained as explained_holds, lines as hold_lines};

use egui::{Align, Layout, ScrollArea, Ui};

use super::actions::{Action, Actions};
use super::icons;
use super::menus;
use super::text::t;
use super::theme::{self, size, space};
use super::ui_command::UiCommand;
use super::widgets;
use crate::model::{AppModel, Command, RowsWanted, Selection, TransferAction, TransferId, TransferTab};

/// Height of the drawer's head, and of the closed drawer.
pub const HEADER_HEIGHT: f32 = 48.0;
/// Height of the lines below it that say why nothing moves, and what follows.
pub const HOLD_HEIGHT: f32 = 30.0;

/// Rows are asked for in blocks of this many, so that slow scrolling does not ask at every row.
const BLOCK: usize = 16;

/// State of the drawer.
#[derive(Debug)]
pub struct QueueState {
    /// Whether the rows are shown.
    pub is_open: bool,
    /// The tab that is shown.
    pub tab: TransferTab,
    /// Uploads of an earlier run wait for the user's word.
    pub waits_from_last_time: bool,
    /// A row that is being dragged to another place.
    dragged: Option<TransferId>,
    /// What was asked for last.
    asked: Option<RowsWanted>,
}

impl Default for QueueState {
    fn default() -> Self {
        Self { is_open: true, tab: TransferTab::Active, waits_from_last_time: false, dragged: None, asked: None }
    }
}

impl QueueState {
    /// Open on a tab.
    pub fn on(tab: TransferTab) -> Self {
        Self { tab, ..Self::default() }
    }

    /// The height the drawer wants: its head, the lines that say why nothing moves and what follows, and four rows when
    /// it is open.
    pub fn wanted_height(&self, model: &AppModel) -> f32 {
        let lines = [hold::is_shown(model, self), then::is_shown(model)].into_iter().filter(|is_shown| *is_shown);
        let head = lines.fold(HEADER_HEIGHT, |height, _| height + HOLD_HEIGHT);
        if self.is_open { head + 4.0 * size::TRANSFER_ROW + space::S } else { head }
    }

    /// Whether uploads of an earlier run are there and wait for the user's word.
    pub fn has_waiting(&self, model: &AppModel) -> bool {
        self.waits_from_last_time && model.transfers.counts.active > 0
    }

    /// The rows are not drawn: one that is being dragged stays where it is.
    pub fn not_drawn(&mut self) {
        self.dragged = None;
    }

    /// Asks the engine for these rows, unless it was asked for the same already.
    fn ask(&mut self, wanted: RowsWanted, actions: &mut Actions) {
        if self.asked != Some(wanted) {
            self.asked = Some(wanted);
            actions.command(Command::ShowTransfers(wanted));
        }
    }
}

/// Draws the drawer into the whole room of `ui`, which is a panel of [`QueueState::wanted_height`] or what the user
/// made of it.
pub fn queue_ui(ui: &mut Ui, model: &AppModel, state: &mut QueueState, actions: &mut Actions) {
    ui.spacing_mut().item_spacing = egui::vec2(space::S, 0.0);
    header::header_ui(ui, model, state, actions);
    if hold::is_shown(model, state) {
        hold::hold_ui(ui, model, state, actions);
    }
    if then::is_shown(model) {
        then::then_ui(ui, model, actions);
    }
    if state.is_open {
        rows_ui(ui, model, state, actions);
    } else {
        state.not_drawn();
        state.ask(RowsWanted { tab: state.tab, first_index: 0, count: 0 }, actions);
    }
}

fn rows_ui(ui: &mut Ui, model: &AppModel, state: &mut QueueState, actions: &mut Actions) {
    let view = &model.transfers;
    let total = usize::try_from(view.counts.of(state.tab)).unwrap_or(usize::MAX);
    if total == 0 {
        state.not_drawn();
        empty_ui(ui, state.tab);
        state.ask(RowsWanted { tab: state.tab, first_index: 0, count: BLOCK }, actions);
        return;
    }
    let area = ScrollArea::vertical().id_salt(("transfers", state.tab)).auto_shrink(false);
    let shown = area.show_rows(ui, size::TRANSFER_ROW, total, |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for index in range.clone() {
            let row = (view.tab == state.tab)
                .then(|| index.checked_sub(view.first_index).and_then(|at| view.rows.get(at)))
                .flatten();
            match row {
                Some(transfer) => {
                    let drawn = row::row_ui(ui, model, transfer, actions);
                    order::note_drag(&drawn, transfer, &mut state.dragged);
                }
                None => row::placeholder_ui(ui),
            }
        }
        order::drag_ui(ui, view, range.clone(), &mut state.dragged, actions);
        range
    });
    let first = shown.inner.start / BLOCK * BLOCK;
    let last = shown.inner.end.div_ceil(BLOCK) * BLOCK;
    state.ask(RowsWanted { tab: state.tab, first_index: first, count: last - first }, actions);
}

fn empty_ui(ui: &mut Ui, tab: TransferTab) {
    let (title, advice) = match tab {
        TransferTab::Active => ("queue-empty-active", "queue-empty-active-advice"),
        TransferTab::Done => ("queue-empty-done", "queue-empty-done-advice"),
        TransferTab::Failed => ("queue-empty-failed", "queue-empty-failed-advice"),
    };
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space((ui.available_height() / 2.0 - 26.0).max(space::S));
        let title = theme::strong(t(ui, title));
        ui.label(title);
        ui.add_space(space::XS);
        let advice = theme::dim(ui, t(ui, advice));
        ui.label(advice);
    });
}

/// An action on every transfer.
fn on_all(action: TransferAction) -> Command {
    Command::Transfers { selection: Selection::All, action }
}

/// The menu behind the three dots.
fn more_menu(ui: &mut Ui, model: &AppModel, actions: &mut Actions) {
    menus::narrow(ui);
    let counts = model.transfers.counts;
    let entries = [
        (UiCommand::RetryFailed, counts.failed > 0),
        (UiCommand::ClearFinished, counts.done > 0),
        (UiCommand::RemoveFailed, counts.failed > 0),
        (UiCommand::CancelAll, counts.active > 0),
    ];
    let label = t(ui, "command-copy-uploaded-urls");
    ui.add_enabled_ui(model.transfers.linkable > 0, |ui| {
        if widgets::menu_item(ui, Some(icons::LINK), &label, None).clicked() {
            actions.push(Action::CopyUploadedLinks);
            ui.close();
        }
    });
    let can_save = !model.finished.is_empty();
    for (command, is_possible) in [(UiCommand::Receipts, can_save), (UiCommand::CheckReceipt, true)] {
        ui.add_enabled_ui(is_possible, |ui| {
            if widgets::menu_item(ui, Some(command.icon()), &command.label(ui), None).clicked() {
                actions.push(Action::Ui(command));
                ui.close();
            }
        });
    }
    ui.add_enabled_ui(!model.left_out.is_empty(), |ui| {
        if widgets::menu_item(ui, Some(icons::WARNING), &t(ui, "queue-show-left-out"), None).clicked() {
            actions.push(Action::Ui(UiCommand::ShowLeftOut));
            ui.close();
        }
    });
    widgets::menu_separator(ui);
    for (command, is_possible) in entries {
        ui.add_enabled_ui(is_possible, |ui| {
            if widgets::menu_item(ui, Some(command.icon()), &command.label(ui), None).clicked() {
                actions.push(Action::Ui(command));
                ui.close();
            }
        });
    }
    widgets::menu_separator(ui);
    then::menu_ui(ui, model, actions);
}
