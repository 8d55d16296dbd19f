//! Which keys stand for which command, and whether they were pressed.

use egui::{Context, Event, Id, Key, KeyboardShortcut, Modifiers};

use super::UiCommand;

const fn keys(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

const COMMAND: Modifiers = Modifiers::COMMAND;
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const IS_MAC: bool = cfg!(target_os = "macos");

impl UiCommand {
    /// Its shortcuts, the one to show first. Copy and paste come from the system as events of their own.
    pub fn shortcuts(self) -> &'static [KeyboardShortcut] {
        match self {
            Self::UploadFiles => const { &[keys(COMMAND, Key::U)] },
            Self::UploadFolder => const { &[keys(COMMAND_SHIFT, Key::U)] },
            Self::PasteFiles => const { &[keys(COMMAND, Key::V)] },
            Self::CopyUrl => const { &[keys(COMMAND, Key::C)] },
            Self::Filter => const { &[keys(COMMAND, Key::F)] },
            Self::EditPath => const { &[keys(COMMAND, Key::L)] },
            Self::Palette => const { &[keys(COMMAND, Key::K)] },
            Self::Delete if IS_MAC => const { &[keys(COMMAND, Key::Backspace), keys(Modifiers::NONE, Key::Delete)] },
            Self::Delete => const { &[keys(Modifiers::NONE, Key::Delete)] },
            Self::Open if IS_MAC => const { &[keys(Modifiers::NONE, Key::Enter), keys(COMMAND, Key::ArrowDown)] },
            Self::Open => const { &[keys(Modifiers::NONE, Key::Enter)] },
            Self::Up if IS_MAC => const { &[keys(COMMAND, Key::ArrowUp), keys(Modifiers::NONE, Key::Backspace)] },
            Self::Up => const { &[keys(Modifiers::NONE, Key::Backspace), keys(Modifiers::ALT, Key::ArrowUp)] },
            Self::Back if IS_MAC => const { &[keys(COMMAND, Key::OpenBracket)] },
            Self::Back => const { &[keys(Modifiers::ALT, Key::ArrowLeft), keys(Modifiers::NONE, Key::BrowserBack)] },
            Self::Forward if IS_MAC => const { &[keys(COMMAND, Key::CloseBracket)] },
            Self::Forward => const { &[keys(Modifiers::ALT, Key::ArrowRight)] },
            Self::Reload if IS_MAC => const { &[keys(COMMAND, Key::R), keys(Modifiers::NONE, Key::F5)] },
            Self::Reload => const { &[keys(Modifiers::NONE, Key::F5), keys(COMMAND, Key::R)] },
            Self::NewFolder => const { &[keys(COMMAND_SHIFT, Key::N)] },
            Self::NewConnection => const { &[keys(COMMAND, Key::N)] },
            Self::SelectAll => const { &[keys(COMMAND, Key::A)] },
            Self::AddPlace => const { &[keys(COMMAND, Key::D)] },
            Self::Download => const { &[keys(COMMAND_SHIFT, Key::S)] },
            Self::ToggleInspector => const { &[keys(COMMAND, Key::I)] },
            Self::ToggleTransfers => const { &[keys(COMMAND, Key::J)] },
            Self::Settings => const { &[keys(COMMAND, Key::Comma)] },
            Self::Quit => const { &[keys(COMMAND, Key::Q)] },
            _ => &[],
        }
    }
}

/// The shortcut as this system writes it: `Ctrl+U`, `⌘U`; `None` if there is none.
pub fn shortcut_text(ctx: &Context, command: UiCommand) -> Option<String> {
    command.shortcuts().first().map(|shortcut| ctx.format_shortcut(shortcut).replace("Comma", ","))
}

/// The commands whose keys were pressed since the last frame. Takes the keys out of the input, so call it once a
/// frame, before the panels. Keys that a text field needs are left to it while it has the focus.
/// Whether a command is possible now, and whether a dialog is in the way, is for the caller to check.
pub fn triggered(ctx: &Context) -> Vec<UiCommand> {
    let is_typing = ctx.text_edit_focused();
    let mut commands = Vec::new();
    if !is_typing {
        commands.extend(clipboard_commands(ctx));
    }
    // Keys with more modifiers first: `consume_shortcut` overlooks additional Shift and Alt.
    let mut table: Vec<(UiCommand, KeyboardShortcut)> = Vec::new();
    for command in UiCommand::ALL {
        table.extend(command.shortcuts().iter().map(|shortcut| (*command, *shortcut)));
    }
    table.sort_by_key(|(_, shortcut)| std::cmp::Reverse(modifier_count(shortcut.modifiers)));
    for (command, shortcut) in table {
        if is_typing && belongs_to_text(command, shortcut) || is_taken_by_focus(ctx, shortcut) {
            continue;
        }
        // Quitting comes to the program as a close request of the window, which asks; egui sends that itself.
        if command == UiCommand::Quit {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) && !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}

/// Keys that mean something in a text field.
fn belongs_to_text(command: UiCommand, shortcut: KeyboardShortcut) -> bool {
    let is_editing = matches!(command, UiCommand::SelectAll | UiCommand::CopyUrl | UiCommand::PasteFiles);
    let is_function_key = shortcut.logical_key == Key::F5;
    is_editing || (shortcut.conflicts_with_text_editing() && !is_function_key) || shortcut.logical_key == Key::Backspace
}

/// Enter presses the button that has the focus; it must not open the selection as well.
fn is_taken_by_focus(ctx: &Context, shortcut: KeyboardShortcut) -> bool {
    let presses = shortcut.modifiers.is_none() && shortcut.logical_key == Key::Enter;
    presses && ctx.memory(|memory| memory.focused().is_some()) && !is_browser_focused(ctx)
}

fn browser_focus_key() -> Id {
    Id::unique("bucketdrop-browser-focus")
}

/// Tells that what has the focus is the object table, so that plain Enter opens its selection.
pub fn set_browser_focus(ctx: &Context, widget: Option<Id>) {
    ctx.data_mut(|data| data.insert_temp(browser_focus_key(), widget));
}

fn is_browser_focused(ctx: &Context) -> bool {
    let browser: Option<Id> = ctx.data(|data| data.get_temp(browser_focus_key())).flatten();
    browser.is_some() && ctx.memory(egui::Memory::focused) == browser
}

fn modifier_count(modifiers: Modifiers) -> usize {
    [modifiers.alt, modifiers.ctrl, modifiers.shift, modifiers.command || modifiers.mac_cmd]
        .into_iter()
        .filter(|is_down| *is_down)
        .count()
}

/// Copy and paste as the window system reports them; the keys for them come as keys (`super::super::paste` says why).
fn clipboard_commands(ctx: &Context) -> Vec<UiCommand> {
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Copy => {
                commands.push(UiCommand::CopyUrl);
                false
            }
            Event::Paste(_) | Event::PasteImage(_) => {
                commands.push(UiCommand::PasteFiles);
                false
            }
            _ => true,
        });
    });
    commands
}
