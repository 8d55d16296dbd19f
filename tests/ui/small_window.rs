//! What stays in sight where there is little room.

use bucketdrop::model::{Event, Language, QueueHold, Settings, TransfersView};
use egui_kittest::kittest::Queryable as _;

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use crate::support::busy_model;

#[test]
fn the_address_can_be_copied_beside_an_open_drawer() {
    let words = [(Language::English, "Copy URL", "Hide transfers"), (Language::Korean, "URL 복사", "전송 숨기기")];
    for (language, copy, hide) in words {
        let settings = Settings { language, ..Settings::default() };
        let setup = Setup { size: [900.0, 600.0], settings, ..Setup::default() };
        let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
        stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
        stage.window.get_by_label_contains("README.md, ").click();
        stage.window.run();
        stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::I);
        stage.window.run();
        let drawer = stage.window.get_by_label(hide).rect().top();
        let buttons: Vec<_> = stage.window.query_all_by_label(copy).map(|node| node.rect()).collect();
        let seen = buttons.iter().filter(|button| button.bottom() <= drawer && button.left() > 600.0).count();
        assert_eq!(seen, 1, "{language:?}: {buttons:?} above {drawer}");
    }
}

#[test]
fn that_the_queue_is_held_is_said_once() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture());
    let view = TransfersView { holds: vec![QueueHold::Held], ..busy_model().transfers };
    stage.wire.tell(Event::Transfers(Box::new(view)));
    stage.window.run();
    assert_eq!(stage.window.query_all_by_label_contains("The queue is held").count(), 1);
}
