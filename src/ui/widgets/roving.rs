//! Long lists of rows as one stop of Tab, as the object table is one: arrows, Home and End go from row to row.

use egui::accesskit::Action;
use egui::{EventFilter, Id, Key, Response, Sense, Ui};

use super::Chosen;

/// What is known of a list from the frame before.
#[derive(Clone, Copy, Default)]
struct Kept {
    /// The row that Tab comes to.
    stop: usize,
    /// How many rows there were.
    count: usize,
    /// The row that was the chosen one.
    chosen: Option<usize>,
}

/// The rows of a list, while they are drawn from the first to the last.
pub struct Roving {
    key: Id,
    kept: Kept,
    rows: Vec<Id>,
    chosen: Option<usize>,
}

impl Roving {
    /// A list by a name of its own within `ui`.
    pub fn new(ui: &Ui, salt: impl egui::AsIdSalt) -> Self {
        let key = ui.scope_id().with(("roving", salt));
        let kept = ui.data(|data| data.get_temp(key)).unwrap_or_default();
        Self { key, kept, rows: Vec::new(), chosen: None }
    }

    /// How the next row listens: only one of them takes the keyboard by Tab. A screen reader may give it to any.
    pub fn sense(&self, ui: &Ui) -> Sense {
        let id = ui.next_auto_id();
        let is_asked_for = ui.input(|input| input.has_accesskit_action_request(id, Action::Focus));
        let is_stop = self.rows.len() == self.kept.stop.min(self.kept.count.saturating_sub(1));
        if is_stop || is_asked_for || ui.memory(|memory| memory.has_focus(id)) { Sense::click() } else { Sense::CLICK }
    }

    /// Adds the row that was drawn.
    pub fn add(&mut self, row: &Response, chosen: Chosen) {
        if chosen == Chosen::Yes {
            self.chosen = Some(self.rows.len());
        }
        self.rows.push(row.id);
        row.ctx.accesskit_node_builder(row.id, |node| node.add_action(Action::Focus));
        if row.ctx.input(|input| input.has_accesskit_action_request(row.id, Action::Focus)) {
            // The toolkit gives the keyboard only to what took it in the frame before.
            row.request_focus();
        }
    }

    /// Follows the keys. Call after the last row.
    pub fn end(self, ui: &Ui) {
        let focused = ui.memory(egui::Memory::focused);
        let at = self.rows.iter().position(|id| Some(*id) == focused);
        let stop = match at {
            Some(at) => self.follow_keys(ui, at),
            None if self.chosen.is_some() && self.chosen != self.kept.chosen => self.chosen.unwrap_or_default(),
            None => self.kept.stop,
        };
        let kept = Kept { stop, count: self.rows.len(), chosen: self.chosen };
        ui.data_mut(|data| data.insert_temp(self.key, kept));
    }

    /// Where the keyboard is after the keys of this frame.
    fn follow_keys(&self, ui: &Ui, at: usize) -> usize {
        let Some(id) = self.rows.get(at) else { return at };
        let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(*id, arrows));
        let pressed = |key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
        let last = self.rows.len().saturating_sub(1);
        let to = match () {
            () if pressed(Key::ArrowDown) => (at + 1).min(last),
            () if pressed(Key::ArrowUp) => at.saturating_sub(1),
            () if pressed(Key::Home) => 0,
            () if pressed(Key::End) => last,
            () => at,
        };
        if let Some(next) = self.rows.get(to).filter(|_| to != at) {
            ui.memory_mut(|memory| memory.request_focus(*next));
        }
        to
    }
}
