//! Menus that come and go: below a button, or at the pointer. By keyboard as well (menu key or Shift+F10), and the
//! keyboard is where it was when they have closed.

use egui::{Context, Id, InnerResponse, Key, Modifiers, Popup, Pos2, Response, SetOpenCommand, Ui};

/// A menu below a button, which opens and closes it.
pub fn menu<R>(button: &Response, add_contents: impl FnOnce(&mut Ui) -> R) -> Option<InnerResponse<R>> {
    show(button, button, Popup::menu(button), add_contents)
}

/// The same, at least so many points wide.
pub fn menu_of_width<R>(
    button: &Response,
    width: f32,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> Option<InnerResponse<R>> {
    show(button, button, Popup::menu(button).width(width), add_contents)
}

/// Whose menu the menu key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuKey {
    /// This thing's.
    This,
    /// Another one's: a list has the keyboard and another row is meant.
    Another,
}

/// The menu of a thing: at the pointer by the second mouse button, below the thing by the menu key while `home` has the
/// keyboard, which is the thing itself or the list it is in.
pub fn context_menu<R>(
    thing: &Response,
    home: &Response,
    key: MenuKey,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> Option<InnerResponse<R>> {
    let ctx = &thing.ctx;
    let at_key = Popup::default_response_id(thing).with("at");
    let mut popup = Popup::context_menu(thing);
    if thing.secondary_clicked() {
        ctx.data_mut(|data| data.remove::<Pos2>(at_key));
    } else if key == MenuKey::This && home.has_focus() && menu_key_pressed(ctx) {
        let below = thing.rect.left_top() + egui::vec2(40.0, thing.rect.height().min(28.0));
        ctx.data_mut(|data| data.insert_temp(at_key, below));
        popup = popup.open_memory(Some(SetOpenCommand::Bool(true)));
    }
    if let Some(at) = ctx.data(|data| data.get_temp::<Pos2>(at_key)) {
        popup = popup.at_position(at);
    }
    show(thing, home, popup, add_contents)
}

fn menu_key_pressed(ctx: &Context) -> bool {
    ctx.input_mut(|input| {
        input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
    })
}

/// What had the keyboard when a menu opened.
#[derive(Clone, Copy, Default)]
struct Before(Option<Id>);

/// Shows a menu; `home` gets the keyboard when the menu is closed by keys and nothing had it before.
fn show<R>(
    anchor: &Response,
    home: &Response,
    popup: Popup<'_>,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> Option<InnerResponse<R>> {
    let ctx = &anchor.ctx;
    let id = popup.get_id();
    let was_open = Popup::is_id_open(ctx, id);
    let focused = ctx.memory(egui::Memory::focused);
    let shown = popup.show(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        add_contents(ui)
    });
    let is_open = Popup::is_id_open(ctx, id);
    let key = id.with("before");
    if is_open && !was_open {
        ctx.data_mut(|data| data.insert_temp(key, Before(focused)));
        // The arrows are the menu's now; from its own button egui leads them in by itself.
        if let Some(focused) = focused.filter(|focused| *focused != anchor.id) {
            ctx.memory_mut(|memory| memory.surrender_focus(focused));
        }
    } else if was_open && !is_open {
        let Before(before) = ctx.data_mut(|data| data.remove_temp(key)).unwrap_or_default();
        let was_clicked = ctx.input(|input| input.pointer.any_click());
        let has_moved_on = was_clicked && ctx.memory(egui::Memory::focused).is_some();
        let back = if was_clicked { before } else { before.or(Some(home.id)) };
        if let (Some(back), false) = (back, has_moved_on) {
            ctx.memory_mut(|memory| memory.request_focus(back));
        }
    }
    shown
}
