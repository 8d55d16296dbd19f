//! The operating system's side: folders, settings file, keychain, single instance, logs, and small favours
//! such as opening a file. Nothing here knows S3 or the window.
//!
//! What blocks says so. The keychain is only reached through [`Keychain`], which never makes an async caller wait
//! on a thread that others need.

mod atomic_file;
mod awake;
#[cfg(feature = "gui")]
mod clipboard;
#[cfg(all(target_os = "linux", feature = "gui"))]
mod color_scheme;
mod download_file;
#[cfg(all(target_os = "linux", feature = "gui"))]
mod drag_list;
#[cfg(all(target_os = "linux", feature = "gui"))]
mod drag_watch;
mod error;
mod far_mounts;
mod instance;
mod key_spool;
mod keychain;
pub mod logging;
#[cfg(feature = "gui")]
mod notification;
mod opened_files;
mod opener;
mod output_target;
mod pasted_files;
mod paths;
#[cfg(all(target_os = "linux", feature = "gui"))]
mod pointer;
pub mod process;
mod safe_path;
mod settings_file;
mod signals;
mod sockets;
#[cfg(all(target_os = "linux", feature = "gui"))]
mod x11_selection;

pub use atomic_file::{AtomicFile, open_file};
pub use awake::{Awake, suspend};
#[cfg(feature = "gui")]
pub use clipboard::{Copied, CopiedImage, read_clipboard};
#[cfg(all(target_os = "linux", feature = "gui"))]
pub use color_scheme::watch_color_scheme;
pub use download_file::{DownloadFile, IfTargetExists};
#[cfg(all(target_os = "linux", feature = "gui"))]
pub use drag_watch::watch_drags;
pub use error::PlatformError;
pub use far_mounts::{FarMount, Mounts, is_share_gone};
pub use instance::{
    Instance, InstanceClient, InstanceServer, LendReply, LentStorage, News, Request, TakenReply, Teller,
    path_from_text, path_to_text,
};
pub use key_spool::{KeyReader, KeySpool};
pub use keychain::{Keychain, KeychainError, MemoryStore, SILENT_AFTER, SecretStore, SystemKeychain};
#[cfg(feature = "gui")]
pub use notification::notify;
pub use opened_files::remove_old_opened;
pub use opener::{Opened, open_in_browser, open_unless_runnable};
pub use output_target::{OutputFile, TargetProblem, free_beside, look_at_target};
pub use pasted_files::{keep_pasted, remove_old_pasted, remove_pasted};
pub use paths::{APP_ID, Home, downloads_folder};
#[cfg(all(target_os = "linux", feature = "gui"))]
pub use pointer::PointerWatch;
pub use safe_path::{NameRules, UnsafeName, safe_relative_path};
pub use settings_file::{Loaded, SettingsFile};
pub use signals::{EndSignal, listen as listen_for_signals};
pub use sockets::unacknowledged_bytes;

/// Stores that misbehave, for tests of whatever stands above the keychain.
pub mod testing {
    pub use super::keychain::testing::{FailingStore, LyingStore, SilentStore, SlowStore};
}
