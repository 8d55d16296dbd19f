//! Rows of what is being uploaded into the shown folder, while it is: the folder is listed again in silence, a few times
//! a minute at most, however many files arrive.

use super::app::App;
use super::effects;
use crate::model::{BucketName, Location, TransferKind};

/// From the first file that has arrived to the first look, so that a small batch is over before it costs a request.
const FIRST_LOOK_SECS: f64 = 2.0;
/// Between two looks.
const LOOK_SECS: f64 = 5.0;
/// A longer listing is not asked for again by itself.
const LISTED_AGAIN_ROWS: usize = 1_000;

/// What of the transfers under way the shown folder has not been listed with yet.
#[derive(Debug, Default)]
pub struct Arriving {
    /// Where uploads of this window go that are under way.
    to: Vec<Location>,
    /// How many transfers had ended when the folder was listed last.
    seen: u64,
    /// Point of the window's clock before which it is not listed again.
    not_before: f64,
    /// Something has ended since.
    has_news: bool,
}

impl Arriving {
    /// Notes where an upload goes.
    pub(super) fn note(&mut self, to: &Location) {
        if !self.to.contains(to) {
            self.to.push(to.clone());
        }
    }
}

/// The queue has told how it stands.
pub(super) fn look(app: &mut App, ctx: &egui::Context) {
    let counts = app.model.transfers.counts;
    let arriving = &mut app.ui.waiting.arriving;
    if counts.active == 0 {
        // The end of each batch lists what it has added.
        *arriving = Arriving { seen: counts.done, ..Arriving::default() };
        return;
    }
    let now = ctx.input(|input| input.time);
    if counts.done > arriving.seen && !arriving.has_news {
        arriving.has_news = true;
        arriving.not_before = arriving.not_before.max(now + FIRST_LOOK_SECS);
    }
    // The list of what is done can be cleared.
    arriving.seen = counts.done;
    if !arriving.has_news || now < arriving.not_before || !can_be_listed(app) || !goes_here(app) {
        return;
    }
    let arriving = &mut app.ui.waiting.arriving;
    (arriving.has_news, arriving.not_before) = (false, now + LOOK_SECS);
    effects::list_again_in_silence(app);
}

/// Whether the shown folder is listed, whole and short.
fn can_be_listed(app: &App) -> bool {
    let listing = app.model.browsing.as_ref().map(|browsing| &browsing.listing);
    listing.is_some_and(|listing| listing.is_complete() && listing.entries.len() < LISTED_AGAIN_ROWS)
}

/// Whether anything under way adds a row to the shown folder, as far as the window knows.
fn goes_here(app: &App) -> bool {
    let Some(shown) = app.model.location() else { return false };
    let below = |bucket: &BucketName, key: &str| *bucket == shown.bucket && key.starts_with(shown.prefix.as_str());
    let is_to = |to: &Location| {
        // A folder that is uploaded brings its own folders, one of which may be shown.
        let is_above = to.bucket == shown.bucket && shown.prefix.as_str().starts_with(to.prefix.as_str());
        to.connection == shown.connection && (is_above || below(&to.bucket, to.prefix.as_str()))
    };
    let uploads = app.model.transfers.rows.iter().filter(|row| row.kind == TransferKind::Upload);
    let mut here = uploads.filter(|row| row.object.connection == shown.connection);
    app.ui.waiting.arriving.to.iter().any(is_to) || here.any(|row| below(&row.object.bucket, row.object.key.as_str()))
}
