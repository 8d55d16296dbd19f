//! Pictures of the controls and the drawer in both themes and languages, for the eye, in `gallery` below cargo's
//! temporary folder. The test fails when a glyph or a name is missing, or when nothing can be rendered.

use bucketdrop::locale::Lang;
use bucketdrop::model::{AppModel, Failure, FailureKind, Notice, Severity};
use bucketdrop::ui::actions::{Action, Actions};
use bucketdrop::ui::dialogs::toasts::{ToastAction, ToastPlace, ToastRoom, Toasts, toasts_ui};
use bucketdrop::ui::dialogs::{Dialog, Dialogs, dialogs_ui};
use bucketdrop::ui::queue::{QueueState, queue_ui};
use bucketdrop::ui::widgets::{self, Chosen, Progress, Tone};
use bucketdrop::ui::{icons, theme};

use super::support::{busy_model, done_model, failed_model, harness, save};

const VARIANTS: [(egui::Theme, Lang, &str); 2] =
    [(egui::Theme::Light, Lang::En, "light-en"), (egui::Theme::Dark, Lang::Ko, "dark-ko")];

fn drawer(model: AppModel, mut state: QueueState, width: f32, variant: (egui::Theme, Lang, &str), name: &str) {
    let mut harness = harness([width, 226.0], variant.0, variant.1).build_ui(move |ui| {
        let frame = egui::Frame::new().fill(theme::tokens(ui).raised);
        egui::CentralPanel::default().frame(frame).show(ui, |ui| {
            queue_ui(ui, &model, &mut state, &mut Actions::new());
        });
    });
    harness.run();
    save(&mut harness, &format!("{name}-{}", variant.2));
}

#[test]
fn drawers() {
    use bucketdrop::model::TransferTab;
    for variant in VARIANTS {
        drawer(busy_model(), QueueState::default(), 756.0, variant, "queue-active");
        drawer(done_model(), QueueState::on(TransferTab::Done), 756.0, variant, "queue-done");
        drawer(failed_model(), QueueState::on(TransferTab::Failed), 756.0, variant, "queue-failed");
        drawer(busy_model(), QueueState::default(), 400.0, variant, "queue-narrow");
        drawer(AppModel::default(), QueueState::default(), 756.0, variant, "queue-empty");
    }
}

#[derive(Default)]
struct Sheet {
    text: String,
    secret: String,
    is_shown: bool,
    tab: usize,
    choice: usize,
    is_checked: bool,
}

fn buttons(ui: &mut egui::Ui) {
    ui.horizontal(|ui| {
        widgets::primary_button(ui, Some(icons::UPLOAD), "Upload");
        widgets::button(ui, Some(icons::DOWNLOAD), "다운로드");
        widgets::danger_button(ui, Some(icons::TRASH), "Delete");
        widgets::danger_primary_button(ui, None, "Delete 12 objects");
        widgets::icon_button(ui, icons::RELOAD, "Reload");
        widgets::icon_toggle(ui, icons::SIDEBAR, "Details", Chosen::Yes);
        widgets::link_button(ui, "Copy policy");
    });
    ui.add_enabled_ui(false, |ui| {
        ui.horizontal(|ui| {
            widgets::primary_button(ui, Some(icons::UPLOAD), "Upload off");
            widgets::button(ui, Some(icons::DOWNLOAD), "Download off");
            widgets::icon_button(ui, icons::ARROW_RIGHT, "Forward");
        });
    });
}

fn statements(ui: &mut egui::Ui) {
    ui.horizontal(|ui| {
        widgets::badge(ui, Some(icons::PUBLIC_FILL), "Public", Tone::Good);
        widgets::badge(ui, Some(icons::LOCK), "비공개", Tone::Neutral);
        widgets::badge(ui, Some(icons::LOCK_FILL), "Private — this link answers 403", Tone::Warn);
        widgets::badge(ui, Some(icons::WARNING_FILL), "This run only", Tone::Bad);
        widgets::badge(ui, None, "Chosen", Tone::Accent);
        widgets::activity_dot(ui, "Testing");
    });
    widgets::tone_line(ui, Tone::Good, "Reached s3.ap-northeast-2.amazonaws.com");
    widgets::tone_line(ui, Tone::Warn, "May not list all buckets: name the bucket to use");
    widgets::progress_bar(ui, Progress { fraction: 0.62, tone: Tone::Accent, accessible_name: "a", width: 150.0 });
    widgets::card(ui, |ui| {
        widgets::mono_block(ui, "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/%EA%B2%BD%EB%B3%B5.jpg");
        ui.add_space(8.0);
        widgets::fact_row(ui, "Modified", "2026-11-18 14:02");
        widgets::fact_row(ui, "스토리지 클래스", "Standard");
        widgets::elided_label(ui, "a very long name that has to be cut in the middle (final).tar.zst", 220.0);
    });
}

