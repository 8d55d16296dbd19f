//! (Placeholder until the table of UI commands is merged.)

/// A command of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UiCommand {
    /// Open the settings.
    Settings,
}
