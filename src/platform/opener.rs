//! Hands files and folders to the programs that the user has for them.

use std::fs;
use std::path::Path;

use super::PlatformError;

/// Names that some system runs rather than shows, by their last extension, in lower case. One list for all systems: a
/// folder may be shared, and some of these have a program elsewhere, too.
const RUNNABLE: [&str; 5] = [
    // Windows: programs, installers and scripts, and files that stand for a command.
    "exe com scr pif cpl msi msp mst msix msixbundle appx appxbundle application appref-ms gadget xll",
    "bat cmd ps1 ps1xml ps2 psm1 psd1 psc1 vb vbs vbe js jse mjs ws wsf wsh wsc sct hta chm \
     lnk url reg inf scf msc settingcontent-ms library-ms search-ms",
    "jar jnlp py pyw pyc pyz pl rb",
    // Linux.
    "sh bash zsh fish csh ksh run desktop appimage",
    // macOS.
    "app command tool terminal workflow action scpt scptd applescript pkg mpkg fileloc inetloc webloc",
];

/// What became of a file that was to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Its program has it.
    ByItsProgram,
    /// It may be a program itself, so it was only shown in its folder.
    ShownOnly,
}

/// Opens a file or folder with its program; a file that would be run instead is shown in its folder. Blocks until that
/// program has been started, not until it ends; call it off the window's thread.
pub fn open_unless_runnable(path: &Path) -> Result<Opened, PlatformError> {
    open_by(path, open_path, reveal)
}

fn open_by(
    path: &Path,
    open: impl FnOnce(&Path) -> Result<(), PlatformError>,
    show: impl FnOnce(&Path) -> Result<(), PlatformError>,
) -> Result<Opened, PlatformError> {
    if may_run(path) { show(path).map(|()| Opened::ShownOnly) } else { open(path).map(|()| Opened::ByItsProgram) }
}

/// Whether opening this file could run it: by its name, or because it is marked as a program. Looks at the disk.
fn may_run(path: &Path) -> bool {
    let Ok(found) = fs::metadata(path) else { return has_runnable_name(path) };
    // A folder is a program only on macOS, where its name says so.
    has_runnable_name(path) && (found.is_file() || cfg!(target_os = "macos"))
        || found.is_file() && is_marked(&found) && begins_as_program(path)
}

/// Sticks and shares often mark every file as a program; one also begins like one.
fn begins_as_program(path: &Path) -> bool {
    use std::io::Read as _;
    let mut head = Vec::new();
    // One that cannot be read is shown rather than run.
    let read = fs::File::open(path).and_then(|file| file.take(4).read_to_end(&mut head));
    read.is_err() || PROGRAM_HEADS.iter().any(|beginning| head.starts_with(beginning))
}

/// Scripts, ELF, and the forms of Mach-O.
const PROGRAM_HEADS: [&[u8]; 6] =
    [b"#!", b"\x7fELF", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

fn has_runnable_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    // Windows leaves dots and spaces at the end out.
    let name = name.trim_end_matches(['.', ' ']);
    let Some((_, extension)) = name.rsplit_once('.') else { return false };
    RUNNABLE.iter().flat_map(|names| names.split_whitespace()).any(|runnable| runnable == extension.trim())
}

#[cfg(unix)]
fn is_marked(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    found.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_marked(_found: &fs::Metadata) -> bool {
    false
}

fn open_path(path: &Path) -> Result<(), PlatformError> {
    hand_over(path).map_err(|source| PlatformError::NoProgram { path: path.to_path_buf(), source })
}

/// Opens an address of the web in the browser. Blocks as [`open_unless_runnable`] does; any other address is refused, as
/// the system might run what it names.
pub fn open_in_browser(address: &str) -> Result<(), PlatformError> {
    if !["http://", "https://"].iter().any(|scheme| address.starts_with(scheme)) {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, "not an address of the web");
        return Err(PlatformError::NoBrowser { source });
    }
    hand_over(address).map_err(|source| {
        // Its words quote the command, and so the address, which may be signed.
        tracing::warn!(kind = ?source.kind(), "no program opens an address");
        PlatformError::NoBrowser { source: source.kind().into() }
    })
}

/// What opens things on Linux says only after a while that it knows no program; one that runs for longer has found it.
#[cfg(not(any(target_os = "macos", windows)))]
fn hand_over(what: impl AsRef<std::ffi::OsStr>) -> std::io::Result<()> {
    open::that_detached_with_timeout(what, std::time::Duration::from_secs(5))
}

#[cfg(any(target_os = "macos", windows))]
fn hand_over(what: impl AsRef<std::ffi::OsStr>) -> std::io::Result<()> {
    open::that_detached(what)
}

/// Shows a file in the system's file manager, chosen where that can be asked for, else in its opened folder.
fn reveal(path: &Path) -> Result<(), PlatformError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is done with a file of this name.
    fn opened(folder: &Path, name: &str) -> Opened {
        let path = folder.join(name);
        fs::write(&path, "x").unwrap();
        opened_at(&path)
    }

    fn opened_at(path: &Path) -> Opened {
        let (mut was_opened, mut was_shown) = (false, false);
        let open = |_: &Path| {
            was_opened = true;
            Ok(())
        };
        let show = |_: &Path| {
            was_shown = true;
            Ok(())
        };
        let opened = open_by(path, open, show).unwrap();
        assert_eq!((was_opened, was_shown), (opened == Opened::ByItsProgram, opened == Opened::ShownOnly));
        opened
    }

    #[test]
    fn programs_are_shown_and_never_run() {
        let temp = tempfile::tempdir().unwrap();
        let names = [
            "setup.exe",
            "A.EXE",
            "photo.jpg.exe",
            "b.bat",
            "c.cmd",
            "d.com",
            "e.msi",
            "f.scr",
            "g.ps1",
            "h.vbs",
            "i.js",
            "j.jar",
            "k.sh",
            "l.desktop",
            "m.command",
            "n.AppImage",
            "o.lnk",
            "p.reg",
            "한글.Exe",
            "q.exe. .",
        ];
        for name in names {
            assert_eq!(opened(temp.path(), name), Opened::ShownOnly, "{name}");
        }
        for name in ["a.txt", "exe", "b.jpg", "c.pdf", "d.tar.gz", "e.exe.txt", "보고서.hwp", ".bashrc"] {
            assert_eq!(opened(temp.path(), name), Opened::ByItsProgram, "{name}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_go_to_the_browser() {
        for address in ["file:///etc/passwd", "-x", "javascript:1", "HTTPS", ""] {
            let refused = open_in_browser(address);
            assert!(matches!(refused, Err(PlatformError::NoBrowser { .. })), "{address}: {refused:?}");
        }
    }

    #[test]
    fn folders_are_opened() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("backup.run");
        fs::create_dir(&folder).unwrap();
        if !cfg!(target_os = "macos") {
            assert_eq!(opened_at(&folder), Opened::ByItsProgram);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_marked_as_a_program_is_one() {
        use std::os::unix::fs::PermissionsExt as _;
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("tool");
        fs::write(&path, "x").unwrap();
        assert_eq!(opened_at(&path), Opened::ByItsProgram);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(opened_at(&path), Opened::ByItsProgram, "as on a stick, where everything is marked");
        for beginning in ["#!/bin/sh\n", "\x7fELF\x02"] {
            fs::write(&path, beginning).unwrap();
            assert_eq!(opened_at(&path), Opened::ShownOnly, "{beginning:?}");
        }
    }
}
