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

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    background: rgb(0xFFFFFF),
    sidebar: rgb(0xF5F6F8),
    raised: rgb(0xFBFBFC),
    line: rgb(0xE4E6EB),
    text: rgb(0x1A1D23),
    dim: rgb(0x6A7180),
    dim_strong: rgb(0x5B6270),
    faint: rgb(0x9AA1AF),
    accent: rgb(0x2F6BFF),
    accent_fill: rgb(0x2D68FA),
    accent_hover: rgb(0x245AE0),
    on_accent: rgb(0xFFFFFF),
    link: rgb(0x2259E2),
    selection: rgb(0xDCE8FF),
    hover: rgb(0xF1F3F6),
    good: rgb(0x16855B),
    warn: rgb(0x9A6700),
    bad: rgb(0xC93A3A),
    good_fill: rgb(0xE3F4EC),
    on_good: rgb(0x11724D),
    warn_fill: rgb(0xFFF0C7),
    on_warn: rgb(0x7F5500),
    bad_fill: rgb(0xFDECEC),
    on_bad: rgb(0xB42F2F),
    neutral_fill: rgb(0xEEF0F3),
    on_neutral: rgb(0x5B6270),
    backdrop: Color32::from_black_alpha(96),
    drop_veil: Color32::from_rgba_premultiplied(0xDE, 0xE4, 0xEF, 0xEC),
};

/// The dark theme.
pub const DARK: Tokens = Tokens {
    background: rgb(0x16181D),
    sidebar: rgb(0x111317),
    raised: rgb(0x1C1F26),
    line: rgb(0x2A2E37),
    text: rgb(0xE7E9EE),
    dim: rgb(0x9BA2B0),
    dim_strong: rgb(0xB5BCCB),
    faint: rgb(0x6B7280),
    accent: rgb(0x5B8CFF),
    accent_fill: rgb(0x3569E8),
    accent_hover: rgb(0x2F60D8),
    on_accent: rgb(0xFFFFFF),
    link: rgb(0x7BA3FF),
    selection: rgb(0x22345F),
    hover: rgb(0x1E2129),
    good: rgb(0x4CC38A),
    warn: rgb(0xE2B04A),
    bad: rgb(0xF07272),
    good_fill: rgb(0x12301F),
    on_good: rgb(0x4CC38A),
    warn_fill: rgb(0x33280F),
    on_warn: rgb(0xE2B04A),
    bad_fill: rgb(0x3A1D1F),
    on_bad: rgb(0xF58C8C),
    neutral_fill: rgb(0x2A2E37),
    on_neutral: rgb(0xB5BCCB),
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
