//! Colours, spacing and shapes of the window, for light and dark, and their translation into egui's style.

use std::sync::Arc;

use egui::style::{ScrollStyle, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, RichText, Shadow, Stroke, Style, TextStyle, Theme,
    Visuals,
};

use super::fonts;
use crate::model::ThemeChoice;

/// Distances on a grid of 4 points.
pub mod space {
    /// 4 points.
    pub const XS: f32 = 4.0;
    /// 8 points.
    pub const S: f32 = 8.0;
    /// 12 points.
    pub const M: f32 = 12.0;
    /// 16 points.
    pub const L: f32 = 16.0;
    /// 24 points.
    pub const XL: f32 = 24.0;
}

/// Corner radii in points.
pub mod radius {
    /// Buttons, fields, rows.
    pub const CONTROL: u8 = 6;
    /// Cards.
    pub const CARD: u8 = 8;
    /// Dialogs.
    pub const DIALOG: u8 = 12;
}

/// Text sizes in points.
pub mod size {
    /// Body text.
    pub const BODY: f32 = 13.0;
    /// Captions and column headers.
    pub const CAPTION: f32 = 11.5;
    /// Dialog titles, in semibold.
    pub const TITLE: f32 = 16.0;
    /// Addresses and keys, in monospace.
    pub const MONO: f32 = 12.0;
    /// Icons in buttons and rows.
    pub const ICON: f32 = 16.0;
    /// Height of buttons and fields.
    pub const CONTROL: f32 = 32.0;
    /// Height of a table row.
    pub const ROW: f32 = 32.0;
    /// Height of a row of the transfers drawer.
    pub const TRANSFER_ROW: f32 = 42.0;
}

/// The colours of one theme, by what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Table, fields, dialogs.
    pub background: Color32,
    /// Sidebar, status bar, dialog footer.
    pub sidebar: Color32,
    /// Inspector, transfers.
    pub raised: Color32,
    /// Separators and outlines, one pixel wide.
    pub line: Color32,
    /// Body text.
    pub text: Color32,
    /// Secondary text on `background`, `sidebar` and `raised`.
    pub dim: Color32,
    /// Secondary text on `hover`, `selection` and fills, where `dim` would be too weak.
    pub dim_strong: Color32,
    /// Hints that nobody needs to read; never for needed text.
    pub faint: Color32,
    /// Progress, focus, icons of what is chosen.
    pub accent: Color32,
    /// Ground of a primary button, under `on_accent` text.
    pub accent_fill: Color32,
    /// The same under the pointer.
    pub accent_hover: Color32,
    /// Text on `accent_fill`.
    pub on_accent: Color32,
    /// Accent-coloured text: links.
    pub link: Color32,
    /// Ground of a selected row.
    pub selection: Color32,
    /// Ground of a row or button under the pointer.
    pub hover: Color32,
    /// Success: icons, and text on plain grounds.
    pub good: Color32,
    /// Warning: icons, and text on plain grounds.
    pub warn: Color32,
    /// Failure: icons, and text on plain grounds.
    pub bad: Color32,
    /// Ground of a success badge.
    pub good_fill: Color32,
    /// Text on `good_fill`.
    pub on_good: Color32,
    /// Ground of a warning badge.
    pub warn_fill: Color32,
    /// Text on `warn_fill`.
    pub on_warn: Color32,
    /// Ground of a failure badge.
    pub bad_fill: Color32,
    /// Text on `bad_fill`.
    pub on_bad: Color32,
    /// Ground of a plain badge, of code, of a progress track.
    pub neutral_fill: Color32,
    /// Text on `neutral_fill`.
    pub on_neutral: Color32,
    /// What lies over the window behind a dialog.
    pub backdrop: Color32,
    /// What dims the table while files are dragged over it.
    pub drop_veil: Color32,
}

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    background: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    sidebar: Color32::from_rgb(0xF5, 0xF6, 0xF8),
    raised: Color32::from_rgb(0xFB, 0xFB, 0xFC),
    line: Color32::from_rgb(0xE4, 0xE6, 0xEB),
    text: Color32::from_rgb(0x1A, 0x1D, 0x23),
    dim: Color32::from_rgb(0x6A, 0x71, 0x80),
    dim_strong: Color32::from_rgb(0x5B, 0x62, 0x70),
    faint: Color32::from_rgb(0x9A, 0xA1, 0xAF),
    accent: Color32::from_rgb(0x2F, 0x6B, 0xFF),
    accent_fill: Color32::from_rgb(0x2D, 0x68, 0xFA),
    accent_hover: Color32::from_rgb(0x24, 0x5A, 0xE0),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    link: Color32::from_rgb(0x22, 0x59, 0xE2),
    selection: Color32::from_rgb(0xDC, 0xE8, 0xFF),
    hover: Color32::from_rgb(0xF1, 0xF3, 0xF6),
    good: Color32::from_rgb(0x16, 0x85, 0x5B),
    warn: Color32::from_rgb(0x9A, 0x67, 0x00),
    bad: Color32::from_rgb(0xC9, 0x3A, 0x3A),
    good_fill: Color32::from_rgb(0xE3, 0xF4, 0xEC),
    on_good: Color32::from_rgb(0x11, 0x72, 0x4D),
    warn_fill: Color32::from_rgb(0xFF, 0xF0, 0xC7),
    on_warn: Color32::from_rgb(0x7F, 0x55, 0x00),
    bad_fill: Color32::from_rgb(0xFD, 0xEC, 0xEC),
    on_bad: Color32::from_rgb(0xB4, 0x2F, 0x2F),
    neutral_fill: Color32::from_rgb(0xEE, 0xF0, 0xF3),
    on_neutral: Color32::from_rgb(0x5B, 0x62, 0x70),
    backdrop: Color32::from_black_alpha(96),
    drop_veil: Color32::from_rgba_premultiplied(0xDE, 0xE4, 0xEF, 0xEC),
};

