//! [`Settings`] in the file: a section each for window, links and transfers, and a list of places.

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::fields::{self, Reader};
use super::merge::{self, Three};
use crate::model::{
    BucketName, COLUMN_WIDTHS, Column, ConflictPolicy, ConnectionId, CopyFallback, CopyWhenDone, DisplayChoice,
    KeepAwake, Language, LinkFormat, Location, MAX_PRESIGN_SECS, NotifyWhenDone, Place, Prefix, RendererChoice,
    ResumeAtStart, SINGLE_PUT_LIMIT_BYTES, SINGLE_PUT_MAX_BYTES, Settings, SizeUnits, ThemeChoice, VerifyWish,
};

const WINDOW: &str = "window";
const LINKS: &str = "links";
const TRANSFERS: &str = "transfers";
const PLACES: &str = "places";
/// More files at once than this helps nobody and runs out of handles.
const MAX_PARALLEL_FILES: u64 = 64;

const MIB: u64 = 1024 * 1024;
const MIN_SINGLE_PUT_MIB: u64 = SINGLE_PUT_MAX_BYTES / MIB;
const MAX_SINGLE_PUT_MIB: u64 = SINGLE_PUT_LIMIT_BYTES / MIB;

/// A choice and its name in the file.
trait Named: Sized + Copy + PartialEq + 'static {
    const NAMES: &'static [(Self, &'static str)];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(choice, _)| *choice == self).map_or("", |(_, name)| name)
    }

    fn from_name(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(choice, _)| *choice)
    }
}

impl Named for Language {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::System, "system"), (Self::English, "en"), (Self::Korean, "ko")];
}

impl Named for ThemeChoice {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::System, "system"), (Self::Light, "light"), (Self::Dark, "dark")];
}

impl Named for SizeUnits {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Decimal, "decimal"), (Self::Binary, "binary")];
}

impl Named for DisplayChoice {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::Auto, "auto"), (Self::X11, "x11"), (Self::Wayland, "wayland")];
}

impl Named for RendererChoice {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Auto, "auto"), (Self::Glow, "glow"), (Self::Wgpu, "wgpu")];
}

impl Named for KeepAwake {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::WhileBusy, "while-busy"), (Self::Never, "never")];
}

impl Named for NotifyWhenDone {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::WhenAway, "when-away"), (Self::Always, "always"), (Self::Never, "never")];
}

impl Named for CopyWhenDone {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Links, "links"), (Self::Nothing, "nothing")];
}

impl Named for CopyFallback {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Never, "never"), (Self::SignedLink, "signed-link")];
}

impl Named for ResumeAtStart {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Continue, "continue"), (Self::Ask, "ask")];
}

/// The settings in a document; what is missing or odd takes its default, the latter with a warning.
pub(super) fn read(document: &DocumentMut, warnings: &mut Vec<String>) -> Settings {
    let defaults = Settings::default();
    let mut settings = defaults.clone();

    let mut window = Reader::section(document, WINDOW, warnings);
    settings.language = window.choice("language", Language::from_name);
    settings.theme = window.choice("theme", ThemeChoice::from_name);
    settings.size_units = window.choice("size_units", SizeUnits::from_name);
    settings.display = window.choice("display", DisplayChoice::from_name);
    settings.renderer = window.choice("renderer", RendererChoice::from_name);
    settings.hidden_columns = read_columns(&mut window);
    for column in Column::ALL {
        let limits = u64::from(*COLUMN_WIDTHS.start())..=u64::from(*COLUMN_WIDTHS.end());
        let points = window.number(&width_key(column), limits, 0);
        settings.set_column_width(column, u32::try_from(points).ok().filter(|points| *points > 0));
    }

    let mut links = Reader::section(document, LINKS, warnings);
    settings.copy_when_done = links.choice("copy_when_done", CopyWhenDone::from_name);
    settings.copy_fallback = links.choice("copy_fallback", CopyFallback::from_name);
    settings.link_format = links.choice("format", LinkFormat::from_code);
    if let Some(template) = links.text("template").filter(|text| !text.trim().is_empty()) {
        template.clone_into(&mut settings.link_template);
    }
    settings.presign_secs = links.number("presign_secs", 1..=MAX_PRESIGN_SECS, defaults.presign_secs);

    let mut transfers = Reader::section(document, TRANSFERS, warnings);
    settings.on_conflict = transfers.choice("on_conflict", ConflictPolicy::from_code);
    let parallel = transfers.number("parallel_files", 0..=MAX_PARALLEL_FILES, defaults.parallel_files.into());
    settings.parallel_files = u32::try_from(parallel).unwrap_or(defaults.parallel_files);
    settings.resume_at_start = transfers.choice("resume_at_start", ResumeAtStart::from_name);
    settings.verify = transfers.choice("verify", VerifyWish::from_code);
    let single = transfers.number("single_put_mib", MIN_SINGLE_PUT_MIB..=MAX_SINGLE_PUT_MIB, MIN_SINGLE_PUT_MIB);
    settings.single_put_bytes = single * MIB;
    settings.keep_awake = transfers.choice("keep_awake", KeepAwake::from_name);
    settings.notify_when_done = transfers.choice("notify_when_done", NotifyWhenDone::from_name);
    settings.bandwidth = super::bandwidth::read(&mut transfers);
    if let Some(names) = transfers.texts("system_files") {
        settings.system_files = names.into_iter().map(str::to_owned).collect();
    }

    settings.places = read_places(document, warnings).into_iter().flatten().collect();
    settings
}

