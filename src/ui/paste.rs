//! Copy and paste. Outside text fields, Ctrl+V uploads copied files and Ctrl+C copies links; the clipboard is read for
//! files by the engine, on a thread of its own.
//!
//! The toolkit would read the clipboard on the window's thread at every Ctrl+V, and tell nothing at all when it holds
//! only files. So its shortcuts are off (`NativeOptions::clipboard_shortcuts`) and translated here: for text fields
//! to what they expect, elsewhere left as keys for the command table.

use egui::{Event, Key, Modifiers, RawInput, ViewportCommand};

/// What a key press means for the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClipboardKey {
    Cut,
    Copy,
    Paste,
}

/// The clipboard keys of every system.
fn clipboard_key(key: Key, modifiers: Modifiers) -> Option<ClipboardKey> {
    let is_command = modifiers.command && !modifiers.shift && !modifiers.alt;
    match key {
        Key::Cut => Some(ClipboardKey::Cut),
        Key::X if is_command => Some(ClipboardKey::Cut),
        Key::Delete if modifiers.shift_only() => Some(ClipboardKey::Cut),
        Key::Copy => Some(ClipboardKey::Copy),
        Key::C if is_command => Some(ClipboardKey::Copy),
        Key::Insert if modifiers.command => Some(ClipboardKey::Copy),
        Key::Paste => Some(ClipboardKey::Paste),
        Key::V if is_command => Some(ClipboardKey::Paste),
        Key::Insert if modifiers.shift_only() => Some(ClipboardKey::Paste),
        _ => None,
    }
}

/// Turns clipboard keys into what a focused text field understands; does nothing when none has the focus.
pub(super) fn translate_for_text_fields(ctx: &egui::Context, input: &mut RawInput) {
    if !ctx.text_edit_focused() {
        return;
    }
    for event in &mut input.events {
        let Event::Key { key, modifiers, pressed: true, .. } = event else { continue };
        match clipboard_key(*key, *modifiers) {
            Some(ClipboardKey::Cut) => *event = Event::Cut,
            Some(ClipboardKey::Copy) => *event = Event::Copy,
            Some(ClipboardKey::Paste) => {
                ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
                ctx.request_repaint();
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipboard_keys_of_every_system_are_known() {
        assert_eq!(clipboard_key(Key::V, Modifiers::COMMAND), Some(ClipboardKey::Paste));
        assert_eq!(clipboard_key(Key::Insert, Modifiers::SHIFT), Some(ClipboardKey::Paste));
        assert_eq!(clipboard_key(Key::V, Modifiers::COMMAND | Modifiers::SHIFT), None);
        assert_eq!(clipboard_key(Key::C, Modifiers::COMMAND), Some(ClipboardKey::Copy));
        assert_eq!(clipboard_key(Key::C, Modifiers::NONE), None);
    }
}
