//! The order in which Tab goes through a dialog, and in which it is read out, is the order in which the eye reads it; and
//! wherever the keyboard is, a whole ring says so.

use crate::support::rings;
use egui::accesskit::Role;
use egui::{Key, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::gallery::SCENES;
use super::stage::{Looks, Stage, empty, focused, press};

/// Tab is pressed no more often than this in one dialog.
const MOST_STOPS: usize = 80;

/// Something that was met: its name and its place.
type Met = (String, Rect);

/// What Tab stops at, once around.
fn stops(harness: &mut Harness<'_, Stage>) -> Vec<Met> {
    let mut stops: Vec<Met> = Vec::new();
    for _ in 0..MOST_STOPS {
        let found = harness.root().children_recursive().find(egui_kittest::Node::is_focused);
        let stop = found.map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()));
        if let Some(stop) = stop {
            if stops.first() == Some(&stop) {
                break;
            }
            stops.push(stop);
        }
        harness.key_press(Key::Tab);
        harness.step();
        harness.step();
    }
    // Wherever the keyboard was at first: Tab goes around, and the way around begins at the top on the left.
    let place = |stop: &Met| (stop.1.top(), stop.1.left());
    let first = stops.iter().enumerate().min_by(|a, b| place(a.1).partial_cmp(&place(b.1)).unwrap());
    let first = first.map(|(index, _)| index).unwrap_or_default();
    stops.rotate_left(first);
    stops
}

/// The first two neighbours that stand side by side and are met from right to left.
fn backwards(met: &[Met]) -> Option<(&Met, &Met)> {
    let is_backwards = |one: &Met, next: &Met| {
        let is_same_line = (one.1.center().y - next.1.center().y).abs() < 4.0;
        is_same_line && next.1.right() <= one.1.left()
    };
    met.iter().zip(met.iter().skip(1)).find(|(one, next)| is_backwards(one, next))
}

#[test]
fn every_dialog_is_met_in_the_order_in_which_it_is_seen() {
    let mut most_in_a_footer = 0;
    for (name, scene) in SCENES {
        let mut harness = empty(Looks::default());
        scene(&mut harness);
        let read: Vec<Met> = harness
            .query_all_by_role(Role::Button)
            .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
            .collect();
        assert_eq!(backwards(&read), None, "{name} is read out: {read:#?}");
        // An open list keeps the keyboard until it is closed.
        if name.starts_with("menu-") {
            continue;
        }
        press(&mut harness, Key::Tab);
        let stops = stops(&mut harness);
        assert!(!stops.is_empty(), "{name}: Tab stops nowhere");
        assert_eq!(backwards(&stops), None, "{name} by Tab: {stops:#?}");
        let lowest = stops.iter().map(|stop| stop.1.bottom()).fold(0.0, f32::max);
        most_in_a_footer = most_in_a_footer.max(stops.iter().filter(|stop| lowest - stop.1.bottom() < 4.0).count());
    }
    assert!(most_in_a_footer >= 3, "footers were looked at");
}

#[test]
fn a_whole_ring_is_around_what_has_the_keyboard() {
    let mut without = std::collections::BTreeSet::new();
    for size in [[1280.0, 800.0], [900.0, 600.0]] {
        // An open list keeps the keyboard until it is closed. Forms that are higher than the window do not scroll to what
        // has the keyboard.
        let is_high = |name: &str| {
            matches!(name, "connection-templates" | "connection-errors")
                || size[1] < 700.0
                    && (name.starts_with("connection-") || matches!(name, "settings-hours" | "settings-transfers"))
        };
        for (name, scene) in SCENES.into_iter().filter(|(name, _)| !name.starts_with("menu-") && !is_high(name)) {
            let mut harness = empty(Looks { size, ..Looks::default() });
            scene(&mut harness);
            for _ in 0..MOST_STOPS / 4 {
                // Until what has the keyboard is scrolled into sight.
                press(&mut harness, Key::Tab);
                let rings = rings(&harness);
                if rings.is_empty() || rings.iter().any(|(ring, clip)| !clip.expand(0.5).contains_rect(*ring)) {
                    without.insert((name, format!("{}", size[0]), focused(&harness)));
                }
            }
        }
    }
    assert!(without.is_empty(), "no whole ring is around {without:#?}");
}

#[test]
fn a_conflict_is_answered_from_left_to_right() {
    let mut harness = empty(Looks::default());
    let (_, scene) = SCENES.into_iter().find(|(name, _)| *name == "conflict").unwrap();
    scene(&mut harness);
    assert_eq!(focused(&harness), "Skip", "the safe answer has the keyboard");
    let mut met = Vec::new();
    for _ in 0..3 {
        press(&mut harness, Key::Tab);
        met.push(focused(&harness));
    }
    assert_eq!(met, ["Keep both", "Only if newer", "Overwrite"]);
}
