//! Which display server and which renderer the window starts on. A failed event loop cannot be tried again in the same
//! process, so displays are probed before.

use std::ffi::OsStr;
use std::path::PathBuf;

use eframe::Renderer;

use crate::locale::{Lang, text, text_with};
use crate::model::{DisplayChoice, RendererChoice};

/// Where the window will be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// X11, or XWayland: files can be dropped.
    X11,
    /// Wayland: the toolkit's version has no file drops there.
    Wayland,
    /// The only one of this system (macOS, Windows).
    Native,
}

impl Display {
    /// Whether files of other programs can be dropped on the window.
    pub fn has_file_drops(self) -> bool {
        self != Self::Wayland
    }
}

/// What there is to show a window on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// An X server answers.
    pub x11: Answer,
    /// A Wayland compositor answers.
    pub wayland: Answer,
}

/// Whether a display server answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Yes,
    /// It does, but the toolkit will not get a window there: libraries that it loads for this cannot be loaded.
    WithoutLibraries,
    /// It does not, or is not named.
    #[default]
    No,
}

/// Chooses by what the user wants and what there is; `None` when no window can be shown.
pub fn choose(choice: DisplayChoice, found: Found) -> Option<Display> {
    let x11 = (found.x11 == Answer::Yes).then_some(Display::X11);
    let wayland = (found.wayland == Answer::Yes).then_some(Display::Wayland);
    // Where nothing else is left the toolkit says that libraries are missing; the log names them.
    let last_x11 = (found.x11 != Answer::No).then_some(Display::X11);
    match choice {
        DisplayChoice::Auto => x11.or(wayland).or(last_x11),
        DisplayChoice::X11 => last_x11,
        DisplayChoice::Wayland => wayland,
    }
}

/// Why no window can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDisplay {
    /// No display server answers.
    None,
    /// The one that was asked for does not answer, but this one does.
    NotTheOneAskedFor(Display),
}

/// Who asked for one display server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// `--display`.
    Option,
    /// The settings.
    Setting,
}

impl NoDisplay {
    /// Where nothing that was asked for answers, among what there is.
    pub fn of(found: Found) -> Self {
        choose(DisplayChoice::Auto, found).map_or(Self::None, Self::NotTheOneAskedFor)
    }

    /// The sentence for whoever started the program. The window's own settings cannot be reached from there.
    pub fn told(self, lang: Lang, asked_by: AskedBy) -> String {
        let (missing, there) = match self {
            Self::NotTheOneAskedFor(Display::Wayland) => ("X11", "Wayland"),
            Self::NotTheOneAskedFor(Display::X11) => ("Wayland", "X11"),
            Self::NotTheOneAskedFor(Display::Native) | Self::None => return text(lang, "no-display"),
        };
        let id = match asked_by {
            AskedBy::Option => "no-display-of-option",
            AskedBy::Setting => "no-display-of-setting",
        };
        text_with(lang, id, &[("missing", missing), ("there", there)])
    }
}

/// Asks the display servers that the environment names.
#[cfg(target_os = "linux")]
pub fn probe() -> Found {
    let answer = |is_there: bool| if is_there { Answer::Yes } else { Answer::No };
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let x11_answers = named("DISPLAY").is_some() && x11rb::connect(None).is_ok();
    let x11 = if x11_answers && x11_libraries_load() {
        Answer::Yes
    } else if x11_answers {
        Answer::WithoutLibraries
    } else {
        Answer::No
    };
    let wayland = named("WAYLAND_SOCKET").is_some()
        || named("WAYLAND_DISPLAY")
            .and_then(|display| wayland_socket(&display, named("XDG_RUNTIME_DIR").as_deref()))
            .is_some_and(|socket| std::os::unix::net::UnixStream::connect(socket).is_ok());
    Found { x11, wayland: answer(wayland) }
}

/// Loads what winit loads once it is told to use X11: with one of them missing it fails, or panics.
#[cfg(target_os = "linux")]
fn x11_libraries_load() -> bool {
    let opened = [
        x11_dl::xlib::Xlib::open().map(drop),
        x11_dl::xcursor::Xcursor::open().map(drop),
        x11_dl::xlib_xcb::Xlib_xcb::open().map(drop),
        x11_dl::xinput2::XInput2::open().map(drop),
    ];
    for error in opened.iter().filter_map(|opened| opened.as_ref().err()) {
        tracing::warn!(%error, "a library for X11 cannot be loaded");
    }
    let has_keyboards = xkbcommon_dl::x11::xkbcommon_x11_option().is_some();
    if !has_keyboards {
        tracing::warn!("libxkbcommon-x11 cannot be loaded");
    }
    has_keyboards && opened.iter().all(Result::is_ok)
}

