//! The icon font: a subset of Phosphor (MIT), one constant per glyph.
//!
//! `assets/fonts/build.sh` reads the code points from this file and cuts the font to them. Filled
//! glyphs are moved to plane 15 (`\u{fXXXX}`), since both weights use the same code points.

use egui::{Align2, Color32, FontFamily, FontId, RichText, Sense, Ui, vec2};

/// Family name of the icon font.
pub const FAMILY: &str = "icons";

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $glyph:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $glyph;)*

        /// Every glyph with its name, for the test that the font has them all.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $glyph)),*];
    };
}

icons! {
    /// Phosphor `arrow-left`.
    ARROW_LEFT = "\u{e058}";
    /// Phosphor `arrow-right`.
    ARROW_RIGHT = "\u{e06c}";
    /// Phosphor `arrow-up`.
    ARROW_UP = "\u{e08e}";
    /// Phosphor `arrow-down`.
    ARROW_DOWN = "\u{e03e}";
    /// Phosphor `arrow-clockwise`.
    RELOAD = "\u{e036}";
    /// Phosphor `arrow-counter-clockwise`.
    RETRY = "\u{e038}";
    /// Phosphor `caret-right`.
    CARET_RIGHT = "\u{e13a}";
    /// Phosphor `caret-left`.
    CARET_LEFT = "\u{e138}";
    /// Phosphor `caret-down`.
    CARET_DOWN = "\u{e136}";
    /// Phosphor `caret-up`.
    CARET_UP = "\u{e13c}";
    /// Phosphor `caret-up-down`.
    CARET_UP_DOWN = "\u{e140}";
    /// Phosphor `plus`.
    PLUS = "\u{e3d4}";
    /// Phosphor `minus`.
    MINUS = "\u{e32a}";
    /// Phosphor `x`.
    CLOSE = "\u{e4f6}";
    /// Phosphor `check`.
    CHECK = "\u{e182}";
    /// Phosphor `prohibit`.
    PROHIBIT = "\u{e3de}";
    /// Phosphor `export`.
    UPLOAD = "\u{eaf0}";
    /// Phosphor `upload`.
    UPLOAD_FOLDER = "\u{e4be}";
    /// Phosphor `download-simple`.
    DOWNLOAD = "\u{e20c}";
    /// Phosphor `clipboard`.
    PASTE = "\u{e196}";
    /// Phosphor `folder`.
    FOLDER = "\u{e24a}";
    /// Phosphor `folder-open`.
    FOLDER_OPEN = "\u{e256}";
    /// Phosphor `folder-plus`.
    FOLDER_PLUS = "\u{e258}";
    /// Phosphor `file`.
    FILE = "\u{e230}";
    /// Phosphor `file-text`.
    FILE_TEXT = "\u{e23a}";
    /// Phosphor `file-image`.
    FILE_IMAGE = "\u{ea24}";
    /// Phosphor `file-video`.
    FILE_VIDEO = "\u{ea22}";
    /// Phosphor `file-audio`.
    FILE_AUDIO = "\u{ea20}";
    /// Phosphor `file-csv`.
    FILE_CSV = "\u{eb1c}";
    /// Phosphor `file-pdf`.
    FILE_PDF = "\u{e702}";
    /// Phosphor `file-zip`.
    FILE_ZIP = "\u{e958}";
    /// Phosphor `file-code`.
    FILE_CODE = "\u{e914}";
    /// Phosphor `file-doc`.
    FILE_DOC = "\u{eb1e}";
    /// Phosphor `file-xls`.
    FILE_XLS = "\u{eb22}";
    /// Phosphor `file-ppt`.
    FILE_PPT = "\u{eb20}";
    /// Phosphor `file-html`.
    FILE_HTML = "\u{eb38}";
    /// Phosphor `archive`.
    BUCKET = "\u{e00c}";
    /// Phosphor `hard-drives`.
    HARD_DRIVES = "\u{e2a0}";
    /// Phosphor `laptop`.
    LAPTOP = "\u{e586}";
    /// Phosphor `globe`.
    GLOBE = "\u{e288}";
    /// Phosphor `lock-simple`.
    LOCK = "\u{e308}";
    /// Phosphor `key`.
    KEY = "\u{e2d6}";
    /// Phosphor `star`.
    STAR = "\u{e46a}";
    /// Phosphor `gear-six`.
    SETTINGS = "\u{e272}";
    /// Phosphor `magnifying-glass`.
    SEARCH = "\u{e30c}";
    /// Phosphor `funnel`.
    FUNNEL = "\u{e266}";
    /// Phosphor `copy`.
    COPY = "\u{e1ca}";
    /// Phosphor `link`.
    LINK = "\u{e2e2}";
    /// Phosphor `link-break`.
    LINK_BREAK = "\u{e2e4}";
    /// Phosphor `code`.
    CODE = "\u{e1bc}";
    /// Phosphor `markdown-logo`.
    MARKDOWN = "\u{e508}";
    /// Phosphor `cloud`.
    CLOUD = "\u{e1aa}";
    /// Phosphor `clock`.
    CLOCK = "\u{e19a}";
    /// Phosphor `clock-countdown`.
    CLOCK_COUNTDOWN = "\u{ed2c}";
    /// Phosphor `trash`.
    TRASH = "\u{e4a6}";
    /// Phosphor `pencil-simple`.
    PENCIL = "\u{e3b4}";
    /// Phosphor `pause`.
    PAUSE = "\u{e39e}";
    /// Phosphor `play`.
    PLAY = "\u{e3d0}";
    /// Phosphor `hand-palm`.
    HAND = "\u{e57e}";
    /// Phosphor `stop`.
    STOP = "\u{e46c}";
    /// Phosphor `dots-three`.
    DOTS = "\u{e1fe}";
    /// Phosphor `eye`.
    EYE = "\u{e220}";
    /// Phosphor `eye-slash`.
    EYE_SLASH = "\u{e224}";
    /// Phosphor `stethoscope`.
    TEST = "\u{e7ea}";
    /// Phosphor `user-circle`.
    USER = "\u{e4c4}";
    /// Phosphor `sidebar-simple`.
    SIDEBAR = "\u{ec24}";
    /// Phosphor `queue`.
    QUEUE = "\u{e6ac}";
    /// Phosphor `rows`.
    ROWS = "\u{e5a2}";
    /// Phosphor `sun`.
    SUN = "\u{e472}";
    /// Phosphor `moon`.
    MOON = "\u{e330}";
    /// Phosphor `circle-half`.
    THEME = "\u{e18c}";
    /// Phosphor `translate`.
    TRANSLATE = "\u{e4a2}";
    /// Phosphor `command`.
    COMMAND = "\u{e1c4}";
    /// Phosphor `power`.
    POWER = "\u{e3da}";
    /// Phosphor `arrow-square-out`.
    OPEN_EXTERNAL = "\u{e5de}";
    /// Phosphor `info`.
    INFO = "\u{e2ce}";
    /// Phosphor `warning`.
    WARNING = "\u{e4e0}";
    /// Phosphor `warning-circle`.
    WARNING_CIRCLE = "\u{e4e2}";
    /// Phosphor `check-circle`.
    CHECK_CIRCLE = "\u{e184}";
    /// Phosphor `x-circle`.
    X_CIRCLE = "\u{e4f8}";
    /// Phosphor `question`.
    QUESTION = "\u{e3e8}";
    /// Phosphor `bell`.
    BELL = "\u{e0ce}";
    /// Phosphor `shield-check`.
    SHIELD_CHECK = "\u{e40c}";
    /// Phosphor `plugs`.
    PLUGS = "\u{eb56}";
    /// Phosphor `plugs-connected`.
    PLUGS_CONNECTED = "\u{eb5a}";
    /// Phosphor `circle-dashed`.
    CIRCLE_DASHED = "\u{e602}";
    /// Phosphor `selection-all`.
    SELECT_ALL = "\u{e746}";
    /// Phosphor `check-square`.
    CHECK_SQUARE = "\u{e186}";
    /// Phosphor `square`.
    SQUARE = "\u{e45e}";
    /// Phosphor `hash`.
    HASH = "\u{e2a2}";
    /// Phosphor `stack`.
    STACK = "\u{e466}";
    /// Phosphor `note`.
    NOTE = "\u{e348}";
    /// Phosphor `sort-ascending`.
    SORT_ASCENDING = "\u{e444}";
    /// Phosphor `table`.
    COLUMNS = "\u{e476}";
    /// Phosphor `house`.
    HOUSE = "\u{e2c2}";
    /// Phosphor `globe-hemisphere-west`, filled.
    PUBLIC_FILL = "\u{fe28c}";
    /// Phosphor `lock-simple`, filled.
    LOCK_FILL = "\u{fe308}";
    /// Phosphor `check-circle`, filled.
    CHECK_CIRCLE_FILL = "\u{fe184}";
    /// Phosphor `warning-circle`, filled.
    WARNING_CIRCLE_FILL = "\u{fe4e2}";
    /// Phosphor `warning`, filled.
    WARNING_FILL = "\u{fe4e0}";
    /// Phosphor `x-circle`, filled.
    X_CIRCLE_FILL = "\u{fe4f8}";
    /// Phosphor `info`, filled.
    INFO_FILL = "\u{fe2ce}";
    /// Phosphor `star`, filled.
    STAR_FILL = "\u{fe46a}";
    /// Phosphor `circle`, filled.
    CIRCLE_FILL = "\u{fe18a}";
    /// Phosphor `minus-circle`, filled.
    MINUS_CIRCLE_FILL = "\u{fe32c}";
}

