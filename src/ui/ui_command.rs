//! The one table of what can be done in the window: label, icon, shortcuts, and when it is possible.
//! Buttons, menus, shortcuts and the palette all draw from it.

mod enabled;
mod possible;
mod shortcut;

pub(crate) use possible::possible;
pub use possible::remember_possible;
pub use shortcut::{set_browser_focus, shortcut_text, triggered};

use super::icons;
use crate::model::LinkFormat;

/// A group of the palette and of menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandGroup {
    /// Files and folders.
    Objects,
    /// Addresses.
    Links,
    /// Moving around.
    Go,
    /// Connections and buckets.
    Connection,
    /// The upload queue.
    Transfers,
    /// The window and the program.
    Window,
}

macro_rules! ui_commands {
    ($($(#[$doc:meta])* $variant:ident, $id:literal, $icon:ident, $group:ident;)*) => {
        /// Something a person can do in the window.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum UiCommand {
            $($(#[$doc])* $variant,)*
        }

        impl UiCommand {
            /// Every command, in the order of the palette.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Text id of its label.
            pub fn label_id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// Its icon.
            pub fn icon(self) -> &'static str {
                match self {
                    $(Self::$variant => icons::$icon,)*
                }
            }

            /// Its group.
            pub fn group(self) -> CommandGroup {
                match self {
                    $(Self::$variant => CommandGroup::$group,)*
                }
            }
        }
    };
}

ui_commands! {
    /// Choose files to upload here.
    UploadFiles, "command-upload-files", UPLOAD, Objects;
    /// Choose a folder to upload here.
    UploadFolder, "command-upload-folder", UPLOAD_FOLDER, Objects;
    /// Choose files to upload here so that anyone can read them; asks first.
    UploadPublic, "command-upload-public", GLOBE, Objects;
    /// Upload what was copied in a file manager.
    PasteFiles, "command-paste-files", PASTE, Objects;
    /// Upload what was copied in a file manager so that anyone can read it; asks first.
    PastePublic, "command-paste-public", GLOBE, Objects;
    /// Download the selection.
    Download, "command-download", DOWNLOAD, Objects;
    /// Open the selected folder or object.
    Open, "command-open", FOLDER_OPEN, Objects;
    /// Delete the selection; asks first.
    Delete, "command-delete", TRASH, Objects;
    /// Make a folder here.
    NewFolder, "command-new-folder", FOLDER_PLUS, Objects;
    /// Select all rows.
    SelectAll, "command-select-all", SELECT_ALL, Objects;

    /// Copy the selection's links in the form chosen in the settings.
    CopyUrl, "command-copy-url", COPY, Links;
    /// Copy the selection's links as Markdown.
    CopyMarkdown, "command-copy-markdown", MARKDOWN, Links;
    /// Copy the selection's links as HTML.
    CopyHtml, "command-copy-html", CODE, Links;
    /// Copy the selection's links as BBCode.
    CopyBbcode, "command-copy-bbcode", CODE, Links;
    /// Copy the selection's `s3://` URIs.
    CopyS3Uri, "command-copy-s3-uri", HASH, Links;
    /// Copy the selection's ARNs.
    CopyArn, "command-copy-arn", HASH, Links;
    /// Copy commands that fetch the selection with Amazon's command line.
    CopyAwsCli, "command-copy-aws-cli", CODE, Links;
    /// Copy the selection's links in the user's own form.
    CopyTemplate, "command-copy-template", FILE_TEXT, Links;
    /// Copy the keys of the selected objects and folders.
    CopyKeys, "menu-copy-key", KEY, Links;
    /// Choose an expiry, then copy a link that works without sign-in.
    CopySignedLink, "command-copy-signed-link", CLOCK_COUNTDOWN, Links;
    /// Open the selected object's link in the browser.
    OpenInBrowser, "open-in-browser", OPEN_EXTERNAL, Links;
    /// Ask again whether the selected object's link opens.
    CheckLink, "command-check-link", SHIELD_CHECK, Links;
    /// Show the selected object's link as a QR code.
    QrCode, "command-qr-code", SELECT_ALL, Links;
    /// Let anyone read the selection; asks first.
    MakePublic, "command-make-public", GLOBE, Links;
    /// Make an address at which someone else can upload a file here.
    InviteUpload, "command-invite-upload", USER, Links;
    /// Links that were given out, and what was opened for anyone.
    LinkHistory, "command-link-history", CLOCK, Links;
    /// Copy the links of all finished uploads.
    CopyUploadedUrls, "command-copy-uploaded-urls", LINK, Links;

    /// The folder before.
    Back, "command-back", ARROW_LEFT, Go;
    /// The folder that "back" left.
    Forward, "command-forward", ARROW_RIGHT, Go;
    /// The folder above.
    Up, "command-up", ARROW_UP, Go;
    /// Ask the server again.
    Reload, "command-reload", RELOAD, Go;
    /// Look for a name in this folder.
    Filter, "command-filter", SEARCH, Go;
    /// Show the names again that the filter hides.
    ClearFilter, "clear-filter", CLOSE, Go;
    /// Ask for page after page until everything of this folder is here.
    LoadAll, "load-all", STACK, Go;
    /// Ask for no more pages than are needed.
    StopLoading, "command-stop-loading", STOP, Go;
    /// Type where to go.
    EditPath, "command-edit-path", PENCIL, Go;
    /// Keep a bookmark of this folder.
    AddPlace, "command-add-place", STAR, Go;

    /// Set up a connection.
    NewConnection, "command-new-connection", PLUGS_CONNECTED, Connection;
    /// Change the connection in use.
    EditConnection, "command-edit-connection", PENCIL, Connection;
    /// Try the connection in use.
    TestConnection, "command-test-connection", TEST, Connection;
    /// Copy the connection in use.
    DuplicateConnection, "command-duplicate-connection", COPY, Connection;
    /// Forget the connection in use and its secret; asks first.
    DeleteConnection, "command-delete-connection", TRASH, Connection;
    /// Use a profile of `~/.aws`.
    UseAwsProfile, "command-use-aws-profile", FILE_TEXT, Connection;
    /// Use the embedded storage.
    TryThisComputer, "command-try-this-computer", LAPTOP, Connection;
    /// Make a bucket.
    NewBucket, "command-new-bucket", BUCKET, Connection;
    /// Delete the bucket that is shown, if it is empty; asks first.
    DeleteBucket, "command-delete-bucket", TRASH, Connection;
    /// List what was begun to be uploaded into the bucket that is shown, and never finished.
    UnfinishedUploads, "command-unfinished-uploads", CIRCLE_DASHED, Connection;
    /// Find out what the service does with wrong writes; asks first.
    DiagnoseConnection, "command-diagnose-connection", SHIELD_CHECK, Connection;

    /// Hold all transfers.
    PauseAll, "command-pause-all", PAUSE, Transfers;
    /// Go on with all transfers.
    ResumeAll, "command-resume-all", PLAY, Transfers;
    /// Hold the queue as a whole: nothing moves, whatever is dropped.
    HoldQueue, "command-hold-queue", HAND, Transfers;
    /// Let the queue run that is held, or that waits since the start.
    GoOn, "command-go-on", PLAY, Transfers;
    /// Stop all transfers; asks first.
    CancelAll, "command-cancel-all", CLOSE, Transfers;
    /// Try all failed transfers again.
    RetryFailed, "command-retry-failed", RETRY, Transfers;
    /// Drop finished transfers from the list; failed ones stay.
    ClearFinished, "command-clear-finished", CLOSE, Transfers;
    /// Drop failed transfers from the list; asks first.
    RemoveFailed, "command-remove-failed", TRASH, Transfers;
    /// Save what a finished batch has stored.
    Receipts, "command-receipts", NOTE, Transfers;
    /// Hold a receipt against the bucket.
    CheckReceipt, "command-check-receipt", SHIELD_CHECK, Transfers;
    /// List what was left out while folders were looked through.
    ShowLeftOut, "queue-show-left-out", WARNING, Transfers;
    /// Nothing follows when all transfers are done.
    WhenDoneNothing, "command-when-done-nothing", MINUS, Transfers;
    /// The computer sleeps when all transfers are done, after a countdown.
    WhenDoneSleep, "command-when-done-sleep", MOON, Transfers;
    /// The program ends when all transfers are done.
    WhenDoneQuit, "command-when-done-quit", POWER, Transfers;
    /// Show or hide the transfers drawer.
    ToggleTransfers, "command-toggle-transfers", QUEUE, Transfers;

    /// Show or hide the inspector.
    ToggleInspector, "command-toggle-inspector", SIDEBAR, Window;
    /// Give the table's columns their usual widths.
    UsualWidths, "command-usual-widths", COLUMNS, Window;
    /// Every command by name.
    Palette, "command-palette", COMMAND, Window;
    /// Change what the program does.
    Settings, "command-settings", SETTINGS, Window;
    /// Light, dark, as the system.
    SwitchTheme, "command-switch-theme", THEME, Window;
    /// English, Korean.
    SwitchLanguage, "command-switch-language", TRANSLATE, Window;
    /// Messages shown so far.
    ShowMessages, "command-show-messages", BELL, Window;
    /// Program, version, licences.
    About, "command-about", INFO, Window;
    /// Leave.
    Quit, "command-quit", POWER, Window;
}

impl UiCommand {
    /// The one form in which it copies links, if it is there for that.
    pub fn copies_as(self) -> Option<LinkFormat> {
        Some(match self {
            Self::CopyMarkdown => LinkFormat::Markdown,
            Self::CopyHtml => LinkFormat::Html,
            Self::CopyBbcode => LinkFormat::Bbcode,
            Self::CopyS3Uri => LinkFormat::S3Uri,
            Self::CopyArn => LinkFormat::Arn,
            Self::CopyAwsCli => LinkFormat::AwsCli,
            Self::CopyTemplate => LinkFormat::Template,
            _ => return None,
        })
    }

    /// The label in the language that holds.
    pub fn label(self, ctx: &egui::Context) -> String {
        super::text::t(ctx, self.label_id())
    }

    /// Text id of other words that the palette finds it by, for commands that people call by another name than their
    /// label.
    pub fn keywords_id(self) -> Option<&'static str> {
        match self {
            Self::SwitchLanguage => Some("command-keywords-switch-language"),
            Self::SwitchTheme => Some("command-keywords-switch-theme"),
            Self::Settings => Some("command-keywords-settings"),
            Self::Delete => Some("command-keywords-delete"),
            Self::Reload => Some("command-keywords-reload"),
            Self::AddPlace => Some("command-keywords-add-place"),
            Self::CheckLink => Some("command-keywords-check-link"),
            Self::MakePublic => Some("command-keywords-make-public"),
            Self::InviteUpload => Some("command-keywords-invite-upload"),
            Self::LinkHistory => Some("command-keywords-link-history"),
            Self::CopySignedLink => Some("command-keywords-copy-signed-link"),
            Self::ShowMessages => Some("command-keywords-show-messages"),
            Self::About => Some("command-keywords-about"),
            Self::HoldQueue => Some("command-keywords-hold-queue"),
            Self::UnfinishedUploads => Some("command-keywords-unfinished-uploads"),
            Self::DiagnoseConnection => Some("command-keywords-diagnose-connection"),
            Self::Receipts => Some("command-keywords-receipts"),
            Self::CheckReceipt => Some("command-keywords-check-receipt"),
            Self::WhenDoneNothing | Self::WhenDoneSleep | Self::WhenDoneQuit => Some("command-keywords-when-done"),
            Self::Quit => Some("command-keywords-quit"),
            _ => None,
        }
    }

    /// Whether it leads to something destructive; menus draw it in the colour of failures.
    pub fn is_destructive(self) -> bool {
        matches!(
            self,
            Self::Delete | Self::DeleteConnection | Self::DeleteBucket | Self::CancelAll | Self::RemoveFailed
        )
    }

    /// Whether it still works while a dialog is open.
    pub fn works_over_dialogs(self) -> bool {
        matches!(self, Self::Quit)
    }
}