/// Where a Wayland display name leads: an absolute path, or a socket in the runtime folder.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has Wayland"))]
fn wayland_socket(display: &OsStr, runtime_dir: Option<&OsStr>) -> Option<PathBuf> {
    let display = PathBuf::from(display);
    if display.is_absolute() { Some(display) } else { Some(PathBuf::from(runtime_dir?).join(display)) }
}

/// Chooses the display for this start.
#[cfg(target_os = "linux")]
pub fn pick(choice: DisplayChoice) -> Result<Display, NoDisplay> {
    let found = probe();
    choose(choice, found).ok_or_else(|| NoDisplay::of(found))
}

/// The one display there is.
#[cfg(not(target_os = "linux"))]
pub fn pick(_choice: DisplayChoice) -> Result<Display, NoDisplay> {
    Ok(Display::Native)
}

/// The renderers to try, best first.
///
/// Measured on software rendering, OpenGL paints four times faster than wgpu; with a real driver both are far within
/// a frame. On Windows a machine without a driver has OpenGL 1.1 only, while DirectX has a software device.
pub fn renderers(choice: RendererChoice) -> [Renderer; 2] {
    let glow_first = match choice {
        RendererChoice::Auto => !cfg!(windows),
        RendererChoice::Glow => true,
        RendererChoice::Wgpu => false,
    };
    if glow_first { [Renderer::Glow, Renderer::Wgpu] } else { [Renderer::Wgpu, Renderer::Glow] }
}

/// Shows the window with the first renderer that works: `show` runs it until it is closed. Where none works, the error
/// says of each why.
pub fn with_first_that_works<E: std::fmt::Display>(
    renderers: impl IntoIterator<Item = Renderer>,
    mut show: impl FnMut(Renderer) -> Result<(), E>,
) -> Result<(), String> {
    let mut reasons = Vec::new();
    for renderer in renderers {
        let Err(error) = show(renderer) else { return Ok(()) };
        tracing::warn!(%error, ?renderer, "this renderer does not work here");
        reasons.push(format!("{renderer:?}: {error}"));
    }
    Err(reasons.join("; "))
}

/// Reads `auto`, `x11` or `wayland`.
pub fn parse_display(name: &str) -> Result<DisplayChoice, String> {
    match name {
        "auto" => Ok(DisplayChoice::Auto),
        "x11" => Ok(DisplayChoice::X11),
        "wayland" => Ok(DisplayChoice::Wayland),
        _ => Err("auto, x11 or wayland".to_owned()),
    }
}

/// Reads `auto`, `glow` or `wgpu`.
pub fn parse_renderer(name: &str) -> Result<RendererChoice, String> {
    match name {
        "auto" => Ok(RendererChoice::Auto),
        "glow" => Ok(RendererChoice::Glow),
        "wgpu" => Ok(RendererChoice::Wgpu),
        _ => Err("auto, glow or wgpu".to_owned()),
    }
}

/// The window as the toolkit is asked for it: size, icon, and where it remembers its place.
pub fn options(app_id: &str, place_file: PathBuf, display: Display, renderer: Renderer) -> eframe::NativeOptions {
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Bucketdrop")
        .with_app_id(app_id)
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([900.0, 600.0]);
    match eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icons/bucketdrop-256.png")) {
        Ok(icon) => viewport = viewport.with_icon(icon),
        Err(error) => tracing::warn!(%error, "the window's icon cannot be read"),
    }
    let mut options = eframe::NativeOptions {
        viewport,
        renderer,
        persistence_path: Some(place_file),
        // Copied files are read by the engine and not by the toolkit on this thread; see `paste`.
        clipboard_shortcuts: false,
        ..eframe::NativeOptions::default()
    };
    use_display(display, &mut options);
    options
}