/// A glyph of the icon font at a size in points.
pub fn icon(glyph: &str, size: f32) -> RichText {
    RichText::new(glyph).font(font(size))
}

/// Paints a glyph where a label would stand. It is nothing to screen readers: the words beside it say it all.
pub fn glyph_ui(ui: &mut Ui, glyph: &str, size: f32, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(size + 1.0, size + 3.0), Sense::hover());
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, glyph, font(size), color);
}

/// The icon font at a size in points.
pub fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(FAMILY.into()))
}

/// The icon of a file, by the extension of its name.
pub fn for_file(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "heic" | "svg" | "bmp" | "tif" | "tiff" | "ico" => {
            FILE_IMAGE
        }
        "mp4" | "mov" | "mkv" | "avi" | "webm" | "m4v" | "mpg" | "mpeg" => FILE_VIDEO,
        "mp3" | "wav" | "flac" | "ogg" | "m4a" | "aac" | "opus" => FILE_AUDIO,
        "csv" | "tsv" => FILE_CSV,
        "pdf" => FILE_PDF,
        "zip" | "gz" | "tgz" | "zst" | "xz" | "bz2" | "7z" | "rar" | "tar" => FILE_ZIP,
        "html" | "htm" => FILE_HTML,
        "rs" | "py" | "js" | "ts" | "json" | "toml" | "yaml" | "yml" | "xml" | "css" | "sh" | "c" | "h" | "cpp"
        | "go" | "java" | "kt" | "swift" | "sql" => FILE_CODE,
        "doc" | "docx" | "odt" | "rtf" | "hwp" | "hwpx" => FILE_DOC,
        "xls" | "xlsx" | "ods" | "parquet" => FILE_XLS,
        "ppt" | "pptx" | "odp" | "key" => FILE_PPT,
        "txt" | "md" | "log" | "rst" => FILE_TEXT,
        _ => FILE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_font() {
        let ctx = egui::Context::default();
        crate::ui::theme::install(&ctx);
        ctx.begin_pass(egui::RawInput::default());
        for (name, glyph) in ALL {
            let has = ctx.fonts_mut(|fonts| fonts.has_glyphs(&font(16.0), glyph));
            assert!(has, "{name} is missing: run assets/fonts/build.sh");
        }
        ctx.end_pass().textures_delta.clear();
    }

    #[test]
    fn names_find_their_icon() {
        assert_eq!(for_file("경복궁 가을.JPG"), FILE_IMAGE);
        assert_eq!(for_file("site.tar.zst"), FILE_ZIP);
        assert_eq!(for_file("README"), FILE);
    }
}
