//! Another place for what waits: by keys on its row, and by dragging the row. The menu of the row has the same steps.

use std::ops::Range;

use egui::{CursorIcon, Key, Modifiers, Rangef, Response, Stroke, Ui};

use super::row::on_one;
use crate::model::{Command, TransferAction, TransferId, TransferRow, TransferState, TransferTab, TransfersView};
use crate::ui::actions::Actions;
use crate::ui::theme::{size, tokens};

/// Keys on a row that has the keyboard.
const KEYS: [(Key, TransferAction); 4] = [
    (Key::ArrowUp, TransferAction::Sooner),
    (Key::ArrowDown, TransferAction::Later),
    (Key::Home, TransferAction::First),
    (Key::End, TransferAction::Last),
];

/// Whether a row has a turn that can be changed.
pub(super) fn can_move(row: &TransferRow) -> bool {
    row.state == TransferState::Queued
}

/// With this, keys on a row move it. On macOS the command key with arrows goes through folders.
const MOVES: Modifiers = if cfg!(target_os = "macos") { Modifiers::ALT } else { Modifiers::COMMAND };

/// Ctrl (Option on macOS) with the arrows, Home and End moves the row that has the keyboard.
pub(super) fn by_keyboard(ui: &Ui, response: &Response, row: &TransferRow, actions: &mut Actions) {
    if !response.has_focus() || !can_move(row) {
        return;
    }
    for (key, action) in KEYS {
        if ui.input_mut(|input| input.consume_key(MOVES, key)) {
            actions.command(on_one(row, action));
            // A row that leaves the screen loses the keyboard.
            let steps = if action == TransferAction::Sooner { -1.0 } else { 1.0 };
            ui.scroll_to_rect(response.rect.translate(egui::vec2(0.0, steps * size::TRANSFER_ROW)), None);
        }
    }
}

/// Notes that a row begins to be dragged.
pub(super) fn note_drag(response: &Response, row: &TransferRow, dragged: &mut Option<TransferId>) {
    if response.drag_started_by(egui::PointerButton::Primary) && can_move(row) {
        *dragged = Some(row.id);
    }
}

/// While a row is dragged, marks the place it would get; gives it that place when it is let go. Call in the list after
/// its rows, of which `shown` are drawn from the top of `ui` on.
pub(super) fn drag_ui(
    ui: &Ui,
    view: &TransfersView,
    shown: Range<usize>,
    dragged: &mut Option<TransferId>,
    actions: &mut Actions,
) {
    let Some(moved) = *dragged else { return };
    let (pointer, is_down, is_stopped) =
        ui.input(|input| (input.pointer.latest_pos(), input.pointer.primary_down(), input.key_pressed(Key::Escape)));
    if is_stopped || view.tab != TransferTab::Active {
        *dragged = None;
        return;
    }
    let room = ui.min_rect();
    let gap = pointer.filter(|at| ui.clip_rect().expand(size::TRANSFER_ROW).contains(*at)).and_then(|at| {
        let row = ((at.y - room.top()) / size::TRANSFER_ROW).round().max(0.0);
        place(view, shown.start, row, moved)
    });
    if let Some(Place { rows_above, .. }) = gap {
        let y = room.top() + rows_above * size::TRANSFER_ROW;
        let x = Rangef::new(room.left() + 8.0, room.right() - 8.0);
        ui.painter().hline(x, y.max(ui.clip_rect().top() + 1.0), Stroke::new(2.0, tokens(ui).accent));
    }
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    if !is_down {
        *dragged = None;
        if let Some(Place { before, .. }) = gap.filter(|gap| gap.before != Some(moved)) {
            actions.command(Command::MoveTransfer { transfer: moved, before });
        }
    }
}

/// A place in the order.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// So many drawn rows are above it.
    rows_above: f32,
    /// What then has the next turn; `None` at the end.
    before: Option<TransferId>,
}

/// The place so many rows below the first drawn one: before the next that waits. `None` where what comes there is not
/// known.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of rows that are on screen"
)]
fn place(view: &TransfersView, first_shown: usize, rows_above: f32, moved: TransferId) -> Option<Place> {
    let index = first_shown + rows_above as usize;
    let total = usize::try_from(view.counts.active).unwrap_or(usize::MAX);
    let from = index.checked_sub(view.first_index)?;
    let next = view.rows.get(from.min(view.rows.len())..)?.iter().position(can_move);
    let Some(ahead) = next else {
        let is_end = view.first_index + view.rows.len() >= total;
        return is_end.then_some(Place { rows_above, before: None });
    };
    let before = view.rows.get(from + ahead)?.id;
    // Right behind itself it stays where it is, as it does right before itself.
    let is_behind_itself = from.checked_sub(1).and_then(|at| view.rows.get(at)).is_some_and(|row| row.id == moved);
    let before = if is_behind_itself { moved } else { before };
    Some(Place { rows_above: rows_above + ahead as f32, before: Some(before) })
}