/// Tells the toolkit to use this display.
fn use_display(display: Display, options: &mut eframe::NativeOptions) {
    #[cfg(target_os = "linux")]
    {
        use winit::platform::{wayland::EventLoopBuilderExtWayland as _, x11::EventLoopBuilderExtX11 as _};
        options.event_loop_builder = Some(Box::new(move |builder| match display {
            Display::X11 => {
                builder.with_x11();
            }
            Display::Wayland => {
                builder.with_wayland();
            }
            Display::Native => {}
        }));
    }
    #[cfg(not(target_os = "linux"))]
    let _unused = (display, options);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x11_is_preferred_since_drops_arrive_there() {
        use Answer::{No, Yes};
        let both = Found { x11: Yes, wayland: Yes };
        assert_eq!(choose(DisplayChoice::Auto, both), Some(Display::X11));
        assert_eq!(choose(DisplayChoice::Wayland, both), Some(Display::Wayland));
        assert_eq!(choose(DisplayChoice::Auto, Found { x11: No, wayland: Yes }), Some(Display::Wayland));
        assert_eq!(choose(DisplayChoice::X11, Found { x11: No, wayland: Yes }), None);
        assert_eq!(choose(DisplayChoice::Auto, Found::default()), None);
        let bare = |wayland| Found { x11: Answer::WithoutLibraries, wayland };
        assert_eq!(choose(DisplayChoice::Auto, bare(Yes)), Some(Display::Wayland));
        assert_eq!(choose(DisplayChoice::Auto, bare(No)), Some(Display::X11), "which says that they are missing");
        assert_eq!(choose(DisplayChoice::X11, bare(Yes)), Some(Display::X11));
        assert!(!Display::Wayland.has_file_drops() && Display::X11.has_file_drops());
    }

    #[test]
    fn a_server_that_is_there_is_not_called_none() {
        use Answer::{No, Yes};
        let told = |x11, wayland, asked_by| NoDisplay::of(Found { x11, wayland }).told(Lang::En, asked_by);
        let of_setting = told(No, Yes, AskedBy::Setting);
        assert!(of_setting.contains("X11 cannot be reached, which the settings ask for"), "{of_setting}");
        assert!(of_setting.contains("Wayland is there") && of_setting.contains("--display auto"), "{of_setting}");
        let of_option = told(Yes, No, AskedBy::Option);
        assert!(of_option.contains("Wayland cannot be reached, which --display asks for"), "{of_option}");
        assert!(of_option.contains("X11 is there") && of_option.contains("--display auto"), "{of_option}");
        assert_eq!(told(No, No, AskedBy::Setting), text(Lang::En, "no-display"));
        assert_ne!(NoDisplay::of(Found { x11: No, wayland: Yes }).told(Lang::Ko, AskedBy::Setting), of_setting);
    }

    #[test]
    fn the_other_renderer_is_tried_only_where_the_first_does_not_work() {
        let show = |working: &[Renderer]| {
            let mut tried = Vec::new();
            let shown = with_first_that_works(renderers(RendererChoice::Glow), |renderer| {
                tried.push(renderer);
                if working.contains(&renderer) { Ok(()) } else { Err(format!("no {} here", tried.len())) }
            });
            (shown, tried)
        };
        assert_eq!(show(&[Renderer::Glow, Renderer::Wgpu]), (Ok(()), vec![Renderer::Glow]));
        assert_eq!(show(&[Renderer::Wgpu]), (Ok(()), vec![Renderer::Glow, Renderer::Wgpu]));
        let (shown, tried) = show(&[]);
        assert_eq!(shown, Err("Glow: no 1 here; Wgpu: no 2 here".to_owned()), "each says why");
        assert_eq!(tried.len(), 2);
        assert_eq!(renderers(RendererChoice::Wgpu), [Renderer::Wgpu, Renderer::Glow]);
    }

    #[test]
    fn wayland_names_are_paths_or_sockets_of_the_runtime_folder() {
        let socket = |display: &str, dir: Option<&str>| wayland_socket(OsStr::new(display), dir.map(OsStr::new));
        assert_eq!(socket("wayland-0", Some("/run/user/7")), Some(PathBuf::from("/run/user/7/wayland-0")));
        assert_eq!(socket("/tmp/w", None), Some(PathBuf::from("/tmp/w")));
        assert_eq!(socket("wayland-0", None), None);
    }
}
