//! What connections are called in the window: the user's name, or words for those that nobody gave a name.

use crate::locale::{self, Lang};
use crate::model::{AppModel, Connection, ConnectionId};

/// The name of a connection.
pub(crate) fn connection(connection: &Connection, lang: Lang) -> String {
    if connection.id.is_local() {
        return locale::text(lang, "this-computer");
    }
    if connection.id.is_from_command_line() {
        let address = connection.endpoint.as_ref().map(crate::model::Endpoint::authority);
        return match connection.service.product_name().or(address) {
            Some(place) => locale::text_with(lang, "connection-from-command-line-at", &[("place", place)]),
            None => locale::text(lang, "connection-from-command-line"),
        };
    }
    connection.name.clone()
}

/// The name of the connection with this id; its id where nothing is known of it.
pub(crate) fn connection_of(id: &ConnectionId, model: &AppModel, lang: Lang) -> String {
    match model.known_connection(id) {
        Some(known) => connection(known, lang),
        None if id.is_local() => locale::text(lang, "this-computer"),
        None if id.is_from_command_line() => locale::text(lang, "connection-from-command-line"),
        None => id.as_str().to_owned(),
    }
}
