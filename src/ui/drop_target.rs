//! Files dropped from other programs: gathers what arrives one by one into one batch, and shows where it will go.
//!
//! The toolkit tells hovering files twice on X11, so the overlay counts each path once. Rows of folders,
//! buckets and places take files by themselves. Where the pointer is only told at the drop itself, as on X11, the row is
//! named from then on.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;

use egui::{Align2, Color32, Pos2, Rect, Stroke, StrokeKind};

use super::actions::{Action, Actions};
use super::dialogs::Dialog;
use super::drop_doubt::Doubt;
use super::text::{lang, t, t_count, t_with};
use super::{drop_words, format, frame_rate, icons, naming, theme, widgets};
use crate::model::{
    AppModel, Command, DraggedName, DropExtent, DropSize, Gathered, Location, Notice, RequestId, Severity, SizeUnits,
};

/// Whether files can be dropped on this window at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DropSupport {
    /// Yes.
    #[default]
    Works,
    /// Not on this display server; texts speak of buttons and pasting instead.
    Missing,
}

/// A drop that is being gathered, and what lies under the pointer.
#[derive(Debug, Default)]
pub struct DropState {
    /// Whether drops can arrive.
    pub support: DropSupport,
    /// What arrived so far of the gesture.
    paths: Vec<PathBuf>,
    /// When the last of it arrived, in window time.
    last_arrival: f64,
    /// Where the pointer was when the first file arrived, or is while files hover, as far as the system tells.
    at: Option<Pos2>,
    /// The row under it that takes files by itself.
    target: Option<Target>,
    /// Where files are dropped to become public, once that was drawn.
    public: Option<Rect>,
    /// How many files hovered at the frame before.
    hovering: usize,
    /// So many of them hover no more, whatever the toolkit says.
    lost: usize,
    /// What hovers, and how big it is.
    load: Load,
    /// By which names the files of the last drag were dragged, where the toolkit calls any of them otherwise.
    names: Vec<DraggedName>,
}

/// Files and folders that hover.
#[derive(Debug, Default)]
struct Load {
    paths: BTreeSet<PathBuf>,
    /// What the system named when they were taken.
    named: Named,
    /// The question how big they are, until it is answered.
    asked: Option<RequestId>,
    size: Option<DropSize>,
}

impl Load {
    /// Nobody needs the answer any more.
    fn stop(&mut self, actions: &mut Actions) {
        if let Some(request) = self.asked.take() {
            actions.command(Command::StopRequest { request });
        }
    }
}

/// What hovers as the system names it, told apart by how many there are and the two ends: during a drag names are only
/// added, and a hundred thousand of them must not be compared in each frame.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    count: usize,
    first: Option<PathBuf>,
    last: Option<PathBuf>,
}

impl Named {
    fn of(hovered: &[egui::HoveredFile]) -> Self {
        let path = |file: Option<&egui::HoveredFile>| file.and_then(|file| file.path.clone());
        Self { count: hovered.len(), first: path(hovered.first()), last: path(hovered.last()) }
    }
}

/// Whether the toolkit tells where the pointer is while files of another program hover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerDuringDrag {
    /// It may.
    Told,
    /// It does not, as on X11.
    Silent,
}

/// A row that files can be dropped on: a folder, a bucket, a place.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    rect: Rect,
    to: Result<Location, Refusal>,
}

impl DropState {
    /// From now on files are called as their drag calls them: the toolkit follows symbolic links.
    pub fn call_by(&mut self, names: Vec<DraggedName>) {
        if names != self.names {
            // What hovers is measured by its own names.
            self.load.named = Named::default();
            self.names = names;
        }
    }

    /// The names by which these were dragged, each of them used once; the toolkit keeps the drag's order.
    fn own_names(&self, told: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
        let mut own: HashMap<&PathBuf, VecDeque<&PathBuf>> = HashMap::new();
        for name in &self.names {
            own.entry(&name.told).or_default().push_back(&name.dragged);
        }
        let name = |path: PathBuf| own.get_mut(&path).and_then(VecDeque::pop_front).cloned().unwrap_or(path);
        told.map(name).collect()
    }