/// The dark theme.
pub const DARK: Tokens = Tokens {
    background: Color32::from_rgb(0x16, 0x18, 0x1D),
    sidebar: Color32::from_rgb(0x11, 0x13, 0x17),
    raised: Color32::from_rgb(0x1C, 0x1F, 0x26),
    line: Color32::from_rgb(0x2A, 0x2E, 0x37),
    text: Color32::from_rgb(0xE7, 0xE9, 0xEE),
    dim: Color32::from_rgb(0x9B, 0xA2, 0xB0),
    dim_strong: Color32::from_rgb(0xB5, 0xBC, 0xCB),
    faint: Color32::from_rgb(0x6B, 0x72, 0x80),
    accent: Color32::from_rgb(0x5B, 0x8C, 0xFF),
    accent_fill: Color32::from_rgb(0x35, 0x69, 0xE8),
    accent_hover: Color32::from_rgb(0x2F, 0x60, 0xD8),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    link: Color32::from_rgb(0x7B, 0xA3, 0xFF),
    selection: Color32::from_rgb(0x22, 0x34, 0x5F),
    hover: Color32::from_rgb(0x1E, 0x21, 0x29),
    good: Color32::from_rgb(0x4C, 0xC3, 0x8A),
    warn: Color32::from_rgb(0xE2, 0xB0, 0x4A),
    bad: Color32::from_rgb(0xF0, 0x72, 0x72),
    good_fill: Color32::from_rgb(0x12, 0x30, 0x1F),
    on_good: Color32::from_rgb(0x4C, 0xC3, 0x8A),
    warn_fill: Color32::from_rgb(0x33, 0x28, 0x0F),
    on_warn: Color32::from_rgb(0xE2, 0xB0, 0x4A),
    bad_fill: Color32::from_rgb(0x3A, 0x1D, 0x1F),
    on_bad: Color32::from_rgb(0xF5, 0x8C, 0x8C),
    neutral_fill: Color32::from_rgb(0x2A, 0x2E, 0x37),
    on_neutral: Color32::from_rgb(0xB5, 0xBC, 0xCB),
    backdrop: Color32::from_black_alpha(140),
    drop_veil: Color32::from_rgba_premultiplied(0x14, 0x1A, 0x29, 0xEC),
};

/// The colours that hold now. Takes a `Context`; a `Ui` coerces to it.
pub fn tokens(ctx: &Context) -> &'static Tokens {
    match ctx.theme() {
        Theme::Light => &LIGHT,
        Theme::Dark => &DARK,
    }
}

/// Sets fonts and both styles. Call once, when the window is made.
pub fn install(ctx: &Context) {
    fonts::install(ctx);
    ctx.add_plugin(super::composition::Composition::default());
    ctx.set_style_of(Theme::Light, Arc::new(style(Theme::Light, &LIGHT)));
    ctx.set_style_of(Theme::Dark, Arc::new(style(Theme::Dark, &DARK)));
}

/// Follows the user's choice of theme.
pub fn apply_choice(ctx: &Context, choice: ThemeChoice) {
    ctx.set_theme(match choice {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Light => egui::ThemePreference::Light,
        ThemeChoice::Dark => egui::ThemePreference::Dark,
    });
}

/// What lies over the window behind a dialog.
pub fn backdrop(ctx: &Context) -> Color32 {
    tokens(ctx).backdrop
}

/// The semibold font at a size in points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(fonts::SEMIBOLD.into()))
}

/// Semibold text of body size.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).font(semibold(size::BODY))
}

/// A dialog title.
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).font(semibold(size::TITLE))
}

/// Small secondary text.
pub fn caption(ctx: &Context, text: impl Into<String>) -> RichText {
    RichText::new(text).size(size::CAPTION).color(tokens(ctx).dim)
}

/// Secondary text of body size.
pub fn dim(ctx: &Context, text: impl Into<String>) -> RichText {
    RichText::new(text).color(tokens(ctx).dim)
}

