//! What every text has to keep.

use super::*;
use crate::model::{FAILURE_VALUES, Failure, FailureKind, Notice, ObjectKey, Severity, SkipReason};

#[test]
fn every_failure_has_both_sentences_with_and_without_values() {
    for lang in Lang::ALL {
        for kind in FailureKind::ALL {
            let bare = Failure::new(*kind);
            let mut full = bare.clone();
            for name in failure::NOUNS.into_iter().chain(failure::OPTIONAL) {
                full = full.with(name, "42");
            }
            for failure in [&bare, &full] {
                for sentence in [failure_title(lang, failure), failure_advice(lang, failure)] {
                    assert_ne!(sentence, kind.code(), "{lang:?}: no sentence for {kind:?}");
                    assert!(!sentence.contains(['{', '$', '}']), "{lang:?} {kind:?}: {sentence}");
                    assert!(!sentence.contains("  "), "{lang:?} {kind:?} has a hole: {sentence}");
                    assert!(!sentence.ends_with('.'), "{lang:?} {kind:?} ends with a full stop: {sentence}");
                    assert!(sentence.chars().count() > 1, "{lang:?} {kind:?}: {sentence}");
                }
            }
            if lang == Lang::Ko {
                let title = failure_title(lang, &bare);
                assert!(title.chars().any(|c| ('가'..='힣').contains(&c)), "{kind:?} is not Korean: {title}");
            }
        }
    }
}

/// Words of things that only the window has, or that it alone can do.
const WINDOW_WORDS: [(Lang, &[&str]); 2] = [
    (
        Lang::En,
        &[
            "reload",
            "the list",
            "paste",
            "the details",
            "marked",
            "this run only",
            "button",
            "click",
            "drag",
            "edit the connection",
            "the window",
            "retry",
            "addressing",
            "by themselves",
        ],
    ),
    (
        Lang::Ko,
        &[
            "새로 고치",
            "목록에서",
            "붙여넣",
            "세부 정보",
            "표시된",
            "이어서 진행",
            "이번 실행",
            "끌어",
            "연결을 편집",
            "저절로",
            "주소 방식",
        ],
    ),
];

#[test]
fn advice_at_the_command_line_names_nothing_of_the_window() {
    // The window asks for files and opens them; the command line never does.
    let window_only =
        [FailureKind::NoFileChooser, FailureKind::NoProgramForFile, FailureKind::NoBrowser, FailureKind::SleepRefused];
    for (lang, words) in WINDOW_WORDS {
        let mut own = 0;
        for kind in FailureKind::ALL.iter().filter(|kind| !window_only.contains(kind)) {
            let failure = Failure::new(*kind);
            let advice = failure_advice_cli(lang, &failure);
            let found = words.iter().find(|word| advice.to_lowercase().contains(**word));
            assert_eq!(found, None, "{lang:?} {kind:?}: {advice}");
            assert!(!advice.ends_with('.') && !advice.contains("failure-"), "{lang:?} {kind:?}: {advice}");
            own += usize::from(advice != failure_advice(lang, &failure));
        }
        assert!(own > 20, "{lang:?} has but {own} of its own");
    }
}

#[test]
fn what_sentences_use_outlives_the_journal() {
    for name in failure::NOUNS.into_iter().chain(failure::OPTIONAL) {
        assert!(FAILURE_VALUES.contains(&name), "after a restart no sentence has the value of {name:?}");
    }
}

#[test]
fn sentences_name_what_is_known() {
    let failure = Failure::new(FailureKind::NoSuchBucket).with("bucket", "photos");
    assert_eq!(failure_title(Lang::En, &failure), "The bucket “photos” does not exist");
    assert_eq!(failure_title(Lang::Ko, &failure), "“photos” 버킷을 찾을 수 없습니다");
    let bare = Failure::new(FailureKind::NoSuchBucket);
    assert_eq!(failure_title(Lang::En, &bare), "The bucket does not exist");
    assert_eq!(failure_title(Lang::Ko, &bare), "버킷을 찾을 수 없습니다");
    let clock = Failure::new(FailureKind::ClockSkew).with("minutes", 61);
    assert!(failure_title(Lang::En, &clock).contains("off by 61 minutes"));
    let clock = Failure::new(FailureKind::ClockSkew).with("hours", 29);
    assert!(failure_title(Lang::En, &clock).contains("off by 29 hours"));
    assert!(failure_title(Lang::Ko, &clock).contains("29시간"));
    let typed = Failure::new(FailureKind::SourceMissing).with("path", "a/b").with("typed", "yes");
    assert_eq!(failure_title(Lang::En, &typed), "There is no such file or folder: “a/b”");
    assert_eq!(failure_title(Lang::Ko, &typed), "“a/b” 파일이나 폴더를 찾을 수 없습니다");
    let folder = Failure::new(FailureKind::SourceNotAFile).with("path", "a/b").with("folder", "yes");
    assert!(failure_title(Lang::En, &folder).contains("is a folder now"));
    assert!(failure_title(Lang::Ko, &folder).contains("지금은 폴더가 있습니다"));
}