    /// The same for what hovers, which the toolkit may tell of more than once.
    fn own_names_of_all(&self, told: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let known: BTreeSet<&PathBuf> = self.names.iter().map(|name| &name.told).collect();
        if known.is_empty() || !told.iter().eq(known) {
            return told;
        }
        self.names.iter().map(|name| name.dragged.clone()).collect()
    }

    /// Takes note of a row that files can be dropped on, if it lies under the pointer; each view tells its own as it
    /// draws them.
    pub fn note_row(&mut self, ui: &egui::Ui, row: Rect, to: impl FnOnce() -> Result<Location, Refusal>) {
        let seen = row.intersect(ui.clip_rect());
        if self.target.is_none() && self.at.is_some_and(|at| seen.contains(at)) {
            self.target = Some(Target { rect: seen, to: to() });
        }
    }

    /// Forgets files that are said to hover although their drag is over: on X11 the toolkit loses a drop whose names
    /// come later than its release, and never says that the drag has ended. While another program drags, buttons and
    /// keys are told to that one, and so is every move where the toolkit is silent about them. Call before anything
    /// adds the pointer.
    pub fn forget_lost_drag(&mut self, input: &mut egui::RawInput, pointer: PointerDuringDrag) {
        let hovering = input.hovered_files.len();
        if hovering < self.lost {
            self.lost = 0;
        }
        let is_over = |event: &egui::Event| match event {
            egui::Event::PointerButton { .. }
            | egui::Event::MouseWheel { .. }
            | egui::Event::Key { pressed: true, .. }
            | egui::Event::Text(_) => true,
            egui::Event::PointerMoved(_) => pointer == PointerDuringDrag::Silent,
            _ => false,
        };
        // What was told in the frame in which they came was told before.
        if hovering > 0 && hovering == self.hovering && input.events.iter().any(is_over) {
            self.lost = hovering;
        }
        self.hovering = hovering;
        input.hovered_files.drain(..self.lost.min(hovering));
    }

    /// How big it is what hovers; an answer about something else is dropped.
    pub fn measured(&mut self, request: RequestId, size: DropSize) {
        if self.load.asked == Some(request) {
            self.load.asked = None;
            self.load.size = Some(size);
        }
    }

    /// How many files and folders, and how big once that is known.
    fn load_words(&self, ui: &egui::Ui, units: SizeUnits) -> Option<String> {
        let count = u64::try_from(self.load.paths.len()).ok().filter(|count| *count > 0)?;
        let items = || Some(t_count(ui, "drop-items", count, &[]));
        let Some(DropSize { files, folders, bytes, extent }) = self.load.size else { return items() };
        let files_id = match extent {
            DropExtent::All => "drop-files",
            // More than none says nothing.
            DropExtent::Part if files == 0 => return items(),
            DropExtent::Part => "drop-files-in-part",
        };
        let size = format::bytes(bytes, units);
        let files = (files > 0).then(|| t_count(ui, files_id, files, &[("size", &size)]));
        let folders = (folders > 0).then(|| t_count(ui, "drop-folders", folders, &[]));
        let words: Vec<String> = files.into_iter().chain(folders).collect();
        (!words.is_empty()).then(|| words.join(" · "))
    }

    /// Whether rows need to tell where they are.
    pub fn is_looking_for_row(&self) -> bool {
        self.at.is_some() && self.target.is_none()
    }
}

/// Takes what was dropped, once; call before anything is drawn.
pub fn gather(ctx: &egui::Context, state: &mut DropState) {
    let (dropped, time, pointer) =
        ctx.input_mut(|input| (std::mem::take(&mut input.raw.dropped_files), input.time, input.pointer.latest_pos()));
    if dropped.is_empty() {
        if state.paths.is_empty() {
            state.target = None;
            follow_hover(ctx, state);
        }
        if !is_shown(ctx, state) {
            state.public = None;
        }
        return;
    }
    if state.paths.is_empty() {
        state.at = pointer;
        state.target = None;
    }
    state.paths.extend(dropped.iter().map(|file| file.path().to_owned()));
    state.last_arrival = time;
}

