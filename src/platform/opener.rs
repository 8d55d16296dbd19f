//! Hands files and folders to the programs that the user has for them.

use std::path::Path;

use super::PlatformError;

/// Opens a file or folder with its program. Blocks until that program has been started, not until it ends;
/// call it off the window's thread.
pub fn open_path(path: &Path) -> Result<(), PlatformError> {
    open::that_detached(path).map_err(|source| PlatformError::NoProgram { path: path.to_path_buf(), source })
}

/// Shows a file in the system's file manager, chosen where that can be asked for, else in its opened folder.
pub fn reveal(path: &Path) -> Result<(), PlatformError> {
    let Some(mut command) = reveal_command(path) else { return open_path(path.parent().unwrap_or(path)) };
    // Both helpers end at once; Explorer's exit code says nothing.
    command.status().map(drop).map_err(|source| PlatformError::NoProgram { path: path.to_path_buf(), source })
}

#[cfg(target_os = "macos")]
fn reveal_command(path: &Path) -> Option<std::process::Command> {
    let mut command = std::process::Command::new("open");
    command.arg("-R").arg(path);
    Some(command)
}

#[cfg(windows)]
fn reveal_command(path: &Path) -> Option<std::process::Command> {
    use std::os::windows::process::CommandExt as _;
    // Explorer reads its own syntax: quotes belong around the path only. A Windows path holds none itself.
    let mut command = std::process::Command::new("explorer.exe");
    command.raw_arg(format!("/select,\"{}\"", path.display()));
    Some(command)
}

#[cfg(not(any(target_os = "macos", windows)))]
fn reveal_command(_path: &Path) -> Option<std::process::Command> {
    None
}
