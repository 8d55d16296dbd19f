//! Objects and links that are opened by other programs.

use bucketdrop::model::{Command, TransferKind, TransferState, TransferTab, Verified};
use egui_kittest::kittest::Queryable as _;

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use crate::queue::drawer;
use crate::support::{done_model, transfer};

#[test]
fn a_link_goes_to_the_browser_by_way_of_whoever_hears_that_there_is_none() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.wire.commands();
    stage.window.get_by_label("Open in browser").click();
    stage.window.run();
    let commands = stage.wire.commands();
    let is_address = |command: &Command| matches!(command, Command::OpenAddress(address) if address.expose().ends_with("/photos/2026/README.md"));
    assert!(commands.iter().any(is_address), "{commands:?}");
}

#[test]
fn a_file_that_is_opened_goes_to_no_folder_with_a_name_for_machines() {
    let path = "/home/a/.cache/bucketdrop/opened/62ff1962eaa149f89268d158c6d2bd86/README.md";
    let mut row = transfer(path, "photos/README.md", TransferState::Done(Verified::Accepted));
    row.kind = TransferKind::Download;
    let mut model = done_model();
    model.transfers.rows = vec![row];
    let harness = drawer(model, TransferTab::Done, [756.0, 226.0]);
    harness.get_by_label_contains("README.md, → a temporary copy, to look at · downloaded and checked");
}
