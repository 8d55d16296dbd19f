//! What views ask for. A view draws and pushes; it never sends, copies, opens or waits itself.
//! `effects` carries the actions out after the frame is drawn.

use std::path::PathBuf;

use super::dialogs::Dialog;
use super::dialogs::toasts::ToastId;
use super::ui_command::UiCommand;
use super::unprinted::Unprinted;
use crate::model::{
    BatchId, CheckExtent, Command, ConnectionId, Gathered, LinkFormat, Location, Notice, ObjectRef, Place, RequestId,
    Settings, SharingId, SignedLink, Target, TransferId, UploadAccess,
};

/// One wish of the user.
#[derive(Clone, Debug)]
pub enum Action {
    /// Tell the engine as it is.
    Command(Command),
    /// Do what a button, menu entry, shortcut or palette line of the command table stands for.
    Ui(UiCommand),

    /// Use this connection: get its keys, list its buckets.
    Open(ConnectionId),
    /// Try a saved connection and tell how it went.
    TestConnection(ConnectionId),
    /// Copy a connection with its secret, then edit the copy.
    DuplicateConnection(ConnectionId),
    /// Start the embedded storage and use it.
    OpenLocalStorage,
    /// Show this folder and remember the one before for "back".
    Browse(Location),
    /// The folder before.
    Back,
    /// The folder that "back" left.
    Forward,
    /// The folder above.
    Up,
    /// Ask for the shown folder and the list of buckets again.
    Reload,
    /// Ask for the next page of the shown folder.
    LoadMore,
    /// Ask for page after page until everything is here.
    LoadAll,

    /// Queue files and folders for upload.
    Upload {
        /// Local paths; folders are walked by the engine.
        paths: Vec<PathBuf>,
        /// How they were pointed at.
        gathered: Gathered,
        /// Where they go.
        to: Location,
    },
    /// Let the user choose files to upload.
    PickFiles {
        /// Where they go.
        to: Location,
    },
    /// Queue files and folders for upload, with a wish about who can read them.
    UploadAs {
        /// Local paths; folders are walked by the engine.
        paths: Vec<PathBuf>,
        /// Where they go.
        to: Location,
        /// How they were pointed at.
        gathered: Gathered,
        /// The wish.
        access: UploadAccess,
        /// The plan that was shown: nothing else is queued. `None` for whatever is there.
        planned: Option<RequestId>,
    },
    /// Let the user choose files to upload so that anyone can read them; asks before it is done.
    PickPublicFiles {
        /// Where they go.
        to: Location,
    },
    /// Let the user choose folders to upload.
    PickFolder {
        /// Where they go.
        to: Location,
    },
    /// Let the user choose where these are downloaded to, then download them.
    PickDownloadFolder {
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
    },
    /// Download into this folder.
    Download {
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
        /// Into which local folder.
        to: PathBuf,
    },
    /// Ask for an object's metadata.
    Inspect(ObjectRef),
    /// Fetch an object into the program's cache and open it with the system's program.
    OpenObject(ObjectRef),
    /// Upload what was copied in a file manager.
    Paste {
        /// Where it goes.
        to: Location,
        /// Who is to be able to read it; public is asked about first.
        access: UploadAccess,
    },

    /// Let the user choose where the receipt of this batch is saved.
    PickReceiptPlace(BatchId),
    /// Save the receipt of a batch into this file.
    SaveReceipt {
        /// Which batch.
        batch: BatchId,
        /// Into which file.
        path: PathBuf,
    },
    /// Let the user choose a receipt to check.
    PickReceipt,
    /// Let the user choose the certificate authorities of the connection that is being edited.
    PickCaFile,
    /// Put this file into the connection editor.
    UseCaFile(PathBuf),
    /// Let this transfer run, whether it is paused or has failed, and show the transfers.
    GoOnWith(TransferId),

    /// Put text on the clipboard.
    CopyText {
        /// The text; never a secret key. `Debug` does not show it, for it may be an address with a signature.
        text: Unprinted,
        /// What to tell the user.
        notice: Notice,
    },
    /// Put the links of these objects on the clipboard.
    CopyLinks {
        /// Which objects.
        objects: Vec<ObjectRef>,
        /// In which form.
        format: LinkFormat,
    },
    /// Put links that were signed on the clipboard, note that they were handed out, and find out whether they open.
    HandOutSigned {
        /// The links.
        links: Vec<SignedLink>,
    },
    /// Note that signed links were handed out in another way than by the clipboard.
    RecordSigned {
        /// The links.
        links: Vec<SignedLink>,
    },
    /// Ask for the link of an object as a stranger would, for its card.
    CheckLink(ObjectRef, CheckExtent),
    /// Ask for every one of the copied links that this message is about.
    CheckAllCopied(ToastId),
    /// Stop asking for the copied links that this message is about.
    StopCopiedCheck(ToastId),
    /// Put better links on the clipboard than those that this message is about.
    ReplaceCopied(ToastId),
    /// Take back what was opened for anyone.
    UndoSharing(SharingId),
    /// Put the links of every finished upload of the list on the clipboard.
    CopyUploadedLinks,
    /// Open an object's link in the browser: its public address, or a signed one where nobody could open that.
    OpenLink(ObjectRef),
    /// Open a web address in the browser. The system's opener gets it as an argument, which other programs of the same
    /// user can see for as long as it runs: so a signed one is only opened when the user asks for that very link.
    OpenUrl(Unprinted),

    /// Open a dialog above what is there.
    ShowDialog(Dialog),
    /// Close the topmost dialog.
    CloseDialog,
    /// Tell something in passing.
    Toast(Notice),
    /// Show the messages so far.
    ShowMessages,
    /// Dark where it is light now, light where it is dark, whoever chose that.
    SwitchTheme,
    /// Keep these settings and use them from now on.
    ChangeSettings(Box<Settings>),
    /// Keep a bookmark.
    AddPlace(Place),
    /// Leave the program; asks first while transfers are under way.
    Quit,
    /// Leave the program without asking (again).
    QuitNow,
}

/// The out-box of a frame.
#[derive(Debug, Default)]
pub struct Actions(Vec<Action>);

impl Actions {
    /// An empty out-box.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a wish.
    pub fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    /// Adds a command for the engine.
    pub fn command(&mut self, command: Command) {
        self.0.push(Action::Command(command));
    }

    /// Adds the opening of a dialog.
    pub fn show(&mut self, dialog: Dialog) {
        self.0.push(Action::ShowDialog(dialog));
    }

    /// Adds several wishes.
    pub fn extend(&mut self, actions: impl IntoIterator<Item = Action>) {
        self.0.extend(actions);
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes everything out, in the order it was asked for.
    pub fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.0)
    }
}