/// Asks the engine how big it is what hovers, once for the same files; looking at them takes the disk. What was let go or
/// dragged away is looked at no longer.
pub fn measure(ctx: &egui::Context, state: &mut DropState, actions: &mut Actions) {
    if !is_hovering(ctx) {
        state.load.stop(actions);
    }
    if !is_shown(ctx, state) {
        state.load = Load::default();
        return;
    }
    let named = ctx.input(|input| Named::of(&input.raw.hovered_files));
    // What was let go is still named by what hovered.
    if named.count == 0 || named == state.load.named {
        return;
    }
    // Told twice, a file is one.
    let told: BTreeSet<PathBuf> =
        ctx.input(|input| input.raw.hovered_files.iter().filter_map(|file| file.path.clone()).collect());
    let paths = state.own_names_of_all(told);
    if paths.is_empty() || paths == state.load.paths {
        state.load.named = named;
        return;
    }
    state.load.stop(actions);
    let request = RequestId::next();
    actions.command(Command::MeasureDrop { request, paths: paths.iter().cloned().collect() });
    state.load = Load { paths, named, asked: Some(request), size: None };
}

/// A pointer that has not moved since the files came is where it was before, not where they are.
fn follow_hover(ctx: &egui::Context, state: &mut DropState) {
    if !is_hovering(ctx) {
        state.at = None;
        return;
    }
    let moved = ctx.input(|input| {
        input.events.iter().rev().find_map(|event| match event {
            egui::Event::PointerMoved(at) => Some(*at),
            _ => None,
        })
    });
    state.at = moved.or(state.at);
}

/// Why nothing can be dropped now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No connection is in use.
    NoConnection,
    /// No bucket is shown.
    NoBucket,
    /// A dialog wants its answer first.
    DialogOpen,
    /// The place leads through a connection that was deleted.
    ConnectionGone,
}

impl Refusal {
    fn text_id(self) -> &'static str {
        match self {
            Self::NoConnection => "drop-no-connection",
            Self::NoBucket => "drop-no-bucket",
            Self::DialogOpen => "drop-dialog-open",
            Self::ConnectionGone => "drop-connection-gone",
        }
    }
}

/// What becomes of files that are dropped now.
#[derive(Clone, Debug, PartialEq)]
pub enum Aim {
    /// They are uploaded into this folder.
    Folder(Location),
    /// The same so that anyone can read them, once that was agreed to.
    Public(Location),
    /// The dialog that lies here takes them; the id of the text that says what for.
    Dialog(&'static str, Rect),
    /// Nothing, for this reason.
    Refused(Refusal),
}

/// What becomes of files that are dropped now. Call after everything that takes files is drawn; `dialog` is what the
/// open dialog says of them, if one is open.
pub fn aim(model: &AppModel, state: &DropState, dialog: DialogDrop) -> Aim {
    match dialog {
        DialogDrop::Takes(text_id, place) => return Aim::Dialog(text_id, place),
        DialogDrop::TakesNone => return Aim::Refused(Refusal::DialogOpen),
        DialogDrop::NoDialog => {}
    }
    let shown = model.location().filter(|_| !model.is_bucket_missing());
    let to = match (&state.target, shown, &model.open) {
        (Some(target), _, _) => target.to.clone(),
        (None, Some(location), _) => Ok(location.clone()),
        (None, None, Some(_)) => Err(Refusal::NoBucket),
        (None, None, None) => Err(Refusal::NoConnection),
    };
    if let (Some(public), Some(at), Some(location)) = (state.public, state.at, model.location())
        && public.contains(at)
    {
        return Aim::Public(location.clone());
    }
    to.map_or_else(Aim::Refused, Aim::Folder)
}

/// Whether a dialog is open, and whether it takes files.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DialogDrop {
    /// None is open.
    NoDialog,
    /// One is, and files are nothing to it.
    TakesNone,
    /// One is, and takes files for what this text says; its place.
    Takes(&'static str, Rect),
}

/// Whether a dialog covers the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogOpen {
    /// One does.
    Yes,
    /// None does.
    #[default]
    No,
}

/// The gathered gesture, once nothing more arrives.
pub fn finished(ctx: &egui::Context, state: &mut DropState) -> Option<Vec<PathBuf>> {
    if state.paths.is_empty() {
        return None;
    }
    let rested = ctx.input(|input| input.time) - state.last_arrival;
    if rested < frame_rate::DROP_GATHER_SECS {
        frame_rate::paint_after_secs(ctx, frame_rate::DROP_GATHER_SECS - rested);
        return None;
    }
    state.at = None;
    let told = std::mem::take(&mut state.paths);
    Some(state.own_names(told.into_iter()))
}