fn fields(ui: &mut egui::Ui, sheet: &mut Sheet) {
    widgets::text_field(ui, &mut sheet.text, "All that the key may list", "Buckets");
    widgets::mono_field(ui, &mut sheet.text, "us-east-1", "Region");
    widgets::secret_field(ui, &mut sheet.secret, &mut sheet.is_shown, "Secret access key", "Show secret");
    ui.horizontal(|ui| {
        widgets::search_field(ui, &mut sheet.text, "Filter this folder", "Filter", 170.0);
        widgets::menu_button(ui, None, "as Markdown", |ui| ui.label("x"));
        widgets::checkbox(ui, &mut sheet.is_checked, "Remember");
        widgets::radio(ui, &mut sheet.choice, 0, "One");
        widgets::radio(ui, &mut sheet.choice, 1, "Other");
    });
    widgets::dropdown(ui, "Service", "Amazon S3", |ui| ui.label("x"));
    widgets::segmented(ui, &["Active 3", "완료 128", "Failed 1"], &mut sheet.tab);
    let choices = [(icons::KEY, "Access key"), (icons::FILE_TEXT, "AWS profile"), (icons::GLOBE, "Anonymous")];
    widgets::choice_row(ui, &choices, &mut sheet.choice);
    widgets::nav_row(ui, icons::BUCKET, "weandb", "seoul", Chosen::Yes);
    widgets::nav_row(ui, icons::BUCKET, "hibernationproject", "seoul", Chosen::No);
    widgets::menu_item(ui, Some(icons::COPY), "Copy URL", Some("Ctrl+C"));
    widgets::empty_state(ui, icons::FOLDER_OPEN, "This folder is empty", "Drop files here to upload them");
}

#[test]
fn controls() {
    for (theme, lang, name) in VARIANTS {
        let sheet = Sheet { secret: "not a real secret".to_owned(), is_checked: true, ..Sheet::default() };
        let mut harness = harness([760.0, 900.0], theme, lang).build_ui_state(
            |ui, sheet: &mut Sheet| {
                egui::CentralPanel::default().show(ui, |ui| {
                    buttons(ui);
                    statements(ui);
                    fields(ui, sheet);
                });
            },
            sheet,
        );
        harness.run_steps(3);
        save(&mut harness, &format!("controls-{name}"));
    }
}

#[test]
fn messages() {
    for (theme, lang, name) in VARIANTS {
        let mut toasts = Toasts::default();
        toasts.push(Notice::failure(
            Failure::new(FailureKind::AccessDenied)
                .with("action", "s3:PutObject")
                .with("bucket", "weandb")
                .detail("AccessDenied: User is not authorized; request 4442587FB7D0A2F9"),
        ));
        toasts.push(Notice::message(Severity::Success, "notice-details-copied"));
        let action = ToastAction { label_id: "command-open", action: Action::Reload };
        toasts.push_with(Notice::message(Severity::Warning, "notice-no-public-address"), action);
        let mut harness = harness([480.0, 420.0], theme, lang).build_ui_state(
            |ui, toasts: &mut Toasts| {
                egui::CentralPanel::default().show(ui, |_ui| {});
                toasts_ui(ui, &ToastPlace::Low(ToastRoom::of(ui.max_rect())), toasts, &mut Actions::new());
            },
            toasts,
        );
        harness.run_steps(3);
        save(&mut harness, &format!("toasts-{name}"));
    }
}

#[test]
fn palette_and_about() {
    for (theme, lang, name) in VARIANTS {
        for (dialog, what) in [(Dialog::Palette, "palette"), (Dialog::About, "about")] {
            let mut dialogs = Dialogs::default();
            dialogs.show(dialog, &AppModel::default());
            let mut harness = harness([760.0, 560.0], theme, lang).build_ui_state(
                |ui, dialogs: &mut Dialogs| {
                    egui::CentralPanel::default().show(ui, |_ui| {});
                    dialogs_ui(ui, &AppModel::default(), dialogs, &mut Actions::new());
                },
                dialogs,
            );
            harness.run_steps(4);
            save(&mut harness, &format!("{what}-{name}"));
        }
    }
}
