//! The desktop's settings portal, played on the same bus of its own: what it says of light and dark is told.

use std::collections::HashMap;
use std::sync::mpsc;

use bucketdrop::model::ColorScheme;
use bucketdrop::platform::watch_color_scheme;
use zbus::blocking::connection::Builder;
use zbus::zvariant::{OwnedValue, Value};

use super::{HasBus, is_inside};

const NAMESPACE: &str = "org.freedesktop.appearance";
const SERVICE: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Settings";

/// A desktop that wants dark windows.
struct Portal;

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    #[expect(clippy::unused_self, clippy::needless_pass_by_value, reason = "a method of the bus")]
    fn read_all(&self, namespaces: Vec<String>) -> HashMap<String, HashMap<String, OwnedValue>> {
        assert_eq!(namespaces, [NAMESPACE]);
        HashMap::from([(NAMESPACE.to_owned(), HashMap::from([("color-scheme".to_owned(), OwnedValue::from(1_u32))]))])
    }
}

#[test]
fn what_the_desktop_says_of_light_and_dark_is_told() {
    if !is_inside("portal::what_the_desktop_says_of_light_and_dark_is_told", HasBus::Yes) {
        return;
    }
    let portal = Builder::session().unwrap().name(SERVICE).unwrap().serve_at(PATH, Portal).unwrap().build().unwrap();
    let (tell, told) = mpsc::channel();
    watch_color_scheme(move |scheme| tell.send(scheme).unwrap());
    assert_eq!(told.recv().unwrap(), ColorScheme::Dark, "at the start");
    let change = |namespace: &str, key: &str, number: u32| {
        let change = (namespace, key, Value::U32(number));
        portal.emit_signal(None::<&str>, PATH, INTERFACE, "SettingChanged", &change).unwrap();
    };
    change(NAMESPACE, "contrast", 1);
    change("org.gnome.desktop.interface", "color-scheme", 1);
    change(NAMESPACE, "color-scheme", 2);
    assert_eq!(told.recv().unwrap(), ColorScheme::Light, "other settings are not mistaken for it");
    change(NAMESPACE, "color-scheme", 0);
    assert_eq!(told.recv().unwrap(), ColorScheme::NoPreference);
}

#[test]
fn without_a_bus_nothing_is_told() {
    if !is_inside("portal::without_a_bus_nothing_is_told", HasBus::No) {
        return;
    }
    let (tell, told) = mpsc::channel();
    watch_color_scheme(move |scheme| tell.send(scheme).unwrap());
    assert!(told.recv().is_err(), "it ends without a word");
}