/// Whether the connection of a folder is in use.
fn is_open(model: &AppModel, to: &Location) -> bool {
    model.open.as_ref().is_some_and(|open| open.id == to.connection)
}

/// Does with dropped files what `aim` says, save for a dialog's.
pub fn let_go(paths: Vec<PathBuf>, aim: Aim, model: &AppModel, actions: &mut Actions) {
    let gathered = Gathered::Together;
    match aim {
        Aim::Folder(to) => {
            // Nobody sees an upload arrive through a connection that is not open.
            if !is_open(model, &to) {
                actions.push(Action::Browse(to.clone()));
            }
            actions.push(Action::Upload { paths, gathered, to });
        }
        // Nothing is public before that was agreed to.
        Aim::Public(to) => actions.show(Dialog::UploadPublic { paths, gathered, to }),
        Aim::Dialog(..) => {}
        Aim::Refused(refusal) => {
            actions.push(Action::Toast(Notice::message(Severity::Warning, refusal.text_id())));
        }
    }
}

/// Whether files of another program hover over the window.
pub fn is_hovering(ctx: &egui::Context) -> bool {
    ctx.input(|input| !input.raw.hovered_files.is_empty())
}

/// Whether it has to be shown where files would go, or are just going.
pub fn is_shown(ctx: &egui::Context, state: &DropState) -> bool {
    is_hovering(ctx) || !state.paths.is_empty()
}

/// Dims `area`, or the dialog that takes the files, and says where a drop goes, or why nothing can be dropped. The row
/// that it goes to is marked.
pub fn overlay_ui(ui: &egui::Ui, area: Rect, model: &AppModel, state: &mut DropState, aim: &Aim) {
    let tokens = theme::tokens(ui);
    let (order, area) = match aim {
        Aim::Dialog(_, place) => (egui::Order::Tooltip, place.expand(10.0)),
        _ => (egui::Order::Foreground, area),
    };
    let layer = egui::LayerId::new(order, egui::Id::unique("bucketdrop-drop-overlay"));
    let painter = ui.ctx().layer_painter(layer).with_clip_rect(area);
    let goes_to = match aim {
        Aim::Folder(location) | Aim::Public(location) => Some(location),
        Aim::Dialog(..) | Aim::Refused(_) => None,
    };
    let doubt = goes_to.and_then(|to| Doubt::of(model, to));
    let (glyph, tint) = match aim {
        Aim::Folder(_) if doubt.is_some() => (icons::WARNING, tokens.warn),
        Aim::Folder(_) => (icons::UPLOAD, tokens.accent),
        Aim::Public(_) => (icons::GLOBE, tokens.accent),
        Aim::Dialog(..) => (icons::KEY, tokens.accent),
        Aim::Refused(_) => (icons::WARNING, tokens.dim),
    };
    let sheet = area.shrink(10.0);
    let veil = mix(tokens.background, tint, 0.08);
    // Rows beside the frame, or half a row below it, would look like ones that take the files.
    let (dimmed, radius) = if matches!(aim, Aim::Dialog(..)) { (sheet, 12.0) } else { (area, 0.0) };
    painter.rect_filled(dimmed, radius, veil.gamma_multiply(0.93));
    let centre = drop_words::centre(sheet, state.target.as_ref().map(|target| target.rect));
    // Nothing shines through where the words stand, be it the words of an empty folder.
    let ground = Rect::from_center_size(centre, egui::vec2(480.0, 240.0)).intersect(sheet);
    painter.rect_filled(ground, 12.0, veil);
    dashed_frame(&painter, sheet, Stroke::new(2.0, tint));

    painter.text(centre - egui::vec2(0.0, 30.0), Align2::CENTER_CENTER, glyph, icons::font(40.0), tint);
    let (headline, detail) = match aim {
        Aim::Folder(location) if !is_open(model, location) => {
            let connection = naming::connection_of(&location.connection, model, lang(ui));
            (t_with(ui, "drop-opens-first", &[("connection", &connection)]), location.to_string())
        }
        Aim::Folder(location) => (t(ui, doubt.map_or("drop-here", Doubt::headline_id)), location.to_string()),
        Aim::Public(location) => (t(ui, "drop-public"), location.to_string()),
        Aim::Dialog(text_id, _) => (t(ui, text_id), "credentials.csv".to_owned()),
        Aim::Refused(refusal) => (t(ui, "drop-not-here"), t(ui, refusal.text_id())),
    };
    let load = goes_to.and_then(|_| state.load_words(ui, model.settings.size_units));
    let warning = doubt.map(|doubt| t(ui, doubt.reason_id()));
    let spoken: Vec<&str> = [Some(&headline), Some(&detail), load.as_ref(), warning.as_ref()]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    describe(ui, sheet, &spoken.join(", "));
    let line = |at: Pos2, text: &str, font, colour| {
        let shown = widgets::elided_text(ui, text, font, colour, sheet.width() - 40.0);
        let left_top = at - shown.size() / 2.0;
        // While something is dragged, nothing is hovered.
        drop(shown.paint_bare(&painter, left_top));
    };
    line(centre + egui::vec2(0.0, 12.0), &headline, theme::semibold(15.0), tokens.text);
    let body = egui::FontId::proportional(13.0);
    line(centre + egui::vec2(0.0, 36.0), &detail, body.clone(), tokens.dim);
    if let Some(load) = &load {
        line(centre + egui::vec2(0.0, 58.0), load, body.clone(), tokens.dim);
    }
    if let Some(warning) = &warning {
        line(centre + egui::vec2(0.0, 80.0), warning, body, tokens.warn);
    }
    // Files that came before it was to be seen were not meant for it.
    let is_offered = state.paths.is_empty() || state.public.is_some();
    state.public = match aim {
        Aim::Folder(_) | Aim::Public(_) if is_offered && model.location().is_some() => {
            public_ui(ui, &painter, sheet, aim)
        }
        _ => None,
    };
    if let (Some(target), Aim::Folder(location)) = (&state.target, aim) {
        target_ui(ui, &ui.ctx().layer_painter(layer), target.rect, location);
    }
}