/// What a column's width is called; it is only there when the user has set one.
fn width_key(column: Column) -> String {
    format!("{}_width", column.code())
}

fn read_columns(window: &mut Reader<'_, '_>) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in window.texts("hidden_columns").unwrap_or_default() {
        match Column::ALL.into_iter().find(|column| column.code() == name) {
            Some(column) if columns.contains(&column) => {}
            Some(column) => columns.push(column),
            None => window.warn("hidden_columns", "names a column that is not known; left out"),
        }
    }
    columns
}

/// The places in the file, entry for entry; `None` for one that cannot be read.
fn read_places(document: &Table, warnings: &mut Vec<String>) -> Vec<Option<Place>> {
    let Some(item) = document.get(PLACES) else { return Vec::new() };
    let tables = fields::tables_of(item, PLACES, warnings);
    tables.into_iter().map(|(place, table)| read_place(table, place, warnings)).collect()
}

fn read_place(table: &dyn TableLike, place: String, warnings: &mut Vec<String>) -> Option<Place> {
    let mut reader = Reader::table(table, place, warnings);
    let connection = reader.text("connection").filter(|id| !id.is_empty());
    let bucket = reader.text("bucket").and_then(|name| BucketName::new(name).ok());
    let prefix = Prefix::new(reader.text("prefix").unwrap_or_default());
    let name = reader.text("name").map(str::to_owned);
    let (Some(connection), Some(bucket)) = (connection, bucket) else {
        reader.warn("bucket", "connection or bucket is missing or impossible; this place is left out");
        return None;
    };
    let name = name.unwrap_or_else(|| if prefix.is_root() { bucket.to_string() } else { prefix.name().to_owned() });
    Some(Place { name, location: Location { connection: ConnectionId::new(connection), bucket, prefix } })
}

