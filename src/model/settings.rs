//! What the user has chosen. Reading never fails: what is missing or odd takes its default.

use super::{
    BandwidthPlan, ConflictPolicy, DEFAULT_LINK_TEMPLATE, KeepAwake, LinkFormat, Location, NotifyWhenDone,
    SINGLE_PUT_MAX_BYTES, VerifyWish,
};

/// Language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// As the system says.
    #[default]
    System,
    /// English.
    English,
    /// 한국어.
    Korean,
}

/// Colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the desktop wants windows to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// It does not mind.
    NoPreference,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How sizes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SizeUnits {
    /// 1 MB = 1,000,000 bytes.
    #[default]
    Decimal,
    /// 1 MiB = 1,048,576 bytes.
    Binary,
}

/// Which display server the window uses on Linux.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisplayChoice {
    /// X11 where it is there, since file drops do not arrive on Wayland.
    #[default]
    Auto,
    /// X11 only.
    X11,
    /// Wayland only; files cannot be dropped.
    Wayland,
}

/// Which renderer paints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RendererChoice {
    /// Whichever paints fastest here.
    #[default]
    Auto,
    /// OpenGL.
    Glow,
    /// Vulkan, Metal or DirectX.
    Wgpu,
}

/// Whether links go to the clipboard by themselves when a batch is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyWhenDone {
    /// Yes, once per batch.
    #[default]
    Links,
    /// No.
    Nothing,
}

/// What becomes of links that were copied by themselves and that strangers cannot open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyFallback {
    /// They stay on the clipboard, and it is said that they do not open.
    #[default]
    Never,
    /// Signed ones take their place: such a link holds an expiry and, for temporary keys, their session token.
    SignedLink,
}

/// What becomes of an unfinished queue at the next start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResumeAtStart {
    /// It goes on by itself.
    #[default]
    Continue,
    /// It waits until the user says so.
    Ask,
}

/// A bookmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the sidebar calls it.
    pub name: String,
    /// Where it leads.
    pub location: Location,
}

/// A column of the object table that can be hidden (the name cannot).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Size.
    Size,
    /// Last change.
    Modified,
    /// Storage class.
    Class,
    /// Last verdict on the link.
    Access,
}

impl Column {
    /// Every column that can be hidden, from left to right.
    pub const ALL: [Self; 4] = [Self::Size, Self::Modified, Self::Class, Self::Access];

    /// Stable name in the settings file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Modified => "modified",
            Self::Class => "class",
            Self::Access => "access",
        }
    }
}

/// [`Settings::parallel_files`] for no limit by number.
pub const AUTOMATIC_FILES: u32 = 0;
/// How narrow and how wide a column can be made by hand, in points. The table's own width sets a further limit.
pub const COLUMN_WIDTHS: std::ops::RangeInclusive<u32> = 40..=600;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Language of the window.
    pub language: Language,
    /// Colours of the window.
    pub theme: ThemeChoice,
    /// How sizes are written.
    pub size_units: SizeUnits,
    /// Display server on Linux; takes effect at the next start.
    pub display: DisplayChoice,
    /// Renderer; takes effect at the next start.
    pub renderer: RendererChoice,
    /// Links to the clipboard when a batch is done.
    pub copy_when_done: CopyWhenDone,
    /// Signed links in place of those that do not open.
    pub copy_fallback: CopyFallback,
    /// Form of copied links.
    pub link_format: LinkFormat,
    /// The user's own form of links, for [`LinkFormat::Template`].
    pub link_template: String,
    /// Life of presigned links, in seconds.
    pub presign_secs: u64,
    /// When a key exists.
    pub on_conflict: ConflictPolicy,
    /// Most files at once, or [`AUTOMATIC_FILES`]: as many as the line gains from.
    pub parallel_files: u32,
    /// Unfinished uploads of an earlier run.
    pub resume_at_start: ResumeAtStart,
    /// How the stored object is held against what was read.
    pub verify: VerifyWish,
    /// Files up to this size go up as one PUT: 8 to 16 MiB.
    pub single_put_bytes: u64,
    /// How much of the line uploads may take.
    pub bandwidth: BandwidthPlan,
    /// Whether the machine may fall asleep while transfers run.
    pub keep_awake: KeepAwake,
    /// Whether the end of all transfers is told by a notification.
    pub notify_when_done: NotifyWhenDone,
    /// File names, in any case, never uploaded from dropped folders or among several dropped files; the visible rule for
    /// system files.
    pub system_files: Vec<String>,
    /// Bookmarks.
    pub places: Vec<Place>,
    /// Columns not shown.
    pub hidden_columns: Vec<Column>,
    /// Columns whose width the user has set, in points; the others have their usual one.
    pub column_widths: Vec<(Column, u32)>,
}

impl Settings {
    /// The width a column was given by hand, in points.
    pub fn column_width(&self, column: Column) -> Option<u32> {
        self.column_widths.iter().find(|(known, _)| *known == column).map(|(_, points)| *points)
    }

    /// Gives a column a width in points, or its usual one with `None`.
    pub fn set_column_width(&mut self, column: Column, points: Option<u32>) {
        self.column_widths.retain(|(known, _)| *known != column);
        let points = points.map(|points| points.clamp(*COLUMN_WIDTHS.start(), *COLUMN_WIDTHS.end()));
        self.column_widths.extend(points.map(|points| (column, points)));
        self.column_widths.sort_by_key(|(column, _)| Column::ALL.iter().position(|known| known == column));
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: ThemeChoice::default(),
            size_units: SizeUnits::default(),
            display: DisplayChoice::default(),
            renderer: RendererChoice::default(),
            copy_when_done: CopyWhenDone::default(),
            copy_fallback: CopyFallback::default(),
            link_format: LinkFormat::default(),
            link_template: DEFAULT_LINK_TEMPLATE.to_owned(),
            presign_secs: 3600,
            on_conflict: ConflictPolicy::default(),
            parallel_files: AUTOMATIC_FILES,
            resume_at_start: ResumeAtStart::default(),
            verify: VerifyWish::default(),
            single_put_bytes: SINGLE_PUT_MAX_BYTES,
            bandwidth: BandwidthPlan::default(),
            keep_awake: KeepAwake::default(),
            notify_when_done: NotifyWhenDone::default(),
            system_files: [".DS_Store", "Thumbs.db", "desktop.ini", "._*", ".localized", "ehthumbs.db"]
                .map(str::to_owned)
                .to_vec(),
            places: Vec::new(),
            hidden_columns: Vec::new(),
            column_widths: Vec::new(),
        }
    }
}
