//! Connections that name folders of buckets: each has a row of its own.

use bucketdrop::model::{Command, Connection, Scope};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use crate::fake::{Setup, Stage, connection, folder, page_of};

fn scoped(scopes: &[&str]) -> Stage {
    let scopes = scopes.iter().map(|scope| Scope::parse(scope).unwrap()).collect();
    let setup = Setup { connections: vec![Connection { scopes, ..connection() }], ..Setup::default() };
    let stage = Stage::showing(setup, &folder("weandb", "x"), page_of(1, None));
    stage.wire.commands();
    stage
}

fn asked_for(stage: &Stage) -> Vec<String> {
    let commands = stage.wire.commands();
    let asked = commands.into_iter().filter_map(|command| match command {
        Command::ListObjects { at, .. } => Some(at.to_string()),
        _ => None,
    });
    asked.collect()
}

#[test]
fn each_folder_that_a_key_may_list_has_a_row() {
    let mut stage = scoped(&["weandb/x", "weandb/y", "logs-archive"]);
    for (label, prefix) in [("weandb/y/, seoul", "y"), ("weandb/x/, seoul", "x")] {
        stage.window.get_by_role_and_label(Role::ListItem, label).click();
        stage.window.run();
        assert_eq!(asked_for(&stage), [folder("weandb", prefix).to_string()]);
    }
    assert!(
        stage.window.query_by_role_and_label(Role::ListItem, "weandb, seoul").is_none(),
        "no row above the folders"
    );
    stage.window.get_by_role_and_label(Role::ListItem, "logs-archive, seoul");
    stage.picture("scopes");
}