/// The place for files that anyone is to be able to read, at the lower edge, so that nobody meets it by chance; `None`
/// where there is no room for it.
fn public_ui(ui: &egui::Ui, painter: &egui::Painter, sheet: Rect, aim: &Aim) -> Option<Rect> {
    const SIZE: egui::Vec2 = egui::vec2(340.0, 44.0);
    /// Below the middle, where the words stand and where most files are let go.
    const BELOW_MIDDLE: f32 = 96.0;
    let width = SIZE.x.min(sheet.width() - 40.0);
    let middle = egui::pos2(sheet.center().x, sheet.bottom() - theme::space::L - SIZE.y / 2.0);
    let place = Rect::from_center_size(middle, egui::vec2(width, SIZE.y));
    if width < 160.0 || place.top() < sheet.center().y + BELOW_MIDDLE {
        return None;
    }
    let tokens = theme::tokens(ui);
    let (fill, edge) = match aim {
        Aim::Public(_) => (tokens.selection, Stroke::new(2.0, tokens.accent)),
        _ => (tokens.background, Stroke::new(1.0, tokens.line)),
    };
    painter.rect(place, theme::radius::CARD, fill, edge, StrokeKind::Inside);
    let words = t(ui, "drop-public-place");
    describe_as(ui, place, "bucketdrop-drop-public", &words);
    let font = egui::FontId::proportional(theme::size::BODY);
    let shown = widgets::elided_text(ui, &words, font, tokens.text, width - 64.0);
    let left = place.center().x - shown.size().x / 2.0 + 12.0;
    let glyph_at = egui::pos2(left - 14.0, place.center().y);
    painter.text(glyph_at, Align2::CENTER_CENTER, icons::GLOBE, icons::font(theme::size::ICON), tokens.dim);
    let words_at = egui::pos2(left, place.center().y - shown.size().y / 2.0);
    drop(shown.paint_bare(painter, words_at));
    Some(place)
}