/// Changes what differs from `wanted`; with a `base`, only what differs between the two. A field that is odd and reads
/// as the default stays while that is wanted.
pub(super) fn write(document: &mut DocumentMut, base: Option<&Settings>, wanted: &Settings) {
    let now = read(document, &mut Vec::new());
    let wanted = &match base {
        Some(base) => merge::settings(&Three { base, wanted, now: &now }),
        None => wanted.clone(),
    };
    let mut window = Changes { document, name: WINDOW };
    window.text("language", now.language.name(), wanted.language.name());
    window.text("theme", now.theme.name(), wanted.theme.name());
    window.text("size_units", now.size_units.name(), wanted.size_units.name());
    window.text("display", now.display.name(), wanted.display.name());
    window.text("renderer", now.renderer.name(), wanted.renderer.name());
    if now.hidden_columns != wanted.hidden_columns {
        window.set("hidden_columns", fields::list(wanted.hidden_columns.iter().map(|column| column.code())));
    }
    for column in Column::ALL {
        match (now.column_width(column), wanted.column_width(column)) {
            (now, Some(wanted)) => window.number(&width_key(column), now.unwrap_or(0).into(), wanted.into()),
            (Some(_), None) => window.remove(&width_key(column)),
            (None, None) => {}
        }
    }
    let mut links = Changes { document, name: LINKS };
    links.text("copy_when_done", now.copy_when_done.name(), wanted.copy_when_done.name());
    links.text("copy_fallback", now.copy_fallback.name(), wanted.copy_fallback.name());
    links.text("format", now.link_format.code(), wanted.link_format.code());
    links.text("template", &now.link_template, &wanted.link_template);
    links.number("presign_secs", now.presign_secs, wanted.presign_secs);

    let mut transfers = Changes { document, name: TRANSFERS };
    transfers.text("on_conflict", now.on_conflict.code(), wanted.on_conflict.code());
    transfers.number("parallel_files", now.parallel_files.into(), wanted.parallel_files.into());
    transfers.text("resume_at_start", now.resume_at_start.name(), wanted.resume_at_start.name());
    transfers.text("verify", now.verify.code(), wanted.verify.code());
    transfers.number("single_put_mib", now.single_put_bytes / MIB, wanted.single_put_bytes / MIB);
    transfers.text("keep_awake", now.keep_awake.name(), wanted.keep_awake.name());
    transfers.text("notify_when_done", now.notify_when_done.name(), wanted.notify_when_done.name());
    if now.bandwidth != wanted.bandwidth {
        for (key, text) in super::bandwidth::fields(&wanted.bandwidth) {
            transfers.optional(key, text);
        }
    }
    if now.system_files != wanted.system_files {
        transfers.set("system_files", fields::list(wanted.system_files.iter().map(String::as_str)));
    }
    if now.places != wanted.places {
        write_places(document, &wanted.places);
    }
}

/// Fields of one section that are to change. The section is only made when the first one does.
struct Changes<'a> {
    document: &'a mut Table,
    name: &'static str,
}

impl Changes<'_> {
    fn text(&mut self, key: &str, now: &str, wanted: &str) {
        if now != wanted {
            self.set(key, value(wanted));
        }
    }

    fn number(&mut self, key: &str, now: u64, wanted: u64) {
        if now != wanted {
            self.set(key, value(i64::try_from(wanted).unwrap_or(i64::MAX)));
        }
    }

    fn optional(&mut self, key: &str, item: Option<Item>) {
        match item {
            Some(item) => self.set(key, item),
            None => {
                if let Some(section) = self.document.get_mut(self.name).and_then(Item::as_table_like_mut) {
                    section.remove(key);
                }
            }
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some(section) = fields::section(self.document, self.name) {
            section.remove(key);
        }
    }

    fn set(&mut self, key: &str, item: Item) {
        if let Some(section) = fields::section(self.document, self.name) {
            fields::set(section, key, item);
        }
    }
}

/// Writes the list of places anew, with the tables of those that stay and of those that cannot be read.
fn write_places(document: &mut Table, wanted: &[Place]) {
    let known = read_places(document, &mut Vec::new());
    let Some(tables) = fields::tables_mut(document, PLACES) else { return };
    let mut old: Vec<(Option<Place>, Table)> = known.into_iter().zip(std::mem::take(tables)).collect();
    for place in wanted {
        let at = old.iter().position(|(known, _)| known.as_ref() == Some(place));
        let mut table = at.map_or_else(Table::new, |at| old.remove(at).1);
        fields::set_text(&mut table, "name", Some(&place.name));
        fields::set_text(&mut table, "connection", Some(place.location.connection.as_str()));
        fields::set_text(&mut table, "bucket", Some(place.location.bucket.as_str()));
        let prefix = &place.location.prefix;
        if Prefix::new(table.get("prefix").and_then(Item::as_str).unwrap_or_default()) != *prefix {
            fields::set_text(&mut table, "prefix", Some(prefix.as_str()));
        }
        // Written where it stands in the list now, not where it once stood in the file.
        table.set_position(None);
        tables.push(table);
    }
    for (_, mut unreadable) in old.into_iter().filter(|(place, _)| place.is_none()) {
        unreadable.set_position(None);
        tables.push(unreadable);
    }
    if tables.is_empty() {
        document.remove(PLACES);
    }
}
