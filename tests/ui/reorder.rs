//! What waits gets another place: by the menu of its row, by keys, and by dragging the row.

use bucketdrop::model::{
    AppModel, Command, TransferAction, TransferCounts, TransferId, TransferState, TransferTab, TransfersView,
};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::queue::{World, actions_on_one, commands, drawer};
use crate::support::transfer;

/// One that runs, then four that wait.
fn five() -> Harness<'static, World> {
    let states = ["0.bin", "1.bin", "2.bin", "3.bin", "4.bin"].into_iter().enumerate();
    let rows = states.map(|(n, name)| {
        let state = if n == 0 { TransferState::Active } else { TransferState::Queued };
        transfer(&format!("/a/{name}"), name, state)
    });
    let rows: Vec<_> = rows.collect();
    let counts = TransferCounts { active: 5, moving: 1, ..TransferCounts::default() };
    let transfers = TransfersView { rows, counts, ..TransfersView::default() };
    drawer(AppModel { transfers, ..AppModel::default() }, TransferTab::Active, [756.0, 300.0])
}

fn id(harness: &Harness<'_, World>, row: usize) -> TransferId {
    harness.state().model.transfers.rows.get(row).unwrap().id
}

fn row_label(row: usize) -> String {
    format!("{row}.bin, → weandb · waiting, 18.4 MB")
}

#[test]
fn the_menu_of_a_waiting_row_moves_it() {
    let mut harness = five();
    let steps = [
        ("Now, before all that waits", TransferAction::First),
        ("One step up", TransferAction::Sooner),
        ("One step down", TransferAction::Later),
        ("To the end of what waits", TransferAction::Last),
    ];
    for (label, action) in steps {
        harness.get_by_label(&row_label(3)).click_secondary();
        harness.run();
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(actions_on_one(&harness).last(), Some(&action));
    }
    harness.get_by_label_contains("0.bin, → ").click_secondary();
    harness.run();
    assert!(harness.query_by_label("One step up").is_none(), "what runs has had its turn");
}

#[test]
fn keys_move_the_row_that_has_the_keyboard() {
    let mut harness = five();
    harness.get_by_label(&row_label(2)).focus();
    harness.run();
    let keys = [egui::Key::ArrowUp, egui::Key::ArrowDown, egui::Key::Home, egui::Key::End];
    for key in keys {
        harness.key_press_modifiers(egui::Modifiers::COMMAND, key);
        harness.run();
    }
    let each = [TransferAction::Sooner, TransferAction::Later, TransferAction::First, TransferAction::Last];
    assert_eq!(actions_on_one(&harness), each);
    let moved = commands(&harness).into_iter().all(|command| match command {
        Command::Transfers { selection, .. } => selection == bucketdrop::model::Selection::One(id(&harness, 2)),
        _ => true,
    });
    assert!(moved, "the row that has the keyboard, and no other");
}

/// Drags one row to a point, in rows from the first one's top, and lets it go.
fn drag(harness: &mut Harness<'_, World>, row: usize, to_rows: f32) {
    let from = harness.get_by_label(&row_label(row)).rect().center();
    let top = harness.get_by_label_contains("0.bin, → ").rect().top();
    let to = egui::pos2(from.x, top + to_rows * 42.0);
    harness.drag_at(from);
    harness.run();
    for step in 1..=4_u8 {
        harness.hover_at(from.lerp(to, f32::from(step) / 4.0));
        harness.run();
    }
    harness.drop_at(to);
    harness.run();
}

fn moves(harness: &Harness<'_, World>) -> Vec<(TransferId, Option<TransferId>)> {
    let moves = commands(harness).into_iter().filter_map(|command| match command {
        Command::MoveTransfer { transfer, before } => Some((transfer, before)),
        _ => None,
    });
    moves.collect()
}

#[test]
fn a_row_is_dragged_to_another_place() {
    let mut harness = five();
    drag(&mut harness, 3, 2.1);
    assert_eq!(moves(&harness), [(id(&harness, 3), Some(id(&harness, 2)))]);
    drag(&mut harness, 1, 4.9);
    assert_eq!(moves(&harness)[1], (id(&harness, 1), None), "behind everything");
    drag(&mut harness, 4, 0.1);
    assert_eq!(moves(&harness)[2], (id(&harness, 4), Some(id(&harness, 1))), "nothing goes before what runs");
    for nowhere in [1.9, 3.1] {
        drag(&mut harness, 2, nowhere);
    }
    assert_eq!(moves(&harness).len(), 3, "where it stands already, nothing is asked for");
}

#[test]
fn escape_lets_a_dragged_row_stay() {
    let mut harness = five();
    let from = harness.get_by_label(&row_label(3)).rect().center();
    harness.drag_at(from);
    harness.run();
    harness.hover_at(from - egui::vec2(0.0, 60.0));
    harness.run();
    crate::support::save(&mut harness, "queue-dragged");
    harness.key_press(egui::Key::Escape);
    harness.run();
    harness.drop_at(from - egui::vec2(0.0, 60.0));
    harness.run();
    assert_eq!(moves(&harness), []);
}

#[test]
fn a_row_that_is_let_go_while_the_drawer_is_closed_stays() {
    let mut harness = five();
    let from = harness.get_by_label(&row_label(3)).rect().center();
    harness.drag_at(from);
    harness.run();
    harness.hover_at(from - egui::vec2(0.0, 60.0));
    harness.run();
    harness.state_mut().state.is_open = false;
    harness.run();
    harness.drop_at(from - egui::vec2(0.0, 60.0));
    harness.run();
    // The pointer is where the row would go, and no button is down.
    harness.hover_at(from - egui::vec2(0.0, 60.0));
    harness.run();
    harness.state_mut().state.is_open = true;
    harness.run();
    assert_eq!(moves(&harness), []);
}
