//! Keys pasted as a whole: the text of IAM's `credentials.csv`, of `~/.aws/credentials`, or `export AWS_…` lines.
//! The paste is taken away before any field sees it, so that the secret never stands in the wrong one.

use egui::{Event, Ui};

use crate::model::Credentials;

/// Takes a paste that holds a whole set of keys out of this frame's input.
pub(super) fn take(ui: &Ui) -> Option<Credentials> {
    ui.input_mut(|input| {
        let mut found = None;
        input.events.retain(|event| match event {
            Event::Paste(text) => {
                found = found.take().or_else(|| Credentials::find_in(text));
                found.is_none()
            }
            _ => true,
        });
        found
    })
}
