//! Columns made wider and narrower: by dragging an edge, by a double click on it, by keyboard.

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use bucketdrop::model::{Column, Command, Event, Settings};
use egui::accesskit::Role;
use egui::{Event as Input, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn showing(setup: Setup) -> Stage {
    Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture())
}

fn edge(stage: &Stage, column: &str) -> Pos2 {
    let label = format!("Width of the column {column}");
    stage.window.get_by_role_and_label(Role::Splitter, &label).rect().center()
}

fn width(stage: &Stage, column: &str) -> f64 {
    let label = format!("Width of the column {column}");
    stage.window.get_by_role_and_label(Role::Splitter, &label).accesskit_node().numeric_value().unwrap()
}

fn press(stage: &mut Stage, pos: Pos2) {
    let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
    stage.window.event(Input::PointerButton { pos, button, pressed: true, modifiers });
    stage.window.step();
}

fn let_go(stage: &mut Stage, pos: Pos2) {
    let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
    stage.window.event(Input::PointerButton { pos, button, pressed: false, modifiers });
    stage.window.step();
}

fn drag(stage: &mut Stage, from: Pos2, to: Pos2) {
    stage.window.event(Input::PointerMoved(from));
    stage.window.step();
    press(stage, from);
    for step in 1..=4_u8 {
        stage.window.event(Input::PointerMoved(from.lerp(to, f32::from(step) / 4.0)));
        stage.window.step();
    }
    let_go(stage, to);
    stage.window.run();
}

fn kept(stage: &Stage) -> Option<Settings> {
    stage.wire.commands().into_iter().rev().find_map(|command| match command {
        Command::UpdateSettings(settings) => Some(*settings),
        _ => None,
    })
}

#[test]
fn an_edge_is_dragged_and_the_width_is_kept() {
    let mut stage = showing(Setup::default());
    let at = edge(&stage, "Class");
    drag(&mut stage, at, at - vec2(60.0, 0.0));
    assert!((width(&stage, "Class") - 140.0).abs() <= 1.0, "{}", width(&stage, "Class"));
    assert!((edge(&stage, "Class").x - (at.x - 60.0)).abs() <= 1.0, "the edge is where it was let go");
    let settings = kept(&stage).unwrap();
    assert_eq!(settings.column_widths.len(), 1);
    stage.wire.tell(Event::SettingsChanged(Box::new(settings)));
    stage.window.run();
    assert!((width(&stage, "Class") - 140.0).abs() <= 1.0);
}

#[test]
fn no_column_gets_wider_than_the_table_in_a_small_window() {
    let mut stage = showing(Setup { size: [900.0, 600.0], ..Setup::default() });
    let at = edge(&stage, "Modified");
    drag(&mut stage, at, at - vec2(500.0, 0.0));
    let name = stage.window.get_by_role_and_label(Role::Button, "Name, sorted, smallest first").rect();
    assert!(name.width() > 190.0, "the name keeps its room: {name:?}");
    for column in ["Size", "Modified", "Class"] {
        let at = edge(&stage, column).x;
        assert!((name.right()..900.0).contains(&at), "{column} at {at}");
    }
    let from = edge(&stage, "Modified");
    drag(&mut stage, from, Pos2::new(899.0, at.y));
    assert!(width(&stage, "Modified") >= 40.0);
}

#[test]
fn a_double_click_fits_the_column_to_its_rows() {
    let settings =
        Settings { column_widths: vec![(Column::Modified, 60), (Column::Class, 60)], ..Setup::default().settings };
    let mut stage = showing(Setup { settings, ..Setup::default() });
    let at = edge(&stage, "Modified");
    stage.window.event(Input::PointerMoved(at));
    for _ in 0..2 {
        press(&mut stage, at);
        let_go(&mut stage, at);
    }
    stage.window.run();
    let fitted = width(&stage, "Modified");
    assert!((105.0..135.0).contains(&fitted), "as wide as a date: {fitted}");
}

#[test]
fn the_keyboard_moves_and_fits_an_edge_and_the_menu_resets_it() {
    let mut stage = showing(Setup::default());
    stage.window.get_by_role_and_label(Role::Splitter, "Width of the column Size").focus();
    stage.window.run();
    let before = width(&stage, "Size");
    stage.window.key_press(Key::ArrowLeft);
    stage.window.run();
    assert!((width(&stage, "Size") - before - 8.0).abs() < 0.5);
    stage.window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    stage.window.run();
    assert!((width(&stage, "Size") - before - 7.0).abs() < 0.5);
    stage.window.key_press(Key::Enter);
    stage.window.run();
    assert!(width(&stage, "Size") < before + 7.0, "fitted");
    stage.window.get_by_role_and_label(Role::Row, "Columns").focus();
    stage.window.run();
    stage.window.key_press(Key::Menu);
    stage.window.run();
    stage.window.get_by_role_and_label(Role::MenuItem, "Usual widths").click();
    stage.window.run();
    assert!((width(&stage, "Size") - before).abs() < 0.5, "its usual width again");
    assert_eq!(kept(&stage).unwrap().column_widths, []);
}

#[test]
fn every_heading_has_the_menu_of_columns() {
    for heading in ["Name", "Size", "Modified", "Class", "Access"] {
        let mut stage = showing(Setup::default());
        let named = |node: &egui_kittest::Node<'_>| {
            let is_heading = matches!(node.accesskit_node().role(), Role::Button | Role::Label);
            is_heading && node.rect().height() > 25.0
        };
        let found = stage.window.query_all_by_label_contains(heading).find(named).map(|node| node.rect());
        let at = found.unwrap().left_center() + vec2(12.0, 0.0);
        stage.window.event(Input::PointerMoved(at));
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Secondary, Modifiers::NONE);
            stage.window.event(Input::PointerButton { pos: at, button, pressed, modifiers });
            stage.window.step();
        }
        stage.window.run();
        assert!(stage.says("Usual widths"), "{heading} at {at:?}");
    }
}