/// The row that takes the files, above the veil.
fn target_ui(ui: &egui::Ui, painter: &egui::Painter, row: Rect, to: &Location) {
    let tokens = theme::tokens(ui);
    let row = row.shrink2(egui::vec2(2.0, 0.0));
    painter.rect(row, theme::radius::CONTROL, tokens.selection, Stroke::new(2.0, tokens.accent), StrokeKind::Inside);
    let (glyph, name) = if to.prefix.is_root() {
        (icons::BUCKET, to.bucket.to_string())
    } else {
        (icons::FOLDER, to.prefix.name().to_owned())
    };
    let middle = |x: f32| egui::pos2(row.left() + x, row.center().y);
    painter.text(middle(20.0), Align2::CENTER_CENTER, glyph, icons::font(theme::size::ICON), tokens.accent);
    let font = theme::semibold(theme::size::BODY);
    let shown = widgets::elided_text(ui, &name, font, tokens.text, row.width() - 48.0);
    let name_at = middle(38.0) - egui::vec2(0.0, shown.size().y / 2.0);
    drop(shown.paint_bare(painter, name_at));
}

/// Says the same to screen readers.
fn describe(ui: &egui::Ui, place: Rect, words: &str) {
    describe_as(ui, place, "bucketdrop-drop-words", words);
}

fn describe_as(ui: &egui::Ui, place: Rect, id: &str, words: &str) {
    let response = ui.interact(place, egui::Id::unique(id), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, words));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
}

fn mix(base: Color32, tint: Color32, amount: f32) -> Color32 {
    base.lerp_to_gamma(tint, amount)
}

/// A rounded frame of dashes; egui has none ready.
fn dashed_frame(painter: &egui::Painter, rect: Rect, stroke: Stroke) {
    const RADIUS: f32 = 12.0;
    let mut outline = Vec::new();
    let corners = [
        (rect.right_top() + egui::vec2(-RADIUS, RADIUS), -90.0_f32),
        (rect.right_bottom() + egui::vec2(-RADIUS, -RADIUS), 0.0),
        (rect.left_bottom() + egui::vec2(RADIUS, -RADIUS), 90.0),
        (rect.left_top() + egui::vec2(RADIUS, RADIUS), 180.0),
    ];
    for (centre, start) in corners {
        for step in 0..=6_u8 {
            let angle = (start + f32::from(step) * 15.0).to_radians();
            outline.push(centre + RADIUS * egui::vec2(angle.cos(), angle.sin()));
        }
    }
    outline.extend(outline.first().copied());
    painter.extend(egui::Shape::dashed_line(&outline, stroke, 7.0, 5.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(state: &mut DropState, hovering: usize, events: &[egui::Event], pointer: PointerDuringDrag) -> usize {
        let hovered_files = vec![egui::HoveredFile::default(); hovering];
        let mut input = egui::RawInput { hovered_files, events: events.to_vec(), ..egui::RawInput::default() };
        state.forget_lost_drag(&mut input, pointer);
        input.hovered_files.len()
    }

    #[test]
    fn files_hover_no_more_once_the_pointer_is_this_programs_again() {
        use PointerDuringDrag::{Silent, Told};
        let moved = [egui::Event::PointerMoved(Pos2::ZERO)];
        let mut state = DropState::default();
        assert_eq!(frame(&mut state, 2, &moved, Silent), 2, "told before they came");
        assert_eq!(frame(&mut state, 2, &[], Silent), 2);
        assert_eq!(frame(&mut state, 2, &moved, Silent), 0, "the drop was lost");
        assert_eq!(frame(&mut state, 2, &[], Silent), 0, "and stays so, whatever the toolkit keeps");
        assert_eq!(frame(&mut state, 3, &[], Silent), 1, "a new drag is seen");
        assert_eq!(frame(&mut state, 0, &[], Silent), 0);
        assert_eq!(frame(&mut state, 1, &[], Silent), 1, "so is the next one");

        let mut state = DropState::default();
        assert_eq!(frame(&mut state, 1, &[], Told), 1);
        assert_eq!(frame(&mut state, 1, &moved, Told), 1, "elsewhere the pointer is told of while it drags");
        assert_eq!(frame(&mut state, 1, &[egui::Event::Text("a".to_owned())], Told), 0, "keys never are");
    }
}
