//! The bundled fonts: Pretendard for Latin and Hangul, Phosphor for icons, egui's Hack for addresses.
//! Other scripts come from the system, which eframe asks by itself.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};

use super::icons;

/// Family name of Pretendard SemiBold.
pub const SEMIBOLD: &str = "semibold";

const REGULAR_DATA: &[u8] = include_bytes!("../../assets/fonts/Pretendard-Regular.otf");
const SEMIBOLD_DATA: &[u8] = include_bytes!("../../assets/fonts/Pretendard-SemiBold.otf");
const ICON_DATA: &[u8] = include_bytes!("../../assets/fonts/Phosphor.ttf");

/// Hands the fonts to egui. Each family ends with the icon font, so that icons can stand inside text.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, data: FontData| fonts.font_data.insert(name.to_owned(), Arc::new(data));
    add("Pretendard", FontData::from_static(REGULAR_DATA));
    add("Pretendard SemiBold", FontData::from_static(SEMIBOLD_DATA));
    // Phosphor's glyphs are centred between descent and ascent of Latin capitals only after a nudge.
    let tweak = FontTweak { y_offset_factor: 0.08, ..FontTweak::default() };
    add("Phosphor", FontData::from_static(ICON_DATA).tweak(FontTweak::default()));
    add("Phosphor in text", FontData::from_static(ICON_DATA).tweak(tweak));
    let family = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Proportional, family(&["Pretendard", "Phosphor in text", "egui-icons", "Hack"]));
    fonts.families.insert(FontFamily::Monospace, family(&["Hack", "Pretendard", "Phosphor in text", "egui-icons"]));
    fonts.families.insert(
        FontFamily::Name(SEMIBOLD.into()),
        family(&["Pretendard SemiBold", "Pretendard", "Phosphor in text", "egui-icons", "Hack"]),
    );
    fonts.families.insert(FontFamily::Name(icons::FAMILY.into()), family(&["Phosphor", "Pretendard"]));
    ctx.set_fonts(fonts);
}
