//! Whether the desktop wants light or dark windows. On Linux the window toolkit does not know; the settings portal, which
//! desktops run on the session bus, does.

use std::collections::HashMap;
use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Value};

use crate::model::ColorScheme;

/// A portal that has to be started first may take a while; what is told later than this is not waited for.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

const SERVICE: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.Settings";
const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

/// What a portal tells of a namespace, or of several.
type Told = HashMap<String, HashMap<String, OwnedValue>>;

/// Tells what the desktop wants, then whenever that changes. Listens on a thread and a connection of its own until the
/// program ends. Where there is no session bus or no portal nothing is told, and that is only logged.
pub fn watch_color_scheme(told: impl Fn(ColorScheme) + Send + 'static) {
    let watch = move || {
        let bus = Builder::session().and_then(|bus| bus.method_timeout(ANSWERS_WITHIN).build());
        if let Err(error) = bus.and_then(|bus| watch(&bus, &told)) {
            tracing::info!(%error, "the desktop's colour scheme is not followed");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("color-scheme".to_owned()).spawn(watch) {
        tracing::warn!(%error, "no thread to follow the desktop's colour scheme");
    }
}

fn watch(bus: &Connection, told: &impl Fn(ColorScheme)) -> zbus::Result<()> {
    let portal = Proxy::new(bus, SERVICE, PATH, INTERFACE)?;
    // Listened to before it is asked, so that no change falls in between.
    let changes = portal.receive_signal_with_args("SettingChanged", &[(0, NAMESPACE), (1, KEY)])?;
    match portal.call::<_, _, Told>("ReadAll", &(vec![NAMESPACE],)) {
        Ok(settings) => {
            let value = settings.get(NAMESPACE).and_then(|keys| keys.get(KEY));
            value.and_then(|value| scheme(value)).into_iter().for_each(told);
        }
        // A portal that is not there yet tells of changes later.
        Err(error) => tracing::info!(%error, "the desktop does not say its colour scheme"),
    }
    for change in changes {
        match change.body().deserialize::<(String, String, OwnedValue)>() {
            Ok((_, _, value)) => scheme(&value).into_iter().for_each(told),
            Err(error) => tracing::info!(%error, "a change of the desktop's colours cannot be read"),
        }
    }
    Ok(())
}

/// By the portal's numbers; `None` for what is no number. Those that mean nothing yet are no preference.
fn scheme(value: &Value<'_>) -> Option<ColorScheme> {
    match value {
        Value::U32(1) => Some(ColorScheme::Dark),
        Value::U32(2) => Some(ColorScheme::Light),
        Value::U32(_) => Some(ColorScheme::NoPreference),
        // Some portals wrap it twice.
        Value::Value(inner) => scheme(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portals_numbers_are_schemes() {
        let cases = [
            (0, ColorScheme::NoPreference),
            (1, ColorScheme::Dark),
            (2, ColorScheme::Light),
            (3, ColorScheme::NoPreference),
        ];
        for (number, wanted) in cases {
            assert_eq!(scheme(&Value::U32(number)), Some(wanted));
            assert_eq!(scheme(&Value::Value(Box::new(Value::U32(number)))), Some(wanted));
        }
        assert_eq!(scheme(&Value::from("dark")), None);
    }
}