#[test]
fn what_replaces_a_damaged_object_does_so_wherever_it_was_uploaded() {
    let damaged = Failure::new(FailureKind::DataCorrupted).with("key", "a").with("stands-damaged", "a");
    for lang in Lang::ALL {
        let advice = failure_advice_cli(lang, &damaged);
        assert!(advice.contains("--on-conflict overwrite"), "{advice}");
        // What a window has uploaded for a command, or what no journal holds, is not tried again by it.
        assert!(!advice.contains("bucketdrop-cli resume"), "{advice}");
    }
}

#[test]
fn a_long_name_does_not_drown_its_sentence() {
    let key = format!("{}/{}/끝.txt", "처음", "x".repeat(1200));
    let title = failure_title(Lang::En, &Failure::new(FailureKind::KeyTooLong).with("key", &key));
    assert!(title.starts_with("“처음/xxx") && title.contains("x/끝.txt” is too long"), "{title}");
    assert!(title.chars().count() < 200, "{title}");
}

#[test]
fn values_carry_no_invisible_marks() {
    let failure = Failure::new(FailureKind::HostNotFound).with("host", "s3.example.com");
    assert_eq!(failure_title(Lang::En, &failure), "The server s3.example.com was not found");
    assert_eq!(failure_title(Lang::Ko, &failure), "s3.example.com 서버를 찾을 수 없습니다");
}

#[test]
fn counts_choose_their_plural_and_are_grouped() {
    assert_eq!(text_count(Lang::En, "queue-copy-urls", 1, &[]), "Copy 1 URL");
    assert_eq!(text_count(Lang::En, "queue-copy-urls", 1_204, &[]), "Copy 1,204 URLs");
    assert_eq!(text_count(Lang::Ko, "queue-copy-urls", 128, &[]), "URL 128개 복사");
    assert_eq!(grouped(0), "0");
    assert_eq!(grouped(1_000_000), "1,000,000");
}

#[test]
fn unknown_ids_show_themselves() {
    assert_eq!(text(Lang::Ko, "no-such-text"), "no-such-text");
}

#[test]
fn skips_and_notices_have_words() {
    for lang in Lang::ALL {
        let reasons = [
            SkipReason::SystemFile,
            SkipReason::Excluded,
            SkipReason::SymbolicLink,
            SkipReason::SpecialFile,
            SkipReason::Unreadable(String::new()),
            SkipReason::Unreadable("permission denied".to_owned()),
            SkipReason::Missing,
            SkipReason::DeadLink,
            SkipReason::EmptyFolder,
            SkipReason::Exists,
            SkipReason::NotNewer,
            SkipReason::NameDeclined,
            SkipReason::SameKey(ObjectKey::new("a.txt")),
            SkipReason::CameLater,
        ];
        for reason in reasons {
            let words = skip_reason(lang, &reason);
            assert!(!words.starts_with("skip-"), "{lang:?} {reason:?}: {words}");
        }
        let words = notice(lang, &Notice::message(Severity::Success, "notice-details-copied"));
        assert!(!words.starts_with("notice-"), "{words}");
    }
}

#[test]
fn the_system_language_decides() {
    assert_eq!(Lang::from_locale("ko_KR.UTF-8"), Lang::Ko);
    assert_eq!(Lang::from_locale("ko"), Lang::Ko);
    assert_eq!(Lang::from_locale("en-GB"), Lang::En);
    assert_eq!(Lang::from_locale("kok-IN"), Lang::En);
    assert_eq!(Lang::from_locale(""), Lang::En);
    assert_eq!(Lang::resolve(Language::Korean), Lang::Ko);
}

#[test]
fn what_is_kept_is_gone_on_with_and_not_begun_anew() {
    for (lang, anew) in [(Lang::En, "the command again"), (Lang::Ko, "명령을 다시 실행")] {
        // Of an upload that another Bucketdrop may have taken, and of a damaged list, nothing is kept here.
        let lost = [FailureKind::HandOverUnclear, FailureKind::JournalDamaged];
        for kind in FailureKind::ALL.iter().filter(|kind| !lost.contains(kind)) {
            let advice = failure_advice_kept(lang, &Failure::new(*kind));
            assert!(!advice.contains(anew) && !advice.ends_with('.'), "{lang:?} {kind:?}: {advice}");
            // That gives up every file that has failed, whichever this is about.
            assert!(!advice.contains("--forget-failed"), "{lang:?} {kind:?}: {advice}");
            assert!(!advice.contains(['{', '$', '}']), "{lang:?} {kind:?}: {advice}");
        }
        let failure = Failure::new(FailureKind::Timeout);
        assert!(failure_advice_kept(lang, &failure).contains("bucketdrop-cli resume"), "{lang:?}");
        let advice = failure_advice_cli(lang, &failure);
        assert!(advice.contains(anew) && !advice.contains("resume"), "{advice}");
    }
    for (lang, anew) in [(Lang::En, "then upload it again"), (Lang::Ko, "뒤 다시 업로드하세요")] {
        let advice = failure_advice_anew(lang, &Failure::new(FailureKind::SourceUnreadable));
        assert!(advice.ends_with(anew), "{advice}");
    }
    let advice = failure_advice_kept(Lang::En, &Failure::new(FailureKind::Timeout));
    assert!(advice.starts_with("Run “bucketdrop-cli resume”; if it happens often"), "{advice}");
}
