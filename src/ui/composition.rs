//! Text composition (Hangul and other input methods): keys that belong to it never reach fields, dialogs or shortcuts.
//!
//! While something is composed, the field holds unfinished text; Enter then means "take this", Esc "drop this", arrows a
//! list of candidates. Input methods keep most of these keys to themselves, but some hand them on after the end of the
//! composition, in the same bundle of events: those are dropped here, before anyone sees them.

use egui::{Context, Event, Id, ImeEvent, Key, RawInput};

/// Watches compositions. Registered once with egui.
#[derive(Debug, Default)]
pub(super) struct Composition {
    /// The field in which something is being composed.
    field: Option<Id>,
    /// When the latest composition ended, in window time, and whether its text has come.
    ended: Option<(f64, Ended)>,
}

/// What is known of the end of a composition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The finished text is in the field.
    WithText,
    /// The unfinished text has gone. The finished one follows, unless somebody has taken it all back.
    TextToCome,
}

impl Ended {
    /// A key that an input method hands on arrives right behind the end of the composition; no hand is as fast. Over XIM it
    /// may even come before the finished text, which a window that is slow to paint then gets some frames later: an Enter
    /// in between would take a name without its last syllable.
    fn handed_on_secs(self) -> f64 {
        match self {
            Self::WithText => 0.05,
            Self::TextToCome => 0.5,
        }
    }
}

impl egui::Plugin for Composition {
    fn debug_name(&self) -> &'static str {
        "composition"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let focused = ctx.memory(egui::Memory::focused);
        let field = focused.filter(|_| ctx.text_edit_focused());
        if self.field != field {
            // Whoever left the field in the middle has ended it; no key may stay locked.
            self.field = None;
        }
        let now = input.time.unwrap_or_else(|| ctx.input(|before| before.time + f64::from(before.predicted_dt)));
        let mut has_ended = self.ended.is_some_and(|(at, ended)| now - at < ended.handed_on_secs());
        input.events.retain_mut(|event| match event {
            Event::Ime(ImeEvent::Preedit { text, .. }) => {
                if text.is_empty() && self.field.is_some() {
                    (has_ended, self.ended) = (true, Some((now, Ended::TextToCome)));
                }
                self.field = field.filter(|_| !text.is_empty());
                true
            }
            Event::Ime(ImeEvent::Commit(text)) => {
                // On X11 a key that ends a composition is told as text: Esc would stand in the field as a letter.
                text.retain(|letter| !letter.is_control());
                // The end may come in two steps: the unfinished text goes, then the finished one comes.
                if self.field.take().is_some() || has_ended {
                    self.ended = Some((now, Ended::WithText));
                }
                has_ended = true;
                !text.is_empty()
            }
            Event::Key { pressed: true, .. } if self.field.is_some() => false,
            Event::Key { pressed: true, key: Key::Enter | Key::Escape, .. } => !has_ended,
            _ => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Plugin as _;

    fn pressed(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: egui::Modifiers::NONE }
    }

    fn preedit(text: &str) -> Event {
        Event::Ime(ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None })
    }

    #[test]
    fn without_a_field_nothing_is_locked() {
        let ctx = Context::default();
        let mut composition = Composition::default();
        let mut input = RawInput { events: vec![preedit("한"), pressed(Key::ArrowDown)], ..RawInput::default() };
        composition.input_hook(&ctx, &mut input);
        assert_eq!(input.events.len(), 2);
    }

    #[test]
    fn keys_that_are_told_as_text_are_no_letters() {
        let ctx = Context::default();
        let commit = |text: &str| Event::Ime(ImeEvent::Commit(text.to_owned()));
        let mut input =
            RawInput { events: vec![commit("\u{1b}"), commit("한\r"), commit("글")], ..RawInput::default() };
        Composition::default().input_hook(&ctx, &mut input);
        assert_eq!(input.events, [commit("한"), commit("글")]);
    }

    #[test]
    fn an_enter_that_overtakes_the_finished_text_takes_no_half_name() {
        let ctx = Context::default();
        // The plugin's state once something was composed in a field, whose unfinished text then went.
        let at = |secs: f64| RawInput { time: Some(secs), events: vec![pressed(Key::Enter)], ..RawInput::default() };
        for (ended, secs, left) in [
            (Ended::TextToCome, 0.2, 0),
            (Ended::TextToCome, 0.6, 1),
            (Ended::WithText, 0.02, 0),
            (Ended::WithText, 0.2, 1),
        ] {
            let mut composition = Composition { field: None, ended: Some((10.0, ended)) };
            let mut input = at(10.0 + secs);
            composition.input_hook(&ctx, &mut input);
            assert_eq!(input.events.len(), left, "{ended:?} after {secs} s");
        }
    }

    #[test]
    fn the_enter_that_ends_a_composition_is_not_another_enter() {
        let ctx = Context::default();
        let mut composition = Composition::default();
        let commit = Event::Ime(ImeEvent::Commit("한".to_owned()));
        let mut input = RawInput { events: vec![commit, pressed(Key::Enter)], ..RawInput::default() };
        composition.input_hook(&ctx, &mut input);
        assert_eq!(input.events.len(), 1);
        let mut input = RawInput { events: vec![pressed(Key::Enter)], ..RawInput::default() };
        composition.input_hook(&ctx, &mut input);
        assert_eq!(input.events.len(), 1, "the next one counts");
    }
}