fn style(theme: Theme, t: &Tokens) -> Style {
    let mut style = Style { visuals: visuals(theme, t), ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(size::CAPTION)),
        (TextStyle::Body, FontId::proportional(size::BODY)),
        (TextStyle::Button, FontId::proportional(size::BODY)),
        (TextStyle::Heading, semibold(size::TITLE)),
        (TextStyle::Monospace, FontId::monospace(size::MONO)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = egui::vec2(space::S, space::S);
    spacing.button_padding = egui::vec2(space::M, 6.0);
    spacing.interact_size = egui::vec2(size::CONTROL, 28.0);
    spacing.window_margin = Margin::same(20);
    spacing.menu_margin = Margin::same(4);
    spacing.menu_width = 220.0;
    spacing.combo_width = 160.0;
    spacing.combo_height = 320.0;
    spacing.icon_width = 18.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = space::S;
    spacing.tooltip_width = 420.0;
    spacing.text_edit_width = 240.0;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 4.0,
        handle_min_length: 24.0,
        foreground_color: false,
        dormant_handle_opacity: 0.6,
        active_handle_opacity: 0.8,
        interact_handle_opacity: 1.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.3,
        // Fading rows would be too weak to read.
        fade: egui::style::ScrollFadeStyle { strength: 0.0, ..Default::default() },
        ..ScrollStyle::floating()
    };
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.1;
    style.compact_menu_style = false;
    style
}

fn visuals(theme: Theme, t: &Tokens) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(t.dim);
    visuals.hyperlink_color = t.link;
    visuals.faint_bg_color = t.hover;
    visuals.extreme_bg_color = t.background;
    visuals.text_edit_bg_color = Some(t.background);
    visuals.code_bg_color = t.neutral_fill;
    visuals.warn_fg_color = t.warn;
    visuals.error_fg_color = t.bad;
    visuals.window_fill = t.background;
    visuals.panel_fill = t.background;
    visuals.window_stroke = Stroke::new(1.0, t.line);
    visuals.window_corner_radius = CornerRadius::same(radius::DIALOG);
    visuals.menu_corner_radius = CornerRadius::same(radius::CARD);
    visuals.window_highlight_topmost = false;
    visuals.window_shadow = Shadow { offset: [0, 12], blur: 32, spread: 0, color: Color32::from_black_alpha(56) };
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 18, spread: 0, color: Color32::from_black_alpha(40) };
    visuals.selection.bg_fill = t.selection;
    visuals.selection.stroke = Stroke::new(1.0, if theme == Theme::Light { t.link } else { t.text });
    visuals.text_cursor.stroke = Stroke::new(1.5, t.accent);
    // A blinking cursor would repaint for ever.
    visuals.text_cursor.blink = false;
    visuals.striped = false;
    visuals.slider_trailing_fill = true;
    visuals.image_loading_spinners = false;
    visuals.disabled_alpha = 0.45;
    visuals.widgets = widgets(t);
    visuals
}

fn widgets(t: &Tokens) -> Widgets {
    let base = WidgetVisuals {
        bg_fill: t.neutral_fill,
        weak_bg_fill: t.background,
        bg_stroke: Stroke::new(1.0, t.line),
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, t.text),
        expansion: 0.0,
    };
    let edge = t.line.lerp_to_gamma(t.dim, 0.35);
    Widgets {
        noninteractive: WidgetVisuals { bg_fill: t.background, weak_bg_fill: t.background, ..base },
        inactive: base,
        hovered: WidgetVisuals { weak_bg_fill: t.hover, bg_stroke: Stroke::new(1.0, edge), ..base },
        // Also what has the keyboard's focus: the accent outline is the focus ring.
        active: WidgetVisuals {
            weak_bg_fill: t.hover,
            bg_fill: t.neutral_fill,
            bg_stroke: Stroke::new(1.5, t.accent),
            ..base
        },
        open: WidgetVisuals { weak_bg_fill: t.hover, bg_stroke: Stroke::new(1.0, edge), ..base },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_its_ground() {
        for (theme, t) in [("light", &LIGHT), ("dark", &DARK)] {
            let pairs = [
                ("text on background", t.text, t.background),
                ("text on selection", t.text, t.selection),
                ("text on hover", t.text, t.hover),
                ("text on neutral", t.text, t.neutral_fill),
                ("dim on background", t.dim, t.background),
                ("dim on sidebar", t.dim, t.sidebar),
                ("dim on raised", t.dim, t.raised),
                ("dim strong on hover", t.dim_strong, t.hover),
                ("dim strong on selection", t.dim_strong, t.selection),
                ("on accent", t.on_accent, t.accent_fill),
                ("on accent, hovered", t.on_accent, t.accent_hover),
                ("link on background", t.link, t.background),
                ("link on raised", t.link, t.raised),
                ("link on selection", t.link, t.selection),
                ("good on background", t.good, t.background),
                ("warn on background", t.warn, t.background),
                ("warn on sidebar", t.warn, t.sidebar),
                ("bad on background", t.bad, t.background),
                ("bad on raised", t.bad, t.raised),
                ("on good", t.on_good, t.good_fill),
                ("on warn", t.on_warn, t.warn_fill),
                ("on bad", t.on_bad, t.bad_fill),
                ("on neutral", t.on_neutral, t.neutral_fill),
            ];
            for (what, text, ground) in pairs {
                let contrast = contrast(text, ground);
                assert!(contrast >= 4.5, "{theme}: {what} has only {contrast:.2}:1");
            }
        }
    }
}
