//! What a screen reader finds: every control has a name and a place, figures have values, and Tab goes round.

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use bucketdrop::model::{Event, ObjectPage, Settings};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// Roles of things that a person acts on.
const CONTROLS: [Role; 16] = [
    Role::Button,
    Role::CheckBox,
    Role::RadioButton,
    Role::TextInput,
    Role::MultilineTextInput,
    Role::PasswordInput,
    Role::ComboBox,
    Role::SpinButton,
    Role::Slider,
    Role::Splitter,
    Role::MenuItem,
    Role::ListItem,
    Role::ListBox,
    Role::ListBoxOption,
    Role::Link,
    Role::Tab,
];

/// Everything that is wrong with what is told to a screen reader.
pub(crate) fn problems(root: &Node<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for node in root.children_recursive() {
        let told = node.accesskit_node();
        let (role, name) = (told.role(), told.label().unwrap_or_default());
        let mut wrong = |what: &str| found.push(format!("{what}: {role:?} {name:?} at {:?}", told.bounding_box()));
        if CONTROLS.contains(&role) {
            if name.trim().is_empty() {
                wrong("has no name");
            }
            if told.bounding_box().is_none_or(|place| place.width() < 1.0 || place.height() < 1.0) {
                wrong("is nowhere");
            }
        }
        let is_figure = matches!(role, Role::ProgressIndicator | Role::SpinButton | Role::Slider | Role::Splitter);
        if is_figure && told.numeric_value().is_none() {
            wrong("has no figure");
        }
        if matches!(role, Role::TextInput | Role::ComboBox) && told.value().is_none() {
            wrong("has no value");
        }
        if matches!(role, Role::Alert | Role::Status) && (name.is_empty() || told.bounding_box().is_none()) {
            wrong("says nothing, or nowhere");
        }
        if name.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c)) {
            wrong("speaks an icon");
        }
    }
    found
}

fn states() -> Vec<(&'static str, Stage)> {
    let at = folder("weandb", "photos/2026");
    let setup = || {
        let place = bucketdrop::model::Place { name: "photos / 2026".to_owned(), location: at.clone() };
        Setup { settings: Settings { places: vec![place], ..Setup::default().settings }, ..Setup::default() }
    };
    let doors = Stage::new(Setup { connections: Vec::new(), ..setup() });
    let buckets = Stage::connected(setup());
    let empty = Stage::showing(setup(), &at, ObjectPage::default());
    let mut busy = Stage::showing(setup(), &at, page_of_the_picture());
    busy.wire.tell(Event::Transfers(Box::new(crate::support::busy_model().transfers)));
    busy.window.run();
    busy.window.get_by_label_contains("README.md, ").click();
    busy.window.run();
    let mut failed = Stage::showing(setup(), &at, page_of_the_picture());
    failed.wire.tell(Event::Transfers(Box::new(crate::support::failed_model().transfers)));
    failed.window.run();
    let mut menu = Stage::showing(setup(), &at, page_of_the_picture());
    menu.window.get_by_label_contains("README.md, ").click_secondary();
    menu.window.run();
    vec![
        ("doors", doors),
        ("buckets", buckets),
        ("empty folder", empty),
        ("busy", busy),
        ("failed", failed),
        ("menu", menu),
    ]
}

#[test]
fn every_control_of_the_window_has_name_place_and_value() {
    for (name, stage) in states() {
        let found = problems(&stage.window.root());
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn tab_goes_round_the_window_from_left_to_right() {
    let (_, mut stage) = states().remove(3);
    let mut order: Vec<String> = Vec::new();
    for _ in 0..80 {
        stage.window.key_press(Key::Tab);
        stage.window.run();
        let focused = stage.window.root().children_recursive().find(Node::is_focused);
        let name = focused.and_then(|node| node.accesskit_node().label());
        let Some(name) = name else { continue };
        if order.first() == Some(&name) && order.len() > 20 {
            break;
        }
        order.push(name);
    }
    let first = order.iter().position(|name| name.starts_with("Connection Studio AWS")).unwrap_or_default();
    order.rotate_left(first);
    let place = |wanted: &str| {
        let found = order.iter().position(|name| name.starts_with(wanted));
        found.unwrap_or_else(|| panic!("Tab never comes to {wanted:?}: {order:#?}"))
    };
    let wanted = [
        "Connection Studio AWS",
        "weandb",
        "photos / 2026",
        "Settings",
        "Reload",
        "2026",
        "Filter this folder",
        "New folder…",
        "Upload",
        "Name, sorted",
        "README.md, ",
        "Copy URL",
        "Download",
        "Active 4",
        "Pause all",
        "Hide transfers",
        "Pause launch-film-4k.mov",
        "Cancel launch-film-4k.mov",
        "Show or hide details",
    ];
    assert!(wanted.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{order:#?}");
}
