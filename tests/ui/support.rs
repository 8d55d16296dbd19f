//! What the tests of the window share: a harness with the program's look, and a queue to draw.

use bucketdrop::locale::Lang;
use bucketdrop::model::{
    AppModel, BatchId, BucketName, ConnectionId, Failure, FailureKind, ObjectKey, ObjectRef, SkipReason,
    TransferCounts, TransferId, TransferKind, TransferRow, TransferState, TransferTab, TransfersView, Verified,
};
use bucketdrop::ui::{text, theme};
use egui::{Rect, Shape};
use egui_kittest::{Harness, HarnessBuilder};
use std::time::Duration;

/// A harness with fonts, styles and language of the program.
pub(crate) fn harness<S>(size: [f32; 2], theme: egui::Theme, lang: Lang) -> HarnessBuilder<S> {
    Harness::builder().with_size(size).with_theme(theme).with_context_setup(move |ctx| {
        theme::install(ctx);
        text::set_lang(ctx, lang);
        ctx.set_theme(theme);
    })
}

/// Renders what the harness shows to `target/gallery/NAME.png`, to be looked at.
pub(crate) fn save<S>(harness: &mut Harness<'_, S>, name: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    std::fs::create_dir_all(&folder).unwrap();
    let image = harness.render().expect("a renderer: install mesa-vulkan-drivers");
    image.save(folder.join(format!("{name}.png"))).unwrap();
}

/// Every ring around what has the keyboard, and the place outside of which nothing of it is seen.
pub(crate) fn rings<S>(harness: &Harness<'_, S>) -> Vec<(Rect, Rect)> {
    fn collect(shape: &Shape, clip: Rect, accent: egui::Color32, rings: &mut Vec<(Rect, Rect)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, accent, rings)),
            Shape::Rect(rect) if rect.stroke.width >= 1.5 && rect.stroke.color == accent => {
                rings.push((rect.visual_bounding_rect(), clip));
            }
            _ => {}
        }
    }
    let accent = theme::tokens(&harness.ctx).accent;
    let mut rings = Vec::new();
    for clipped in &harness.output().shapes {
        collect(&clipped.shape, clipped.clip_rect, accent, &mut rings);
    }
    rings
}

/// Every text as it is painted, cut where it was cut, and where.
pub(crate) fn painted<S>(harness: &Harness<'_, S>) -> Vec<(String, Rect)> {
    fn collect(shape: &Shape, texts: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, texts)),
            Shape::Text(text) => {
                let shown = text.galley.rows.iter().map(|row| row.text()).collect::<String>();
                texts.push((shown, text.galley.rect.translate(text.pos.to_vec2())));
            }
            _ => {}
        }
    }
    let mut texts = Vec::new();
    harness.output().shapes.iter().for_each(|clipped| collect(&clipped.shape, &mut texts));
    texts
}

/// One row of the queue.
pub(crate) fn transfer(path: &str, key: &str, state: TransferState) -> TransferRow {
    TransferRow {
        batch: BatchId::next(),
        id: TransferId::next(),
        kind: TransferKind::Upload,
        path: path.into(),
        object: ObjectRef {
            connection: ConnectionId::local(),
            bucket: BucketName::new("weandb").unwrap(),
            key: ObjectKey::new(key),
        },
        state,
        done_bytes: 0,
        total_bytes: 18_400_000,
        rate_bytes_per_sec: 0,
    }
}

/// The queue of the design's pictures.
pub(crate) fn busy_model() -> AppModel {
    let rows = vec![
        TransferRow {
            done_bytes: 5_100_000_000,
            total_bytes: 8_200_000_000,
            rate_bytes_per_sec: 84_000_000,
            ..transfer("/home/a/launch-film-4k.mov", "photos/2026/launch-film-4k.mov", TransferState::Active)
        },
        TransferRow {
            done_bytes: 1_300_000_000,
            total_bytes: 3_900_000_000,
            rate_bytes_per_sec: 34_000_000,
            ..transfer("/home/a/(before) 분석 자료.zip", "photos/2026/(before) 분석 자료.zip", TransferState::Active)
        },
        transfer(
            "/home/a/(before) Player information features.csv",
            "photos/2026/(before) Player information features.csv",
            TransferState::Queued,
        ),
        TransferRow {
            done_bytes: 900_000,
            total_bytes: 2_000_000,
            ..transfer("/home/a/notes.txt", "photos/2026/notes.txt", TransferState::Paused)
        },
    ];
    AppModel { transfers: view(TransferTab::Active, rows), ..AppModel::default() }
}

/// The Failed tab.
pub(crate) fn failed_model() -> AppModel {
    let expired = Failure::new(FailureKind::ExpiredToken).detail("ExpiredToken, request 4442587FB7D0A2F9");
    let rows = vec![TransferRow {
        done_bytes: 34_000_000_000,
        total_bytes: 48_000_000_000,
        ..transfer("/home/a/backup.tar.zst", "photos/2026/backup.tar.zst", TransferState::Failed(expired))
    }];
    AppModel { transfers: view(TransferTab::Failed, rows), ..AppModel::default() }
}

/// The Done tab.
pub(crate) fn done_model() -> AppModel {
    let rows = vec![
        transfer("/a/경복궁 가을.jpg", "photos/2026/경복궁 가을.jpg", TransferState::Done(Verified::Accepted)),
        transfer("/a/README.md", "README.md", TransferState::Done(Verified::Unverified)),
        transfer("/a/Thumbs.db", "photos/Thumbs.db", TransferState::Skipped(SkipReason::SystemFile)),
        transfer("/a/old.iso", "photos/old.iso", TransferState::Cancelled),
    ];
    AppModel { transfers: view(TransferTab::Done, rows), ..AppModel::default() }
}

fn view(tab: TransferTab, rows: Vec<TransferRow>) -> TransfersView {
    TransfersView {
        tab,
        first_index: 0,
        counts: TransferCounts { active: 4, paused: 1, moving: 2, done: 128, failed: 1 },
        rows,
        rate_bytes_per_sec: 118_000_000,
        remaining: Some(Duration::from_secs(118)),
        rate_history: vec![40, 45, 43, 60, 70, 66, 78, 84, 80, 90, 86, 92, 88, 99],
        linkable: 128,
        holds: Vec::new(),
    }
}
